"""How a search's answer was chosen: which proposals became its arms, and which got more seeds before that."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from study.spec.claim_versions import own_arms
from study.spec.claims import Contrast
from study.spec.study import Study

FIRST_FRESH_SEED = 1000
"""The first seed of an answer; a search uses seeds from 0."""
WINNER, RUNNER_UP = "winner", "runner-up"
"""Arms of an answer: the best of a search and the next, where no knob parts them."""
IN_SENTENCES: Mapping[str, str] = {WINNER: "the winner", RUNNER_UP: "the runner-up"}
"""How a sentence calls these two."""
ANSWER = ".answer"
"""What the name of the study ends with that retrains a search's best."""


def has_baseline(study: Study) -> bool:
    """Whether the arms of a study are compared with one of them: those of a front, which a search's answer has that
    claims no comparison, are not, for none of them stands before the others.
    """
    return not study.name.endswith(ANSWER) or any(isinstance(p, Contrast) for c in study.claims for p in c.parts)


FILE = re.compile(r"searches/[^/]+/answer(-reduced)?\.json")


def first_fresh_seed(answer: Study) -> int:
    """The first seed of an answer as a folder has it: from which its claims count, and at least `FIRST_FRESH_SEED`."""
    return max((FIRST_FRESH_SEED, *(claim.from_seed for claim in answer.claims)))


def seeds_of_arms(answer: Study, seeds: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """The seeds that each arm of an answer is trained with, by `STUDY/ARM`: no claim has a gap before the last.

    seeds: the newest, which all arms have.
    """
    end = min(seeds, default=FIRST_FRESH_SEED)
    first = dict.fromkeys((arm.name for arm in answer.arms), end)
    for claim in answer.claims:
        for arm in own_arms(answer.name, claim):
            first[arm] = min(first[arm], max(claim.from_seed, FIRST_FRESH_SEED))
    return {f"{answer.name}/{arm}": (*range(begin, end), *seeds) for arm, begin in first.items()}


@dataclass(frozen=True)
class ChosenProposal:
    """A proposal that was retrained, as an arm of the answer."""

    arm: str
    part: str
    """Of the search; empty where it has one alone."""
    proposal: int


@dataclass(frozen=True)
class RacedProposal:
    """A proposal that was too close to the best to call, and how many seeds it has."""

    part: str
    proposal: int
    seeds: int


@dataclass(frozen=True)
class ExampleCounts:
    """How many examples the parts have that an answer is measured on."""

    val: int
    test: int


@dataclass(frozen=True)
class SearchAnswer:
    """What is on record of an answer."""

    study: str
    """The study that retrains."""
    seeds: tuple[int, ...]
    arms: tuple[ChosenProposal, ...]
    raced: tuple[RacedProposal, ...] = ()
    examples: ExampleCounts | None = None
    """None where there is no test part."""

    def after(self, raced: Sequence[RacedProposal], examples: ExampleCounts | None) -> SearchAnswer:
        """The same, with those that got more seeds, and what it is evaluated on."""
        return replace(self, raced=tuple(raced), examples=examples)

    def to_json(self) -> dict[str, Any]:
        """Return it as the results folder keeps it."""
        arms = [{"arm": a.arm, "part": a.part, "proposal": a.proposal} for a in self.arms]
        raced = [{"part": r.part, "proposal": r.proposal, "seeds": r.seeds} for r in self.raced]
        found = {"study": self.study, "seeds": list(self.seeds), "arms": arms, "raced": raced}
        return {**found, "examples": asdict(self.examples)} if self.examples else found

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> SearchAnswer:
        """The inverse of `to_json`; what an older version did not write is empty.

        Raises:
            ValueError, TypeError, AttributeError: it is no answer.
        """
        arms, raced = given.get("arms", ()), given.get("raced", ())
        if not all(isinstance(r.get("proposal"), int) for r in (*arms, *raced)):
            raise ValueError("expected the numbers of proposals")
        sizes = dict(given.get("examples", {}))
        return cls(
            str(given.get("study", "")),
            tuple(s for s in given.get("seeds") or () if type(s) is int),
            tuple(ChosenProposal(str(r.get("arm")), str(r.get("part", "")), r["proposal"]) for r in arms),
            tuple(RacedProposal(str(r.get("part", "")), r["proposal"], int(r.get("seeds", 0))) for r in raced),
            ExampleCounts(int(sizes.get("val", 0)), int(sizes.get("test", 0))) if sizes else None,
        )
