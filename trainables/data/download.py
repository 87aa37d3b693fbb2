"""How Fashion-MNIST is fetched from elsewhere: by torchvision, or as Debian's package unpacked without root.

Each source leaves files in a scratch folder; `trainables.data.fashion_mnist` verifies and keeps them. Both run as
processes of their own: they can be timed out, and the process that plans a study never imports torch.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

DEBIAN_PACKAGE = "dataset-fashion-mnist"
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
PARTIAL = ".partial-"
"""Beginning of the names of files and folders that are not finished."""

_DOWNLOAD_SECONDS = 900.0
"""Seconds that a download may take, whole: 31 MB at 40 kB/s."""

_TORCHVISION = """
import socket, sys
socket.setdefaulttimeout(30)
from torchvision.datasets import FashionMNIST
FashionMNIST(sys.argv[1], download=True)
"""


class Unavailable(Exception):
    """A source that cannot deliver; the message says why, in one line."""


@dataclass(frozen=True)
class Source:
    """A way to fetch the files: `fetch` takes an empty folder and returns the one that holds them.

    Raises:
        Unavailable: by `fetch`, which says why.
    """

    name: str
    where: str
    fetch: Callable[[Path], Path]


@contextlib.contextmanager
def scratch_folder(cache: Path) -> Iterator[Path]:
    """A folder that is gone afterwards; beside the cache where that can be written.

    Raises:
        Unavailable: nothing can be written anywhere.
    """
    try:
        with contextlib.suppress(OSError):
            cache.mkdir(parents=True, exist_ok=True)
            _sweep(cache)
        place = cache if os.access(cache, os.W_OK) else None
        with tempfile.TemporaryDirectory(prefix=PARTIAL, dir=place, ignore_cleanup_errors=True) as folder:
            yield Path(folder)
    except OSError as error:
        raise Unavailable(f"nothing can be written: {(error.strerror or str(error)).lower()}") from None


def _sweep(cache: Path) -> None:
    """Remove what a fetch that was killed has left, once it is a day old."""
    for path in cache.glob(f"{PARTIAL}*"):
        if time.time() - path.stat().st_mtime > 86_400:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _by_torchvision(folder: Path) -> Path:
    _run([sys.executable, "-P", "-c", _TORCHVISION, str(folder)], folder)
    return folder


def _by_apt(folder: Path) -> Path:
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise Unavailable(f"{tool} is not on this machine")
    download = ["apt-get", "-q", "-o", "APT::Sandbox::User=", "download", DEBIAN_PACKAGE]
    try:
        _run(download, folder)
    except Unavailable:  # perhaps there are no package lists yet: fetch them, without root, into the scratch folder
        lists, archives = folder / "lists", folder / "cache"
        (lists / "partial").mkdir(parents=True)
        (archives / "archives" / "partial").mkdir(parents=True)
        own = ["-o", f"Dir::State::Lists={lists}", "-o", f"Dir::Cache={archives}"]
        _run([download[0], *own, *download[1:-2], "update"], folder)
        _run([download[0], *own, *download[1:]], folder)
    packages = sorted(folder.glob(f"{DEBIAN_PACKAGE}_*.deb"))
    if not packages:
        raise Unavailable("apt-get delivered no package")
    _run(["dpkg-deb", "-x", str(packages[-1]), str(folder / "root")], folder)
    return folder / "root" / "usr/share/datasets/fashion-mnist"


def _run(command: Sequence[str], folder: Path) -> None:
    """Run to the end in a folder; the last line that it says is the reason why it failed."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "LC_ALL": "C", "OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_DOWNLOAD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{Path(command[0]).name} was not done after {_DOWNLOAD_SECONDS:.0f} s") from None
    except OSError as error:
        raise Unavailable(str(error)) from None
    if done.returncode != 0:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise Unavailable((said or [f"{Path(command[0]).name} ended with {done.returncode}"])[-1][:300])


SOURCES: tuple[Source, ...] = (
    Source("torchvision", "torchvision's download", _by_torchvision),
    Source("Debian package fetched", f"apt-get download {DEBIAN_PACKAGE}, unpacked without root", _by_apt),
)
