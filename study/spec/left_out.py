"""Batches of a search's space that no training on the data can have: they are left out, and that is said."""

from __future__ import annotations

import dataclasses
import itertools

from study.spec import points
from study.spec.domains import Choice, Domain, Int
from study.spec.point import SharedKnobs
from study.spec.search import Search
from trainables.training.gpu_memory import DataSize

SIZED = "batch_size"
"""The knob whose values the data bound; how many images there are is no knob that can be searched."""
BESIDE = (SIZED, "batch_norm")
"""Knobs that decide what fits."""
MAX_LOOKED_AT = 2000
"""Points that are tried with a value, before it counts as one that fits."""


def left_out(search: Search, shared: SharedKnobs, size: DataSize) -> list[str]:
    """What of a search's space is left out on data of that size, a line a reason.

    What its constraints leave out is not told: who wrote them knows it.
    """
    bare, domain = dataclasses.replace(search, constraints=(), first=()), search.space.get(SIZED)
    if isinstance(domain, Choice):
        why: dict[str, list[str]] = {}
        for value in domain.values:
            if fault := _fault(bare, value, shared, size):
                why.setdefault(fault, []).append(f"{value:,}")
        return [f"the search leaves out {SIZED} {' and '.join(values)}: {fault}" for fault, values in why.items()]
    if isinstance(domain, Int) and (fault := _fault(bare, domain.high, shared, size)):
        fits, above = domain.low, domain.high  # the largest that fits lies from the one up to the other
        while above - fits > 1:
            middle = (fits + above) // 2
            fits, above = (fits, middle) if _fault(bare, middle, shared, size) == fault else (middle, above)
        return [f"the search leaves out {SIZED} above {fits:,}: {fault}"]
    return []


def _fault(search: Search, batch: int, shared: SharedKnobs, size: DataSize) -> str:
    """Why no point with this batch can be trained; empty where one can, or none has a batch."""
    space = {name: _few(name, domain, search) for name, domain in search.space.items()}
    space[SIZED] = Choice(values=(batch,), when=search.space[SIZED].when)
    first = ""
    for looked_at, point in enumerate(itertools.islice(points.every_point(space, 3) or (), MAX_LOOKED_AT + 1)):
        if looked_at == MAX_LOOKED_AT:
            return ""
        if SIZED in point:
            fault = search.fault(point, shared, size)
            if not fault:
                return ""
            first = first or fault
    return first


def _few(name: str, domain: Domain, search: Search) -> Domain:
    """A knob's domain where a batch is looked at: one value, where no more of it decides what fits."""
    if name in BESIDE or any(points.knob(name) == points.knob(n) for d in search.space.values() for n in d.when):
        return domain
    return Choice(values=(domain.ends()[0],), when=domain.when)
