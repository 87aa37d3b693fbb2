"""Readers meet damaged bytes and foreign values: a clear StudyError, never another error, a hang or a wrong number."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.data.load import load
from study.spec import registry
from study.spec.faults import BadValues
from study.spec.study import Study
from study.storage import integrity as checks
from study.storage import parquet as segments
from study.storage import search_log
from study.storage.results_folder import ResultsFolder
from study.storage.search_events import proposals_after
from tests import odd_values, synthetic
from trainables.config.errors import StoreError, StudyError
from trainables.config.trial_config import KNOBS, TrialConfig
from trainables.records.trial_record import TrialRecord

RECORD = synthetic.record(TrialConfig(epochs=2, hidden=(4,)))
PLAIN = RECORD.to_dict()
LOOSE = checks.to_json({"checksum": checks.checksum_of(PLAIN), "record": PLAIN})
SEGMENT = segments.pack([checks.StoredRecord.of(RECORD)])
STUDY = next(registry.load_study(n) for n in registry.names() if registry.load_study(n).claims)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(
    scalars, lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(max_size=10), v, max_size=4), max_leaves=8
)
often = settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def places(value: Any) -> list[tuple[Any, ...]]:
    """Paths to the whole and to every value within it."""
    return [(), *odd_values.places(value)]


def changed(whole: Any, at: tuple[Any, ...], new: Any, drop: bool) -> Any:
    """Plain data with one value replaced, or left out; with the whole replaced."""
    return odd_values.changed(whole, at, new, drop=drop) if at else new


def must_be_clear(error: StudyError, *words: str) -> None:
    lines = error.lines if isinstance(error, BadValues) else (str(error),)  # a line for each mistake of a study
    assert str(error).split("\n") == list(lines) and all(lines) and "Traceback" not in str(error)
    assert all(word in str(error) for word in words)


@often
@given(st.data())
def test_records_with_a_foreign_value(data: st.DataObject) -> None:
    damaged = changed(PLAIN, data.draw(st.sampled_from(places(PLAIN))), data.draw(values), data.draw(st.booleans()))
    try:
        record = TrialRecord.from_dict(damaged)
        record.result_digest()
    except StudyError as error:
        must_be_clear(error)
        return
    assert record.id == PLAIN["id"], "whatever is read belongs to the trial that it names"


@often
@given(at=st.integers(0, len(LOOSE) - 1), bit=st.integers(0, 7), cut=st.booleans())
def test_a_loose_record_with_one_wrong_bit(at: int, bit: int, cut: bool) -> None:
    damaged = LOOSE[:at] if cut else LOOSE[:at] + bytes([LOOSE[at] ^ 1 << bit]) + LOOSE[at + 1 :]
    try:
        record = checks.parse_record(damaged)
    except StudyError as error:
        must_be_clear(error)
        return
    assert record.result_digest() == RECORD.result_digest()


odd: st.SearchStrategy[Any] = st.sampled_from(
    [10**400, -(10**400), 2**63, "nan", "inf", "\ud800", 1, True, None, 1.5, "x", [], {}]
)


@often
@given(st.data())
def test_a_record_that_counts_as_sound_survives_the_way_to_the_end(tmp_path: Path, data: st.DataObject) -> None:
    """Some were gathered, and were damaged then; others ended whoever gathered them."""
    plain = changed(PLAIN, data.draw(st.sampled_from(places(PLAIN))), data.draw(odd | values), data.draw(st.booleans()))
    store = ResultsFolder(tmp_path / uuid.uuid4().hex, create=True)
    name = f"trials/{RECORD.id}-{RECORD.epochs_done:06d}-{RECORD.status}.json"
    try:
        whole = checks.to_json({"checksum": checks.checksum_of(plain), "record": plain})
    except (ValueError, TypeError, AttributeError):
        return  # no JSON at all
    store.folder.write(name, whole)
    if any(d.name == name for d in store.trials.damage()):
        return
    (before,) = store.trials.all_records()
    assert store.trials.gather() == 1 and not store.trials.damage()
    (after,) = store.trials.all_records()
    assert repr(after) == repr(before) or after.result_digest() == before.result_digest()
    assert len(load(store).frames.trials) == 1


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (("message",), "\ud800"),
        (("provenance", "host"), "\ud800"),
        (("tensors", 0, "mean"), 1),
        (("tensors", 0, "quantiles", 0), 10**400),
        (("tensors", 0, "histogram", 0), 10**400),
        (("tensors", 0, "count"), 2**63),
    ],
)
def test_what_no_column_can_keep_is_damage_before_it_is_gathered(
    tmp_path: Path, at: tuple[Any, ...], value: Any
) -> None:
    plain = changed(PLAIN, at, value, drop=False)
    store = ResultsFolder(tmp_path, create=True)
    name = f"trials/{RECORD.id}-{RECORD.epochs_done:06d}-{RECORD.status}.json"
    store.folder.write(name, checks.to_json({"checksum": checks.checksum_of(plain), "record": plain}))
    assert [d.name for d in store.trials.damage()] == [name]
    with pytest.raises(StudyError, match="is damaged"):
        store.trials.gather()


POINT = {"lr": 0.1, "hidden": [4, 4], "optimizer": "sgd"}
EVENT: dict[str, Any] = {"kind": "proposed", "n": 0, "point": POINT, "by": "r"}
REPORT: dict[str, Any] = {"kind": "reported", "n": 0, "curves": {"val_accuracy": [0.5, None]}, "message": "m"}


@often
@given(data=st.data())
@pytest.mark.parametrize("which", [0, 1])
def test_an_event_of_a_search_with_a_foreign_value(data: st.DataObject, which: int) -> None:
    plain = [EVENT, {"kind": "sent", "n": 0, "until": 2}, REPORT]
    at = data.draw(st.sampled_from(places(plain[2 * which])[1:]))
    plain[2 * which] = changed(plain[2 * which], at, data.draw(odd | values), data.draw(st.booleans()))
    try:
        events = search_log.parse_events([e for e in plain if isinstance(e, dict)], [], "searches/s/a/000000.json")
    except StudyError as error:
        must_be_clear(error, "000000.json is damaged")
        return
    again = json.loads(json.dumps([e.to_dict() for e in events], allow_nan=False))
    assert [e.proposal for e in search_log.parse_events(again, [], "x")] == [e.proposal for e in events]
    checks.checksum_of({"events": again})
    proposals_after(events, 2, "val_accuracy")


@pytest.mark.parametrize("odd_rate", [float("inf"), float("nan")])
def test_a_setting_that_is_no_finite_number_is_damage(odd_rate: float) -> None:
    with pytest.raises(StudyError, match="is damaged"):
        search_log.parse_events([EVENT | {"point": POINT | {"lr": odd_rate}}], [], "searches/s/a/0.json")


@often
@given(st.binary(max_size=200))
def test_a_loose_record_of_rubbish(rubbish: bytes) -> None:
    with pytest.raises(StudyError):
        checks.parse_record(rubbish)


@often
@given(at=st.integers(0, len(SEGMENT) - 1), bit=st.integers(0, 7), cut=st.booleans())
def test_a_gathered_file_with_one_wrong_bit_never_gives_a_wrong_number(
    tmp_path: Path, at: int, bit: int, cut: bool
) -> None:
    damaged = SEGMENT[:at] if cut else SEGMENT[:at] + bytes([SEGMENT[at] ^ 1 << bit]) + SEGMENT[at + 1 :]
    store = ResultsFolder(tmp_path, create=True)
    name = f"trials/gathered-{hashlib.sha256(SEGMENT).hexdigest()}.parquet"
    store.folder.write(name, damaged)
    assert [d.name for d in store.trials.damage()] == [name]
    try:
        read = list(store.trials.all_records())
    except StudyError as error:
        must_be_clear(error)
        read = []
    assert all(r.result_digest() == RECORD.result_digest() for r in read)
    saved, _ = segments.salvage(damaged)
    assert all(row.checked().result_digest() == RECORD.result_digest() for row in saved)


@pytest.mark.parametrize("odd", [b"bytes", {1, 2}, object()])
def test_a_record_of_what_json_cannot_hold_is_damage(odd: object) -> None:
    """A flipped bit in a gathered file can make bytes of a column of text."""
    sound = checks.StoredRecord.of(RECORD)
    damaged = checks.StoredRecord(sound.checksum, {**sound.values, "status": odd})
    assert sound.is_sound and not damaged.is_sound
    with pytest.raises(StudyError, match="does not fit its checksum"):
        damaged.checked()


@often
@given(knob=st.sampled_from(sorted(KNOBS)), value=values)
def test_a_configuration_with_a_foreign_value(knob: str, value: Any) -> None:
    try:
        config = TrialConfig.from_dict({knob: value})
    except StudyError as error:
        must_be_clear(error, knob)
        return
    assert TrialConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@often
@given(st.dictionaries(st.text(max_size=12), values, max_size=3))
def test_a_configuration_of_foreign_knobs(given_values: dict[str, Any]) -> None:
    try:
        TrialConfig.from_dict(given_values)
    except StudyError as error:
        must_be_clear(error)
    else:
        assert not given_values


@often
@given(st.data())
def test_a_study_with_a_foreign_value(data: st.DataObject) -> None:
    plain = json.loads(json.dumps(STUDY.to_dict()))
    damaged = changed(plain, data.draw(st.sampled_from(places(plain)[1:])), data.draw(values), data.draw(st.booleans()))
    try:
        study = Study.from_dict(damaged)
    except StudyError as error:
        must_be_clear(error)
        return
    assert study.name and "/" not in study.name


@often
@given(text=st.text(max_size=300))
@pytest.mark.parametrize("suffix", [".yaml"])
def test_a_study_file_of_rubbish(tmp_path: Path, text: str, suffix: str) -> None:
    path = tmp_path / f"mine{suffix}"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(StudyError) as caught:
        registry.load_study(str(path))
    must_be_clear(caught.value)


HOSTILE = {
    "python objects": "!!python/object/apply:os.system ['echo this must not run']",
    "a bomb of aliases": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{c}: &{c} [{','.join([f'*{b}'] * 9)}]\n" for b, c in zip("abcdefgh", "bcdefghi", strict=True)),
    "deep": "[" * 5000,
    "a name that climbs": "name: ../../x\ntitle: t\nquestion: q\nknobs: []\nepochs: 1\narms: [{name: a}]",
    "an arm that climbs": "name: x\ntitle: t\nquestion: q\nknobs: []\nepochs: 1\narms: [{name: ../a}]",
    "a shell": "name: $(touch x)\ntitle: t\nquestion: q\nknobs: []\nepochs: 1\narms: [{name: a}]",
    "many epochs": "name: x\ntitle: t\nquestion: q\nknobs: []\nepochs: 99999999999999\narms: [{name: a}]",
    "no number": "name: x\ntitle: t\nquestion: q\nknobs: [lr]\nepochs: 1\narms: [{name: a, change: {lr: .inf}}]",
    "bytes": "\x00\x01",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_study_files(tmp_path: Path, text: str, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(StudyError) as caught:
        registry.load_study(str(path))
    must_be_clear(caught.value)
    assert "must not run" not in capfd.readouterr().out


@pytest.mark.parametrize("head", [b"\xff", b"[" * 100_000, b"{}", b"null", b'{"format": 3, "version": "x"}'])
def test_hostile_heads(tmp_path: Path, head: bytes) -> None:
    (tmp_path / checks.HEADER_FILE).write_bytes(head)
    with pytest.raises(StudyError) as caught:
        ResultsFolder(tmp_path)
    must_be_clear(caught.value)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b"[{", "it is no JSON, from line 1, column 3 on"),
        (b"\xff{}", "it is no text in UTF-8"),
        (b"[" * 100_000, "it is nested too deeply"),
    ],
)
def test_what_is_no_json_is_said_in_our_words(data: bytes, why: str) -> None:
    with pytest.raises(StoreError, match=f"^a.json is damaged .{re.escape(why)}.$"):
        checks.to_plain(data, "a.json")
