"""Whatever is damaged, every command that reads the folder says it in one sentence, and one command mends it."""

from __future__ import annotations

import contextlib
import dataclasses
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from analysis.data.load import load
from analysis.report.inputs import read_inputs
from study.cli.main import app
from study.search import replay
from study.spec import registry
from study.storage.diff import diff
from study.storage.local_tree import LocalTree
from study.storage.merge import Merge
from study.storage.repair import verify
from study.storage.results_folder import ResultsFolder
from study.storage.survey import contradictions, sound_records, survey
from study.storage.trials import RecordedTrials, TrialOnRecord
from tests import synthetic
from tests.analysis.stores import fill, store_of
from trainables.config.errors import StoreError, StudyError
from trainables.config.trial_config import TrialConfig
from trainables.records.trial_record import TrialRecord

SCALING = registry.load_study("scaling")
RUN = "runs/20260101T000000-000000.json"


def call(*words: str) -> Result:
    done = CliRunner().invoke(app, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit | StudyError), done.output
    return done


def flip(store: ResultsFolder, name: str, at: float = 0.5) -> None:
    path = Path(store.folder.path(name))
    data = bytearray(path.read_bytes())
    data[int(len(data) * at)] ^= 1
    path.write_bytes(bytes(data))


@pytest.fixture
def store(tmp_path: Path) -> ResultsFolder:
    made = store_of(tmp_path / "results", [SCALING], seeds=(0, 1, 2))
    fill(made, synthetic.records(SCALING, (3,)))
    return made


HARMS: dict[str, Callable[[ResultsFolder], str]] = {
    "loose": lambda s: s.trials.loose()[0],
    "gathered": lambda s: s.trials.gathered()[0],
    "run": lambda s: RUN,
    "footer": lambda s: s.trials.gathered()[0],
}


@pytest.mark.parametrize("harm", HARMS)
def test_one_flipped_bit_is_said_everywhere_and_mended_by_the_command_it_names(store: ResultsFolder, harm: str) -> None:
    where, name = store.folder.where, HARMS[harm](store)
    flip(store, name, 0.999 if harm == "footer" else 0.3)
    said: set[str] = set()
    for words in (["status", where], ["plan", "scaling", "--seeds", "4", "--results", where], ["claims", where]):
        done = call(*words)
        lines = [line for line in done.output.splitlines() if name in line]
        assert len(lines) == 1, (words, done.stderr)
        said |= set(lines)
    (line,) = said
    assert f"{name} is damaged (" in line and "\n" not in line
    page = Path(where, "report", "index.html")
    if harm == "gathered":  # one is enough: pages take long
        assert call("report", where).exit_code == 0 and name in page.read_text()
    assert name in call("verify", where).stdout
    command = shlex.split(line.partition("`")[2].partition("`")[0])
    assert command[:2] == ["study", "repair"] and call(*command[1:]).exit_code == 0
    assert survey(store).problems == () and verify(where).sound
    if harm == "gathered":
        assert call("report", where).exit_code == 0 and name not in page.read_text(), "that page was of something else"


def test_a_plan_counts_what_a_damaged_record_costs(store: ResultsFolder) -> None:
    where, name = store.folder.where, store.trials.loose()[0]
    assert len(survey(store).on_record) == len(store.trials.on_record()) == 8
    flip(store, name)
    assert len(survey(store).on_record) == 7 and name.split("/")[1][:20] not in survey(store).on_record
    assert "7 trials on record" in call("status", where).stdout


def test_what_is_sound_in_a_damaged_file_counts_in_plan_and_report(
    store: ResultsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("study.storage.parquet.TRIALS_PER_ROW_GROUP", 2)
    store.trials.gather()
    name = max(store.trials.gathered(), key=lambda n: len(store.folder.read(n) or b""))
    whole = len(survey(store).on_record)
    flip(store, name, 0.4)
    found = survey(store)
    assert 0 < len(
        found.on_record
    ) <= whole and f"saves {len(found.on_record) - _other(store, name)} sound records" in str(found)


def _other(store: ResultsFolder, name: str) -> int:
    return sum(len(store.trials.look(n)[0]) for n in store.trials.gathered() if n != name)


# ------------------------------------------------------------------------------------------------- contradictions

CONFIG = TrialConfig(epochs=3, hidden=(8,))


def record(ended: float = 1.0, lr: float = 0.01, epochs: int = 3, **given: object) -> TrialRecord:
    made = synthetic.record(CONFIG.replace(epochs=epochs), **given)  # type: ignore[arg-type]
    columns = made.epochs.replace(lr=(lr, *made.epochs["lr"][1:]))
    return dataclasses.replace(made, epochs=columns, provenance={**made.provenance, "ended": ended})


PAIRS: dict[str, tuple[TrialRecord, TrialRecord]] = {
    "equally long": (record(1.0, lr=0.5), record(2.0)),
    "a longer one that begins otherwise": (record(2.0, epochs=5), record(1.0, lr=0.5)),
    "one diverged": (record(2.0, epochs=5), record(1.0, status="diverged", done=2)),
}


@pytest.mark.parametrize(
    ("pair", "gathered"), [(p, n) for p in PAIRS for n in range(3) if (p, n) != ("equally long", 0)]
)
def test_a_contradiction_has_one_sentence_and_one_command_and_the_right_record_stays(
    tmp_path: Path, pair: str, gathered: int
) -> None:
    stays, goes = PAIRS[pair]
    store = ResultsFolder(tmp_path / "r", create=True)
    other = synthetic.record(CONFIG.replace(seed=7))
    for i, one in enumerate([goes, stays]):
        store.write(one)
        store.write(other)
        if i < gathered:
            _gathered(store)
    where = store.folder.where
    assert stays.id == goes.id
    assert not verify(where).sound
    (line,) = survey(store).problems
    assert line.startswith(f"trial {stays.id} has two records that contradict each other") and "study repair" in line
    assert line in call("status", where).output.splitlines() and line in call("claims", where).stderr.splitlines()
    done = call("repair", where)
    assert done.exit_code == 0 and "contradicts what was trained before it, or longer" in done.stdout
    assert contradictions(store) == [] and verify(where).sound and survey(store).problems == ()
    assert store.trials.on_record()[stays.id] == TrialOnRecord.of(stays)
    kept = {r.id: r.result_digest() for r in store.trials.records()}
    assert kept == {stays.id: stays.result_digest(), other.id: other.result_digest()}
    assert len(store.folder.names("quarantine")) == 1, "nothing is thrown away"
    store.trials.gather()
    assert call("repair", where).stdout.strip().endswith("nothing to repair")


def test_of_however_many_trials_with_several_records_only_suspects_are_read_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    bare = dataclasses.replace(record(epochs=5), tensors=())
    long = [dataclasses.replace(bare, config=bare.config.replace(seed=s)) for s in range(40)]
    short = [dataclasses.replace(r, epochs=r.epochs.first(3), config=r.config.replace(epochs=3)) for r in long]
    wrong = short[7].epochs.replace(val_loss=(*short[7].epochs["val_loss"][:2], 0.125))
    short[7] = dataclasses.replace(short[7], epochs=wrong)
    store.trials.write_gathered(long)
    store.trials.write_gathered(short)
    read: list[set[str]] = []

    def spied(store: ResultsFolder, damaged: set[str], trials: set[str]) -> Iterator[tuple[str, TrialRecord]]:
        read.append(trials)
        return sound_records(store, damaged, trials)

    monkeypatch.setattr("study.storage.survey.sound_records", spied)
    (line,) = survey(store).problems
    assert line.startswith(f"trial {long[7].id} has two records") and "val_loss in epoch 3" in line
    assert read == [{long[7].id}]


def _gathered(store: ResultsFolder) -> None:
    """As two folders were once put together by hand: without a look at what the other one holds."""
    from study.storage import parquet
    from study.storage.integrity import StoredRecord

    rows = [StoredRecord.of(r) for n in store.trials.loose() if (r := store.trials.loose_record(n))]
    import hashlib

    data = parquet.pack(rows)
    store.folder.write(f"trials/gathered-{hashlib.sha256(data).hexdigest()}.parquet", data)
    for name in store.trials.loose():
        store.folder.delete(name)


def test_longer_records_that_go_on_from_shorter_ones_are_no_contradiction(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    for one in (record(), record(epochs=5), record(epochs=5, status="stopped", done=4)):
        store.write(one)
    assert contradictions(store) == [] and survey(store).problems == () and verify(store.folder.where).sound
    assert diff(store.folder.where, store.folder.where) == []


# ------------------------------------------------------------------------------------------- records of other machines


@pytest.mark.parametrize("gathered", range(3))
def test_records_of_other_machines_may_differ_and_every_command_says_so(tmp_path: Path, gathered: int) -> None:
    store = store_of(tmp_path / "r", [SCALING])
    first = next(synthetic.records(SCALING, (0,)))
    apart = synthetic.changed(next(synthetic.records(SCALING, (0,), host="node-2")), 0, val_loss=9.0)
    more = dataclasses.replace(apart, provenance={**apart.provenance, "ended": 5.0})
    store.write(more)
    if gathered:
        store.trials.gather()
    if gathered > 1:
        store.trials.gather()
    where = store.folder.where
    seen = survey(store)
    assert seen.problems == () and contradictions(store) == []
    (note,) = seen.notes
    assert first.id in note and "The one that was trained first is read" in note and "processor of node-2" in note
    assert verify(where).sound and note in verify(where).lines
    assert note in call("status", where).output.splitlines() and note in call("claims", where).stderr.splitlines()
    assert call("repair", where).stdout.strip().endswith("nothing to repair")
    assert len(list(store.trials.all_records())) == 7 and diff(where, where) == []


def test_a_third_record_that_contradicts_its_like_is_a_contradiction(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    store.write(record(1.0))
    there = dataclasses.replace(record(2.0, lr=0.5), provenance={"hardware": "b", "torch": "2", "ended": 2.0})
    store.write(there)
    store.trials.gather()
    store.write(dataclasses.replace(record(3.0, lr=0.25), provenance={**there.provenance, "ended": 3.0}))
    with pytest.raises(StoreError, match="another result than the one gathered"):
        store.trials.gather()
    (one,) = contradictions(store)
    assert one.goes[0] == store.trials.loose()[0] and one.stays[1].epochs["lr"][0] == 0.5
    assert call("repair", store.folder.where).exit_code == 0 and contradictions(store) == []
    assert [r.epochs["lr"][0] for r in store.trials.records()] == [0.01]


def emptied(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


GOES: dict[str, Callable[[Path], object]] = {"moved": lambda f: f.rename(f.with_name("moved")), "emptied": emptied}
READERS: dict[str, Callable[[str], object]] = {
    "survey": lambda where: survey(ResultsFolder(where)),
    "verify": verify,
    "load": lambda where: load(ResultsFolder(where)),
    "inputs": lambda where: read_inputs(ResultsFolder(where)),
    "diff": lambda where: diff(where, where),
    "merge": lambda where: Merge(where, where).check(f"{where}-both"),
}


@pytest.mark.parametrize("how", GOES)
@pytest.mark.parametrize("reader", READERS)
def test_a_folder_that_goes_while_it_is_read_is_never_taken_for_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str, how: str
) -> None:
    """Its disk is unmounted, say, after the first file: no "all sound", no page without a trial."""
    store = ResultsFolder(tmp_path / "r", create=True)
    for seed in range(3):
        store.write(synthetic.record(TrialConfig(epochs=1, hidden=(4,), seed=seed)))
    own, opened = LocalTree._inside, list[str]()

    @contextlib.contextmanager
    def inside(tree: LocalTree, folder: str, *, make: bool = False) -> Iterator[int]:
        opened.append(folder)
        if len(opened) == 2:
            GOES[how](tmp_path / "r")
        with own(tree, folder, make=make) as handle:
            yield handle

    monkeypatch.setattr(LocalTree, "_inside", inside)
    with pytest.raises(StoreError, match=r"the results folder is gone; bring it back|there are no results in"):
        READERS[reader](str(tmp_path / "r"))
    assert not any((tmp_path / "r").glob("*"))


@pytest.mark.parametrize("reader", READERS)
def test_a_sub_folder_that_goes_while_it_is_read_is_no_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str
) -> None:
    """Somebody tidies up by hand: `trials/` alone is moved away after its files were listed."""
    store = ResultsFolder(tmp_path / "r", create=True)
    for seed in range(3):
        store.write(synthetic.record(TrialConfig(epochs=1, hidden=(4,), seed=seed)))
    own = LocalTree._listed

    def listed(tree: LocalTree, under: str, deep: bool) -> tuple[list[str], list[str], list[str]]:
        found = own(tree, under, deep)
        if under == "trials" and (tmp_path / "r" / "trials").is_dir():
            (tmp_path / "r" / "trials").rename(tmp_path / "moved")
        return found

    monkeypatch.setattr(LocalTree, "_listed", listed)
    with pytest.raises(StoreError, match=r"cannot reach .*/trials: the results folder is gone; bring it back"):
        READERS[reader](str(tmp_path / "r"))


READ_BY: dict[str, Callable[[str], object]] = {
    "records": lambda where: list(ResultsFolder(where).trials.records()),
    "replay": replay.read,
    "merge": lambda where: Merge(where, where).check(f"{where} of both"),
}


@pytest.mark.parametrize("reader", READ_BY)
@pytest.mark.parametrize("gathered", [False, True])
def test_the_command_that_mends_names_the_folder_that_it_means(tmp_path: Path, reader: str, gathered: bool) -> None:
    """Of two folders that are merged, and of one that a replay reads, the last run's folder may be another."""
    store = ResultsFolder(tmp_path / "my results", create=True)
    store.write(synthetic.record(TrialConfig(epochs=1, hidden=(4,))))
    if gathered:
        store.trials.gather()
    flip(store, store.folder.names("trials")[0])
    with pytest.raises(StoreError, match=" is damaged ") as caught:
        READ_BY[reader](store.folder.where)
    command = f"study repair {shlex.quote(store.folder.where)}"
    assert f"`{command}` moves it to quarantine/" in str(caught.value)
    assert "--results" not in str(caught.value), "which merge and repair have not"
    assert call(*shlex.split(command)[1:]).exit_code == 0


def test_a_run_that_gathers_between_the_list_and_the_look_takes_nothing_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(tmp_path / "g", [SCALING], gather=False)
    there = survey(store).on_record
    assert len(there) == len(store.trials.loose()) > 2
    real, looks = RecordedTrials.look, list[str]()

    def gathering(self: RecordedTrials, name: str) -> object:
        looks.append(name)
        if len(looks) == 2:
            ResultsFolder(tmp_path / "g").trials.gather()
        return real(self, name)

    monkeypatch.setattr(RecordedTrials, "look", gathering)
    assert survey(store).on_record.keys() == there.keys() and store.trials.gathered()
