"""The verdicts in a terminal: a line a claim, aligned, within the width; everything where it is asked for."""

from __future__ import annotations

import dataclasses

import pytest

from analysis.claims.verdicts import judge
from analysis.claims.words import ASCII_MARKS
from analysis.data.frames import from_records
from analysis.report.judge_folder import JudgedFolder
from study.app.live_view import ASCII, UNICODE, CharacterSet
from study.app.screen import marks_of
from study.cli.claims_text import long_text, short_lines
from study.spec.claims import Claim, Contrast, Level, Quantity
from study.spec.study import Arm, Study
from tests.synthetic import records


def _q(arm: str, at: int = 4) -> Quantity:
    return Quantity(arm=arm, metric="val_accuracy", at=at)


STUDY = Study(
    name="rates",
    title="t",
    question="q",
    knobs=("lr",),
    epochs=4,
    arms=(Arm(name="small", say="the small rate"), Arm(name="large", change={"lr": 0.1})),
    claims=(
        Claim(id="r-1", statement="More.", parts=(Contrast(a=_q("large"), b=_q("small"), low=0.0),)),
        Claim(id="rate-2", statement="High.", parts=tuple(Level(quantity=_q("small", at), high=0.01) for at in (2, 4))),
    ),
)
VERDICTS = judge(STUDY, from_records(records(STUDY, range(5), shift={"large": 0.2}, noise=0.01)))
FOUND = JudgedFolder(tuple(VERDICTS), {"rates": "The large rate gains 20 points."}, ())


@pytest.mark.parametrize("width", [60, 80, 200, None])
def test_a_line_a_claim_fits_the_window(width: int | None) -> None:
    lines = [line.plain for line in short_lines(FOUND, "study claims x --long", width, ASCII_MARKS)]
    assert lines[0].startswith("rates  The large rate gains 20 points.")
    assert all(len(line) <= width for line in lines) if width else sum(" r-1 " in line for line in lines) == 1
    first, second = (next(i for i, line in enumerate(lines) if f" {v.id} " in line) for v in VERDICTS)
    assert lines[first].index("r-1") == lines[second].index("rate-2")
    assert "Large ends" in lines[first] and lines[second].startswith("  x refuted")
    assert "2 claims: " in "\n".join(lines) and lines[-1] == "next  study claims x --long"
    if width is None:
        assert (first, second) == (1, 2) and lines[second].endswith("0 of 2 parts are met.")


@pytest.mark.parametrize("width", [40, 80, 120])
def test_what_is_said_of_a_long_name_stands_below_it(width: int) -> None:
    named = [dataclasses.replace(v, id="c" * 60) for v in VERDICTS]
    short = list(short_lines(JudgedFolder(tuple(named), {"rates": "x " * 60}, ()), "next", width, ASCII_MARKS))
    for lines in ([line.plain for line in short], long_text(named, width).splitlines()):
        assert [line for line in lines if len(line) > width and not line.endswith("c" * 60)] == []
        first = next(i for i, line in enumerate(lines) if "c" * 60 in line)
        assert lines[first].endswith("c" * 60) is (width < 120)
        assert width == 120 or lines[first + 1].startswith((" " * 6 + "Large", " " * 6 + "More."))


@pytest.mark.parametrize("width", [80, None])
def test_an_answer_of_two_lines_is_one_paragraph(width: int | None) -> None:
    found = JudgedFolder(tuple(VERDICTS), {"rates": "The large rate gains.\nThe small one does not."}, ())
    lines = [line.plain for line in short_lines(found, "next", width, ASCII_MARKS)]
    assert lines[0] == "rates  The large rate gains. The small one does not."


def test_everything_where_it_is_asked_for() -> None:
    said = " ".join(long_text(VERDICTS).split())
    assert "High. Refuted (0 of 2 parts are met). The small rate" in said and "against 5 %" in said
    assert "The interval that decides" in said and long_text([]) == "there are no claims in this folder"


@pytest.mark.parametrize(("letters", "mark"), [(UNICODE, "✗"), (ASCII, "x")])
def test_the_long_text_has_the_marks_of_the_short_one(letters: CharacterSet, mark: str) -> None:
    assert marks_of(letters)["refuted"] == mark
    assert f"  {mark} rate-2  High." in long_text(VERDICTS, 80, letters)


def test_a_reduced_study_says_so_beside_its_answer() -> None:
    reduced = tuple(dataclasses.replace(v, verdict="reduced") for v in VERDICTS)
    lines = [line.plain for line in short_lines(JudgedFolder(reduced, FOUND.answers, ()), "next", None, ASCII_MARKS)]
    assert lines[0].startswith("rates (reduced)  The large rate gains 20 points.")


def test_what_is_not_measured_says_why() -> None:
    late = dataclasses.replace(STUDY, claims=(dataclasses.replace(STUDY.claims[0], from_seed=5),))
    (verdict,) = judge(late, from_records(records(late, range(5))))
    assert verdict.short == "There are no seeds from seed 5 on, and a verdict takes at least 5."


def test_brackets_are_explained_where_there_are_some() -> None:
    """Under claims that lack all their trials stood "In brackets: ..."."""

    def text(found: JudgedFolder) -> str:
        return "\n".join(line.plain for line in short_lines(found, "next", 80, ASCII_MARKS))

    assert "In brackets: the 95 % interval" in text(FOUND)
    missing = judge(STUDY, from_records(records(STUDY, range(0))))
    assert missing and "In brackets" not in text(JudgedFolder(tuple(missing), {"rates": "Not measured yet."}, ()))
