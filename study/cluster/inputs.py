"""What of one's own a submission takes along: study files with what they import from beside them, and data.

Study files go with the command. A data file is packed: written into `inputs/` of the results folder, which all machines
reach, under the digest of its content, so once however often it is submitted; or it is read by the head from a URL that
it was given. From the head each node gets the arrays once, through Ray.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from study.planning.plan import Plan
from study.spec import registry, study_file
from study.spec.data_names import data_names
from study.spec.study import Study
from study.storage.durable_files import Folder
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput, StudyError
from trainables.data import fashion_mnist

MAX_FILES_BYTES = 60_000
"""Bytes of all study files together that travel with a submission: the system takes no longer command."""
MAX_DATA_BYTES = 10**10
"""Bytes of the largest data file that travels."""
INPUTS = "inputs"
"""Where data files lie in a results folder."""


@dataclass(frozen=True)
class OwnData:
    """A data file of one's own, by its content."""

    name: str
    """NAME of `data: NAME` in a study."""
    sha256: str
    size: int
    """Bytes."""
    where: str
    """The folder that the head reads it from: a path or URL."""
    file: str
    """Its name there."""

    @property
    def packed(self) -> bool:
        """Whether it is sent into the results folder; otherwise it is there already, for all machines."""
        return self.file.startswith(f"{INPUTS}/")

    def to_json(self) -> str:
        """Return JSON for the command line of the head."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)


def is_study_file(name: str) -> bool:
    """Whether a name is that of a study file here, and not of a study."""
    return Path(name).suffix in study_file.SUFFIXES and Path(name).is_file()


def name_on_head(name: str) -> str:
    """What the head calls a study or study file; of a link to a file in Python, that file: it is what is run."""
    if not is_study_file(name):
        return name
    return (Path(name).resolve() if name.endswith(".py") else Path(name)).name


# ------------------------------------------------------------------------------------------------------- study files


def study_files(names: Sequence[str]) -> dict[str, bytes]:
    """The study files among the names, and what they import from beside them, by their names in one private folder.

    Raises:
        BadInput: they are too large together, two differ that have one name, or a study needs more than travels.
    """
    found: dict[str, bytes] = {}
    for name in filter(is_study_file, names):
        if Path(name).stat().st_size > MAX_FILES_BYTES:
            raise BadInput("study", name, f"a study file that is submitted has at most {MAX_FILES_BYTES} bytes")
        source = registry.read(name)
        files = dict(source.files) if name.endswith(".py") else {name_on_head(name): Path(name).read_bytes()}
        if name.endswith(".py"):
            _refuse_incomplete(name, source.study, files)
        for other, data in files.items():
            if found.setdefault(other, data) != data:
                raise BadInput(
                    "study", name, f"another of these studies has a file {other} too; submit them one by one"
                )
    if (size := sum(map(len, found.values()))) > MAX_FILES_BYTES:
        raise BadInput("study", " ".join(found), f"{size} bytes together; at most {MAX_FILES_BYTES} bytes are sent")
    return found


def _refuse_incomplete(name: str, study: Study, files: Mapping[str, bytes]) -> None:
    """Refuse a study file that is another, or none, where only what travels is there."""
    with tempfile.TemporaryDirectory(prefix="study-files-") as folder:
        write_files(files, Path(folder))
        try:
            if registry.read(str(Path(folder) / name_on_head(name))).study.to_dict() == study.to_dict():
                return
            why = "it is another study there"
        except StudyError as error:
            why = str(error).replace(f"{folder}/", "")
    raise BadInput(
        "study", name, f"only the Python files that it imports are sent with it, and that is not enough: {why}"
    )


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Put files into a folder of this machine that holds nothing else; whoever reads one there reads a whole one.

    Raises:
        BadInput: a name leads out of it.
    """
    for name, data in files.items():
        parts = name.split("/")
        if any(p in ("", ".", "..") for p in parts) or "\0" in name:
            raise BadInput("file", name, "expected a name within the folder")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            if (folder / name).read_bytes() == data:
                continue
        with tempfile.TemporaryDirectory(dir=folder.parent) as aside:
            (Path(aside) / "part").write_bytes(data)
            (Path(aside) / "part").replace(folder / name)


def inputs_digest(files: Mapping[str, bytes], data: OwnData | None) -> str:
    """A digest of all that travels; empty where nothing does."""
    return (files_digest(files) if files else "") + (data.sha256 if data is not None else "")


def files_digest(files: Mapping[str, bytes]) -> str:
    """Return a digest over names and contents of files."""
    found = hashlib.sha256()
    for name, data in sorted(files.items()):
        found.update(f"{name}\0{len(data)}\0".encode() + data)
    return found.hexdigest()


# --------------------------------------------------------------------------------------------------------------- data


@contextlib.contextmanager
def readable_data_folder(names: Sequence[str], data_dir: Path | None, data_url: str) -> Iterator[Path | None]:
    """The data folder as this machine reads it; of a URL, a copy of what the studies name, for as long as it is needed.

    Raises:
        StudyError: it cannot be read.
    """
    if not data_url:
        yield data_dir
        return
    if (path := folder_of_file_url(data_url)) is not None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="study-data-") as folder:
        there = _at(data_url)
        for own in sorted(_own_names(names)):
            file = f"{own}.npz"
            if (size := there.size(file)) is None:
                raise BadInput("--data-dir", data_url, f"there is no {file} in it, which a study names")
            _refuse_large(f"{data_url}/{file}", size)
            with (Path(folder) / file).open("wb") as stream:
                there.fetch(file, stream)
        yield Path(folder)


def own_data(plan: Plan, folder: Path | None, data_url: str, results: str) -> OwnData | None:
    """The data file that the head needs from us; None where the plan's data set is built in.

    Args:
        plan: whose data set it is.
        folder: the data folder as this machine reads it.
        data_url: where the head reads it too, if anywhere.
        results: where it is packed to otherwise.

    Raises:
        BadInput: it is larger than what travels.
    """
    own = sorted({name for study in plan.studies for name in data_names(study)} - {fashion_mnist.NAME})
    if not own or folder is None:
        return None
    path = folder / f"{own[0]}.npz"
    size = path.stat().st_size
    _refuse_large(str(path), size)
    sha256 = sha256_of(path)
    if data_url:
        return OwnData(own[0], sha256, size, data_url, path.name)
    return OwnData(own[0], sha256, size, results, f"{INPUTS}/{sha256}.npz")


def pack_data(data: OwnData, folder: Path | None) -> bool:
    """Pack a data file into the results folder, unless its content is there; whether it was sent.

    Raises:
        BadInput: the file has changed since it was read.
        StoreError: the storage refuses.
    """
    there = ResultsFolder(data.where, create=True).folder
    if there.size(data.file) == data.size:
        return False
    assert folder is not None
    path = folder / f"{data.name}.npz"
    there.send(data.file, path)
    if sha256_of(path) != data.sha256:
        there.delete(data.file)
        raise BadInput("data", str(path), "it changed while it was being sent; try again when nothing writes to it")
    return True


def input_lines(files: Mapping[str, bytes], data: OwnData | None) -> list[str]:
    """What travels and how, with sizes; a line each."""
    lines = []
    if files:
        each = ", ".join(f"{name} ({size_words(len(text))})" for name, text in files.items())
        lines.append(f"{'files':<11}{each}: with the command, into a private folder of the head")
    if data is None:
        lines.append(f"{'data':<11}{fashion_mnist.NAME}: the head finds or fetches it; nothing travels")
    elif data.packed:
        lines.append(
            f"{'data':<11}{data.name}.npz ({size_words(data.size)}): packed into {data.where}/{INPUTS} unless its "
            "content is there, fetched by the head, handed once to each node"
        )
    else:
        lines.append(
            f"{'data':<11}{data.name}.npz ({size_words(data.size)}): the head reads it from {data.where}, "
            "handed once to each node"
        )
    return lines


def size_words(size: int) -> str:
    """Write a number of bytes for people.

    >>> size_words(17), size_words(2_500), size_words(310_000), size_words(9_900_000_000)
    ('17 bytes', '2.5 kB', '310.0 kB', '9.9 GB')
    """
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= step:
            return f"{size / step:.1f} {unit}"
    return f"{size} bytes"


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _refuse_large(what: str, size: int) -> None:
    if size > MAX_DATA_BYTES:
        raise BadInput(
            "data",
            what,
            f"{size_words(size)}; at most {size_words(MAX_DATA_BYTES)} travel: "
            "keep only the arrays that are read in it",
        )


def _at(url: str) -> Folder:
    if urlsplit(url).scheme in ("http", "https", "ftp"):
        why = "nothing is read from the web: fetch the file and name the folder that it lies in; it is sent from there"
        raise BadInput("--data-dir", url, why)
    try:
        return Folder(url)
    except BadInput as error:
        raise BadInput("--data-dir", url, error.expected) from None


def folder_of_file_url(url: str) -> Path | None:
    """The folder that a `file://` URL means: one that every machine has under the same path.

    Raises:
        BadInput: it names another machine, as `file://data` does, where `file:///data` is meant.
    """
    parts = urlsplit(url)
    if parts.scheme != "file":
        return None
    if parts.netloc not in ("", "localhost") or not parts.path.strip("/"):
        raise BadInput("--data-dir", url, "expected file:///PATH, three strokes and the whole path of a folder")
    return Path(unquote(parts.path))


def _own_names(names: Sequence[str]) -> set[str]:
    studies = [registry.load_study(n) for name in names for n in registry.expand_name(name)]
    return {name for study in studies for name in data_names(study)} - {fashion_mnist.NAME}
