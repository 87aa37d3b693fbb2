"""Which seeds were asked of an arm. Which seeds a verdict may use must not depend on what other arms were given."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from study.spec.study import Study
from study.storage.run_records import RunRecord


def with_shared(
    asked: Mapping[str, Sequence[int]], on_record: Mapping[str, Collection[int]]
) -> dict[str, tuple[int, ...]]:
    """The seeds of each arm of a study: those asked of it, and of those asked of its other arms what is on record.

    A run asks no seed of an arm that another study has trained already; compared in pairs, that seed counts.

    >>> with_shared({"s/none": (0, 1), "s/l1": (0, 1, 2)}, {"s/none": {0, 1, 2, 7}})
    {'s/none': (0, 1, 2), 's/l1': (0, 1, 2)}
    """
    every = {seed for seeds in asked.values() for seed in seeds}
    return {arm: tuple(sorted({*seeds, *every.intersection(on_record.get(arm, ()))})) for arm, seeds in asked.items()}


def leading(asked: Mapping[str, Sequence[int]], ended: Mapping[str, Collection[int]]) -> dict[str, tuple[int, ...]]:
    """The seeds of each arm, in order, up to the first whose trial has not ended: see docs/verdicts.md.

    Which seeds these are does not hang on what later ones gave, as a choice among those that happen to be there would.
    An arm without its first seed keeps all of them, so that somebody says what is missing.

    >>> leading({"s/a": (0, 1, 2, 3), "s/b": (0, 1)}, {"s/a": {0, 1, 3}, "s/b": {1}})
    {'s/a': (0, 1), 's/b': (0, 1)}
    """
    found = {}
    for arm, seeds in asked.items():
        first = takewhile(ended.get(arm, ()).__contains__, sorted(seeds))
        found[arm] = tuple(first) or tuple(seeds)
    return found


@dataclass(frozen=True)
class AskedSeeds:
    """What the runs of a results folder asked, all of them together."""

    runs: tuple[RunRecord, ...]

    @classmethod
    def of(cls, runs: Iterable[RunRecord]) -> AskedSeeds:
        """Collect what some runs asked."""
        return cls(tuple(runs))

    def arm(self, study: str, arm: str) -> tuple[int, ...] | None:
        """The seeds asked of an arm, in order; None where no run says. A run that tells no arm asked them of all.

        >>> runs = [RunRecord(studies=("a",), seeds=(0, 1)), RunRecord(studies=("a",), seeds=(2,), asked={"a/x": (2,)})]
        >>> AskedSeeds.of(runs).arm("a", "x"), AskedSeeds.of(runs).arm("a", "y"), AskedSeeds.of(runs).arm("b", "y")
        ((0, 1, 2), (0, 1), None)
        """
        seeds: set[int] = set()
        for run in self.runs:
            if study in run.studies:
                names_arms = any(name.startswith(f"{study}/") for name in run.asked)
                seeds |= set(run.asked.get(f"{study}/{arm}", ()) if names_arms else run.seeds)
        return tuple(sorted(seeds)) or None

    def arms(self, study: Study) -> dict[str, tuple[int, ...]]:
        """The seeds asked of each arm of a study, by `STUDY/ARM`; an arm that no run asked anything of is not in it."""
        found = {f"{study.name}/{a.name}": self.arm(study.name, a.name) for a in study.arms}
        return {name: seeds for name, seeds in found.items() if seeds is not None}

    def study(self, study: str) -> tuple[int, ...] | None:
        """The seeds asked of any arm of a study, in order; None where no run says."""
        seeds: set[int] = set()
        for run in self.runs:
            if study in run.studies:
                arms = [s for name, s in run.asked.items() if name.startswith(f"{study}/")]
                seeds |= set().union(*arms) if arms else set(run.seeds)
        return tuple(sorted(seeds)) or None
