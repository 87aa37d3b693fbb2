"""The nine questions: answered from the numbers, and silent where there are none."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from analysis.chapter.questions import QUESTIONS, answers
from analysis.claims.queries import Measurements
from analysis.data.frames import Frames, from_records
from study.catalog import CHAPTER
from study.spec import registry
from study.spec.study import Study
from tests import synthetic
from trainables.records.tensor_summary import SUMMARY_EPOCHS

STUDIES = {name: registry.load_study(name) for name in CHAPTER}


def frames_of(studies: Iterable[Study], seeds: Iterable[int] = (0, 1), **how: object) -> Frames:
    return from_records(r for s in studies for r in synthetic.records(s, tuple(seeds), summaries=SUMMARY_EPOCHS, **how))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def chapter() -> Frames:
    return frames_of(STUDIES.values())


def test_all_nine_are_answered_with_numbers_and_their_interval(chapter: Frames) -> None:
    found, absent = answers(Measurements(STUDIES, chapter))
    assert [a.number for a in found] == list(range(1, 10)) and absent == []
    for one in found:
        assert one.evidence.said and one.evidence.missing == (), (one.number, one.evidence.missing)
        interval = r"\(([\d.-]+ to [\d.-]+|in all 2 seeds)\)"  # of seeds that agree there is none
        assert any(re.search(interval, text) for text in one.evidence.said), one.number


def test_every_sentence_and_every_row_names_the_arms_that_it_was_measured_on(chapter: Frames) -> None:
    arms = {f"{s.name}/{a.name}" for s in STUDIES.values() for a in s.arms}
    for one in answers(Measurements(STUDIES, chapter))[0]:
        assert len(one.evidence.behind) == len(one.evidence.said)
        assert all(behind and set(behind) <= arms for behind in one.evidence.behind), one.number
        for row in one.evidence.sheet.rows if one.evidence.sheet else ():
            assert all(cell.of in arms for cell in row if cell.value is not None), one.number


def test_questions_name_claims_and_studies_that_exist() -> None:
    claims = {c.id for s in STUDIES.values() for c in s.claims}
    for question in QUESTIONS:
        assert set(question.claims) <= claims and set(question.studies) <= set(STUDIES)


def test_studies_that_are_not_there_are_named() -> None:
    only = {"dropout": STUDIES["dropout"]}
    found, absent = answers(Measurements(only, frames_of(only.values())))
    assert [a.number for a in found] == [9] and len(absent) == 8
    assert "needs scaling or learning-rate-unscaled" in absent[0]


def test_an_arm_without_trials_is_named_and_nothing_is_said_of_it() -> None:
    study = STUDIES["dropout"]
    frames = frames_of([study], skip=[("dropout-0.25", 0), ("dropout-0.25", 1)])
    (one,) = answers(Measurements({"dropout": study}, frames))[0]
    assert one.evidence.said == () and one.evidence.missing == ("dropout has no trials.",)


def test_the_time_of_a_batch_is_of_pairs_of_one_kind_of_machine() -> None:
    """It was not measured, beside a claim that was: seeds of batch 32 alone had run on another machine."""
    study = STUDIES["batch-size"]

    def said(*of: tuple[Iterable[int], str, tuple[str, ...]], **asked: tuple[int, ...]) -> str:
        found = []
        for seeds, host, lost in of:
            part = synthetic.records(study, tuple(seeds), host=host, skip=[(arm, s) for arm in lost for s in seeds])
            found.append(part if host == "here" else (synthetic.changed(r, -1, seconds=90.0) for r in part))
        by_arm = {f"batch-size/{arm.replace('_', '-')}": seeds for arm, seeds in asked.items()}
        measured = Measurements({"batch-size": study}, from_records(r for part in found for r in part), by_arm)
        ((one,), _) = answers(measured)
        assert one.evidence.missing == ()
        return one.evidence.said[1]

    alone = said((range(3), "here", ()))
    assert "batch 32" in alone and "Left out" not in alone
    more = (range(3, 9), "there", ("batch-10000",))
    asked = {"batch_32": tuple(range(9)), "batch_10000": (0, 1, 2)}
    assert said((range(3), "here", ()), more, **asked) == alone, "the levels, too, are those of the pairs"
    both = said((range(3), "here", ()), (range(3, 5), "there", ()))
    assert both == f"{alone} Left out: 2 pairs, measured on other machines."


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
