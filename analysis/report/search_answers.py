"""A search's answer from what is read of a folder: its best under fresh seeds, in values and in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analysis.claims.verdicts import judge
from analysis.claims.words import DECIDED
from analysis.report.headline import Headline
from analysis.report.inputs import ReportInputs
from analysis.report.main_effect import MainEffect, effect_by_claims
from analysis.report.plain_words import arm_name
from analysis.searches import answer_sentences as words
from analysis.searches.fresh_seeds import FreshSeeds, fresh_seeds, missing_line
from analysis.searches.lost_seeds import lost_lines
from analysis.searches.retrained import Retrained, retrained_arms
from study.spec.arm_names import full_arm_name
from study.spec.claims import Contrast, Quantity
from study.spec.study import Study
from study.storage.search_answer import ANSWER
from study.storage.search_log import SearchPart, current_parts
from trainables.records.metrics import METRICS, ON_TEST


def plain_answer(inputs: ReportInputs, study: Study) -> str:
    """The search's answer in a sentence; empty where there is none yet."""
    retrained = retrained_of(inputs, study)
    said = lost_of(inputs, study)
    if retrained:
        assert study.search is not None
        arms = inputs.studies[f"{study.name}.answer"]
        names = {r.arm: arm_name(arms, r.arm) for r in retrained}
        missing = missing_of(inputs, study)
        said = [
            words.plain_answer(retrained, names, study.search.objectives[0]),
            *([missing] if missing else []),
            *said,
        ]
    return " ".join(said)


def fresh_of(inputs: ReportInputs, study: Study) -> FreshSeeds:
    """Under which fresh seeds the answer of a search is whole."""
    answering = answering_study(inputs, study)
    listed = inputs.answers.get(study.name)
    return FreshSeeds((), ()) if answering is None else fresh_seeds(answering, inputs.frames, listed)


def missing_of(inputs: ReportInputs, study: Study) -> str:
    """That an answer is not whole, in a sentence; empty where it is."""
    return missing_line(fresh_of(inputs, study), so_far=inputs.provisional)


def lost_of(inputs: ReportInputs, study: Study) -> list[str]:
    """What diverged under fresh seeds, a sentence an arm."""
    answering = answering_study(inputs, study)
    return [] if answering is None else lost_lines(answering, inputs.frames)


def answering_study(inputs: ReportInputs, study: Study) -> Study | None:
    """The study that trained the best again; None where it is of another protocol."""
    found = inputs.studies.get(f"{study.name}.answer")
    return found if found is not None and bool(found.reduced) == bool(study.reduced) else None


def decided_arms(inputs: ReportInputs, study: Study) -> dict[tuple[str, str], bool]:
    """By arm of a search's answer and metric: whether the seeds have decided that the first is ahead of it, or not."""
    answer = answering_study(inputs, study)
    if answer is None:
        return {}
    found = judge(answer, inputs.frames, inputs.studies, inputs.grounds(answer.name))
    return {
        (part.form.b.arm.rpartition("/")[2], part.form.b.metric): v.verdict in DECIDED
        for v in found
        for part in v.parts
        if isinstance(part.form, Contrast)
    }


def retrained_of(inputs: ReportInputs, study: Study) -> list[Retrained]:
    """What was trained again under fresh seeds, over all parts of a search as it is now."""
    return retrained_in(inputs, study, current_parts(inputs.searches, study)[0])


def retrained_in(inputs: ReportInputs, study: Study, parts: Sequence[SearchPart]) -> list[Retrained]:
    """What was trained again under fresh seeds; nothing where the answer is of another protocol."""
    answering = answering_study(inputs, study)
    if answering is None:
        return []
    return list(retrained_arms(study, answering, inputs.frames, parts, inputs.answers.get(study.name)))


def answer_headline(inputs: ReportInputs, study: Study, headline: Headline) -> Headline:
    """A search's answer is said in the search's own words.

    Without a claim that compares it is how good its best is, on the test part where it was measured: a front has no
    baseline that the others are compared with, and one arm alone has none either.

    Args:
        inputs: what is read of the folder.
        study: maybe such an answer; of others the headline stays.
        headline: what a package says of it.
    """
    asked = inputs.studies.get(study.name.removesuffix(ANSWER)) if study.name.endswith(ANSWER) else None
    if asked is None or asked.search is None or headline.effect:
        return headline
    retrained, objective = retrained_of(inputs, asked), asked.search.objectives[0]
    if not retrained or METRICS[objective].is_time:  # the time of a whole trial is no number of an epoch
        return headline
    said = plain_answer(inputs, asked)
    headline = replace(headline, answer=headline.answer or (lambda _: said))
    if effect_by_claims(study):
        return headline
    there = words.on_test(retrained, objective)
    best = words.best_of(there or retrained, ON_TEST[objective] if there else objective)
    level = Quantity(arm=full_arm_name(study, best.arm), metric=ON_TEST[objective] if there else objective)
    return replace(headline, effect=MainEffect(level, level))
