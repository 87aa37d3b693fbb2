"""The seeds that claims count and that no table shows: why a claim and a row of one study may be of different seeds.

A claim counts what is on record, from its first seed upward without a gap. Curves, tables and rows show the seeds that
runs of the study asked for, so that an arm which another study trained too has not all of that study's seeds here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from analysis.claims.verdicts import Verdict
from analysis.data.arms import Asked, asked_of
from analysis.text.arm_names import called
from analysis.text.phrases import first_up
from study.planning.seeds import seeds_named
from study.spec.arm_names import full_arm_name
from study.spec.claims import Claim, arms_named
from study.spec.study import Study
from trainables.config.plurals import counted


def in_no_table(study: Study, claim: Claim, verdict: Verdict, asked: Asked) -> Mapping[tuple[int, ...], list[str]]:
    """The seeds that a claim takes, because they are on record, and that curves and tables leave out, with their arms:
    no run of the study asked for them.
    """
    found: dict[tuple[int, ...], list[str]] = {}
    named = set(arms_named(claim))
    for arm in (a for a in study.arms if a.name in named):
        seeds = asked_of(asked, study.name, arm.name)
        if seeds is not None and (more := tuple(sorted(set(verdict.path) - set(seeds)))):
            found.setdefault(more, []).append(called(arm.say, arm.name))
    return found


def uncounted(taken: Mapping[tuple[int, ...], Sequence[str]]) -> Iterable[str]:
    """Sentences on seeds that stand in no curve and no table."""
    for seeds, names in taken.items():
        count, them, they = ("count", "them", "They are") if seeds[1:] else ("counts", "it", "It is")
        yield (
            f"{first_up(seeds_named(seeds))} {count} here. {they} on record for {', '.join(names)}. "
            f"Curves and tables leave {them} out, because no run of this study asked for {them}."
        )


def seeds_words(study: Study, verdicts: Sequence[Verdict], arms: Collection[str], n: int, asked: Asked) -> str:
    """Of how many seeds a number of these arms (`STUDY/ARM`) is, where claims about all of them count others too.

    Empty where none does.
    """
    by_id = {claim.id: claim for claim in study.claims}
    more: set[int] = set()
    for verdict in verdicts:
        claim = by_id[verdict.id]
        if set(arms) <= {full_arm_name(study, arm) for arm in arms_named(claim)}:
            more |= {seed for seeds in in_no_table(study, claim, verdict, asked) for seed in seeds}
    return f"{counted(n, 'seed')}; claims count {seeds_named(sorted(more))} too" if more else ""


def claims_seeds(study: Study, verdicts: Sequence[Verdict], asked: Asked) -> str:
    """Of how many seeds claims are at most, where one counts some that no table shows; else empty."""
    by_id = {claim.id: claim for claim in study.claims}
    taken = [len(v.path) for v in verdicts if in_no_table(study, by_id[v.id], v, asked)]
    return f"claims up to {counted(max(taken), 'seed')}" if taken else ""
