"""Exit codes: 7 means that a claim lacks records; open, too few seeds and reduced are answers, and so 0."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from analysis.claims.words import VERDICTS
from study.cli import claims_text, main
from study.storage.results_folder import ResultsFolder
from tests.study import own
from tests.study.cli.test_main import study
from trainables.config import errors


@pytest.mark.parametrize("word", VERDICTS)
def test_only_a_claim_that_lacks_records_ends_claims_otherwise(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = (SimpleNamespace(id="a", verdict="supported"), SimpleNamespace(id="b", verdict=word))
    monkeypatch.setattr("analysis.report.judge", lambda where: SimpleNamespace(verdicts=found, problems=()))
    monkeypatch.setattr(claims_text, "print_short", lambda found, more: None)
    assert study("claims", ".") == (7 if word == "missing" else 0)


def test_open_too_few_seeds_and_reduced_are_answers_in_every_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "small", 60, 30)
    path = own.study(tmp_path, "mine", "lr", [0.1, 0.1001], epochs=4, data="small")
    sides = {side: {"arm": arm, "metric": "val_accuracy"} for side, arm in zip("ab", "ba", strict=True)}
    claim = {"id": "c", "statement": "b is ahead.", "parts": [{"form": "contrast", "low": 0.0, **sides}]}
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), "claims": [claim]}))
    here = ("--executor", "inline", "--data-dir", ".")

    def verdict(folder: str) -> str:
        capsys.readouterr()
        assert study("claims", folder, "--json") == 0
        return str(json.loads(capsys.readouterr().out)[0]["verdict"])

    assert study("run", "mine.yaml", "--seeds", "2", "--results", "r", *here) == 0
    assert verdict("r") == "not-enough-seeds"
    assert study("decide", "mine.yaml", "--max-seeds", "5", "--results", "r", *here) == 0, "and buys nothing in vain"
    assert study("run", "mine.yaml", "--seeds", "5", "--results", "r", *here) == 0 and verdict("r") == "open"
    assert study("run", "mine.yaml", "--quick", "--seeds", "2", "--results", "q", *here) == 0
    assert verdict("q") == "reduced"
    assert [study(*words) for words in (["report", "r"], ["report", "q"], ["status", "r"])] == [0, 0, 0]

    store = ResultsFolder("r")
    for name in (*store.trials.loose(), *store.trials.gathered()):
        store.folder.delete(name)
    assert study("report", "r") == 0 and study("claims", "r") == 7


def test_every_exit_code_is_in_the_guide() -> None:
    """Every class of error that a person can act on has its code in the table of `docs/guides/faults.md`."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.StudyError)]
    codes = {kind.exit_code for kind in kinds} | {0, 6, 7, 130}
    guide = (Path(__file__).parents[3] / "docs/guides/faults.md").read_text()
    rows = guide.partition("## Exit codes")[2].partition("\n## ")[0].splitlines()
    assert [
        int(row.split("|")[1]) for row in rows if row.startswith("| ") and row.split("|")[1].strip().isdigit()
    ] == sorted(codes)


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_stream_that_is_closed_is_no_failure(closed: str) -> None:
    words = ["sh", "-c", f'"$0" -m study.cli list {closed}', sys.executable]
    assert subprocess.run(words, check=False, cwd=Path(__file__).parents[3]).returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", ["--version", "list", "show dropout"])
def test_words_that_cannot_be_written_are_an_error_in_one_line(words: str) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "study.cli", *words.split()]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == errors.StoreError.exit_code
    assert done.stderr == "error: standard output cannot be written: no space left on device\n"


@pytest.mark.parametrize("name", [None, "/full/results"])
def test_a_full_disk_is_not_told_as_words_that_could_not_be_written(
    name: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", name)

    monkeypatch.setattr(main, "app", full)
    with pytest.raises(SystemExit) as end:
        main.main()
    assert end.value.code == errors.StoreError.exit_code
    said = capsys.readouterr().err
    assert said.startswith(f"error: no space is left {f'for {name}' if name else 'in the results folder'}")
    assert said.count("\n") == 1 and "standard output" not in said


def test_where_nothing_can_be_written_commands_that_read_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> str:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    monkeypatch.setattr(tempfile, "mkdtemp", nowhere)
    with main.place_for_matplotlib():
        assert "MPLCONFIGDIR" not in os.environ
