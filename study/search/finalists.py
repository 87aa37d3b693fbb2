"""Who goes into the answer of a search, and the study that this makes. Pure; what trains it is
`study.execution.search_driver`.

With one objective: the best two, or the best of each value of `within`. With two: some of those that nobody beats in
both, from one end of that front to the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from study.spec.claim_versions import in_full, own_arms, same_version
from study.spec.claims import Claim, Contrast, Level, Quantity, quantities
from study.spec.point import SharedKnobs
from study.spec.points import knob
from study.spec.search import Search
from study.spec.study import FAMILY_PLACES, Arm, Family, Study
from study.storage.search_answer import (
    FIRST_FRESH_SEED,
    IN_SENTENCES,
    RUNNER_UP,
    WINNER,
    ChosenProposal,
    SearchAnswer,
)
from study.storage.search_events import Proposal, pareto_front, ranked_proposals
from trainables.config.trial_config import TrialConfig
from trainables.records.metrics import METRICS, ON_TEST

MAX_FINALISTS = 5
"""Of a front, so many are retrained."""
VERSIONS_A_CLAIM = 2
"""The family of an answer has places for so many versions of its claims: a search that goes on may find others."""


def rank_proposals(study: Study, part: Search, proposals: Sequence[Proposal]) -> list[Proposal]:
    """The best first, or the front from the best in the first objective to the best in the second; each once."""
    one = len(part.objectives) == 1
    ordered = ranked_proposals(proposals, part.objectives[0]) if one else pareto_front(proposals, part.objectives)
    configs = [study.shared_knobs.config(p.point) for p in ordered]
    return [p for i, p in enumerate(ordered) if configs[i] not in configs[:i]]


def choose_finalists(part: Search, ordered: Sequence[Proposal], *, alone: bool) -> list[Proposal]:
    """Who is retrained, of those that are ranked; `alone`: only the best goes on, against those of other parts."""
    if len(part.objectives) == 1:
        return list(ordered[: 1 if alone else 2])
    places = range(len(ordered)) if len(ordered) <= MAX_FINALISTS else evenly_spread(len(ordered), MAX_FINALISTS)
    return [ordered[i] for i in places]


def why_no_finalist(part: Search, label: str, proposals: Sequence[Proposal]) -> str:
    """Why a part of a search that is over has nobody to retrain, and what to do; empty where it has, or is not over."""
    all_in = len(proposals) >= part.trials or part.searcher == "grid"
    if not proposals or not all_in or any(p.state != "diverged" for p in proposals):
        return ""
    last = max(p.epochs for p in proposals)
    when = "in epoch 1" if last <= 1 else f"by epoch {last}"
    which = "the only configuration" if len(proposals) == 1 else f"all {len(proposals)} configurations"
    return (
        f"The search{f' of {label}' if label else ''} is over and has no answer: {which} diverged {when}, so there is "
        "nothing to retrain. Lower the range of lr, or raise input_divisor; the same command does nothing more."
    )


def evenly_spread(places: int, most: int) -> list[int]:
    """So many places of n, evenly, with both ends.

    >>> evenly_spread(9, 3)
    [0, 4, 8]
    """
    return [round(i * (places - 1) / (most - 1)) for i in range(most)]


def answer_study(
    study: Study,
    finalists: Sequence[tuple[str, Proposal]],
    *,
    tested: bool = False,
    kept: Sequence[Study] = (),
    seen: Callable[[Sequence[TrialConfig]], int] = lambda _: -1,
    whole: SharedKnobs | None = None,
) -> Study:
    """The best as arms of an ordinary study, with the claim that the first is ahead of each other.

    A front has no first, so there is no claim. The first of a search without parts is who stands first in `finalists`:
    a race may have changed who is best. Those of several parts meet here first, so what the search measured ranks them.

    Args:
        study: that searches.
        finalists: each with its part's name, the best of a part first.
        tested: there is a test part, so that the claims speak of it: on the other the search has selected.
        kept: the answer as a folder has it already; what it judges on the other part it goes on to judge there.
        seen: the largest seed that the folder has of any of some configurations; -1 where it has none.
        whole: what all points share in full, where the search is reduced.
    """
    assert study.search is not None
    objective = study.search.objectives[0]
    judged = {q.metric for before in kept for claim in before.claims for form in claim.parts for q in quantities(form)}
    tested = tested and objective not in judged
    ordered = _named(study.search, finalists)
    if study.search.within:
        ordered = sorted(ordered, key=lambda f: _rank(f[1][1], objective))
    knobs = tuple(dict.fromkeys(knob(n) for n in study.search.space))
    digests = {name: in_full(whole.config(p.point)) if whole else "" for name, (_, p) in ordered}
    arms = tuple(
        Arm(name=name, change=p.point.knobs, note=_note(label, p), in_full=digests[name])
        for name, (label, p) in ordered
    )
    claims = _claims(study, arms, knobs, tested) if len(study.search.objectives) == 1 else ()
    answer = Study(
        name=f"{study.name}.answer",
        title=f"{study.title}: the answer",
        question=_question(study),
        knobs=knobs,
        epochs=study.epochs,
        base=study.base,
        family=kept[0].family if kept else study.family or _own_family(study, claims),
        reduced=study.reduced,
        arms=arms,
        claims=claims,
    )
    return _counted_from(answer, kept, seen)


def _own_family(study: Study, claims: Sequence[Claim]) -> Family | None:
    if not claims:
        return None
    wanted = VERSIONS_A_CLAIM * len(claims)
    return Family(name=f"{study.name}.answer", places=next((n for n in FAMILY_PLACES if n >= wanted), wanted))


def _counted_from(answer: Study, kept: Sequence[Study], seen: Callable[[Sequence[TrialConfig]], int]) -> Study:
    """An answer whose claims count from the seed that a folder has them from; new ones from the first unseen seed.

    Who was behind may be ahead after more trials, and its seeds are known by then.
    """
    before = [(version, claim) for version in reversed(kept) for claim in version.claims]
    return replace(answer, claims=tuple(_claim_counted_from(answer, claim, before, seen) for claim in answer.claims))


def _claim_counted_from(
    answer: Study,
    claim: Claim,
    before: Sequence[tuple[Study, Claim]],
    seen: Callable[[Sequence[TrialConfig]], int],
) -> Claim:
    for version, old in before:
        again = replace(claim, from_seed=old.from_seed)
        if old.id == claim.id and same_version(answer, again, version, old):
            return again
    largest = seen([answer.config(arm) for arm in own_arms(answer.name, claim)])
    return replace(claim, from_seed=max(FIRST_FRESH_SEED, largest + 1))


def _named(search: Search, finalists: Sequence[tuple[str, Proposal]]) -> list[tuple[str, tuple[str, Proposal]]]:
    if len(search.objectives) > 1:
        counts: dict[str, int] = {}
        names = []
        for label, _ in finalists:
            counts[label] = counts.get(label, 0) + 1
            names.append(f"{label or 'front'}-{counts[label]}")
    elif search.within:
        names = [label for label, _ in finalists]
    else:
        names = [WINNER, RUNNER_UP][: len(finalists)]
    return list(zip(names, finalists, strict=True))


def _question(study: Study) -> str:
    if study.search and len(study.search.objectives) > 1:
        return f"How good are those of {study.name} that nobody beat in both objectives, under fresh seeds?"
    return f"How good is the best of {study.name} under fresh seeds, and is it ahead of the next?"


def _claims(study: Study, arms: Sequence[Arm], knobs: tuple[str, ...], tested: bool) -> tuple[Claim, ...]:
    assert study.search is not None
    objective = study.search.objectives[0]
    metric = objective if objective != "seconds" else "val_accuracy"
    metric = ON_TEST.get(metric, metric) if tested else metric
    first = Quantity(arm=arms[0].name, metric=metric)
    higher = METRICS[metric].direction == "higher"
    low, high = (0.0, None) if higher else (None, 0.0)
    return _level(study, first) + tuple(
        Claim(
            id=f"{study.name}-{arm.name}",
            statement=f"With fresh seeds, {_called(arms[0].name)} is still ahead of {_called(arm.name)} in "
            f"{METRICS[metric].label}.",
            parts=(Contrast(a=first, b=Quantity(arm=arm.name, metric=metric), differ=knobs, low=low, high=high),),
            note="Declared as a rule before the search: its best against its next best, under seeds that it never saw.",
        )
        for arm in arms[1:]
    )


def _called(arm: str) -> str:
    return IN_SENTENCES.get(arm, arm)


def _level(study: Study, first: Quantity) -> tuple[Claim, ...]:
    """The claim that the winner beats a level, where the search names one."""
    assert study.search is not None
    level, metric = study.search.beat, first.metric
    if level is None:
        return ()
    known = METRICS[metric]
    higher = known.direction == "higher"
    return (
        Claim(
            id=f"{study.name}-beats",
            statement=f"With fresh seeds, {_called(first.arm)} has a {known.label} "
            f"{'above' if higher else 'below'} {level * known.scale:.10g} {known.unit}".strip()
            + ".",
            parts=(Level(quantity=first, low=level if higher else None, high=None if higher else level),),
            note="The level was declared with the search.",
        ),
    )


def _rank(p: Proposal, objective: str) -> float:
    value = p.values([objective])[0]
    return -value if METRICS[objective].direction == "higher" else value


def _note(label: str, p: Proposal) -> str:
    return f"proposal {p.number}" + (f" of {label}" if label else "")


def search_answer(answer: Study, finalists: Sequence[tuple[str, Proposal]], seeds: Sequence[int]) -> SearchAnswer:
    """Which proposals went into the answer, for the record."""
    notes = {_note(label, p): (label, p) for label, p in finalists}
    arms = tuple(ChosenProposal(a.name, notes[a.note][0], notes[a.note][1].number) for a in answer.arms)
    return SearchAnswer(answer.name, tuple(seeds), arms)


def race_study(study: Study, racers: Sequence[Proposal]) -> Study:
    """The racers as arms of a study, so that they can be given another seed."""
    assert study.search is not None
    return Study(
        name=f"{study.name}.racing",
        title=f"{study.title}: racing",
        question="Which of those too close to call is ahead?",
        knobs=tuple(dict.fromkeys(knob(n) for n in study.search.space)),
        epochs=study.epochs,
        base=study.base,
        arms=tuple(Arm(name=f"proposal-{p.number}", change=p.point.knobs) for p in racers),
    )


DIVERGED = -math.inf
"""What a seed that diverged counts as in a race."""


def race_rank(values: Sequence[float]) -> tuple[int, float]:
    """Who stands where in a race, the lowest first: by seeds that diverged, then by the sum over the others.

    >>> sorted([[0.9, DIVERGED], [0.7, 0.7], [0.8, 0.8]], key=race_rank)
    [[0.8, 0.8], [0.7, 0.7], [0.9, -inf]]
    """
    return values.count(DIVERGED), -math.fsum(v for v in values if v != DIVERGED)


def too_close(a: Sequence[float], b: Sequence[float], standard_errors: float = 2.0) -> bool:
    """Whether the mean paired difference is less than t standard errors from 0.

    A seed that diverged is `DIVERGED`; who diverged under more seeds is not close.

    >>> too_close([0.9, 0.91, 0.9], [0.8, 0.8, 0.81]), too_close([0.9, 0.8], [0.8, 0.9])
    (False, True)
    >>> too_close([0.9, 0.8], [0.9, DIVERGED]), too_close([0.9, DIVERGED], [DIVERGED, 0.9])
    (False, True)
    """
    lost = a.count(DIVERGED), b.count(DIVERGED)
    if any(lost):
        return lost[0] == lost[1]
    differences = [x - y for x, y in zip(a, b, strict=False)]
    if len(differences) < 2:
        return True
    mean = math.fsum(differences) / len(differences)
    error = math.sqrt(math.fsum((d - mean) ** 2 for d in differences) / (len(differences) - 1) / len(differences))
    return abs(mean) < standard_errors * error
