"""Whether a report on disk is still what its results folder, this code and the data set at hand would give."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from analysis.report import extensions
from study.storage.results_folder import ResultsFolder
from trainables.data.sources import list_to_first

SHOWN = (".py", ".html", ".css", ".js", ".json", ".svg", ".png")
"""Files of the packages that a page is made by, or holds."""
COPY = ".copy"
"""Of a frozen study or a run: it holds what its file holds, and only a damaged file is read by it."""
PACKAGES = ("trainables", "study", "analysis")
"""Whose code a report depends on; found without importing it."""


def fingerprint(store: ResultsFolder) -> str:
    """A checksum over all that a report shows: the folder's files, the code, and which data set is there.

    The content of the trials' files counts too, for a damaged one that is whole again has its old name.
    """
    sources = (f"{s.source} {s.state}".encode() for s in list_to_first())
    return _digest((*_records(store), *_contents(store), *_code(), *sources))


def records_fingerprint(store: ResultsFolder) -> str:
    """A checksum over what is on record in the folder alone.

    Names stand for trials (they carry a checksum, or the trial's identity, and their content never changes); of the few
    small files beside them the content counts.
    """
    return _digest(_records(store))


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _records(store: ResultsFolder) -> Iterator[bytes]:
    for name in store.folder.names("trials"):
        yield name.encode()
    for under in ("studies", "runs", "failures", "searches"):
        names = (n for n in store.folder.names(under, deep=True) if not n.endswith(COPY))
        yield from (name.encode() + b"\0" + (store.folder.read(name) or b"") for name in names)


def _contents(store: ResultsFolder) -> Iterator[bytes]:
    for name in store.folder.names("trials"):
        yield hashlib.sha256(store.folder.read(name) or b"").digest()
    copies = (n for top in ("studies", "runs") for n in store.folder.names(top, deep=True) if n.endswith(COPY))
    yield from (name.encode() + b"\0" + (store.folder.read(name) or b"") for name in copies)
    yield from (f"{item.name} {item.reason}".encode() for item in store.irregular())


def _code() -> Iterator[bytes]:
    for package in PACKAGES:
        found = find_spec(package)
        for root in map(Path, (found.submodule_search_locations if found else None) or ()):
            for path in sorted(p for p in root.rglob("*") if p.suffix in SHOWN):
                yield path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes()
    for point in sorted(metadata.entry_points(group=extensions.GROUP)):
        yield f"{point.name} {point.value} {point.dist.version if point.dist else ''}".encode()
        yield from _module(point.module)


def _module(name: str) -> Iterator[bytes]:
    """The files beside a module that adds to pages: installed editably, they change and its version does not."""
    with contextlib.suppress(ImportError, ValueError, AttributeError):
        found = find_spec(name)
        if name.partition(".")[0] not in PACKAGES and found and found.origin and Path(found.origin).is_file():
            for path in sorted(p for p in Path(found.origin).parent.glob("*") if p.suffix in SHOWN):
                yield path.name.encode() + b"\0" + path.read_bytes()
