"""What `study decide` is asked: which claims, and what deciding them may cost, here or on a cluster."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from study.app.plan_studies import kept_in_full, read_named
from study.app.seed_offers import MIN_CHANCE, AllowedSeeds
from study.app.wrapping import say
from study.cluster.preflight import SeedLimits
from study.spec.gathered_faults import told_together
from study.spec.study_file import StudySource
from study.storage.search_answer import ANSWER
from trainables.config.errors import BadInput

MAX_SEEDS = 40


@dataclass(frozen=True)
class DecideRequest:
    """Which claims, and what deciding them may cost."""

    names: tuple[str, ...]
    results: str = "results/study"
    most_seeds: int = MAX_SEEDS
    """Behind a claim."""
    hours: float | None = None
    """Of training on this machine, expected; None: as long as it takes."""
    price: float | None = None
    """At most so much money, at `hourly_price` for an hour of this machine."""
    hourly_price: float | None = None
    least_chance: float = MIN_CHANCE
    """A claim that `most_seeds` decide with less gets none; 0: each goes on as far as it is allowed."""
    device: str | None = None
    precision: str | None = None
    data_dir: Path | None = None

    def __post_init__(self) -> None:
        with told_together() as faults:
            if not 5 <= self.most_seeds <= 1000:
                faults.found.append(BadInput("--max-seeds", self.most_seeds, "expected 5 to 1000"))
            if not 0 <= self.least_chance < 1:
                why = "expected per cent, 0 to below 100"
                faults.found.append(BadInput("--min-chance", round(100 * self.least_chance, 6), why))
            for option, value in (("--hours", self.hours), ("--price", self.price), ("--hourly", self.hourly_price)):
                if value is not None and not 0 < value < math.inf:
                    faults.found.append(BadInput(option, value, "expected a number above 0"))
            if self.price is not None and self.hourly_price is None:
                why = "this machine has no price: say with --hourly what an hour of it costs"
                faults.found.append(BadInput("--price", self.price, why))

    @property
    def allowed(self) -> AllowedSeeds:
        """What a claim may get, if it costs no more than is allowed."""
        return AllowedSeeds(self.most_seeds, self.least_chance)

    @property
    def seconds(self) -> float:
        """How many seconds training may take."""
        paid = math.inf if self.price is None or self.hourly_price is None else self.price / self.hourly_price
        return 3600 * min(paid, math.inf if self.hours is None else self.hours)


def with_answers(
    given: Mapping[str, StudySource], results: str, data_dir: Path | None = None
) -> dict[str, StudySource]:
    """The studies whose seeds are bought: in the place of one that searches, the answer that the folder has; says so.

    Args:
        given: the studies as they were read, by the names that they were given.
        results: the results folder.
        data_dir: the data folder, if one was named.

    Raises:
        BadInput: a search has no answer yet; names each, and the command that finds one.
    """
    found = dict[str, StudySource]()
    with told_together() as faults:
        for name, source in given.items():
            answer = f"{source.study.name}{ANSWER}"
            if source.study.arms:
                found[name] = source
            elif kept_in_full(answer, results):
                say(f"{source.study.name} searches: seeds are bought for its answer, {answer}")
                found |= read_named([answer], results)
            else:
                data = ["--data-dir", str(data_dir)] if data_dir is not None else []
                command = shlex.join(["study", "run", name, "--results", results, *data])
                why = f"its search has no answer yet: find one first, with `{command}`"
                faults.found.append(BadInput("study", source.study.name, why))
    return found


def refuse_searches(given: Mapping[str, StudySource]) -> None:
    """Refuse studies that search.

    Raises:
        BadInput: names each, and its answer.
    """
    with told_together() as faults:
        for name in (source.study.name for source in given.values() if not source.study.arms):
            why = f"it searches: run it first, then name its answer, {name}{ANSWER}"
            faults.found.append(BadInput("study", name, why))


def limits_on_cluster(
    names: tuple[str, ...],
    most_seeds: int,
    hours: float | None,
    price: float | None,
    least_chance: float = MIN_CHANCE,
) -> SeedLimits:
    """What `study decide` may spend where a cluster runs it.

    Raises:
        BadInput: a number is none, or a study has no arms.
    """
    DecideRequest(names, most_seeds=most_seeds, hours=hours, price=price, hourly_price=1.0, least_chance=least_chance)
    given = read_named(list(names))
    refuse_searches(given)
    first = {claim.from_seed for source in given.values() for claim in source.study.claims}
    seeds = sorted({s for f in first for s in range(f, f + most_seeds)})
    return SeedLimits(most_seeds, hours, price, tuple(seeds), None if least_chance == MIN_CHANCE else least_chance)
