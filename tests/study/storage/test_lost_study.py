"""A frozen study is lost: what is said to be written before its next run is what that run takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from study.storage.lost_study import lost_file, written_again
from study.storage.results_folder import ResultsFolder
from tests.study.cli.test_main import study
from tests.study.cli.test_main_next import STUDY

Read = Callable[..., tuple[int, str]]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Read:
    """Runs a command in a folder with a study that was run, the two seeds of which are on record; code and words."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    images = np.random.default_rng(0).integers(0, 255, (60, 4, 4), dtype=np.uint8)
    labels = (images.mean((1, 2)) > 127).astype(np.uint8)
    np.savez("tiny.npz", train_images=images, train_labels=labels, val_images=images, val_labels=labels)
    Path("rates.yaml").write_text(STUDY)

    def run(*words: str) -> tuple[int, str]:
        trains = ["--data-dir", ".", "--executor", "inline", "--results", "r"] if words[0] == "run" else ["r"]
        code = study(*words, *trains)
        said = capsys.readouterr()
        return code, said.out + said.err

    assert run("run", "rates.yaml", "--seeds", "2")[0] == 0
    return run


def lose(*files: str) -> None:
    for file in files:
        path = Path("r/studies/rates") / file
        path.write_bytes(path.read_bytes().replace(b'"rates"', b'"ratez"'))


@pytest.mark.parametrize("told_by", ["claims", "status", "repair", "run"])
def test_what_is_said_of_a_lost_study_is_what_its_next_run_takes(command: Read, told_by: str) -> None:
    lose("1.json", "1.copy")
    words = ("run", "rates.yaml", "--seeds", "2") if told_by == "run" else (told_by,)
    _, said = command(*words)
    found = re.search(r"first give each of its claims `from_seed: (\d+)`", said)
    if told_by == "status":
        assert "once its claims have the `from_seed` that it names" in said
    else:
        assert found and found[1] == "2", said
    code, refused = command("run", "rates.yaml", "--seeds", "2")
    assert code == 2 and "(studies/rates/1.json, which said when it was, is damaged): give from_seed: 2" in refused
    Path("rates.yaml").write_text(STUDY.replace("    parts:", "    from_seed: 2\n    parts:"))
    assert command("run", "rates.yaml", "--seeds", "2")[0] == 0
    code, said = command("claims")
    assert code == 0 and "rates-1" in said and "from seed 2 on" in said
    assert lost_file(ResultsFolder("r"), "rates") == "studies/rates/1.json"


def test_a_claim_that_another_version_has_needs_nothing(command: Read) -> None:
    Path("rates.yaml").write_text(STUDY.replace("title: The", "title: One"))
    assert command("run", "rates.yaml", "--seeds", "2")[0] == 0
    lose("1.json", "1.copy")
    code, said = command("repair")
    assert code == 0 and "give each of its claims that no other version of it here has `from_seed: 2`" in said
    assert command("run", "rates.yaml", "--seeds", "2")[0] == 0


def test_the_number_is_not_made_up(command: Read) -> None:
    store = ResultsFolder("r")
    assert written_again(store, "studies/find.answer/1.json") == "the next run of its search writes it again"
    assert "is not the catalogue's needs `from_seed: 2` then" in written_again(store, "studies/dropout/1.json")
    (name,) = store.trials.gathered()
    Path("r", name).write_bytes(b"PAR1")
    assert "the `from_seed` that the run names" in written_again(store, "studies/rates/1.json")
    empty = ResultsFolder("e", create=True)
    assert written_again(empty, "studies/rates/1.json") == "the next run of the study writes it again"
    assert lost_file(empty, "rates") == ""
