"""The best of a search under fresh seeds."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from analysis.claims import ranges
from analysis.data.arms import arm_epochs
from analysis.data.frames import Frames
from analysis.data.load import load
from analysis.data.protocols import judged_version
from analysis.searches.fresh_seeds import fresh_seeds
from analysis.searches.lost_seeds import lost_seeds
from analysis.statistics.estimates import Estimate, Refusal, paired
from analysis.statistics.evidence import Interval
from analysis.statistics.examples import share
from analysis.text.numbers import knob_texts
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.search_answer import ExampleCounts, SearchAnswer, first_fresh_seed
from study.storage.search_events import test_evaluations
from study.storage.search_log import SearchPart, answer_of, current_parts, search_parts
from trainables.records.metrics import ON_TEST


@dataclass(frozen=True)
class Retrained:
    """One of the best, trained anew under seeds that the search never saw."""

    arm: str
    knobs: str
    estimate: Estimate
    """Of the objective after the last epoch."""
    behind: Estimate | Refusal | None
    """The first arm minus this one, in pairs by seed; None for the first, and on a front."""
    second: Estimate | None = None
    """Of the second objective, where there are two."""
    searched: tuple[float, ...] = ()
    """The objectives in the search itself, over all seeds that chose it, those of a race too; if that is known."""
    new_images: Interval | None = None
    """Where new images like those of the validation part would put the first objective, of which one is a share."""
    tested: TestResult | None = None
    """On the test part, where it was evaluated there."""


@dataclass(frozen=True)
class TestResult:
    """What one of the best reached on the test part."""

    __test__ = False
    metric: str
    estimate: Estimate
    """Over fresh seeds."""
    new_images: Interval | None
    """Where new images like those of the test part would put it; None for a loss."""
    evaluations: int
    """How often this search's winners were evaluated there."""
    behind: Estimate | Refusal | None = None
    """The first arm minus this one there, in pairs by seed; None for the first, and on a front."""


def read_answer(store: ResultsFolder, study: str) -> list[Retrained]:
    """The best of a study's search, retrained, the search's first leading; empty where there is no answer yet."""
    asked, answering = judged_version(store, study), judged_version(store, f"{study}.answer")
    if asked is None or answering is None or bool(answering.reduced) != bool(asked.reduced):
        return []
    listed = answer_of(store, study, reduced=bool(asked.reduced))
    return retrained_arms(asked, answering, load(store).frames, current_parts(search_parts(store), asked)[0], listed)


def retrained_arms(
    study: Study, answering: Study, frames: Frames, found: Sequence[SearchPart], listed: SearchAnswer | None
) -> list[Retrained]:
    """The arms of an answer, by what their finished trials under fresh seeds reached; empty where one has none yet.

    One that diverged under all of them is left out, see `analysis.searches.lost_seeds`; so is a fresh seed that another
    arm has yet to be trained under, see `analysis.searches.fresh_seeds`.

    `answering` is the study that retrained them, `found` the parts of the search, for what they reached there, and
    `listed` which proposals they are; see `study.storage.search_log.answer_of`.
    """
    objectives = study.search.objectives if study.search else ("val_accuracy",)
    missing = fresh_seeds(answering, frames, listed).missing
    values = [_values(frames, answering, o, missing) for o in objectives]
    lost = {of.arm for of in lost_seeds(answering, frames) if of.all_of_them}
    arms = [a.name for a in answering.arms if a.name not in lost]
    if not arms or not all(v[a] for v in values for a in arms):
        return []
    before = _before(found, listed, objectives, frames)
    leader = values[0][arms[0]]
    sizes = (listed and listed.examples) or ExampleCounts(0, 0)
    number = max((test_evaluations(p.events) for p in found), default=0)
    metric = ON_TEST.get(objectives[0], "test_accuracy")
    tests = _values(frames, answering, metric, missing) if number else {}
    return [
        Retrained(
            arm,
            knob_texts(answering.arm(arm).change),
            ranges.mean(list(values[0][arm].values()), ranges.of(objectives[0])),
            _behind(leader, values[0][arm], objectives[0]) if arm != arms[0] and len(objectives) == 1 else None,
            ranges.mean(list(values[1][arm].values()), ranges.of(objectives[1])) if len(objectives) > 1 else None,
            before.get(arm, ()),
            _new_images(values[0][arm], objectives[0], sizes.val),
            _tested(tests, arm, arms[0] if len(objectives) == 1 else arm, metric, sizes.test, number),
        )
        for arm in arms
    ]


def _new_images(values: Mapping[int, float], metric: str, examples: int) -> Interval | None:
    """The interval over examples of a mean accuracy."""
    if metric not in ("val_accuracy", "test_accuracy") or not examples:
        return None
    return share(math.fsum(values.values()) / len(values), examples)


def _tested(
    tests: Mapping[str, Mapping[int, float]], arm: str, first: str, metric: str, examples: int, number: int
) -> TestResult | None:
    """None where a fresh seed was not measured there."""
    values = tests.get(arm, {})
    if not values or not all(map(math.isfinite, values.values())):
        return None
    estimate = ranges.mean(list(values.values()), ranges.of(metric))
    behind = _behind(tests.get(first, {}), values, metric) if first != arm else None
    return TestResult(metric, estimate, _new_images(values, metric, examples), number, behind)


def _behind(leader: Mapping[int, float], other: Mapping[int, float], objective: str) -> Estimate | Refusal:
    """The first arm minus another, in pairs by seed."""
    found = paired(leader, other)
    return found if isinstance(found, Refusal) else ranges.cut(found, ranges.difference(objective))


def _values(frames: Frames, study: Study, objective: str, without: Collection[int] = ()) -> dict[str, dict[int, float]]:
    """By arm and seed: the objective after the last epoch of trials that were trained to the end."""
    rows = arm_epochs(frames, study)
    rows = rows[(rows["status"] == "finished") & (rows["seed"] >= first_fresh_seed(study))]
    rows = rows[~rows["seed"].isin(without)]
    found: dict[str, dict[int, float]] = {a.name: {} for a in study.arms}
    for (arm, seed), part in rows.groupby(["arm", "seed"], sort=True):
        last = part.sort_values("epoch")[objective]
        found[str(arm)][int(seed)] = float(last.sum() if objective == "seconds" else last.iloc[-1])
    return found


def _before(
    found: Sequence[SearchPart], listed: SearchAnswer | None, objectives: Sequence[str], frames: Frames
) -> dict[str, tuple[float, ...]]:
    """By arm: what it reached in the search, over the seeds that chose it."""
    raced = {p.label: raced_means(p, listed, frames) for p in found}
    parts_ = {p.label: p for p in found}
    there: dict[str, tuple[float, ...]] = {}
    for chosen in listed.arms if listed else ():
        part, n = parts_.get(chosen.part), chosen.proposal
        if part and 0 <= n < len(part.proposals) and part.proposals[n].state == "whole":
            _, numbers = raced[part.label].get(n, (0, tuple(part.proposals[n].values(objectives))))
            there[chosen.arm] = numbers
    return there


def raced_means(
    part: SearchPart, listed: SearchAnswer | None, frames: Frames
) -> dict[int, tuple[int, tuple[float, ...]]]:
    """By proposal that a race gave more seeds: how many it has with them, and its objectives over all of these.

    No objectives where a record of a seed is missing.
    """
    raced = [r for r in (listed.raced if listed else ()) if r.part == part.label and r.seeds > part.search.seeds]
    known = [r for r in raced if 0 <= r.proposal < len(part.proposals)]
    return {r.proposal: (r.seeds, _over_race(frames, part, r.proposal, r.seeds)) for r in known}


def _over_race(frames: Frames, part: SearchPart, proposal: int, seeds: int) -> tuple[float, ...]:
    """The mean over the seeds of the search and of its race; nothing where a record of them is missing."""
    config = part.shared.config(part.proposals[proposal].point)
    trials = [config.replace(seed=seed).identity(part.data) for seed in range(seeds)]
    rows = frames.epochs[frames.epochs["trial"].isin(trials) & (frames.epochs["epoch"] <= part.epochs)]
    last = rows[rows["epoch"] == part.epochs]
    if len(last) < seeds:
        return ()
    return tuple(float(rows[o].sum() / seeds if o == "seconds" else last[o].mean()) for o in part.search.objectives)
