"""Each place in a page, and each table's file, has a name of its own, though names are made of any text.

A name stands as it is while no other is spelled alike, for people link to it. Of several the first study's and claim's
keeps it.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, cast

from analysis.report.page_tree import Page, PlaceOnPage
from analysis.report.pictures import Picture

Names = Mapping[tuple[str, ...], str]


def with_own_places(page: Page) -> Page:
    """The page, in which no two places or files have one name; a file's name is one in any case of its letters."""
    taken, other = dict[tuple[bool, str], tuple[str, ...]](), dict[tuple[str, ...], str]()
    sections = sorted(page.sections, key=lambda s: s.anchor != "studies")  # an order that no verdict changes
    for place in _places(sections):
        name = (place.words[0] == "file", place.name.lower())
        if taken.setdefault(name, place.words) != place.words:
            digest = hashlib.sha256("/".join(place.words).encode()).hexdigest()
            other[place.words] = f"{place.name}-{digest[:6]}"
    return cast(Page, _renamed(page, other)) if other else page


def _places(values: Iterable[Any]) -> Iterator[PlaceOnPage]:
    """All places that blocks name, in their order."""
    for value in values:
        if isinstance(value, PlaceOnPage):
            yield value
        elif isinstance(value, tuple):
            yield from _places(value)
        elif isinstance(value, Mapping):
            yield from _places(value.values())
        elif names := _fields(value.__class__):
            yield from _places(getattr(value, name) for name in names)


def _renamed(value: Any, other: Names) -> Any:
    """The same with other names for these places; what has none of them is itself."""
    if isinstance(value, PlaceOnPage):
        return PlaceOnPage(other[value.words], value.words, value.tail) if value.words in other else value
    if type(value) is tuple:
        inside = tuple(_renamed(v, other) for v in value)
        return inside if any(a is not b for a, b in zip(inside, value, strict=True)) else value
    if isinstance(value, Mapping):
        return {key: _renamed(v, other) for key, v in value.items()}
    now = {name: getattr(value, name) for name in _fields(value.__class__)}
    new = {name: _renamed(v, other) for name, v in now.items()}
    changed = any(new[name] is not v and new[name] != v for name, v in now.items())
    return dataclasses.replace(value, **new) if changed else value


@cache
def _fields(kind: type) -> tuple[str, ...]:
    """Where to look into a value of that kind: into a block, not into a picture, which names none."""
    inside = dataclasses.is_dataclass(kind) and not issubclass(kind, Picture)
    return tuple(f.name for f in dataclasses.fields(kind) if f.init) if inside else ()
