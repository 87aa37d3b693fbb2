"""Seeds of a claim about times are not bought on another kind of machine than its first: they would never count."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from study.app import decide_seeds, times_elsewhere
from study.app.decide_view import DecideView
from study.spec.claims import Contrast
from study.storage.results_folder import ResultsFolder
from tests.study.app.test_decide_seeds import Trainer, claim, desk, study, train
from tests.study.app.test_decide_seeds_blocked import TIMES

__all__ = ["desk"]
(PART,) = TIMES.parts
assert isinstance(PART, Contrast)
OPEN = replace(TIMES, parts=(replace(PART, low=0.999),))


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """A folder with five seeds of two arms."""
    train(study(OPEN), tmp_path / "r", {f"s/{arm}": range(5) for arm in "ad"})
    return tmp_path / "r"


def is_on(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide_seeds, "names_here", lambda device: (kind, "host"))


def kind_of(folder: Path) -> str:
    return str(next(iter(ResultsFolder(folder).trials.records())).provenance["hardware"])


def test_on_another_kind_of_machine_nothing_is_bought_and_it_says_what_would_help(
    desk: Any, begun: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    is_on("Other CPU", monkeypatch)
    capsys.readouterr()
    for dry_run in (True, False):
        trainer = Trainer()
        now = desk(study(OPEN), trainer, view=DecideView(), dry_run=dry_run, most_seeds=15)
        assert not trainer.bought and not now.claims
        said = " ".join(capsys.readouterr().out.split())
        assert f"times compares times, and its first seed was measured on {kind_of(begun)}." in said
        assert f"Seeds of this machine (Other CPU) never count for it: decide it on {kind_of(begun)}." in said
        assert not dry_run or "No claim is left that seeds could decide here." in said
    desk(study(OPEN), view=DecideView(as_json=True), most_seeds=15)
    first, end = map(json.loads, capsys.readouterr().out.splitlines())
    assert "never count for it" in first["not_here"][0]
    assert "never count for it" in end["open"][0]["why"]


def test_on_the_kind_of_machine_of_its_first_seed_it_goes_on(
    desk: Any, begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_on(kind_of(begun), monkeypatch)
    trainer = Trainer()
    desk(study(OPEN), trainer, most_seeds=15)
    assert trainer.bought


def test_where_one_arm_has_its_next_seed_from_another_kind_of_machine_the_other_arm_buys_none(
    desk: Any, begun: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    is_on(kind_of(begun), monkeypatch)
    store = ResultsFolder(begun)
    record = next(r for r in store.trials.records() if r.config.lr == 0.001)
    later = replace(record, config=record.config.replace(seed=5))
    store.trials.write(replace(later, provenance={**record.provenance, "hardware": "Other CPU"}))
    trainer = Trainer()
    desk(study(OPEN), trainer, view=DecideView(), most_seeds=15)
    said = " ".join(capsys.readouterr().out.split())
    assert not trainer.bought and "Seed 5 of a was measured on Other CPU, so more seeds do not help." in said


def test_a_claim_of_which_nothing_counts_yet_is_bought_on_any_machine(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_on("Other CPU", monkeypatch)
    trainer = Trainer()
    desk(study(OPEN), trainer, most_seeds=5)
    assert {arm for arm, _ in trainer.bought} == {"a", "d"}


def test_a_run_that_trains_such_seeds_says_before_it_that_they_end_the_claim(
    begun: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(times_elsewhere, "names_here", lambda device: ("Other CPU", "host"))
    capsys.readouterr()
    train(study(OPEN), begun, {"s/b": range(2)})
    assert "never count" not in capsys.readouterr().err, "no arm of the claim is trained"
    train(study(OPEN), begun, {"s/a": range(6)})
    assert "s: times compares times" in (said := " ".join(capsys.readouterr().err.split()))
    assert "Seeds of this machine (Other CPU) never count for it" in said
    assert "no later seed counts for times either" in said


def test_a_run_of_another_study_with_the_same_trials_says_it_too(
    begun: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(times_elsewhere, "names_here", lambda device: ("Other CPU", "host"))
    capsys.readouterr()
    train(replace(study(), name="other", title="Another study"), begun, {"other/a": range(6)})
    assert "s: times compares times" in capsys.readouterr().err


def test_decide_says_which_claim_ends_with_what_it_buys_for_another(
    desk: Any, begun: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    is_on("Other CPU", monkeypatch)
    capsys.readouterr()
    desk(
        study(OPEN, claim("near", "a", "d", from_seed=5)),
        Trainer(),
        view=DecideView(as_json=True),
        dry_run=True,
        most_seeds=40,
    )
    (ends,) = json.loads(capsys.readouterr().out.splitlines()[1])["ends"]
    assert ends == "Once they are on record, no later seed counts for times either."


def test_where_no_seeds_help_any_more_a_dry_run_says_why(
    desk: Any, begun: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    is_on(kind_of(begun), monkeypatch)
    store = ResultsFolder(begun)
    for record in [r for r in store.trials.records() if r.config.seed == 4]:
        later = replace(record, config=record.config.replace(seed=5))
        store.trials.write(replace(later, provenance={**record.provenance, "hardware": "Other CPU"}))
    capsys.readouterr()
    desk(study(OPEN), Trainer(), view=DecideView(), dry_run=True, most_seeds=15)
    said = " ".join(capsys.readouterr().out.split())
    assert "No claim is left that seeds could decide" in said
    assert "times were measured on different machines" in said
