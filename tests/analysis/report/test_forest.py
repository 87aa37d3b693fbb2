"""Effects of all arms, a row each."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from analysis.claims.verdicts import judge
from analysis.data.frames import from_records
from analysis.report.chart_blocks import DrawnEffect
from analysis.report.effect_axis import MINUS
from analysis.report.forest import NO_COUNTS, forest, not_compared
from analysis.tables.effects import effects
from study.spec.claims import Claim, Contrast, Quantity
from study.spec.study import Arm
from tests import synthetic
from tests.analysis.report.test_curve_chart import STUDY


def test_a_forest_has_a_row_an_arm_and_says_what_is_not_compared() -> None:
    records = synthetic.records(STUDY, (0, 1, 2), endings={("lr-2", 1): ("diverged", 3)})
    frame = effects(STUDY, from_records(records), {STUDY.name: (0, 1, 2)}, ("val_accuracy", "accuracy_gap"))
    drawn = forest(STUDY, frame, "3 of 60 seeds so far")
    assert drawn is not None and drawn.note.endswith(", in pairs by seed. 3 of 60 seeds so far.")
    assert [r.arm for r in drawn.rows] == [a.name for a in STUDY.arms[1:]]
    assert all("diverged" in cell for cell in drawn.rows[0].cells if isinstance(cell, str))
    others = [cell for row in drawn.rows[1:] for cell in row.cells]
    assert len(drawn.rows[0].cells) == 2 and all(isinstance(c, DrawnEffect) and c.mark is not None for c in others)
    numbers = dict(zip(frame["arm"] + frame["metric"], frame["estimate"], strict=True))
    cell = drawn.rows[1].cells[1]
    assert isinstance(cell, DrawnEffect) and math.isclose(
        float(cell.number.replace(MINUS, "-")), 100 * numbers["lr-3val_accuracy"], abs_tol=0.51
    )


def test_where_no_arm_can_be_compared_a_sentence_says_why_and_there_are_no_empty_panels() -> None:
    nothing = effects(STUDY, from_records([]))
    assert forest(STUDY, nothing) is None
    assert not_compared(STUDY, nothing).startswith("Not compared with lr-1: lr-2 has no trials; lr-3 has no trials; ")


def test_its_heading_says_in_how_many_arms_each_metric_moves_and_nothing_where_there_is_no_interval() -> None:
    def heading(seeds: tuple[int, ...]) -> str:
        records = synthetic.records(STUDY, seeds, shift={"lr-3": 0.2})
        drawn = forest(STUDY, effects(STUDY, from_records(records), {}, ("val_accuracy", "accuracy_gap")))
        assert drawn is not None
        return drawn.title

    assert heading((0,)) == "What each arm changes"
    assert re.fullmatch(r"The gap .* arms?( and .*)?; accuracy rises in .* arms?( and .*)?", heading((0, 1, 2, 3, 4)))


def test_of_many_arms_the_note_says_how_many_would_move_by_chance_alone() -> None:
    """ "The gap rises in 2 of 39 arms" is what chance alone gives, and nothing said so."""

    def note(arms: int) -> str:
        study = replace(
            STUDY, arms=(STUDY.arms[0], *(Arm(name=f"r-{i}", change={"lr": (i + 1) / 99}) for i in range(arms)))
        )
        records = synthetic.records(study, (0, 1, 2, 3, 4), shift={"r-3": 0.2})
        drawn = forest(study, effects(study, from_records(records), {}, ("val_accuracy", "accuracy_gap")))
        assert drawn is not None and drawn.title != NO_COUNTS
        return drawn.note

    assert note(39).endswith(" Of 39 arms without an effect about 2 would rise or fall here by chance alone.")
    assert "chance" not in note(12)


def test_of_seeds_that_all_differ_alike_its_heading_says_no_change() -> None:
    frame = effects(STUDY, from_records(synthetic.records(STUDY, (0, 1))), {}, ("val_accuracy", "accuracy_gap"))
    frame[["estimate", "low", "high"]] = 0.16
    drawn = forest(STUDY, frame)
    assert drawn is not None and drawn.title == "What each arm changes"


def test_one_seed_has_the_digits_of_the_tables_beside_it() -> None:
    """A forest of one seed said "-0.504" beside tables with one decimal."""
    one = from_records(synthetic.records(STUDY, (0,), shift={"fast": 0.0051}))
    made = forest(STUDY, effects(STUDY, one))
    assert made is not None
    for row in made.rows:
        for cell in row.cells:
            assert isinstance(cell, DrawnEffect) and len(cell.number.partition(".")[2]) == 1, cell


def test_a_panel_has_one_number_of_decimals() -> None:
    """A forest had -2.5, -2.32, -8.5 and -0.08 below each other, another "+2" beside "+1.961"."""
    shift = {"lr-2": 0.02, "lr-3": 0.0196, "lr-4": -0.085, "lr-5": -0.0008}
    frame = effects(STUDY, from_records(synthetic.records(STUDY, range(5), shift=shift, noise=0.01)))
    for arm, half in (("lr-2", 0.15), ("lr-3", 0.00024), ("lr-4", 0.006), ("lr-5", 0.004)):
        frame.loc[frame["arm"] == arm, "low"] = frame["estimate"] - half
        frame.loc[frame["arm"] == arm, "high"] = frame["estimate"] + half
    drawn = forest(STUDY, frame)
    assert drawn is not None
    for row in drawn.rows:
        for cell in row.cells:
            assert isinstance(cell, DrawnEffect)
            shown = f"{cell.number} {cell.interval}".replace("5 seeds", "")
            found = {len(n.partition(".")[2]) for n in re.findall(r"\d+\.?\d*", shown)}
            assert found == {1}, cell


def test_a_cell_that_a_claim_speaks_of_has_its_claimed_side_and_its_verdict_and_no_other_has() -> None:
    """No forest had any, though the row of the study on the first screen had them of the same number."""

    def claim(name: str, arm: str, at: int | str, low: float | None = None, high: float | None = None) -> Claim:
        a, b = (Quantity(arm=x, metric="val_accuracy", at=at) for x in (arm, STUDY.baseline))  # type: ignore[arg-type]
        return Claim(id=name, statement="So it is.", parts=(Contrast(a=a, b=b, low=low, high=high),))

    turned = claim("c-3", "lr-4", "last", high=-0.05)
    turned = replace(turned, parts=(Contrast(a=turned.parts[0].b, b=turned.parts[0].a, low=0.05),))  # type: ignore[union-attr]
    claims = (claim("c-1", "lr-2", "last", low=0.0), claim("c-2", "lr-3", 1, low=0.0), turned)
    study = replace(STUDY, claims=claims)
    frames = from_records(synthetic.records(study, range(8), shift={"lr-2": 0.2, "lr-4": 0.2}))
    drawn = forest(study, effects(study, frames), "", judge(study, frames, {study.name: study}))
    assert drawn is not None
    marks = {}
    for row in drawn.rows:
        for (head, _), cell in zip(drawn.panels, row.cells, strict=True):
            assert isinstance(cell, DrawnEffect) and cell.mark is not None
            marks[row.arm, head.partition(",")[0]] = cell.mark
    assert {key for key, mark in marks.items() if mark.claimed} == {
        (study.arm(arm).say or arm, "Validation accuracy") for arm in ("lr-2", "lr-4")
    }, "of another epoch, and of another metric, nothing is claimed"
    up, down = (marks[study.arm(arm).say or arm, "Validation accuracy"] for arm in ("lr-2", "lr-4"))
    assert up.verdict == "supported" and up.claimed == (up.zero, 1.0) and up.bounds == () and up.deciding is not None
    assert up.alt.endswith(". Claimed above 0 points: supported.")
    assert down.verdict == "refuted" and down.claimed == (0.0, down.bounds[0]) and down.bounds[0] < down.zero  # type: ignore[operator]
    assert {m.verdict for key, m in marks.items() if not m.claimed} == {"none"}
