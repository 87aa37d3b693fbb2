"""What another machine needs to run this: the code and Fashion-MNIST's files, in a folder of its own."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

from benchmarks.gpu.parts import ROOT
from trainables.config.errors import DataError
from trainables.data import download as fetch
from trainables.data import fashion_mnist

DATA = ROOT / "data"
"""Where a run looks for `fashion-mnist/`."""

CODE = ("trainables", "benchmarks/gpu", "tests/trainables")
"""Folders of which all Python files go along."""

FILES = ("benchmarks/__init__.py", "tests/__init__.py", "Makefile", "LICENSE")


def pack(target: Path, data_dir: Path | None) -> int:
    """Copy all that is needed into a new or empty folder; its bytes.

    Raises:
        DataError: the folder holds something, or the images are nowhere on this machine.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise DataError(f"--pack {target}: it exists and is not an empty folder; name a new one")
    copy_images(target / "data", data_dir)
    for path in [ROOT / name for name in FILES] + [p for name in CODE for p in (ROOT / name).rglob("*.py")]:
        copy = target / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return sum(p.stat().st_size for p in target.rglob("*") if p.is_file())


def copy_images(folder: Path, data_dir: Path | None) -> None:
    """Fashion-MNIST's four files, verified and gzipped, into `folder`/fashion-mnist, from where this machine has them.

    Raises:
        DataError: nowhere. Nothing is fetched from elsewhere.
    """
    contents = _contents([data_dir] if data_dir else [DATA, fashion_mnist.cache_dir(), fetch.DEBIAN_FOLDER])
    target = folder / fashion_mnist.NAME
    target.mkdir(parents=True, exist_ok=True)
    for key, content in contents.items():
        path = target / f"{fashion_mnist.DATA_FILES[key].file}.gz"
        partial = path.with_suffix(".partial")
        partial.write_bytes(gzip.compress(content, 3, mtime=0))
        partial.replace(path)


def _contents(places: list[Path]) -> fashion_mnist.Contents:
    tried = []
    for place in places:
        try:
            return fashion_mnist.read_files(place)
        except (fashion_mnist.FilesAbsent, DataError) as error:
            tried.append(f"{place}: {error}")
    fetch = "`study show --data fashion-mnist --fetch`"
    raise DataError(f"{fashion_mnist.NAME} is not on this machine ({'; '.join(tried)}); {fetch} fetches it")


def data_folder(asked: Path | None) -> Path:
    """Where a run reads the images: as asked, or the checkout's own folder, into which they are copied if need be.

    Raises:
        DataError: there are none to copy.
    """
    if asked is not None:
        return asked
    if not (DATA / fashion_mnist.NAME).is_dir():
        copy_images(DATA, None)
    return DATA
