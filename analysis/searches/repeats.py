"""Searches that differ in the searcher's own seed alone: repeats of one search, each with its answer one number.

Where tuning is repeated, the replicate is the whole repeat: how well a search does is told by its repeats, and not by
the seeds of one answer, which tell how good the configuration is that one search found. No verdict rests on this.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.claims import ranges
from analysis.searches.retrained import Retrained
from analysis.statistics.estimates import Estimate, Refusal, paired
from study.spec.search import Search
from study.spec.study import Study

NO_MATTER = {"seed": 0, "parallel": None, "beat": None}
"""What repeats may differ in: their seed, and what decides nothing in a search."""
MIN_REPEATS = 2


@dataclass(frozen=True)
class Repeat:
    """One search with its answer."""

    study: str
    seed: int
    """Of the searcher."""
    values: Mapping[str, float]
    """By arm of the answer: the mean over its fresh seeds."""
    knobs: Mapping[str, str]
    """What was found, by arm."""
    fresh_seeds: int


@dataclass(frozen=True)
class RepeatedSearch:
    """All repeats of a search that have an answer."""

    metric: str
    """Of the test part where each was evaluated there, else what the search sought, which was selected on."""
    arms: tuple[str, ...]
    """The best of the search, or the best of each value of `within`."""
    repeats: tuple[Repeat, ...]
    waiting: tuple[str, ...] = ()
    """Searches of the kind without a whole answer."""

    def mean(self, arm: str) -> Estimate:
        """The mean over repeats, with Student's interval over them."""
        return ranges.mean([r.values[arm] for r in self.repeats], ranges.of(self.metric))

    def apart(self, arm: str) -> Estimate:
        """The first arm minus another, in pairs by repeat."""
        first, other = ({i: r.values[name] for i, r in enumerate(self.repeats)} for name in (self.arms[0], arm))
        found = paired(first, other)
        assert not isinstance(found, Refusal)
        return ranges.cut(found, ranges.difference(self.metric))


def repeats_of(study: Study, studies: Mapping[str, Study]) -> tuple[Study, ...]:
    """A search and those that differ from it in the searcher's seed alone, by that seed, each seed once."""
    found: dict[int, Study] = {}
    for other in (study, *studies.values()):
        if study.search and other.search and _searched(other) == _searched(study):
            found.setdefault(other.search.seed, other)
    return tuple(found[seed] for seed in sorted(found))


def _searched(study: Study) -> object:
    """All that decides how a search goes but for its seed; not its name and its words."""
    assert study.search is not None
    search = {**study.search.to_dict(), **NO_MATTER}
    return search, study.shared_knobs, bool(study.reduced)


def repeated_search(
    study: Study, studies: Mapping[str, Study], retrained_of: Callable[[Study], Sequence[Retrained]]
) -> RepeatedSearch | None:
    """What the repeats of a search found; None where fewer than two have an answer, or it has two objectives.

    Args:
        study: one of them.
        studies: all of the folder, as they are judged.
        retrained_of: gives a search's answer, see `analysis.searches.retrained`.
    """
    if study.search is None or len(study.search.objectives) > 1:
        return None
    alike = repeats_of(study, studies)
    if len(alike) < MIN_REPEATS:
        return None
    answers = {s.name: retrained_of(s) for s in alike}
    arms = _arms(study.search, max(answers.values(), key=len))  # where the winner diverged it is not the first
    by_arm = [(s, {r.arm: r for r in answers[s.name] if r.arm in arms}) for s in alike]
    whole = [(s, found) for s, found in by_arm if found and len(found) == len(arms)]
    if len(whole) < MIN_REPEATS:
        return None
    waiting = tuple(s.name for s, found in by_arm if len(found) < max(1, len(arms)))
    tested = all(r.tested for _, found in whole for r in found.values())
    first = whole[0][1][arms[0]].tested
    metric = first.metric if tested and first else study.search.objectives[0]
    repeats = tuple(_repeat(s, found, tested=tested) for s, found in whole)
    return RepeatedSearch(metric, arms, repeats, waiting)


def _arms(search: Search, answer: Sequence[Retrained]) -> tuple[str, ...]:
    """The arms that every repeat has: the best alone, or one for each value of `within` in the order of the space."""
    return tuple(search.parts()) if search.within else tuple(r.arm for r in answer[:1])


def _repeat(study: Study, found: Mapping[str, Retrained], *, tested: bool) -> Repeat:
    assert study.search is not None
    numbers = {arm: r.tested.estimate if tested and r.tested else r.estimate for arm, r in found.items()}
    knobs = {arm: r.knobs for arm, r in found.items()}
    values = {arm: e.value for arm, e in numbers.items()}
    return Repeat(study.name, study.search.seed, values, knobs, min(e.n for e in numbers.values()))


REPEAT_COLUMNS = ("search", "seed", "arm", "metric", "what", "estimate", "low", "high", "n", "knobs")


def repeats_frame(found: Iterable[RepeatedSearch]) -> pd.DataFrame:
    """One row a repeat and arm (n: its fresh seeds), then one an arm for the mean (n: the repeats)."""
    rows: list[dict[str, object]] = []
    for group in found:
        none, names = {"low": math.nan, "high": math.nan}, ", ".join(r.study for r in group.repeats)
        rows += [
            {"search": r.study, "seed": r.seed, "arm": arm, "metric": group.metric, "what": "repeat",
             "estimate": r.values[arm], **none, "n": r.fresh_seeds, "knobs": r.knobs[arm]}
            for arm in group.arms for r in group.repeats
        ]  # fmt: skip
        for arm in group.arms:
            e = group.mean(arm)
            rows.append(
                {"search": names, "seed": pd.NA, "arm": arm, "metric": group.metric, "what": "mean",
                 "estimate": e.value, "low": e.low, "high": e.high, "n": e.n, "knobs": ""}
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(REPEAT_COLUMNS))
