"""Where a data set comes from, by its name, and what lies in each place."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from trainables.config.errors import BadInput, DataError
from trainables.config.nearest import did_you_mean
from trainables.config.owners import owner_words
from trainables.config.paths import expanded
from trainables.data import download, fashion_mnist
from trainables.data.dataset import DataSet, make_data_set
from trainables.data.fashion_mnist import DATA_DIR_VARIABLE, TellProgress
from trainables.data.npz_file import SourceStatus, inspect_own, load_own, refuse_built_in


def load_data_set(name: str, data_dir: Path | None = None, *, progress: TellProgress | None = None) -> DataSet:
    """The data set of that name, verified.

    Fashion-MNIST comes from the first that has it of: the data folder, the cache, the Debian package's folder,
    torchvision's download, the Debian package fetched and unpacked. Any other name is NAME.npz in the data folder.

    Args:
        name: `fashion-mnist`, or that of a file of one's own.
        data_dir: the data folder; if not given, the environment's STUDY_DATA_DIR, if that is set.
        progress: is told, a line at a time, what takes time or was found damaged.

    Raises:
        DataError: it is nowhere, or damaged where the caller said it should be.
    """
    folder = _data_folder(data_dir)
    if name not in BUILT_IN:
        return load_own(name, folder, BUILT_IN)
    refuse_built_in(name, folder)
    return BUILT_IN[name](folder, progress or _silent)


def _fashion_mnist(folder: Path | None, say: TellProgress) -> DataSet:
    contents = fashion_mnist.find_files(folder, say)
    arrays = {
        key: np.frombuffer(contents[key], np.uint8, offset=len(m.header)).reshape(m.shape)
        for key, m in fashion_mnist.DATA_FILES.items()
    }
    return make_data_set(fashion_mnist.NAME, arrays, fashion_mnist.CLASSES)


DATA_FOLDER = "data folder"
"""The place that a person names."""
Loader = Callable[[Path | None, TellProgress], DataSet]
"""From the data folder, if there is one, and whom to tell what takes time."""
BUILT_IN: Mapping[str, Loader] = {fashion_mnist.NAME: _fashion_mnist}
"""Data sets that need no file of one's own."""
TITLES: Mapping[str, str] = {fashion_mnist.NAME: fashion_mnist.TITLE}
"""What people call them."""


def data_title(name: str) -> str:
    """What a page calls a data set; one's own by its name.

    >>> data_title("fashion-mnist"), data_title("digits")
    ('Fashion-MNIST', 'digits')
    """
    return TITLES.get(name, name)


def list_sources(data_dir: Path | None = None, name: str = fashion_mnist.NAME) -> list[SourceStatus]:
    """What each place holds that could have a data set, looked at and verified but not fetched.

    Own data sets of the data folder come last; of a name that is not built in its own file is all.
    """
    folder = _data_folder(data_dir)
    files = sorted(folder.glob("*.npz")) if folder is not None else []
    if name not in BUILT_IN:
        return [inspect_own(path, BUILT_IN) for path in files if path.stem == name]
    own = [inspect_own(path, BUILT_IN) for path in files]
    found = [_look(*place) for place in _places(folder)]
    later = "fetched when no place above has it"
    return [*found, *(SourceStatus(source.name, source.where, "not tried", later) for source in download.SOURCES), *own]


def refuse_unknown(name: str, data_dir: Path | None = None) -> None:
    """Refuse a name that no place can have: none that is built in, nor of a file in the data folder.

    Raises:
        BadInput: it is no name.
        DataError: there is no such file.
    """
    folder = _data_folder(data_dir)
    if name not in BUILT_IN and not any(p.stem == name for p in (folder.glob("*.npz") if folder is not None else ())):
        load_own(name, folder, BUILT_IN)


def why_unusable(name: str, found: Sequence[SourceStatus]) -> str:
    """Why a study that names it would be refused, by what `list_sources` found of it; empty where it would not.

    What a person put into the data folder must do; of a built-in data set another place may have it, or give it.
    """
    own = [s for s in found if (Path(s.where).stem == name if s.source == "own data" else s.source == DATA_FOLDER)]
    if own and own[0].state == "absent" and not any(s.source == "own data" for s in found):
        return f"{DATA_FOLDER} {own[0].where}: {own[0].detail}, nor any NAME.npz"
    bad = next((s for s in own if s.state not in ("verified", "absent")), None)
    if bad is None:
        return ""
    return bad.detail if bad.where in bad.detail else f"{bad.where}: {bad.detail}"


def list_to_first() -> list[SourceStatus]:
    """What the places of this machine hold, up to the first that has Fashion-MNIST whole: no other is read for it.

    A data folder of the environment that is none has nothing: whoever needs its data is told so where they are read.
    """
    found, folder = list[SourceStatus](), None
    with contextlib.suppress(DataError):
        folder = _data_folder(None)
    for place in _places(folder):
        found.append(_look(*place))
        if found[-1].state == "verified":
            break
    return found


def _places(folder: Path | None) -> list[tuple[str, Path]]:
    """Where Fashion-MNIST may lie on this machine, in the order in which it is looked for."""
    own = [(DATA_FOLDER, folder)] if folder is not None else []
    return [*own, ("cache", fashion_mnist.cache_dir() / fashion_mnist.NAME), ("Debian package", download.DEBIAN_FOLDER)]


def _data_folder(data_dir: Path | None) -> Path | None:
    named = data_dir if data_dir is not None else os.environ.get(DATA_DIR_VARIABLE) or None
    if named is None:
        return None
    said = os.environ.get(DATA_DIR_VARIABLE)
    origin = "--data-dir"
    try:
        if data_dir is None or (said and str(data_dir) == str(Path(expanded(DATA_DIR_VARIABLE, said)))):
            origin = DATA_DIR_VARIABLE
        folder = Path(expanded(origin, str(named)))
    except BadInput as error:
        raise DataError(f"data folder {named} (from {origin}): {error.expected}") from None
    if not folder.is_dir():
        raise DataError(f"data folder {_as_written(named)} (from {origin}): {_no_folder(folder)}")
    if not os.access(folder, os.R_OK | os.X_OK):
        why = f"no permission to read it ({owner_words(folder)})"
        raise DataError(f"data folder {named} (from {origin}): {why}; allow it, or name another folder")
    return folder


MAX_COMPARED = 1000
"""Folders whose names are held against a wrong one."""
_URL_AS_PATH = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+")
"""A path has one slash where a URL has two."""


def _as_written(named: str | Path) -> str:
    """A folder as it was named; a URL, too, that has become a path."""
    url = _URL_AS_PATH.match(str(named))
    return expanded("", str(named)) if url is None else f"{url[1]}://{str(named)[url.end() :]}"


def _no_folder(named: Path) -> str:
    if _URL_AS_PATH.match(str(named)):
        return "it is a URL, and `study submit` alone reads one; here name a folder of this machine"
    if named.is_file():
        return f"it is no folder; name the one that it lies in, {named.parent}"
    if named.exists():
        return "it is no folder"
    whole = named.absolute()
    beside = list[str]()
    with contextlib.suppress(OSError):  # what it should lie in is none either, or cannot be read
        found = itertools.islice(whole.parent.iterdir(), MAX_COMPARED)
        beside += [p.name for p in found if next(p.glob("*.npz"), None)]
    meant = did_you_mean(whole.name, beside)
    return f"there is no folder {whole}{meant or '; name the folder in which the file of the data set lies'}"


def _look(source: str, folder: Path) -> SourceStatus:
    try:
        fashion_mnist.read_files(folder)
    except fashion_mnist.FilesAbsent as absent:
        return SourceStatus(source, str(folder), "absent", str(absent))
    except DataError as error:
        return SourceStatus(source, str(folder), "damaged", str(error))
    return SourceStatus(source, str(folder), "verified", f"{fashion_mnist.NAME}: 60,000 + 10,000 images")


def _silent(_: str) -> None:
    pass
