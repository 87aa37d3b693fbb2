"""A data file that was changed under its name is refused where trials of what it was lie; older folders say so."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from study.spec.study import Arm, Study
from study.storage import freezing
from study.storage.data_content import contents, refuse_other_content
from study.storage.merge import Merge
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, write_run
from study.storage.survey import survey
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
        with pytest.raises(
            BadInput, match=f"'{DATA}'; its content is another .checksum 6{{12}}.* choose another folder"
        ):
            refuse()
    assert contents(store.trials.all_records()) == {DATA: {OLD}}


def test_where_both_lie_already_no_file_is_advised(tmp_path: Path) -> None:
    store = held(tmp_path / "r", OLD, NEW)
    for checksum in (OLD, NEW):
        with pytest.raises(BadInput) as caught:
            refuse_other_content(store, [over(DATA)], checksum)
        assert "give that file" not in str(caught.value) and "choose another folder" in str(caught.value)


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
        with pytest.raises(BadInput, match=r"its content is another .checksum 6{12}.* give that file"):
            refuse_other_content(store, [over(DATA)], NEW)
        store.trials.gather()
