"""The chapter's rows on the first screen: one direction, and answers whose words are measured."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from analysis.chapter.headlines import HEADLINES, TELLERS, surprise_words
from analysis.claims.queries import Measurements, NotMeasured
from analysis.claims.verdicts import judge
from analysis.data.frames import from_records
from analysis.report.headline import study_in_short
from analysis.report.inputs import ReportInputs
from analysis.report.page_tree import Paragraph
from analysis.report.study_section import section_of_arms
from analysis.report.surprises import chosen
from analysis.report.trial_places import all_trials_anchor
from study.spec import registry
from tests import synthetic
from trainables.records.trial_record import TrialRecord

AGAINST_ANOTHER_STUDY = {"learning-rate-unscaled": ("learning-rate/lr-0.001", "against 0.001 on scaled input")}
"""The one question that is about another study's arm: its row names that arm."""


@pytest.mark.parametrize("name", HEADLINES)
def test_a_row_is_the_change_against_its_study_s_baseline(name: str) -> None:
    """Depth's row said +4.9 for one layer against none, above a forest that said -4.9 for none against one."""
    effect, study = HEADLINES[name].effect, registry.load_study(name)
    assert effect is not None
    other, said = AGAINST_ANOTHER_STUDY.get(name, (f"{name}/{study.baseline}", ""))
    assert effect.b.arm == other and effect.a.arm.startswith(f"{name}/") and said in effect.what


def answer(name: str, *changed: Callable[[TrialRecord], TrialRecord]) -> str:
    study = registry.load_study(name)
    records = list(synthetic.records(study, range(6)))
    for change in changed:
        records = [change(r) for r in records]
    found = study_in_short(study, Measurements({name: study}, from_records(records)), [], HEADLINES[name])
    assert found.row.elsewhere is False
    return found.row.answer


def test_the_chapters_surprises_are_those_of_the_rule_each_with_words_whose_numbers_lead_to_trials(
    on_record: ReportInputs,
) -> None:
    """They were a fixed list. One rested on a claim whose number lies as claimed, and said nothing of that claim."""
    of = {name: on_record.studies[name] for name, _ in TELLERS}
    judged = [v for s in of.values() for v in judge(s, on_record.frames, on_record.studies, on_record.grounds(s.name))]
    found = chosen(judged)
    assert {(s.verdict.study, s.verdict.id) for s in found} == set(TELLERS)
    for one in found:
        words = surprise_words(on_record.measurements, one.verdict)
        assert words is not None and words.link == HEADLINES[one.verdict.study].title
        assert len(words.numbers) >= 2 and all(n in words.text and place for n, place in words.numbers)


def test_words_of_a_surprise_are_not_said_where_the_records_say_otherwise_or_nothing() -> None:
    study = registry.load_study("batch-norm")
    (verdict,) = (v for v in judge(study, from_records([])) if v.id == "batch-norm-3")
    alike = list(synthetic.records(study, range(5)))  # arms that end equally high
    for records in (alike[:0], alike):
        assert surprise_words(Measurements({study.name: study}, from_records(records)), verdict) is None


def losses(*by_epoch: tuple[int, float]) -> Callable[[TrialRecord], TrialRecord]:
    """Raise the validation loss of two layers after these epochs; without a layer accuracy is lower."""

    def change(r: TrialRecord) -> TrialRecord:
        layers, apart = len(r.config.hidden), 0.001 * (r.config.seed - 2.5) * (1 + len(r.config.hidden))
        flat = synthetic.changed(r, -1, val_accuracy=0.85 + apart - (0.05 if layers == 0 else 0.0))
        for epoch, more in by_epoch:
            loss = 0.4 + apart + (more if layers == 2 else 0.0)
            flat = synthetic.changed(flat, epoch - 1, val_loss=loss)
        return flat

    return change


@pytest.mark.parametrize(
    ("early", "late", "second"),
    [
        (0.1, 0.2, "0.2000 nats after 30 epochs."),
        (0.0, 0.2, "0.2000 nats after 30 epochs; after 10 it is not known."),
        (0.0, 0.0, None),
    ],
)
def test_the_answer_on_depth_says_by_how_much_and_the_study_what_a_second_layer_does(
    early: float, late: float, second: str | None
) -> None:
    """It was "A second layer raises the validation loss.", without a number, beside a claim of that which is open."""
    changed = losses((10, early), (30, late))
    assert answer("depth", changed) == "Without a hidden layer accuracy is 5.0 points lower."
    study = registry.load_study("depth")
    measured = Measurements({"depth": study}, from_records(map(changed, synthetic.records(study, range(6)))))
    more = HEADLINES["depth"].more
    assert more is not None
    if second is None:
        with pytest.raises(NotMeasured):
            more(measured)
    else:
        assert more(measured) == f"A second hidden layer raises the validation loss by {second}"


def test_the_row_of_an_arm_of_another_study_says_so_in_the_legend_too() -> None:
    studies = {n: registry.load_study(n) for n in ("learning-rate", "learning-rate-unscaled")}
    frames = from_records(r for s in studies.values() for r in synthetic.records(s, range(5)))
    study = studies["learning-rate-unscaled"]
    assert study_in_short(study, Measurements(studies, frames), [], HEADLINES[study.name]).row.elsewhere


@pytest.mark.parametrize("name", HEADLINES)
def test_a_question_has_one_plain_sentence_and_the_rest_stands_in_the_study(on_record: ReportInputs, name: str) -> None:
    """The row of penalties had three sentences and six numbers, those of batch size, depth and batch norm two."""
    headline = HEADLINES[name]
    assert headline.answer is not None
    said = headline.answer(on_record.measurements)
    assert len(re.findall(r"[.?!](?= |$)", said)) == 1 and len(said.split()) <= 25, said
    if headline.more is not None:
        more = headline.more(on_record.measurements)
        fold = section_of_arms(on_record, on_record.studies[name], headline=headline).fold
        trials = all_trials_anchor(on_record.studies[name])
        assert fold.blocks[0] == Paragraph(more, trials=trials) and more not in fold.answer
