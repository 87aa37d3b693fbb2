"""Fashion-MNIST: where it may lie, what it must contain, and its copy in the cache.

Whatever is read has been verified by its content, every time: the 55 MB take about a tenth of a second. How the files
come from elsewhere is `trainables.data.download`; what becomes of them is `trainables.data.dataset`.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import tempfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from trainables.config.errors import DataError
from trainables.config.paths import home
from trainables.data import download

NAME, TITLE = "fashion-mnist", "Fashion-MNIST"
DATA_DIR_VARIABLE = "STUDY_DATA_DIR"
"""Environment variable that names the data folder where `--data-dir` does not."""

TellProgress = Callable[[str], None]


@dataclass(frozen=True)
class DataFile:
    """One of Fashion-MNIST's files: an IDX array, as it is or gzipped."""

    file: str
    shape: tuple[int, ...]
    sha256: str
    """Of the unpacked file. The gzipped ones differ between distributors in their headers, the content does not: these
    are the contents of the files whose MD5 sums torchvision publishes, and of those in Debian's package."""

    @property
    def header(self) -> bytes:
        """How the file begins: the kind of its numbers and its shape."""
        return bytes((0, 0, 8, len(self.shape))) + b"".join(n.to_bytes(4, "big") for n in self.shape)

    @property
    def size(self) -> int:
        """Bytes of the unpacked file."""
        return len(self.header) + math.prod(self.shape)


DATA_FILES: Mapping[str, DataFile] = {
    "train_images": DataFile(
        "train-images-idx3-ubyte",
        (60_000, 28, 28),
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    ),
    "train_labels": DataFile(
        "train-labels-idx1-ubyte", (60_000,), "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"
    ),
    "val_images": DataFile(
        "t10k-images-idx3-ubyte",
        (10_000, 28, 28),
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    ),
    "val_labels": DataFile(
        "t10k-labels-idx1-ubyte", (10_000,), "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"
    ),
}

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def cache_dir() -> Path:
    """Where fetched data sets are kept: below XDG_CACHE_HOME, or ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else home() / ".cache") / "hyperparameter-study"  # noqa: PTH117  # an empty text is no path


Contents = Mapping[str, bytes]
"""The four unpacked and verified files, by the names of the arrays."""


def find_files(folder: Path | None, say: TellProgress) -> Contents:
    """The files from the first place that has them: data folder, cache, Debian package's folder, ways to fetch them.

    Raises:
        DataError: they are damaged in the data folder, or nowhere; then the message says what was tried and what helps.
    """
    tried: list[str] = []
    if folder is not None:
        try:
            return read_files(folder)  # what is damaged here is not ours to replace: the error goes to the caller
        except FilesAbsent as absent:
            if not any(folder.glob("*.npz")):
                raise DataError(f"data folder {folder}: {absent}, nor any NAME.npz") from None
            tried.append(f"data folder {folder}: {absent}")
    cache = cache_dir() / NAME
    try:
        return read_files(cache)
    except FilesAbsent as absent:
        tried.append(f"cache {cache}: {absent}")
    except DataError as error:
        say(f"{NAME}: the cache is damaged and will be replaced: {error}")
        tried.append(f"cache: {error}")
    try:
        return _keep(read_files(download.DEBIAN_FOLDER), cache)
    except (FilesAbsent, DataError) as error:
        tried.append(f"Debian package's folder {download.DEBIAN_FOLDER}: {error}")
    for source in download.SOURCES:
        say(f"{NAME}: fetching by {source.where}")
        try:
            with download.scratch_folder(cache) as scratch:
                contents = read_files(source.fetch(scratch))
            say(f"{NAME}: fetched and verified; a copy is kept in {cache}")
            return _keep(contents, cache)
        except (download.Unavailable, FilesAbsent, DataError) as error:
            say(f"{NAME}: {source.name}: {error}")
            tried.append(f"{source.name}: {error}")
    raise DataError(_nothing_works(tried))


def _nothing_works(tried: list[str]) -> str:
    files = ", ".join(f"{m.file}.gz" for m in DATA_FILES.values())
    return "\n".join(
        (
            f"{NAME} is nowhere to be had. Tried:",
            *(f"  - {line}" for line in tried),
            "Any one of these helps:",
            f"  1. put {files} into a folder and name it by --data-dir or {DATA_DIR_VARIABLE};",
            f"  2. as root: apt-get install {download.DEBIAN_PACKAGE};",
            "  3. run `study show --data fashion-mnist --fetch` where there is a network, and copy its cache here.",
        )
    )


class FilesAbsent(Exception):
    """A folder has none of the files."""


def read_files(folder: Path) -> Contents:
    """The four files of a folder, in whichever usual layout, unpacked and verified.

    Raises:
        Absent: none of them is there.
        DataError: some are missing, or one is damaged.
    """
    for layout in (folder, folder / NAME, folder / "FashionMNIST" / "raw"):
        paths = {key: _path(layout, m) for key, m in DATA_FILES.items()}
        there = {key: path for key, path in paths.items() if path is not None}
        if len(there) == len(DATA_FILES):
            return {key: _verified(path, DATA_FILES[key]) for key, path in there.items()}
        if there:
            missing = ", ".join(f"{DATA_FILES[key].file}.gz" for key in paths if key not in there)
            raise DataError(f"{layout} is incomplete; it lacks {missing}")
    raise FilesAbsent(f"none of the files of {NAME}" if folder.is_dir() else "not there")


def _path(folder: Path, member: DataFile) -> Path | None:
    for path in (folder / member.file, folder / f"{member.file}.gz"):
        if path.is_file():
            return path
    return None


def _why(error: Exception) -> str:
    """Why a file does not unpack, in words."""
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno).lower()
    return "its end is missing" if isinstance(error, EOFError) else "it is no gzip archive, or its bytes are wrong"


def _verified(path: Path, member: DataFile) -> bytes:
    """The unpacked content, which is never read beyond what it should hold."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            content = stream.read(member.size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{path} is damaged or half-written: it cannot be read ({_why(error)}); "
            f"its content should have the SHA-256 sum {member.sha256}"
        ) from None
    digest = hashlib.sha256(content).hexdigest()
    if digest == member.sha256:
        return content
    if len(content) == member.size and content.startswith(member.header):
        what = "is damaged, or of another data set whose files have the same names"
    else:
        what = "is damaged or half-written" if len(content) < member.size else "is not the file that its name says"
    raise DataError(f"{path} {what}: its content has the SHA-256 sum {digest}, expected {member.sha256}")


def _keep(contents: Contents, cache: Path) -> Contents:
    """Write the unpacked files into the cache, each aside and renamed; without a cache that can be written, do not."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        for key, content in contents.items():
            handle, partial = tempfile.mkstemp(prefix=download.PARTIAL, dir=cache)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(content)
                Path(partial).replace(cache / DATA_FILES[key].file)
            except OSError:
                Path(partial).unlink(missing_ok=True)
                raise
            (cache / f"{DATA_FILES[key].file}.gz").unlink(missing_ok=True)
    except OSError:
        pass
    return contents
