"""Commands that plan, run and follow studies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from study.app import run_studies
from study.app.screen import SNAPSHOT_FILE
from study.app.snapshot import Snapshot
from study.storage.results_folder import ResultsFolder
from tests.study.cli.test_main import study

CHAPTER = Path(__file__).parents[3] / "results" / "chapter"


def test_list_and_plan_and_status_speak_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert study("list", "--json") == 0
    assert "dropout" in [s["name"] for s in json.loads(capsys.readouterr().out)]
    assert study("plan", "dropout", "--json", "--results", str(tmp_path / "r")) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["trials"] == {"distinct": 10, "missing": 10}
    assert plan["needed_elsewhere"] == [{"study": "annealing", "claims": ["overfit-1"], "trials": 10}]
    assert study("status", str(CHAPTER), "--json") == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["running"], status["missing"], status["trials"]) == (
        False,
        0,
        {"finished": len(list(ResultsFolder(str(CHAPTER)).trials.records()))},
    )


def test_what_the_list_says_that_a_study_takes_is_what_its_plan_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert study("list", "--json") == 0
    listed = {s["name"]: s for s in json.loads(capsys.readouterr().out)}
    for name in ("scaling", "annealing"):
        assert study("plan", name, "--json") == 0
        plan = json.loads(capsys.readouterr().out)
        assert listed[name]["seconds"] == pytest.approx([plan["seconds_low"], plan["seconds_high"]])
        assert plan["seconds_low"] < plan["seconds"] < plan["seconds_high"] and not plan["measured"]
    assert study("plan", "search-all", "--json") == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["seconds"] is None and 0 < plan["seconds_low"] < plan["seconds_high"], "a range alone"


def run_of(folder: Path, **changes: object) -> None:
    values = {
        "title": "s", "began": 0.0, "now": 26.0, "epochs": (5, 20), "trials": (2, 9), "failed": 0, "diverged": 0,
        "left": 9.0, "phase": "", "rows": (), "caption": "", "running": (), "events": (), "machine": "",
        "command": "study run s.yaml", "pid": 0, "host": "nowhere",
    }  # fmt: skip
    (folder / SNAPSHOT_FILE).write_text(json.dumps(Snapshot(**{**values, **changes}).to_dict()))  # type: ignore[arg-type]


@pytest.mark.parametrize("state", ["interrupted", "running"])
def test_an_interrupted_folder_says_what_is_missing_and_the_command(
    state: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ResultsFolder(tmp_path, create=True)
    run_of(tmp_path, state=state)
    assert study("status", str(tmp_path)) == 0
    said = capsys.readouterr().out
    assert said.startswith("not running. ") and "7 of 9 trials" in said and "study run s.yaml" in said
    assert study("verify", str(tmp_path)) == 0, "what a run shows is no record"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--hours", "2"], "--hours: got 2.0; it goes with --decide alone"),
        (["--max-seeds", "12"], "--max-seeds: got 12; it goes with --decide alone"),
        (["--min-chance", "0"], "--min-chance: got 0.0; it goes with --decide alone"),
        (["--decide", "--quick"], "--quick: got true; it does not go with --decide"),
    ],
)
def test_what_a_cluster_buys_and_what_it_trains_are_asked_apart(
    given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert study("submit", "dropout", "--results", "s3://b/r", *given) == 2
    assert said in capsys.readouterr().err


def test_a_plan_that_trains_nothing_says_so_and_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    assert study("plan", "chapter", "--seeds", "5", "--results", str(CHAPTER)) == 0
    assert "to train   nothing\n" in capsys.readouterr().out


def test_a_plan_says_what_claims_stand_at_and_asks_nothing_for_what_is_decided(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Seed 7 of annealing is not on record, and overfit-1 is decided by those before it."""
    assert study("plan", "dropout", "--seeds", "8", "--results", str(CHAPTER)) == 0
    said = capsys.readouterr().out
    assert "dropout-1  supported: needs no more seeds" in said and "also needs" not in said
    assert said.index("on record") < said.index("What seeds would find") < said.index("Claims") < said.index("next  ")


def test_a_password_in_a_url_is_not_shown_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str | None, str]] = []
    monkeypatch.setattr(
        run_studies, "run", lambda asked, options, view, given: seen.append((options.dashboard, view.command))
    )
    url = "postgresql://me:secret@host/db"
    assert study("run", "search-sgd-adam", "--results", str(tmp_path / "r"), "--dashboard", url) == 0
    ((dashboard, command),) = seen
    assert dashboard == url and "secret" not in command and "postgresql://me:...@host/db" in command
