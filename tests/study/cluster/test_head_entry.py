"""What the head is told, and what it does with that."""

from __future__ import annotations

import base64
import json
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from study.cluster import head_entry as on_head
from study.cluster import submit
from study.cluster.cluster_file import read_cluster
from study.cluster.preflight import job_name
from study.cluster.pricing import estimate
from study.planning import imports
from tests.study.cluster.submissions import asked, work_of


def test_the_head_compares_versions_unpacks_files_and_keeps_to_the_time(laptop: Path) -> None:
    (laptop / "mine.yaml").write_text("name: mine\n")
    request = asked(names=("dropout", "mine.yaml"))
    cluster = read_cluster("cluster.yaml")
    cost = estimate(cluster, work_of())
    words = shlex.split(submit.head_command(request, cost, {"mine.yaml": b"name: mine\n"}))
    assert words[:5] == ["python", "-P", "-m", "study.cluster.head_entry", "--expect"]
    assert on_head.Versions.from_json(words[5]) == on_head.versions()
    name, _, data = words[6].removeprefix("--file=").partition("=")
    assert (name, base64.b64decode(data)) == ("mine.yaml", b"name: mine\n")
    command = words[words.index("--") + 1 :]
    assert command[:3] == ["timeout", "--signal=INT", "--kill-after=300"]
    assert float(command[3]) == pytest.approx(cost.allowed_hours * 3600, abs=1)
    assert command[4:8] == ["study", "run", "dropout", "mine.yaml"]
    told = submit.head_environment(cluster, cost)
    assert int(told["TUNE_MAX_PENDING_TRIALS_PG"]) >= cost.slots, "the autoscaler sees the whole demand"
    assert {"CPU": 8.0, "GPU": 0.0} in json.loads(told["STUDY_NODE_TYPES"])
    assert {"CPU": 4.0, "GPU": 1.0, "accelerator_type:T4": 1} in json.loads(told["STUDY_NODE_TYPES"])


@pytest.mark.parametrize(
    "name", ["lr=0.1.yaml", "a=b=.yaml", "100%3D.yaml", "-lr.yaml", "größe 2.yaml", "parts/x=y.py"]
)
def test_a_file_has_the_name_on_the_head_that_it_has_here(
    name: str, laptop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, files = tmp_path / "home", {name: b"name: mine\n", "other.yaml": b""}
    home.mkdir()
    words = shlex.split(submit.head_command(asked(), estimate(read_cluster("cluster.yaml"), work_of()), files))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    monkeypatch.setattr("os.execvp", lambda *given: None)
    assert on_head.main(words[words.index("--expect") :]) == 0
    assert {str(p.relative_to(Path.cwd())): p.read_bytes() for p in Path.cwd().rglob("*") if p.is_file()} == files


def test_the_head_imports_nothing_from_the_folder_that_it_is_told_this_in(laptop: Path, tmp_path: Path) -> None:
    """Ray runs it in the home folder, where the files of the checkout lie in a folder `study`."""
    home = tmp_path / "home"
    (home / "study/cluster").mkdir(parents=True)
    for name in ("study/__init__.py", "study/cluster/__init__.py"):
        (home / name).write_text("raise SystemExit('the wrong one')\n")
    words = shlex.split(submit.head_command(asked(), estimate(read_cluster("cluster.yaml"), work_of())))
    command = [sys.executable, *words[1 : words.index("--expect")], "--help"]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "--expect" in done.stdout, done.stderr


def test_the_same_request_has_the_same_name_and_another_has_not() -> None:
    assert job_name(asked()) == job_name(asked())
    assert len({job_name(asked(**c)) for c in ({}, {"seeds": 3}, {"quick": True}, {"results": "s3://b/s"})}) == 4
    kept = asked(keep_checkpoints=True)
    assert len({job_name(r, taken) for r in (asked(), kept) for taken in ("", "a digest")}) == 4
    assert len({job_name(asked(), taken) for taken in ("", "a file's digest", "of the file as it is now")}) == 3


def test_a_head_with_other_versions_runs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    expected = replace(on_head.versions(), ray="1.0.0")
    assert on_head.main(["--expect", expected.to_json(), "--", "false"]) == 2
    assert "Ray: got" in (said := capsys.readouterr().err) and "the laptop has 1.0.0" in said
    as_it_was_said_once = json.dumps({"Python": "3.11", "Ray": "2.60.0"})
    assert on_head.main(["--expect", as_it_was_said_once, "--", "false"]) == 2
    assert "the laptop has another" in capsys.readouterr().err


def test_an_edit_of_the_code_is_another_version(tmp_path: Path) -> None:
    for name in ("trainables", "study"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("1")
    before = imports.source_digest.__wrapped__(tmp_path)
    (tmp_path / "trainables/a.py").write_text("2")
    assert imports.source_digest.__wrapped__(tmp_path) != before
