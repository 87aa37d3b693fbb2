"""Measured times of two arms are compared between trials of one kind of machine: which seeds those are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.statistics.estimates import Refusal


def elsewhere(
    seeds: Sequence[int], a: Mapping[int, str], b: Mapping[int, str], first_seed: int = 0
) -> dict[int, Refusal]:
    """The seeds of either arm that are left out, each with its reason: the first seed's kind of machine is another.

    The first is the first that counts; while there is none, the first on record.

    seeds: those that both arms have, in order.
    a, b: by seed the kind of machine that an arm's times were measured on; empty for all that is no time.
    """
    if not seeds or not a:
        return {}
    kind = a[next((s for s in seeds if s >= first_seed), seeds[0])]
    other = [s for s in seeds if {a[s], b[s]} != {kind}]
    return {s: _refusal({kind, a[s], b[s]}) for s in other}


def _refusal(kinds: set[str]) -> Refusal:
    return Refusal("machines", f"times were measured on different machines: {', '.join(sorted(kinds))}")
