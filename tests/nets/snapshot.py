"""What is on record of two results folders, and what is said of it: put down once, and held by the tests beside this.

`python -m tests.nets.snapshot` adds what is not there yet and changes nothing that is: a value that has to change is
named in `may-differ.md` instead.

    records.json             every trial's identity, its records' result digests, the events of the searches
    FOLDER.claims.json       what `study claims --json` says
    FOLDER.csv.json.xz       the CSV file behind every table and figure, by name
    concepts.json            checksums of those that need no training: they are large, and the same in every report
    FOLDER.report.md         the report in Markdown
    chapter.files.txt        the files that results/chapter held then

Seeds are added to results/chapter. So what is said of it is compared on a copy of the files that it held then.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from study.storage.results_folder import ResultsFolder
from tests.nets.command import study, undrawn

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOLDERS = ("chapter", "search-sgd-adam")
DATA = ("concept-13-data-set", "concept-14-samples")
"""Figures of the data set, which not every machine has."""


def records() -> dict[str, Any]:
    """By folder: trials, and events of searches; identities are computed anew from the configurations."""
    return {name: {"trials": _trials(name), "events": _events(name)} for name in FOLDERS}


def _trials(name: str) -> dict[str, dict[str, str]]:
    """By identity, by number of epochs and status: the result's digest."""
    found: dict[str, dict[str, str]] = {}
    for record in ResultsFolder(str(ROOT / "results" / name)).trials.all_records():
        identity = record.config.identity(record.data_checksum, record.code_version)
        found.setdefault(identity, {})[f"{record.epochs_done} {record.status}"] = record.result_digest()
    return dict(sorted(found.items()))


def _events(name: str) -> dict[str, dict[str, str]]:
    """By part of a search, by number of a proposal: the digest of all that happened to it."""
    found: dict[str, dict[str, list[Any]]] = {}
    for path in sorted((ROOT / "results" / name).glob("searches/*/*/[0-9]*.json")):
        values = json.loads(path.read_text())
        part = found.setdefault(f"{path.parts[-3]}/{path.parts[-2]}", {})
        for event in values if isinstance(values, list) else values["events"]:
            part.setdefault(str(event["n"]), []).append(event)
    return {part: {n: _digest(json.dumps(e, sort_keys=True)) for n, e in by.items()} for part, by in found.items()}


@contextmanager
def _as_it_was(name: str) -> Iterator[Path]:
    """A results folder as the snapshots saw it, for a while: a copy, where files were added since."""
    folder, listed = ROOT / "results" / name, HERE / f"{name}.files.txt"
    if not listed.exists():
        yield folder
        return
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / name
        for path in listed.read_text(encoding="utf-8").split():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / path, copy / path)
        yield copy


def claims(name: str) -> Any:
    """What `study claims --json` says."""
    with _as_it_was(name) as folder:
        return json.loads(study("claims", folder, "--json").out)


def written(name: str) -> dict[str, str]:
    """The files of a report that hold what it says: its CSV files by path, and `report.md`.

    The figures that need no training are the same in every report; they are made once, for the search.
    """
    with tempfile.TemporaryDirectory() as place, undrawn(concepts=name != "chapter"), _as_it_was(name) as folder:
        said = study("report", folder, "--out", place, "--markdown")
        assert said.code == 0, said
        paths = [*sorted(Path(place).rglob("*.csv")), Path(place) / "report.md"]
        return {p.relative_to(place).as_posix(): p.read_text(encoding="utf-8") for p in paths}


def parted(files: dict[str, str]) -> tuple[dict[str, str], dict[str, str], str]:
    """CSV files of results, checksums of those that need no training, and the page."""
    concepts = {n: _digest(text) for n, text in files.items() if "/concept-" in n}
    tables = {n: text for n, text in files.items() if n.endswith(".csv") and n not in concepts}
    return tables, concepts, files["report.md"]


def without_data(page: str) -> str:
    """A page without its pictures of the data set, each with the caption that follows it."""
    blocks = page.split("\n\n")
    shown = [any(f"figures/{name}." in block for name in DATA) for block in blocks]
    return "\n\n".join(b for i, b in enumerate(blocks) if not shown[i] and not (i and shown[i - 1]))


def kept(name: str) -> Any:
    """A snapshot by its file's name: plain data, or text."""
    path = HERE / name
    if path.suffix == ".xz":
        with lzma.open(path, "rt", encoding="utf-8") as file:
            return json.load(file)
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else text


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _add(name: str, value: Any) -> None:
    path = HERE / name
    if path.exists():
        return
    text = value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    path.write_bytes(lzma.compress(text.encode(), preset=9) if path.suffix == ".xz" else text.encode())
    print(f"new: {name}")


def _with(old: Any, new: Any) -> Any:
    """What is kept, and what is new beside it."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return old
    return {k: _with(old[k], new.get(k)) if k in old else new[k] for k in dict.fromkeys((*old, *new))}


def main() -> None:
    now = records()
    path = HERE / "records.json"
    everything = _with(kept(path.name), now) if path.exists() else now
    path.write_text(json.dumps(everything, indent=1) + "\n")
    for name in FOLDERS:
        _add(f"{name}.claims.json", claims(name))
        tables, concepts, page = parted(written(name))
        _add(f"{name}.csv.json.xz", tables)
        _add("concepts.json", concepts)
        _add(f"{name}.report.md", page)


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
