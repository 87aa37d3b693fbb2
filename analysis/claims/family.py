"""Which claims have a place in their family: those that share the 5 %.

A place is taken when a version of a claim is frozen, by claims that are judged and by those that never will be, and is
never given back: a later claim never takes the place of an earlier one, in whatever study they are. Mechanisms take
none: nothing is decided of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from analysis.claims.words import VerdictWord
from study.spec.claim_versions import same_version
from study.spec.claims import Claim, Mechanism
from study.spec.study import Family, Study
from trainables.config.plurals import counted


@dataclass(frozen=True)
class FamilyStanding:
    """Where the claims of a study stand."""

    family: Family
    placed: frozenset[str]
    """The ids of the claims that have a place, in the version that is judged."""
    refusal: str = ""
    """Why nothing of the family is judged."""


def no_place(standing: FamilyStanding) -> str:
    """Why a claim has no place there."""
    places, name = standing.family.places, standing.family.name
    return f"the one place of the family {name} is taken" if places == 1 else (
        f"the {places} places of the family {name} are taken"
    )  # fmt: skip


@dataclass(frozen=True)
class Obstacle:
    """What keeps a claim from a verdict, whatever the seeds say."""

    word: VerdictWord
    text: str


def stands_against(standing: FamilyStanding, claim: Claim) -> Obstacle | None:
    """What of a claim's family keeps it from a verdict; None where nothing does."""
    if standing.refusal:
        return Obstacle("not-judged", standing.refusal)
    placed = claim.id in standing.placed or not takes_place(claim)
    return None if placed else Obstacle("no-place", no_place(standing))


def no_older(name: str) -> Study | None:
    """Know no study that is older than the folder."""
    return None


def standing_alone(study: Study) -> FamilyStanding:
    """A study that is judged by itself, as if it had one version and its family were its own."""
    return standings({study.name: (study,)}, {study.name: study})[study.name]


def takes_place(claim: Claim) -> bool:
    """Whether anything of it is decided."""
    return not all(isinstance(form, Mechanism) for form in claim.parts)


def family_of(versions: Sequence[Study], older: Study | None = None) -> Family:
    """The family of a study: that of its first version on record, for the number of places never changes.

    A study that was frozen before there were families has that of the older study of its name, if it has its arms.
    """
    first = versions[0]
    if first.family is None and older is not None and older.family is not None and _same(first, older):
        return older.family
    return first.in_family


def _same(one: Study, other: Study) -> bool:
    """Known by the names of its arms and what they share, for an arm may have been mended since."""
    return {a.name for a in one.arms} <= {a.name for a in other.arms} and one.base == other.base


def standings(
    versions: Mapping[str, Sequence[Study]],
    judged: Mapping[str, Study],
    older: Callable[[str], Study | None] = no_older,
    frozen_at: Callable[[str], Sequence[str]] | None = None,
) -> dict[str, FamilyStanding]:
    """Say where the claims of every study of a folder stand.

    Args:
        versions: by name, oldest first; the studies in the order in which they were first run.
        judged: by name, the version that is judged.
        older: the study of that name that is older than the folder: a package registers it, and says so.
        frozen_at: when each version of a study was frozen; asked only where a family has too few places for all.
    """
    families = {name: family_of(found, older(name)) for name, found in versions.items()}
    order = [(name, i) for i in range(max(map(len, versions.values()), default=0)) for name in versions]
    order = [(name, i) for name, i in order if i < len(versions[name])]
    taken = _lines(versions, families, order)
    full = any(len(taken.get(family.name, ())) > family.places for family in families.values())
    if full and frozen_at is not None:
        times = {name: frozen_at(name) for name in versions}
        order.sort(key=lambda one: _since(times[one[0]], one[1]))
        taken = _lines(versions, families, order)
    out = {}
    for name, family in families.items():
        odd = next((f for f in families.values() if f.name == family.name and f.places != family.places), None)
        free = taken.get(family.name, [])[: family.places]
        placed = frozenset(c.id for c in judged[name].claims if _place(free, judged[name], c) is not None)
        text = (
            f"the family {family.name} has {counted(family.places, 'place')} here and {odd.places} elsewhere"
            if odd
            else ""
        )
        out[name] = FamilyStanding(family, placed, text)
    return out


def _since(times: Sequence[str], version: int) -> tuple[bool, str]:
    """When a version came: those that do not say first, one that is not frozen yet last."""
    return version >= len(times), times[version] if version < len(times) else ""


def _lines(
    versions: Mapping[str, Sequence[Study]], families: Mapping[str, Family], order: Sequence[tuple[str, int]]
) -> dict[str, list[tuple[Study, Claim]]]:
    """By family, the claims that ask for a place, in the order in which their versions came."""
    lines: dict[str, list[tuple[Study, Claim]]] = {}
    for name, number in order:
        line = lines.setdefault(families[name].name, [])
        study = versions[name][number]
        for claim in filter(takes_place, study.claims):
            place = _place(line, study, claim)
            if place is None:
                line.append((study, claim))
            elif line[place][0].reduced and not study.reduced:
                line[place] = study, claim  # now it is known what its arms are in full
    return lines


def _place(line: Sequence[tuple[Study, Claim]], study: Study, claim: Claim) -> int | None:
    """Where a claim, in this version, stands in a family's line; None where it has no place."""
    there = (
        i
        for i, (s, c) in enumerate(line)
        if s.name == study.name and c.id == claim.id and same_version(study, claim, s, c)
    )
    return next(there, None)
