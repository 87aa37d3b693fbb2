"""What `study submit` runs on a head: are the versions those of the laptop? Then the study, else one line and no trial.

python -m study.cluster.head_entry --expect JSON [--file=NAME=BASE64]... [--data JSON] -- study run ...
"""

from __future__ import annotations

import argparse
import base64
import importlib.metadata
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from urllib.parse import unquote

from study.cluster.inputs import OwnData, files_digest, folder_of_file_url, sha256_of, size_words, write_files
from study.planning.imports import source_digest
from study.storage.durable_files import Folder
from trainables.config.errors import BadInput, StorageRefused, StudyError
from trainables.config.identity import CODE_VERSION
from trainables.data.fashion_mnist import DATA_DIR_VARIABLE


@dataclass(frozen=True)
class Versions:
    """What must be the same on the laptop and on the cluster."""

    python: str
    ray: str
    project: str
    """The digest of its files."""
    training_code: str

    def to_json(self) -> str:
        """For the command that a head is told."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Versions:
        """As whatever version wrote it: what that did not say is empty."""
        given = json.loads(text)
        return cls(**{f.name: str(given.get(f.name, "")) for f in fields(cls)})


def versions() -> Versions:
    """Those that are here."""
    return Versions(
        python=".".join(platform.python_version_tuple()[:2]),
        ray=importlib.metadata.version("ray"),
        project=source_digest(),
        training_code=str(CODE_VERSION),
    )


def require_same_versions(expected: Versions, here: Versions) -> None:
    """Refuse where they differ.

    Raises:
        BadInput: names what differs, with both versions.
    """
    for name, sent, found in (
        ("Python", expected.python, here.python),
        ("Ray", expected.ray, here.ray),
        ("this project", expected.project, here.project),
        ("the training code", expected.training_code, here.training_code),
    ):
        if sent != found:
            why = (
                f"the laptop has {sent or 'another'}: `ray up` brings this checkout and its packages to a cluster, "
                "a new image brings them to Kubernetes"
            )
            raise BadInput(name, found, why)


def place_files(files: Mapping[str, bytes], home: Path) -> Path:
    """A private folder with these files and no others; the same for the same files."""
    (home / "study-files").mkdir(mode=0o700, exist_ok=True)
    folder = home / "study-files" / files_digest(files)[:20]
    folder.mkdir(mode=0o700, exist_ok=True)
    write_files(files, folder)
    return folder


def place_data(data: OwnData, home: Path) -> Path:
    """The folder of this machine that holds the data file: where all machines have it, else a private one, filled once.

    Raises:
        BadInput: there is no such file, or its content is another than on the laptop.
        StorageRefused: there is no room for it.
    """
    there = f"{data.where}/{data.file}"
    if (shared := folder_of_file_url(data.where)) is not None:
        if not (shared / data.file).is_file():
            raise BadInput("data", there, "it is not on the head; a file:// folder is one that all machines have")
        if sha256_of(shared / data.file) != data.sha256:
            raise BadInput("data", there, "on the head it is another file than on the laptop")
        return shared
    (home / "study-data").mkdir(mode=0o700, exist_ok=True)
    folder = home / "study-data" / data.sha256[:20]
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{data.name}.npz"
    if path.is_file() and sha256_of(path) == data.sha256:
        return folder
    if (free := shutil.disk_usage(folder).free) < data.size:
        raise StorageRefused(
            f"{data.name}.npz has {size_words(data.size)}, and {size_words(free)} are free on the head"
        )
    with tempfile.TemporaryDirectory(dir=folder) as aside:
        part = Path(aside) / path.name
        with part.open("wb") as stream:
            if not Folder(data.where).fetch(data.file, stream):
                raise BadInput("data", there, "it is gone; the same `study submit` packs it again")
        if sha256_of(part) != data.sha256:
            if data.packed:  # by its name it is whole, so nobody would send it again
                Folder(data.where).delete(data.file)
                raise BadInput("data", there, "it was damaged, and is removed; the same `study submit` packs it again")
            raise BadInput("data", there, "it is another file than the laptop read; submit again")
        part.replace(path)
    return folder


def main(arguments: Sequence[str]) -> int:
    """Check, put study files and data in place, and become the command."""
    parser = argparse.ArgumentParser(prog="python -m study.cluster.head_entry", description=__doc__)
    parser.add_argument("--expect", required=True, type=Versions.from_json)
    parser.add_argument("--file", action="append", default=[])
    parser.add_argument("--data", type=lambda text: OwnData(**json.loads(text)))
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    try:
        require_same_versions(options.expect, versions())
        parts = [item.partition("=") for item in options.file]
        folder = place_files({unquote(name): base64.b64decode(text) for name, _, text in parts}, Path.home())
        if options.data is not None:
            os.environ[DATA_DIR_VARIABLE] = str(place_data(options.data, Path.home()))
    except StudyError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    os.chdir(folder)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    os.execvp(command[0], command)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
