"""The nine questions and the disagreements: answered from the numbers, and silent where there are none."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from analysis.chapter.discrepancies import differences
from analysis.chapter.questions import QUESTIONS, answers
from analysis.claims.queries import Measurements, NotMeasured, collect
from analysis.data.frames import Frames, from_records
from study.catalog import CHAPTER
from study.spec import registry
from study.spec.claims import Quantity
from study.spec.study import Study
from tests import synthetic

STUDIES = {name: registry.load_study(name) for name in CHAPTER}


def frames_of(studies: Iterable[Study], seeds: Iterable[int] = (0, 1), **how: object) -> Frames:
    return from_records(r for s in studies for r in synthetic.records(s, tuple(seeds), **how))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def chapter() -> Frames:
    return frames_of(STUDIES.values())


def test_all_nine_are_answered_with_numbers_and_their_interval(chapter: Frames) -> None:
    found, absent = answers(Measurements(STUDIES, chapter))
    assert [a.number for a in found] == list(range(1, 10)) and absent == []
    for one in found:
        assert one.evidence.said and one.evidence.missing == (), (one.number, one.evidence.missing)
        assert any(re.search(r"\([\d.-]+ to [\d.-]+\)", text) for text in one.evidence.said), one.number


def test_questions_name_claims_and_studies_that_exist() -> None:
    claims = {c.id for s in STUDIES.values() for c in s.claims}
    for question in QUESTIONS:
        assert set(question.claims) <= claims and set(question.studies) <= set(STUDIES)


def test_a_number_is_that_of_the_trials(chapter: Frames) -> None:
    measured = Measurements(STUDIES, chapter)
    study = STUDIES["scaling"]
    last = [synthetic.record(study.config("scaled", seed=s)).epochs["train_accuracy"][-1] for s in (0, 1)]
    assert measured.estimate(Quantity(arm="scaling/scaled", metric="train_accuracy")).value == pytest.approx(
        sum(last) / 2
    )
    assert f"{50 * sum(last):.0f} % (" in measured.level("scaling/scaled", "train_accuracy")


def test_studies_that_are_not_there_are_named() -> None:
    only = {"dropout": STUDIES["dropout"]}
    found, absent = answers(Measurements(only, frames_of(only.values())))
    assert [a.number for a in found] == [9] and len(absent) == 8
    assert "needs scaling or learning-rate-unscaled" in absent[0]


def test_an_arm_without_trials_is_named_and_nothing_is_said_of_it() -> None:
    study = STUDIES["dropout"]
    frames = frames_of([study], skip=[("dropout-0.25", 0), ("dropout-0.25", 1)])
    (one,) = answers(Measurements({"dropout": study}, frames))[0]
    assert one.evidence.said == () and one.evidence.missing == ("dropout/dropout-0.25 has no trials.",)


def test_a_diverged_arm_is_said_to_have_diverged() -> None:
    study = STUDIES["dropout"]
    frames = frames_of([study], endings={("dropout-0.25", 1): ("diverged", 3)})
    (one,) = answers(Measurements({"dropout": study}, frames))[0]
    assert any("diverged (seed 1)" in text for text in one.evidence.missing)


def test_one_seed_has_no_interval_and_no_direction() -> None:
    study = STUDIES["dropout"]
    (one,) = answers(Measurements({"dropout": study}, frames_of([study], seeds=(0,))))[0]
    assert "no interval, 1 seed" in one.evidence.said[0]
    said = " ".join(one.evidence.said)
    assert said.count("no interval") == said.count("which may be chance") == 4


def test_direction_is_that_of_the_difference(chapter: Frames) -> None:
    measured = Measurements(STUDIES, chapter)
    a, b = (Quantity(arm=f"scaling/{x}", metric="train_accuracy") for x in ("scaled", "unscaled"))
    assert measured.moved(a, b, "adds", "costs").startswith("adds 69")
    assert measured.moved(b, a, "adds", "costs").startswith("costs 69")


def test_unequal_epochs_are_not_compared(chapter: Frames) -> None:
    measured = Measurements(STUDIES, chapter)
    with pytest.raises(NotMeasured, match="epochs differ"):
        measured.moved(
            Quantity(arm="learning-rate/lr-0.1", metric="val_loss"),
            Quantity(arm="learning-rate/lr-0.001", metric="val_loss"),
            "raises it by",
            "lowers it by",
        )


def test_an_unknown_arm_is_an_answer_of_its_own(chapter: Frames) -> None:
    evidence = collect(Measurements(STUDIES, chapter), [lambda measured: measured.level("dropout/no-such", "val_loss")])
    assert evidence.said == () and "there is no arm" in evidence.missing[0]


def test_disagreements_are_measured_on_both_sides(chapter: Frames) -> None:
    found = {d.title: d for d in differences(Measurements(STUDIES, chapter))}
    assert len(found) == 5
    l2 = next(d for title, d in found.items() if title.startswith("L2"))
    assert [row[0].text for row in l2.sheet.rows][2:4] == ["code: sum of norms, 1e-2", "formula: sum of squares, 1e-2"]
    assert all(cell.value is not None for row in l2.sheet.rows for cell in row[1:])


def test_cuts_of_the_rate_are_those_of_the_records(chapter: Frames) -> None:
    sheet = next(d.sheet for d in differences(Measurements(STUDIES, chapter)) if "rate is cut" in d.title)
    rates = list(synthetic.record(STUDIES["annealing"].config("plateau", seed=0)).epochs["lr"])
    expected = [i for i in range(1, 100) if rates[i] < rates[i - 1]]
    assert sheet.rows[0][1].text == "5, 8, 11, 12, 13, 15, 16"
    assert sheet.rows[1][1].text == ", ".join(map(str, expected))


def test_no_disagreement_without_trials() -> None:
    assert (
        differences(Measurements({}, from_records([]))) == []
        and differences(Measurements(STUDIES, from_records([]))) == []
    )
