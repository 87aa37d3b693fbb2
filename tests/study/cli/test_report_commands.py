"""What the commands on results end with."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from analysis import report
from analysis.claims.words import VERDICTS
from analysis.report.judge_folder import JudgedFolder
from study.cli import claims_text
from study.spec.claims import Claim, Level, Quantity
from study.spec.study import Arm, Study
from study.storage.results_folder import ResultsFolder
from tests.analysis import stores
from tests.study import own
from tests.study.cli.test_main import study


@pytest.mark.parametrize("word", VERDICTS)
def test_only_a_claim_that_lacks_records_ends_claims_otherwise(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = (SimpleNamespace(id="a", verdict="supported"), SimpleNamespace(id="b", verdict=word))
    monkeypatch.setattr(
        "analysis.report.judge", lambda where: SimpleNamespace(verdicts=found, problems=(), damaged=False, lost=())
    )
    monkeypatch.setattr(claims_text, "print_short", lambda *_: None)
    monkeypatch.setattr("study.app.goes_on.goes_on", lambda where: ((), ""))
    assert study("claims", ".") == (7 if word == "missing" else 0)


@pytest.mark.parametrize(
    ("words", "stopped", "said"),
    [
        (("report", "r"), "analysis.report.build", "interrupted\n"),
        (("status", "r", "--watch"), "study.cli.status_text.watch", "the view has ended, and no run\n"),
    ],
)
def test_a_command_that_ctrl_c_ends_says_so(
    words: tuple[str, ...],
    stopped: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The library that reads options ended them with 130 and no word."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    ResultsFolder("r", create=True)
    monkeypatch.setattr(stopped, stop)
    assert study(*words) == 130 and capsys.readouterr() == ("", said)


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


def test_a_folder_in_which_no_claim_can_be_read_is_damaged_and_not_without_claims(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = JudgedFolder((), {}, ("studies/a/1.json is damaged",), damaged=True)
    monkeypatch.setattr(report, "judge", lambda where: damaged)
    for words in ([], ["--long"], ["--json"]):
        assert study("claims", str(tmp_path), *words) == 4
        said = capsys.readouterr()
        assert (
            "no claim can be read, and some of the folder is damaged" in said.err and "a/1.json is damaged" in said.err
        )
        assert said.out.strip() == ("[]" if words == ["--json"] else "")


def test_a_study_that_cannot_be_read_beside_sound_ones_ends_claims_with_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    level = {"form": "level", "quantity": {"arm": "a", "metric": "val_loss"}, "high": 1.0}
    common = {"title": "T", "question": "Q?", "knobs": ["lr"], "epochs": 2, "arms": [{"name": "a"}]}
    studies = [
        Study.from_dict({**common, "name": n, "claims": [{"id": f"{n}-1", "statement": "S.", "parts": [level]}]})
        for n in "pq"
    ]
    stores.store_of(tmp_path / "r", studies, range(2))
    for end in ("json", "copy"):
        Path(f"r/studies/p/1.{end}").write_bytes(b"x")
    capsys.readouterr()
    for words in ([], ["--long"], ["--json"]):
        assert study("claims", "r", *words) == 4
        said = capsys.readouterr()
        assert "q-1" in said.out and "p-1" not in said.out
        assert "study p is damaged or gone: no claim of it can be read" in said.err


def test_of_a_damaged_folder_the_command_that_mends_it_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It named `study claims --long`, which says no more."""
    claim = Claim(
        id="c", statement="S.", parts=(Level(quantity=Quantity(arm="a", metric="val_accuracy", at="last"), low=0.0),)
    )
    study_ = Study(name="s", title="T", question="Q?", knobs=("lr",), epochs=2, arms=(Arm(name="a"),), claims=(claim,))
    store, where = stores.store_of(tmp_path / "r", [study_], (0, 1)), str(tmp_path / "r")
    for name in store.folder.names("trials"):
        store.folder.write(name, b"rubbish")
    assert study("claims", where) == 7
    assert capsys.readouterr().out.splitlines()[-1] == f"next  study repair {where}"
