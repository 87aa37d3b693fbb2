"""`study decide` as it is typed: what money allows, what it says of it, what it refuses. Trials are trained here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from study.app.seed_offers import MIN_CHANCE
from study.storage.results_folder import ResultsFolder
from tests.study import own
from tests.study.cli.test_main import study


@pytest.fixture
def decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run `study decide` on a study of two arms that hardly differ, with more words."""
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "small", 60, 30)
    path = own.study(tmp_path, "mine", "lr", [0.1, 0.1001], data="small")
    sides = {side: {"arm": arm, "metric": "val_accuracy"} for side, arm in zip("ab", "ba", strict=True)}
    claim = {"id": "c", "statement": "b is ahead.", "parts": [{"form": "contrast", "low": 0.0, **sides}]}
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), "claims": [claim]}))
    return lambda *more: study(
        *("decide", "mine.yaml", "--results", "r", "--executor", "inline", "--data-dir", "."), *more
    )


def words(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


def test_its_help_says_below_which_chance_nothing_is_bought(capsys: pytest.CaptureFixture[str]) -> None:
    assert study("decide", "--help") == 0
    said = words(capsys)
    least = f"below {100 * MIN_CHANCE:.0f} % (--min-chance)"
    assert f"A claim that --max-seeds would decide with a chance {least} gets no seeds." in said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--price", "5"], "--price: got 5.0; this machine has no price: say with --hourly what an hour of it costs"),
        (["--price", "0", "--hourly", "1"], "--price: got 0.0; expected a number above 0"),
        (["--price", "nan", "--hourly", "1"], "--price: got nan; expected a number above 0"),
        (["--price", "5", "--hourly", "0"], "--hourly: got 0.0; expected a number above 0"),
        (["--hourly", "inf"], "--hourly: got inf; expected a number above 0"),
        (["--hours", "-1"], "--hours: got -1.0; expected a number above 0"),
        (["--min-chance", "100"], "--min-chance: got 100.0; expected per cent, 0 to below 100"),
        (["--min-chance", "-1"], "--min-chance: got -1.0; expected per cent, 0 to below 100"),
        (["--min-chance", "nan"], "--min-chance: got nan; expected per cent, 0 to below 100"),
        (["--max-seeds", "4"], "--max-seeds: got 4; expected 5 to 1000"),
    ],
)
def test_what_money_or_time_cannot_be_is_refused_before_anything_is_made(
    given: list[str], said: str, decide, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decide(*given) == 2 and said in capsys.readouterr().err
    assert not (tmp_path / "r").exists()


def test_what_money_does_not_buy_is_not_begun_and_more_money_goes_on(
    decide, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decide("--price", "1", "--hourly", "3600", "--max-seeds", "6") == 0
    said = words(capsys)
    assert "0 decided, 1 to be decided; at most 6 seeds a claim, 1 s to spend." in said
    assert "cost at most 1 s, 1.00 of money, as allowed; all 6 seeds would be 12 trials, about" in said
    assert "decide 0 s, 0.00 of money spent: 0 decided, 1 missing" in said and "! missing c" in said
    assert "Deciding this one would cost more than is left of what --hours or --price allow." in said
    assert not ResultsFolder("r").trials.on_record()

    assert decide("--price", "1", "--hourly", "0.001", "--max-seeds", "6") == 0
    said = words(capsys)
    assert (
        "buys c: seeds 0 to 4 of mine/b, mine/a" in said
        and "below 0.01 of money spent: 0 decided, 1 stays open" in said
    )
    assert len(ResultsFolder("r").trials.on_record()) in (10, 12), "five of each arm, and a sixth if that may decide it"


def test_a_dry_run_prices_everything_and_makes_nothing(
    decide, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decide("--hourly", "720", "--max-seeds", "5", "--dry-run") == 0
    said = words(capsys)
    assert "c 0 5: its first look ?" in said and "of money" in said and "Dry run: nothing was trained." in said
    assert decide("--price", "2", "--hourly", "720", "--max-seeds", "5", "--dry-run", "--json") == 0
    first, then = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["event"], first["most_seeds"], first["most_trials"]) == ("claims", 5, 10)
    assert then["event"] == "first" and set(then["asked"]) <= {"mine/a", "mine/b"}
    assert not (tmp_path / "r").exists()


def test_a_study_that_the_folder_alone_has_is_found_there(
    decide, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert study("run", "mine.yaml", "--seeds", "1", "--results", "r", "--executor", "inline", "--data-dir", ".") == 0
    Path("mine.yaml").unlink()
    capsys.readouterr()
    here = ("--data-dir", ".")
    assert study("decide", "mine", "--results", "r", "--dry-run", *here) == 0
    assert "buys c: seeds" in words(capsys)
    assert study("plan", "mine", "--results", "r", "--seeds", "2", *here) == 0
    assert "study run mine --results r" in words(capsys)
    assert study("run", "mine", "--results", "r", "--seeds", "2", "--executor", "inline", *here) == 0
    assert "2 trials trained" in words(capsys)
    assert len(ResultsFolder("r").studies.versions("mine")) == 1, "it is the same study"
    assert study("plan", "mine", *here) == 2, "no folder is named, and results/mine is not there"
    Path("results").mkdir()
    Path("r").rename("results/mine")
    capsys.readouterr()
    assert study("plan", "mine", *here) == 0 and "in results/mine" in words(capsys)
    assert study("show", "mine") == 0 and words(capsys).endswith("next study plan mine --data-dir .")


def test_what_a_reduced_run_left_is_no_study_to_go_on_with(decide, capsys: pytest.CaptureFixture[str]) -> None:
    own.data(Path(), "small", 3000, 30)
    more = ("--seeds", "1", "--executor", "inline", "--data-dir", ".")
    assert study("run", "mine.yaml", "--quick", "--results", "r", *more) == 0
    assert all(version.reduced for version in ResultsFolder("r").studies.versions("mine"))
    Path("mine.yaml").unlink()
    capsys.readouterr()
    assert study("run", "mine", "--results", "r", *more) == 2
    assert "there is no study 'mine'" in capsys.readouterr().err
