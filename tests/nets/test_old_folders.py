"""Results folders as version 0.1 left them come through every command with all that they hold.

What lies in a folder is read as it was accepted, also where a new file that says the same is refused today.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from study.storage.results_folder import ResultsFolder
from tests.nets.command import Said, study, undrawn

OLD = Path(__file__).parents[1] / "fixtures" / "v0.1"
DATA = OLD / "data"
SEEDS = {"finished": 3, "loose": 2, "diverged": 2, "failed": 1, "stopped": 2, "search": 2, "unfinished": 1}
TO_TRAIN = {"finished": 0, "loose": 0, "diverged": 0, "failed": 1, "unfinished": 1}
STATUSES = {
    "finished": {"finished": 6},
    "loose": {"finished": 4},
    "diverged": {"finished": 2, "diverged": 2},
    "failed": {"finished": 1},
    "stopped": {"finished": 7, "stopped": 9},
    "search": {"finished": 12, "stopped": 16},
    "unfinished": {"finished": 1},
}
KEPT = ("trials", "studies", "runs", "searches", "failures", "checkpoints")
BAD = sorted(p.stem for p in (OLD / "bad-claims" / "bad").iterdir())


@pytest.fixture(autouse=True)
def _pictures_are_not_looked_at() -> Iterator[None]:
    with undrawn(concepts=False):
        yield


@pytest.fixture(params=SEEDS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def copy(name: str, place: Path) -> Path:
    return Path(shutil.copytree(OLD / name, place / name)) / "results"


def files(folder: Path, *kinds: str) -> dict[str, bytes]:
    """Everything of these kinds in a results folder."""
    paths = (p for kind in kinds for p in (folder / kind).rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in paths}


def records(folder: Path) -> dict[tuple[str, int, str], str]:
    """The digest of every result on record."""
    return {(r.id, r.epochs_done, r.status): r.result_digest() for r in ResultsFolder(str(folder)).trials.all_records()}


def planned(folder: Path, seeds: int) -> Said:
    file = folder.parent / "study.yaml"
    return study("plan", file, "--seeds", seeds, "--results", folder, "--data-dir", DATA)


def run_words(folder: Path, seeds: int) -> list[str]:
    words = ["run", folder.parent / "study.yaml", "--seeds", seeds, "--results", folder, "--data-dir", DATA]
    return [*map(str, words), "--cpus", "1"]


def read_by_all(folder: Path) -> list[dict[str, Any]]:
    """What the claims of a folder come to, after every command that reads has come through and changed nothing."""
    before = files(folder, *KEPT)
    for command in ("status", "verify", "report"):
        said = study(command, folder)
        assert (said.code, said.err) == (0, ""), command
    said = study("claims", folder, "--json")
    assert said.code in (0, 7)
    assert files(folder, *KEPT) == before
    page = (folder / "report" / "index.html").read_text()
    found: list[dict[str, Any]] = json.loads(said.out)
    assert [claim["id"] for claim in found if claim["id"] not in page] == []
    return found


def check_kept(folder: Path, before: dict[str, bytes], results: dict[tuple[str, int, str], str]) -> None:
    """After a run: no file is lost or changed but for records that were gathered and checkpoints that are used up."""
    after = files(folder, *KEPT)
    lasting = {n for n in before if n.split("/")[0] not in ("trials", "checkpoints")}
    assert {n: after.get(n) for n in lasting} == {n: before[n] for n in lasting}
    now = records(folder)
    assert {key: now.get(key) for key in results} == results
    assert not (folder / "quarantine").exists()


def test_an_old_folder_is_read_by_every_command(name: str, tmp_path: Path) -> None:
    folder = copy(name, tmp_path)
    claims = read_by_all(folder)
    declared = [
        claim["id"]
        for file in sorted((folder / "studies").glob("*/*.json"), key=lambda p: int(p.stem))
        for claim in json.loads(file.read_text())["study"]["claims"]
    ]
    assert {c["id"] for c in claims} == set(declared)
    status = study("status", folder).out
    for kind, count in STATUSES[name].items():
        assert sum(key[2] == kind for key in records(folder)) == count
        assert kind in status


def test_an_old_folder_is_planned_against_and_nothing_on_record_is_trained_again(name: str, tmp_path: Path) -> None:
    folder = copy(name, tmp_path)
    before = files(folder, *KEPT)
    said = planned(folder, SEEDS[name])
    assert said.code == 0
    if name in TO_TRAIN:
        (missing,) = re.findall(r"^to train   (\d+ trial|nothing)", said.out, re.MULTILINE)
        assert int(missing.partition(" ")[0].replace("nothing", "0")) == TO_TRAIN[name]
    assert files(folder, *KEPT) == before


@pytest.mark.parametrize("name", ["finished", "loose", "diverged", "stopped", "search"])
def test_a_run_in_an_old_folder_that_misses_nothing_keeps_all(name: str, tmp_path: Path) -> None:
    folder = copy(name, tmp_path)
    before, results = files(folder, *KEPT), records(folder)
    said = study(*run_words(folder, SEEDS[name]))
    assert said.code == 0, said
    check_kept(folder, before, results)
    assert records(folder).keys() == results.keys()


@pytest.mark.ray
@pytest.mark.parametrize("name", ["failed", "unfinished"])
def test_a_run_in_an_old_folder_trains_what_is_missing_and_keeps_all(name: str, tmp_path: Path) -> None:
    folder = copy(name, tmp_path)
    before, results = files(folder, *KEPT), records(folder)
    program = Path(sys.executable).with_name("study")
    done = subprocess.run([program, *run_words(folder, 1)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    check_kept(folder, before, results)
    (new,) = records(folder).keys() - results.keys()
    assert new[2] == "finished"
    (record,) = ResultsFolder(str(folder)).trials.records({new[0]})
    assert record.provenance["resumed_from"] == {"failed": 0, "unfinished": 2}[name]


def with_bad(place: Path, *kept: str) -> Path:
    """The folder of bad claims with those studies alone, and the sound one."""
    folder = copy("bad-claims", place)
    for bad in set(BAD) - set(kept):
        shutil.rmtree(folder / "studies" / bad)
    return folder


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_claim_of_an_old_folder_leaves_the_others_alone(bad: str, tmp_path: Path) -> None:
    said = study("claims", with_bad(tmp_path, bad), "--json")
    assert said.code in (0, 7)
    claims = {c["id"]: c for c in json.loads(said.out)}
    assert claims.keys() == {"falling-1", f"{bad}-1"}
    assert claims["falling-1"]["n"] == 3


@pytest.mark.e2e
def test_a_folder_of_bad_claims_is_read_by_every_command(tmp_path: Path) -> None:
    claims = {c["id"]: c for c in read_by_all(with_bad(tmp_path, *BAD))}
    assert claims.keys() == {"falling-1", *(f"{b}-1" for b in BAD)}
    assert claims["falling-1"]["n"] == 3


def test_a_run_in_a_folder_of_bad_claims_keeps_all(tmp_path: Path) -> None:
    folder = with_bad(tmp_path, *BAD)
    before, results = files(folder, *KEPT), records(folder)
    assert planned(folder, 3).code == 0
    for command in ("status", "verify"):
        assert study(command, folder).code == 0
    assert study(*run_words(folder, 3)).code == 0
    after = files(folder, *KEPT)
    for name in [n for n in after if n.endswith(".copy")]:  # which version 0.1 did not keep
        copy, file = json.loads(after.pop(name)), json.loads(before[name.removesuffix(".copy") + ".json"])
        assert {**copy, "checksum": ""} == {**file, "checksum": ""}
    assert after == before
    check_kept(folder, before, results)
