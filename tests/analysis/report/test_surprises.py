"""Which claims surprise, in which order, and with which words."""

from __future__ import annotations

import dataclasses
import math

import pytest

from analysis.claims.judged_part import PLAIN, JudgedPart
from analysis.claims.queries import Remarks
from analysis.claims.verdicts import Verdict, judge
from analysis.claims.words import VerdictWord
from analysis.data.frames import from_records
from analysis.report.chart_blocks import Surprise, Surprises, SurpriseWords
from analysis.report.extensions import Additions
from analysis.report.page_tree import Finding
from analysis.report.surprises import chosen, half_widths_beyond, section
from analysis.report.verdict_section import findings
from analysis.statistics.estimates import Estimate
from analysis.text.phrases import SHARE, Unit
from study.spec.claims import Claim, Contrast, Quantity
from tests import synthetic
from tests.analysis.report.test_headline import STUDY


def part(
    value: float, half: float, low: float | None = None, high: float | None = None, unit: Unit = PLAIN
) -> JudgedPart:
    e = Estimate(value, value - half, value + half, 9)
    return JudgedPart("what", "claimed", "open", e, unit, low_bound=low, high_bound=high)


def verdict(study: str, word: VerdictWord, *parts: JudgedPart, p: float = 0.01) -> Verdict:
    return Verdict(study, f"{study}-1", f"{study} helps.", word, parts, 0, p=p)


@pytest.mark.parametrize(
    ("one", "far"),
    [
        (part(1.0, 0.5, low=2.0), 2.0),
        (part(3.0, 0.5, low=2.0), -2.0),
        (part(4.0, 0.5, low=1.0, high=2.0), 4.0),
        (part(0.4, 0.2, unit=SHARE), 0.5),
        (dataclasses.replace(part(0.6, 0.1, unit=SHARE), share=0.8), 2.0),
        (part(1.0, 0.0, low=2.0), math.inf),
        (part(1.0, math.nan, low=2.0), -math.inf),
        (JudgedPart("what", "claimed", "open"), -math.inf),
    ],
)
def test_how_far_a_number_lies_beyond_what_was_claimed(one: JudgedPart, far: float) -> None:
    assert half_widths_beyond(one) == pytest.approx(far)


def test_refuted_claims_surprise_first_then_open_ones_beyond_their_interval_one_a_study() -> None:
    found = chosen(
        [
            verdict("near", "open", part(1.0, 0.5, low=1.2)),
            verdict("far", "open", part(9.0, 0.5, low=1.0), part(1.0, 0.1, low=2.0)),
            verdict("farther", "open", part(1.0, 0.01, low=2.0)),
            verdict("sure", "refuted", part(1.0, 0.5, low=2.0), p=0.001),
            verdict("less-sure", "refuted", part(0.0, 0.1, low=2.0), p=0.02),
            dataclasses.replace(verdict("sure", "refuted", part(0.0, 0.1, low=2.0), p=0.04), id="second"),
            verdict("good", "supported", part(9.0, 0.5, low=2.0)),
            verdict("small", "reduced", part(1.0, 0.01, low=2.0)),
        ]
    )
    assert [s.verdict.id for s in found] == ["sure-1", "less-sure-1", "farther-1", "far-1"]
    assert found[-1].part.low_bound == 2.0, "of an open claim the part that lies beyond what was claimed"
    assert len(chosen(verdict(str(i), "refuted", part(1.0, 0.5, low=2.0)) for i in range(9))) == 4
    alone = [dataclasses.replace(verdict("one", "refuted", part(1.0, 0.5, low=2.0)), id=str(i)) for i in range(9)]
    assert [s.verdict.id for s in chosen(alone)] == ["0", "1", "2", "3"], "a page of one study has several of it"


def told(study_words: SurpriseWords | None, *, provisional: bool = False) -> tuple[Surprise, Finding]:
    """The surprise of a claim that is refuted, told by a package that has these words; and the claim itself."""
    a, b = (Quantity(arm=arm, metric="val_accuracy") for arm in ("fast", "plain"))
    claim = Claim(id="c", statement="s.", parts=(Contrast(a=a, b=b, low=0.9),))
    study = dataclasses.replace(STUDY, claims=(claim,))
    verdicts = judge(study, from_records(synthetic.records(study, tuple(range(12)))), {study.name: study})
    added = Additions((study.name,), surprise_words=lambda _: study_words)
    (found,) = section([added], verdicts, provisional=provisional)
    assert found.title == ("What surprises so far" if provisional else "What surprised")
    (shown,), (finding,) = found.blocks, findings(study, verdicts, lambda *_: Remarks())
    assert isinstance(shown, Surprises) and isinstance(finding, Finding) and verdicts[0].trials
    return shown.items[0], finding


def test_without_words_a_rule_tells_it_and_its_number_leads_to_the_trials_of_the_claim() -> None:
    surprise, finding = told(None)
    assert surprise.title == "Refuted: s.", "what is claimed is no headline as if it were so"
    assert surprise.trials == f"{finding.anchor}-trials" and surprise.target == finding.anchor
    ((number, place),) = surprise.numbers
    assert number in surprise.text and number.endswith("points") and place == surprise.trials
    assert told(None, provisional=True)[0].title == "Refuted so far: s."


def test_a_package_may_give_the_words_of_a_surprise_and_not_choose_it() -> None:
    surprise, finding = told(SurpriseWords("It hurts", "It costs 3 points.", (("3 points", "there"),), "Its study"))
    assert (surprise.title, surprise.text, surprise.link) == ("It hurts", "It costs 3 points.", "Its study")
    assert surprise.numbers == (("3 points", "there"),) and surprise.target == finding.anchor
    stranger = Additions((), surprise_words=lambda _: SurpriseWords("No", "No."))
    claims = [verdict("theirs", "refuted", part(1.0, 0.5, low=2.0))]
    (found,) = section([stranger], claims)
    assert isinstance(found.blocks[0], Surprises) and found.blocks[0].items[0].title == "Refuted: theirs helps."
    assert list(section([stranger], [])) == []
