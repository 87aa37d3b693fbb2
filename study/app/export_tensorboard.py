"""A results folder as event files of TensorBoard, a run a trial: STUDY/ARM/seed-N. TensorFlow is not needed.

Where the folder holds one study, its name is left out. Scalars are the metrics under their own names, by epoch; NaN
stays NaN. Hyperparameters are the knobs that differ anywhere in a study and have an effect in the run, and the seed; of
a reduced run `reduced` too. Their metric is the study's. The same records give the same bytes.
"""

from __future__ import annotations

import io
import itertools
import struct
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from analysis.report.inputs import read_inputs
from analysis.report.output_folder import OutputFolder
from study.app.export_rows import ExportedSetting, ExportedTrial, exported_knob, settings_of
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import StoreError
from trainables.config.idle_knobs import idle_knobs
from trainables.config.trial_config import KNOBS
from trainables.records.metrics import METRICS

FILE = "events.out.tfevents.0000000000.study"
"""TensorBoard reads files whose names have `tfevents` in them."""
VERSION = "brain.Event:2"


def export_tensorboard(folder: str, out: Path | None) -> list[Path]:
    """Write an event file a trial.

    Args:
        folder: a results folder.
        out: where to write; if not given, `tensorboard` within the results folder.

    Raises:
        StoreError: the folder holds no trials, or it cannot be written.
        BadInput: the results are not on this machine's disk and no `out` is given.
    """
    target, store = OutputFolder(folder, out, "tensorboard"), ResultsFolder(folder)
    try:
        found = settings_of(read_inputs(store))
    except StoreError as error:
        raise StoreError(f"{folder}: {error}") from None
    several, files = len({s.study.name for s in found}) > 1, dict[str, Callable[[], bytes]]()
    for study, group in itertools.groupby(found, key=lambda s: s.study.name):
        settings = list(group)
        varied = _varied(settings)
        for setting in settings:
            knobs = {name: _plain(exported_knob(settings, setting.config, name)) for name in varied}
            knobs = {name: value for name, value in knobs.items() if name not in idle_knobs(setting.config)}
            for trial in setting.trials:
                place = f"{study}/" * several + f"{setting.name}/seed-{trial.seed}/{FILE}"
                files[place] = partial(_events, setting, trial, knobs)
    return target.write_all(files, clear=out is None)


def _varied(settings: list[ExportedSetting]) -> list[str]:
    """The knobs in which the settings of a study differ."""
    return [n for n in KNOBS if n != "seed" and len({repr(getattr(s.config, n)) for s in settings}) > 1]


def _events(setting: ExportedSetting, trial: ExportedTrial, knobs: Mapping[str, Any]) -> bytes:
    """An event file; `knobs`: the hyperparameters but the seed."""
    from tensorboardX import summary
    from tensorboardX.proto.event_pb2 import Event

    own = {**knobs, "seed": trial.seed, **({"reduced": True} if setting.reduced else {})}
    metric = setting.study.effect.metric if setting.study.effect else "val_accuracy"
    if setting.part is not None:
        metric = setting.part.search.objectives[0]
    out = io.BytesIO()
    _append(out, Event(wall_time=trial.began, file_version=VERSION))
    for hparams_summary in summary.hparams(own, {metric: 0.0}):
        _append(out, Event(wall_time=trial.began, summary=hparams_summary))
    for epoch, seconds, values in _rows(trial):
        said = summary.Summary(value=[summary.Summary.Value(tag=n, simple_value=v) for n, v in values.items()])
        _append(out, Event(wall_time=trial.began + seconds, step=epoch, summary=said))
    return out.getvalue()


def _rows(trial: ExportedTrial) -> Iterator[tuple[int, float, dict[str, float]]]:
    """Each epoch with the seconds of training up to its end and its metrics, those that were measured."""
    kept = [name for name in METRICS if name in trial.epochs and name != "epoch" and trial.epochs[name].notna().any()]
    for seconds, row in zip(trial.seconds, trial.epochs.itertuples(), strict=True):
        yield int(row.epoch), float(seconds), {name: float(getattr(row, name)) for name in kept}


def _plain(value: Any) -> Any:
    """A knob as TensorBoard can hold it."""
    return "x".join(map(str, value)) or "none" if isinstance(value, tuple) else "none" if value is None else value


def _append(out: io.BytesIO, event: Any) -> None:
    """A record of the format that TensorFlow calls TFRecord: length, its checksum, data, their checksum."""
    from tensorboardX.crc32c import crc32c

    def checked(data: bytes) -> bytes:
        crc = crc32c(data)
        return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)

    data = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    out.write(length + checked(length) + data + checked(data))
