"""`study.run`: trains, in this process and without Ray where it is short, and gives back what is on record."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

import study
from study.storage import lock
from study.storage.results_folder import ResultsFolder
from tests.study import own
from tests.study.cli.test_main import study as command
from trainables.config.errors import BadInput, DataError, StoreError


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with data; no Ray: whoever imports it fails."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "ray", None)
    own.data(tmp_path, "mine", 60, 30)
    return tmp_path


def widths(**more: object) -> study.Study:
    values: dict[str, object] = {
        "name": "widths", "title": "Widths", "question": "Q?", "knobs": ("hidden",), "epochs": 2,
        "base": {"data": "mine", "hidden": (4,)}, "baseline": "narrow",
        "arms": (study.Arm(name="narrow"), study.Arm(name="wide", change={"hidden": (16,)})),
    }  # fmt: skip
    return study.Study(**{**values, **more})  # type: ignore[arg-type]


def test_a_study_made_in_python_is_trained_and_shown(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = study.run(widths(), seeds=3, data_dir=".")
    said = capsys.readouterr()
    assert said.out == "" and "runs in this process" in said.err
    assert (work / "results/widths/study-results.json").is_file(), "results/NAME where no folder is named"
    trials = results.trials
    assert list(trials.groupby("arm")["seed"].apply(list)) == [[0, 1, 2], [0, 1, 2]]
    assert set(trials["status"]) == {"finished"} and set(trials["epochs_done"]) == {2}
    curves = results.curves("val_accuracy")
    assert len(curves) == 2 * 3 * 2 and curves["value"].between(0, 1).all() and curves["epoch"].max() == 2
    assert dict(zip(curves["arm"], curves["role"], strict=True)) == {"narrow": "baseline", "wide": "arm"}
    summary = results.summary().frame.set_index("arm")
    assert summary.loc["wide", "seeds"] == 3 and summary.loc["narrow", "change"] != summary.loc["wide", "change"]
    last = curves[(curves["arm"] == "wide") & (curves["epoch"] == 2)]["value"]
    assert summary.loc["wide", "accuracy"] == pytest.approx(100 * last.mean())
    effect = results.effects("val_accuracy").iloc[0]
    assert effect["n"] == 3 and 100 * effect["estimate"] == pytest.approx(summary.loc["wide", "change"])
    page = results._repr_html_()
    assert "<table" in page and "wide" in page and "Claims" not in page, "no table of claims where there are none"
    assert results.plot().axes


def test_what_is_on_record_is_not_trained_again(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = own.study(work, "rates", "lr", [0.1, 0.01], data="mine")
    first = study.run(file, seeds=1, data_dir=work, results="r", progress=False)
    assert len(first.trials) == 2 and len(capsys.readouterr().err) < 200, "without progress only data are spoken of"
    again = study.run(str(file), seeds=2, data_dir=work, results="r", progress=False)
    assert len(first.trials) == 2 and len(again.trials) == 4, "a folder is read once"
    assert len(first.refresh().trials) == 4
    before = [r for r in again.trials.itertuples() if r.seed == 0]
    assert {r.trial for r in before} == set(first.trials["trial"])


def test_a_reduced_run_judges_nothing(work: Path) -> None:
    part = {"form": "level", "quantity": {"arm": "wide", "metric": "val_accuracy", "at": "last"}, "low": 0.1}
    claim = study.Claim(id="w-1", statement="It learns.", parts=(part,))  # type: ignore[arg-type]
    results = study.run(widths(claims=(claim,), epochs=9), seeds=2, quick=True, data_dir=".", progress=False)
    assert list(results.claims.frame["verdict"]) == ["reduced"]
    assert set(results.trials["epochs"]) == {3} and results.trials["reduced"].all()
    assert "w-1" in results._repr_html_()


def test_a_reduced_run_shows_nothing_of_the_full_one(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Below its own table it showed the full run's answer and verdicts, and Python returned the full numbers."""
    reached = {"arm": "wide", "metric": "val_accuracy", "at": "last"}
    part = {"form": "level", "quantity": reached, "low": 0.00001}
    claim = study.Claim(id="w-1", statement="It learns.", parts=(part,))  # type: ignore[arg-type]
    asked = widths(claims=(claim,), epochs=9)
    full = study.run(asked, seeds=5, data_dir=".", results="r", progress=False)
    assert list(full.claims.frame["verdict"]) == ["supported"]
    small = study.run(asked, seeds=2, quick=True, data_dir=".", results="r", progress=False)
    assert set(small.trials["epochs"]) == {3} and list(small.summary().frame["seeds"]) == [2, 2]
    assert list(small.claims.frame["verdict"]) == ["reduced"] and "reduced" in repr(small)
    assert set(small.curves()["epoch"]) == {1, 2, 3} == set(small.refresh().curves()["epoch"])
    again = study.open("r")
    assert list(again.claims.frame["verdict"]) == ["supported"] and set(again.trials["epochs"]) == {9}
    file = own.study(work, "rates", "lr", [0.1, 0.01], data="mine", epochs=9)
    of_arm = {**part, "quantity": {**reached, "arm": "b"}}
    claims = [{"id": "r-1", "statement": "It learns.", "parts": [of_arm]}]
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), "claims": claims}))
    ends = []
    for more in ((), ("--quick",)):
        assert command("run", str(file), "--seeds", "5", "--data-dir", ".", "--results", "f", *more) == 0
        ends.append(capsys.readouterr().out)
    full_end, said = ends
    assert "supported" in full_end and "reduced: validation, after 3 epochs" in said
    assert "supported" not in said and "study claims f" in said and "the full run came to" in said


def test_a_search_gives_its_answer_too(work: Path) -> None:
    file = own.search(work, "looking", {"lr": {"kind": "float", "low": 0.001, "high": 0.1, "log": True}}, data="mine")
    results = study.run(file, seeds=3, data_dir=work, executor="inline", progress=False)
    assert set(results.studies) == {"looking", "looking.answer"}
    assert len(results.summary().frame) == 2 and "no trials" not in str(results.summary())


def test_bad_input_is_refused_before_anything_starts(work: Path) -> None:
    with pytest.raises(BadInput, match="dropuot"):
        study.run("dropuot")
    with pytest.raises(BadInput, match="expected one of auto, ray, inline"):
        study.run(widths(), executor="cloud", data_dir=".")
    with pytest.raises(BadInput, match="seeds"):
        study.run(widths(), seeds=0, data_dir=".")
    with pytest.raises(BadInput, match="cpus: got 0"):
        study.run(widths(), cpus=0, data_dir=".")
    with pytest.raises(BadInput, match="quick: got 'yes'"):
        study.run(widths(), quick="yes", data_dir=".")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="elsewhere"):
        study.run(widths(), data_dir="elsewhere")
    (work / "full").mkdir()
    (work / "full/thesis.txt").write_text("mine")
    with pytest.raises(StoreError, match="thesis"):
        study.run(widths(), data_dir=".", results="full")
    assert not (work / "results").exists()


def test_a_folder_in_use_is_refused_in_words_of_python_or_waited_for(work: Path) -> None:
    held = ResultsFolder("r", create=True)
    refused = pytest.raises(StoreError, match=r"in use by .*; let it end, or use wait=True to go on when it has")
    with lock.hold(held.folder), refused:
        study.run(widths(), 1, results="r", data_dir=".", progress=False)
    waited = study.run(widths(), 1, results="r", data_dir=".", wait=True, progress=False)
    assert len(waited.trials) == 2, "one seed, which may be given without its name"
    with pytest.raises(BadInput, match="wait: got 'yes'; expected True or False"):
        study.run(widths(), wait="yes", data_dir=".")  # type: ignore[arg-type]


def test_an_interrupt_saves_and_the_same_call_goes_on(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from study.app.live_progress import LiveProgress

    def stopped(self: LiveProgress, *args: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(LiveProgress, "end", stopped)
        with pytest.raises(KeyboardInterrupt, match="same call goes on") as stopped_by:
            study.run(widths(), seeds=1, data_dir=".", progress=False)
    assert type(stopped_by.value) is KeyboardInterrupt, "a script that skips what is refused would train on"
    assert vars(stopped_by.value)["_render_traceback_"]() == ["interrupted; the same call goes on from here"]
    results = study.run(widths(), seeds=1, data_dir=".", progress=False)
    assert len(results.trials) == 2


def test_metrics_are_asked_for_as_on_the_command_line(work: Path) -> None:
    with pytest.raises(BadInput, match=r"metrics: got 'penalti'.*did you mean penalty"):
        study.run(widths(), seeds=1, data_dir=work, metrics="penalti")
    assert not (work / "results").exists()
    results = study.run(widths(), seeds=1, data_dir=work, metrics=["penalty", "accuracy_gap"], progress=False)
    assert len(results.trials) == 2


def test_a_search_without_an_answer_is_opened_as_tables_without_rows(work: Path) -> None:
    space = (
        "{trials: 2, seeds: 1, searcher: random, space: {lr: {kind: float, low: 1.0e+20, high: 1.0e+30, log: true}}}"
    )
    head = "name: blow\ntitle: T\nquestion: Q?\nknobs: [lr]\nepochs: 2\n"
    base = "base: {data: mine, hidden: [4, 4], optimizer: sgd, input_divisor: 1.0}\n"
    (work / "blow.yaml").write_text(f"{head}{base}search: {space}\n")
    results = study.run("blow.yaml", data_dir=".", progress=False)
    assert list(results.trials.columns[:4]) == ["study", "arm", "seed", "trial"] and results.trials.empty
    tried = results.configurations
    assert list(tried["ended"]) == ["diverged"] * 2 and (tried["lr"] > 1e19).all()
    assert results.curves().empty and results.effects().empty and results.summary().frame.empty
    assert "blow" in results._repr_html_()


@pytest.mark.parametrize("seeds", [[0, 2], range(0, 3, 2), (s for s in (0, 2)), {0, 2}, "0,2"])
def test_seeds_are_any_whole_numbers_in_a_row(work: Path, seeds: object) -> None:
    found = study.run(widths(epochs=1), seeds=seeds, data_dir=".", progress=False)  # type: ignore[arg-type]
    assert set(found.trials["seed"]) == {0, 2}


@pytest.mark.parametrize("what", [None, 3, ["a.yaml", "b.yaml"], b"a.yaml", {"name": "a"}])
def test_what_is_no_study_and_no_name_is_said_to_be_so(work: Path, what: object) -> None:
    with pytest.raises(BadInput, match="expected a Study, or a name or file of one; several are run one after"):
        study.run(what, data_dir=".")  # type: ignore[arg-type]
