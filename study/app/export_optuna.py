"""A results folder as an Optuna database, for optuna-dashboard and for whoever analyses with Optuna.

A study here is a study there (of a search, each part: NAME.PART). A trial there is an arm, or a configuration that the
search tried: its value is the mean over seeds of the study's metric after the last epoch. Attributes have the value of
each seed, the answer, and the verdicts.
"""

from __future__ import annotations

import errno
import itertools
import math
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analysis.claims.verdicts import Verdict, judge
from analysis.claims.words import WORDS
from analysis.report.inputs import ReportInputs, read_inputs
from analysis.report.judge_folder import answers_of
from analysis.report.search_answers import decided_arms
from analysis.searches.answer_sentences import answer_sentences
from analysis.searches.lost_seeds import read_lost_lines
from analysis.searches.retrained import read_answer
from study.app.export_rows import ExportedSetting, exported_knob, settings_of
from study.search.optuna_dashboard import open_storage
from study.search.optuna_trials import choice_label, directions, frozen_trial, quiet_optuna
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput, NotGiven, StoreError
from trainables.config.idle_knobs import idle_knobs
from trainables.config.plurals import counted
from trainables.config.trial_config import KNOBS
from trainables.records.metrics import METRICS

FILE = "optuna.db"
JOURNAL = (".log", ".journal", ".jsonl")
"""A file that ends so is a journal; any other is SQLite."""
Attributes = Mapping[str, Any]


def export_optuna(folder: str, out: Path | None) -> tuple[Path, str]:
    """Write the database.

    Args:
        folder: a results folder.
        out: a file, or a folder for `optuna.db`; if not given, `optuna` within the results folder.

    Returns:
        The file, and the URL by which Optuna opens it.

    Raises:
        StoreError: there is such a file already, the folder holds no trials, or it cannot be written.
        BadInput: the results are not on this machine's disk and no `out` is given.
    """
    if out is None and "://" in folder:
        raise NotGiven("--out", f"name a file on this machine by --out: the results are at {folder}")
    store, path = ResultsFolder(folder), out or Path(folder) / "optuna"
    if path.is_dir() or not path.suffix:
        path /= FILE
    if out is None and path.parent.is_symlink():
        raise StoreError(
            f"{path.parent} is a link to another place, in a results folder: remove it, or name another with --out"
        )
    if path.exists() or path.is_symlink():
        raise StoreError(f"{path} is there already and is left as it is; remove it, or name another with --out")
    if file := next((p for p in path.parents if p.exists() and not p.is_dir()), None):
        raise StoreError(f"{file} cannot be written: it is a file, not a folder")
    inputs = read_inputs(store)
    try:
        found = settings_of(inputs)
    except StoreError as error:
        raise StoreError(f"{folder}: {error}") from None
    scheme = "journal:" if path.suffix in JOURNAL else "sqlite:///"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".optuna-") as aside:
            made = Path(aside) / path.name
            _fill(f"{scheme}{made}", found, inputs, store)
            _put(made, path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror or error}") from None
    except (BadInput, quiet_optuna().exceptions.StorageInternalError) as error:  # the database, such as by a full disk
        raise StoreError(f"{path} cannot be written: {_reason(error)}") from None
    return path, f"{scheme}{path}"


def _put(made: Path, path: Path) -> None:
    """Give a file its name, never over one that came meanwhile."""
    try:
        os.link(made, path)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS):
            raise
        path.touch(exist_ok=False)  # a disk without hard links, such as a USB stick
        made.replace(path)


def _reason(error: BaseException) -> str:
    """What the database itself says: without the words of Optuna and SQLAlchemy around it."""
    said = str(getattr(error.__cause__, "orig", None) or error.__cause__ or error).strip().splitlines()[0]
    return re.sub(r"^.*\(\w+\.\w+\) ", "", said)


def _fill(url: str, found: Sequence[ExportedSetting], inputs: ReportInputs, store: ResultsFolder) -> None:
    storage = open_storage(url)

    def key(s: ExportedSetting) -> tuple[str, str]:
        return s.study.name, s.part.label if s.part else ""

    taken = {s.study.name for s in found if not s.part}
    for (name, part), group in itertools.groupby(found, key=key):
        settings = list(group)
        study, search = settings[0].study, settings[0].part.search if settings[0].part else None
        metrics = search.objectives if search else (_metric(study),)
        toward = directions(search) if search else [_direction(metrics[0])]
        there = quiet_optuna().create_study(
            storage=storage, study_name=_free(f"{name}.{part}", taken) if part else name, directions=toward
        )
        there.set_metric_names(list(metrics))
        for attribute, value in _about(study, inputs, store).items():
            there.set_user_attr(attribute, value)
        distributions = _distributions(settings)
        for setting in settings:
            params = {name: _parameter(exported_knob(settings, setting.config, name)) for name in distributions}
            there.add_trial(_tried(setting, metrics) if search else _arm(setting, metrics[0], distributions, params))
    if hasattr(storage, "remove_session"):  # SQLite's file is let go
        storage.remove_session()


def _free(name: str, taken: set[str]) -> str:
    """A name that no study of the folder has, for a part of a search."""
    while name in taken:
        name += ".search"
    taken.add(name)
    return name


def _metric(study: Study) -> str:
    return study.effect.metric if study.effect else "val_accuracy"


def _direction(metric: str) -> str:
    return "maximize" if METRICS[metric].direction == "higher" else "minimize"


def _about(study: Study, inputs: ReportInputs, store: ResultsFolder) -> Attributes:
    """What the dashboard shows of a study: its question, its answer, a verdict a claim."""
    verdicts = judge(study, inputs.frames, inputs.studies, inputs.grounds(study.name)) if study.claims else ()
    if study.search:
        decided = decided_arms(inputs, study)
        answers = answer_sentences(read_answer(store, study.name), study.search.objectives, decided)
        said = " ".join([*answers, *read_lost_lines(store, study.name)])
    else:
        said = answers_of(inputs, {study.name: verdicts}, without_claims=True).get(study.name, "")
    about = {"title": study.title, "question": study.question, "answer": said}
    about |= {"reduced": "fewer epochs or images than declared: nothing is judged"} if study.reduced else {}
    return {**about, **{f"claim {v.id}": judged(v) for v in verdicts}}


def judged(verdict: Verdict) -> str:
    """A verdict's sentence, behind its word where it does not begin with it."""
    sentence, word = verdict.sentence, WORDS[verdict.verdict]
    return sentence if sentence.lower().startswith(word.lower()) else f"{word}: {sentence}"


# -------------------------------------------------------------------------------------------------------------- trials


def _seeds(setting: ExportedSetting, metric: str) -> dict[str, float | str]:
    """The value of each seed after its last epoch; a word where there is none."""
    values: dict[str, float | str] = {}
    for t in setting.trials:
        last = float(t.epochs[metric].iloc[-1])
        sound = t.status == "finished" and math.isfinite(last)
        far = counted(int(t.epochs["epoch"].max()), "epoch")
        values[f"seed {t.seed}"] = last if sound else f"{t.status} after {far}"
    return values


def _attributes(setting: ExportedSetting, metric: str) -> Attributes:
    what = "configuration" if setting.part else "arm"
    reduced = {"reduced": True} if setting.reduced else {}
    return {what: setting.name, "metric": metric, **reduced, **_seeds(setting, metric)}


def _tried(setting: ExportedSetting, metrics: Sequence[str]) -> Any:
    """What a search tried, as its own copy for the dashboard has it."""
    assert setting.part is not None and setting.proposal is not None
    trial = frozen_trial(setting.part.search, setting.proposal, sampler=False, dropped=True)
    trial.user_attrs = {**trial.user_attrs, **_attributes(setting, metrics[0])}
    trial.intermediate_values = {e: v for e, v in trial.intermediate_values.items() if math.isfinite(v)}
    return _timed(trial, setting)


def _arm(setting: ExportedSetting, metric: str, distributions: Mapping[str, Any], params: Mapping[str, Any]) -> Any:
    """An arm: COMPLETE where every seed that is on record is finished, FAIL where one diverged, else RUNNING."""
    o = quiet_optuna()
    state = o.trial.TrialState
    values = list(_seeds(setting, metric).values())
    numbers = [v for v in values if not isinstance(v, str)]
    statuses = {t.status for t in setting.trials}
    ended = state.COMPLETE if len(numbers) == len(values) else state.FAIL
    curve = {
        int(epoch): float(rows[metric].mean())
        for epoch, rows in _together(setting).groupby("epoch")
        if rows[metric].map(math.isfinite).all()
    }
    idle = idle_knobs(setting.config)
    own = [name for name in distributions if name not in idle]
    trial = o.trial.create_trial(
        state=state.RUNNING if "stopped" in statuses else ended,
        value=sum(numbers) / len(numbers) if ended == state.COMPLETE else None,
        params={name: params[name] for name in own},
        distributions={name: distributions[name] for name in own},
        intermediate_values=curve,
        user_attrs=_attributes(setting, metric),
    )
    return _timed(trial, setting)


def _timed(trial: Any, setting: ExportedSetting) -> Any:
    """The same trial with the times of its training; where no record says them, with those of the export."""
    ends = [t.times for t in setting.trials if t.began]
    if ends:
        trial.datetime_start = _local(min(began for began, _ in ends))
        if trial.state.is_finished():
            trial.datetime_complete = _local(max(ended for _, ended in ends))
    return trial


def _local(seconds: float) -> datetime:
    """Seconds since 1970 as Optuna has times: this machine's own, without a zone."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().replace(tzinfo=None)


def _together(setting: ExportedSetting) -> Any:
    import pandas as pd

    return pd.concat([t.epochs for t in setting.trials])


def _distributions(settings: Sequence[ExportedSetting]) -> Mapping[str, Any]:
    """Of each knob that differs among a study's arms: numbers as a range, anything else as a choice.

    Arms in which it has no effect are without it, as points of a search are.
    """
    d = quiet_optuna().distributions
    found = {}
    for name in KNOBS:
        if name == "seed" or len({repr(getattr(s.config, name)) for s in settings}) < 2:
            continue
        having = [s.config for s in settings if name not in idle_knobs(s.config)]
        values = [_parameter(exported_knob(settings, config, name)) for config in having]
        kinds = {type(v) for v in values}
        if kinds <= {int, float}:
            low, high = min(values), max(values)
            made = d.IntDistribution if kinds == {int} else d.FloatDistribution
            found[name] = made(low, high, log=low > 0 and high / low >= 10)
        else:
            found[name] = d.CategoricalDistribution(tuple(dict.fromkeys(values)))
    return found


def _parameter(value: Any) -> Any:
    """A knob as Optuna can hold it."""
    return "none" if value is None else choice_label(value)
