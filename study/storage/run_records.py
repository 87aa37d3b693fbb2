"""What is on record of a run: `runs/RUN.json`. Verdicts rest on the seeds that runs asked for, so it has a checksum.

Files of version 0.1 have none. Its runs always asked for the seeds 0, 1, 2, ..., so other seeds in one are damage; for
all else each gets a copy that has a checksum, `runs/RUN.copy`, which takes its place where it is damaged.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from study.storage.durable_files import Folder
from study.storage.integrity import checksum_of, to_json, to_object
from trainables.config.errors import StoreError, StudyError, legible, spelled
from trainables.data.facts import FASHION_MNIST, DataFacts

MAX_SEED = 2**31 - 1
_COPY = ".copy"


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """What one run asked for, and where and how it ran."""

    studies: tuple[str, ...]
    seeds: tuple[int, ...]
    """Those asked of every arm of these studies, where `asked` says nothing else."""
    asked: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """By arm (`study/arm`), the seeds that were asked of it."""
    reduced: bool | None = None
    """Whether it was run with `--quick`; None where it does not say."""
    reduced_studies: tuple[str, ...] | None = None
    """Those that ran fewer epochs or images than they declare; None in files of version 0.1."""
    command: tuple[str, ...] = ()
    began: str = ""
    code_version: int | None = None
    python: str = ""
    system: str = ""
    cores: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    trials_to_train: int | None = None
    epochs_to_train: int | None = None
    data: DataFacts | None = None
    """What its trials were trained on; None where it does not say."""

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, without what is not known."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        values["versions"], values["asked"] = dict(self.versions), {arm: list(s) for arm, s in self.asked.items()}
        values["data"] = _plain_facts(self.data) if self.data else None
        plain = {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}
        return {name: v for name, v in plain.items() if v not in (None, "", {}) or name in ("studies", "seeds")}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunRecord:
        """The inverse of `to_dict`; fields that are not known are passed over.

        Raises:
            ValueError: a field is missing, of the wrong kind or out of range; names it.
        """
        known = {f.name for f in dataclasses.fields(cls)}
        given = {name: _CHECKS[name](name, value) for name, value in values.items() if name in known}
        if lacking := {"studies", "seeds"} - given.keys():
            raise ValueError(f"it has no {' and no '.join(sorted(lacking))}")
        return cls(**given)


def _plain_facts(data: DataFacts) -> dict[str, object]:
    """What is known of the data, for JSON."""
    values = {name: list(v) if isinstance(v, tuple) else v for name, v in dataclasses.asdict(data).items()}
    return {name: v for name, v in values.items() if v not in (None, [])}


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ValueError(f"{name}: expected a list of texts, got {spelled(value):.200}")
    return tuple(value)


def _seeds(name: str, value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{name}: expected a list of whole numbers, got {spelled(value):.200}")
    for seed in value:
        if type(seed) is not int or not 0 <= seed <= MAX_SEED:
            raise ValueError(f"{name}: expected whole numbers from 0, got {spelled(seed):.200}")
    return tuple(value)


def _asked(name: str, value: Any) -> dict[str, tuple[int, ...]]:
    if not isinstance(value, dict):
        raise ValueError(f"{name}: expected seeds by arm, got {spelled(value):.200}")
    return {arm: _seeds(f"{name}, {arm}", seeds) for arm, seeds in value.items()}


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{name}: expected true or false, got {spelled(value):.200}")
    return value


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name}: expected text, got {spelled(value):.200}")
    return value


def _count(name: str, value: Any) -> int | None:
    if value is not None and (type(value) is not int or value < 0):
        raise ValueError(f"{name}: expected a whole number from 0, got {spelled(value):.200}")
    return value


def _versions(name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise ValueError(f"{name}: expected versions by package, got {spelled(value):.200}")
    return dict(value)


def _data(name: str, value: Any) -> DataFacts:
    if not isinstance(value, dict):
        raise ValueError(f"{name}: expected numbers of a data set, got {spelled(value):.200}")
    fields = dataclasses.fields(DataFacts)
    if lacking := [f.name for f in fields if f.name not in value and f.default is dataclasses.MISSING]:
        raise ValueError(f"{name}: it has no {' and no '.join(lacking)}")
    try:
        return DataFacts(**{f.name: value[f.name] for f in fields if f.name in value})
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


_CHECKS: Mapping[str, Any] = {
    **dict.fromkeys(("studies", "reduced_studies", "command"), _texts),
    **dict.fromkeys(("began", "python", "system"), _text),
    **dict.fromkeys(("code_version", "cores", "trials_to_train", "epochs_to_train"), _count),
    "seeds": _seeds,
    "asked": _asked,
    "reduced": _flag,
    "versions": _versions,
    "data": _data,
}


_STAMP = "%Y%m%dT%H%M%S"
_NAMED = re.compile(r"runs/(\d{8}T\d{6})-[0-9a-f]{6}\.json")


def new_run_name(folder: Folder) -> str:
    """A name for a run that begins now: after all that are there, for runs are read in the order of their names.

    A clock that was wrong and has been set back since changes no order.
    """
    now = dt.datetime.now(dt.UTC)
    for name in folder.names("runs"):
        with contextlib.suppress(ValueError, OverflowError):  # no date, or the last one
            if (found := _NAMED.fullmatch(name)) is not None:
                there = dt.datetime.strptime(found[1], _STAMP).replace(tzinfo=dt.UTC)
                now = max(now, there + dt.timedelta(seconds=1))
    return f"{now.strftime(_STAMP)}-{uuid.uuid4().hex[:6]}"


def write_run(folder: Folder, name: str, run: RunRecord) -> None:
    """Keep what is on record of a run, with a checksum over all of it."""
    values = run.to_dict()
    folder.write(f"runs/{name}.json", to_json({"checksum": checksum_of(values), **values}))


def parse_run(data: bytes, name: str) -> RunRecord:
    """A file of `runs/`.

    Raises:
        StoreError: it is damaged; says how.
    """
    values = to_object(data, name)
    checksum = values.pop("checksum", None)
    if checksum is not None and checksum != checksum_of(values):
        raise StoreError(f"{name} is damaged (its content does not fit its checksum)")
    try:
        run = RunRecord.from_dict(values)
        if checksum is None:
            _check_as_version_0_1(run)
    except ValueError as error:
        raise StoreError(legible(f"{name} is damaged ({error})")) from None
    return run


def _check_as_version_0_1(run: RunRecord) -> None:
    if run.reduced is None:
        raise ValueError("it does not say whether it was reduced")
    if run.seeds != tuple(range(len(run.seeds))) or not run.seeds:
        raise ValueError(f"seeds: a run of version 0.1 asked for 0, 1, 2, ..., got {list(run.seeds)}")


def read_run(folder: Folder, data: bytes, name: str) -> RunRecord:
    """A file of `runs/`, by its content; one without a checksum is held against that in its copy.

    Raises:
        StoreError: it is damaged; says how.
    """
    run = parse_run(data, name)
    whole = _with_checksum(data, name)
    if whole != data and _sound_copy(folder, name) not in (None, whole):
        raise StoreError(f"{name} is damaged (its content does not fit the checksum in its copy)")
    return run


def _with_checksum(data: bytes, name: str) -> bytes:
    """A file of `runs/`, with a checksum where version 0.1 wrote none."""
    values = to_object(data, name)
    return data if "checksum" in values else to_json({"checksum": checksum_of(values), **values})


def _copy_of(name: str) -> str:
    return name.removesuffix(".json") + _COPY


def _sound_copy(folder: Folder, name: str) -> bytes | None:
    """The copy of a file of `runs/`, where it is sound and has a checksum."""
    copy = _copy_of(name)
    with contextlib.suppress(StudyError):
        if (data := folder.read(copy)) is not None:
            parse_run(data, copy)
            return data if _with_checksum(data, copy) == data else None
    return None


def has_copy(folder: Folder, name: str) -> bool:
    """Whether a file of `runs/` has a sound copy, which takes its place."""
    return _sound_copy(folder, name) is not None


def without_checksum(folder: Folder) -> list[str]:
    """The sound files of `runs/` that have no checksum, neither in them nor in a copy, as version 0.1 left them."""
    return [
        name
        for name, data, _ in _sound_files(folder)
        if _with_checksum(data, name) != data and not has_copy(folder, name)
    ]


def add_checksums(folder: Folder) -> list[str]:
    """Give each of these a copy that has a checksum; returns their names. No file of a run is changed."""
    bare = without_checksum(folder)
    for name in bare:
        if (data := folder.read(name)) is not None:
            folder.write(_copy_of(name), _with_checksum(data, name))
    return bare


def put_back(folder: Folder) -> list[str]:
    """Put copies in the place of runs that are not there; returns these files."""
    names = [n.removesuffix(_COPY) + ".json" for n in folder.names("runs") if n.endswith(_COPY)]
    back = [(n, data) for n in names if folder.read(n) is None and (data := _sound_copy(folder, n)) is not None]
    for name, data in back:
        folder.write(name, data)
    return [name for name, _ in back]


def damaged_copies(folder: Folder) -> list[str]:
    """Copies that are not equal to the sound run beside them."""
    found = ((_copy_of(name), _with_checksum(data, name)) for name, data, _ in _sound_files(folder))
    return [copy for copy, whole in found if folder.read(copy) not in (None, whole)]


def _sound_files(folder: Folder) -> Iterator[tuple[str, bytes, RunRecord]]:
    for name in folder.names("runs"):
        if name.endswith(".json") and (data := folder.read(name)) is not None:
            with contextlib.suppress(StudyError):
                yield name, data, read_run(folder, data, name)


def read_runs(folder: Folder) -> list[RunRecord]:
    """What is on record of every run, oldest first, without damaged files: a survey tells of these."""
    return [run for _, _, run in _sound_files(folder)]


def in_order_of_runs(names: Iterable[str], runs: Iterable[RunRecord]) -> list[str]:
    """Studies in the order in which they were first run; those that no run names come last, as they stand.

    The answer of a search stands below it.

    >>> in_order_of_runs(["a", "b", "c", "c.answer"], [RunRecord(studies=("c", "b", "d"), seeds=(0,))])
    ['c', 'c.answer', 'b', 'a']
    """
    ran = {name: i for i, name in enumerate(dict.fromkeys(name for run in runs for name in run.studies))}
    return sorted(names, key=lambda name: ran.get(name, ran.get(name.removesuffix(".answer"), len(ran))))


def known_data(runs: Iterable[RunRecord]) -> dict[str, DataFacts]:
    """The data sets that runs were trained on, by checksum, and those that are known anyway."""
    said = (run.data for run in runs if run.data is not None)
    return {data.checksum: data for data in (FASHION_MNIST, *said)}


LOST = "the seeds of that run are lost: run the same command again, which trains nothing that is on record"
"""What a damaged file of `runs/` costs."""
