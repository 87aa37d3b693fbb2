"""A data file that was changed under its name is refused where trials of what it was lie; older folders say so."""

from __future__ import annotations

import dataclasses
import re
from functools import partial
from pathlib import Path

import pytest

from study.app.plan_studies import PlanRequest, plan_request
from study.app.run_studies import RunOptions, run
from study.app.run_view import RunView
from study.spec.study import Arm, Study
from study.storage import freezing
from study.storage.data_content import contents, refuse_other_content
from study.storage.merge import Merge
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, write_run
from study.storage.survey import survey
from tests.study import own
from tests.study.storage.test_results_folder import record
from trainables.config.errors import BadInput
from trainables.data.facts import FASHION_MNIST

OLD, NEW = "5" * 64, "6" * 64
DATA = record(0).config.data


def held(where: Path, *checksums: str, trained: bool = True) -> ResultsFolder:
    """A folder with a run, and a trial, of each content."""
    store = ResultsFolder(where, create=True)
    for i, checksum in enumerate(checksums):
        facts = dataclasses.replace(FASHION_MNIST, name=DATA, checksum=checksum)
        write_run(store.folder, f"run{i}", RunRecord(studies=("s",), seeds=(0,), data=facts))
        if trained:
            store.write(dataclasses.replace(record(0), data_checksum=checksum))
    return store


def over(data: str) -> Study:
    return Study(name="s", title="t", question="q", knobs=("lr",), epochs=1, base={"data": data}, arms=(Arm(name="a"),))


def test_another_content_under_the_name_is_refused_and_another_name_or_an_untrained_one_is_not(tmp_path: Path) -> None:
    store = held(tmp_path / "r", OLD)
    refuse_other_content(store, [over(DATA)], OLD)
    refuse_other_content(store, [over("another")], NEW)
    refuse_other_content(held(tmp_path / "none", OLD, trained=False), [over(DATA)], NEW)
    for refuse in (
        lambda: refuse_other_content(store, [over(DATA)], NEW),
        lambda: freezing.check_freezable(store, (), [over(DATA)], NEW),
    ):
        with pytest.raises(BadInput, match=f"'{DATA}'; .* 1 of 1 trial in .* its content is another .checksum 6{{12}}"):
            refuse()
    assert contents(store.trials.all_records()) == {DATA: {OLD}}


def test_where_both_lie_already_no_file_is_advised(tmp_path: Path) -> None:
    store = held(tmp_path / "r", OLD, NEW)
    for checksum in (OLD, NEW):
        with pytest.raises(BadInput) as caught:
            refuse_other_content(store, [over(DATA)], checksum)
        assert "former file" not in str(caught.value) and f"--results {tmp_path}/r-2" in str(caught.value)


def test_the_refusal_names_both_files_how_many_trials_what_differs_and_both_ways_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It named neither the study file nor the data file, and said "give that file, call this one otherwise"."""
    monkeypatch.chdir(tmp_path)
    own.data(Path(), "grains", 60, 30)
    path = own.study(Path(), "mine", "lr", [0.1, 0.01], data="grains")
    asked = PlanRequest((str(path),), 2, results="r", data_dir=Path())
    run(asked, RunOptions(executor="inline"), RunView(quiet=True))
    own.data(Path(), "grains", 61, 30)
    Path("r-2").mkdir()
    for ask in (partial(plan_request, asked, here=True), partial(run, asked, RunOptions(), RunView(quiet=True))):
        with pytest.raises(BadInput) as told:
            ask()
        assert re.fullmatch(
            r"mine\.yaml, line \d+: base\.data: got 'grains'; grains\.npz has changed since 4 of 4 trials in r were "
            r"trained: its content is another \(checksum \w{12}, then \w{12}; 61 \+ 30 images, then 60 \+ 30 "
            r"images\)\. Nothing was changed\. What to do: put the former file back and give the same command, or give "
            r"the changed data a folder of their own: the same command with --results r-3",
            str(told.value),
        )


def test_folders_of_one_name_and_different_contents_are_not_merged(tmp_path: Path) -> None:
    old, new, both = (held(tmp_path / n, *of) for n, of in (("a", [OLD]), ("b", [NEW]), ("c", [OLD, NEW])))
    with pytest.raises(BadInput, match=r"its content is another in .*: nothing was merged"):
        Merge(old.folder.where, new.folder.where).check(str(tmp_path / "into"))
    assert Merge(old.folder.where, both.folder.where).check(str(tmp_path / "into")) == (2, 1)


def test_a_folder_that_has_both_says_so_wherever_it_is_read(tmp_path: Path) -> None:
    one = held(tmp_path / "a", OLD)
    one.studies.freeze(over(DATA))
    assert survey(one).notes == ()
    both = held(tmp_path / "b", OLD, NEW)
    both.studies.freeze(over(DATA))
    (note,) = survey(both).notes
    assert note.startswith(f"runs of this folder had 2 files called {DATA}.npz, of different content: an arm takes")


def test_what_trials_say_of_their_data_is_asked_where_runs_are_lost(tmp_path: Path) -> None:
    store = held(tmp_path / "r", OLD)
    store.folder.delete("runs/run0.json")
    for _ in range(2):
        refuse_other_content(store, [over(DATA)], OLD)
        with pytest.raises(BadInput, match=r"its content is another .checksum 6{12}.* put the former file back"):
            refuse_other_content(store, [over(DATA)], NEW)
        store.trials.gather()
