"""The report of a run that goes on: the same page, with trials under way, and with verdicts that are so far.

It is built again and again, so nothing is drawn as a still picture but what a search shows, no other process is
started, and what packages add beside the studies is left out. Who serves it is `study.app`'s business.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from analysis.data.frames import Frames, from_records
from analysis.data.text_storage import text_as_objects
from analysis.report import html
from analysis.report.build_page import build_page
from analysis.report.inputs import ReportInputs, read_inputs
from analysis.report.page_tree import LiveState, Notice, Page
from study.storage.results_folder import ResultsFolder
from study.storage.storage_errors import ChangesTooFast
from study.storage.unfinished import UnfinishedTrial, read_unfinished
from trainables.config.errors import StudyError
from trainables.records.epoch_columns import EpochColumns
from trainables.records.metric_sources import sources
from trainables.records.metrics import METRICS, RECORDED
from trainables.records.trial_record import FORMAT, TrialRecord

RUNNING = "running"
"""The status of a trial under way; no record has it."""


@dataclass(frozen=True)
class LiveDocument:
    """A page at one moment."""

    title: str
    version: str
    """Changes with the content."""
    document: str = field(repr=False)
    """All of it."""
    content: str = field(repr=False)
    """What lies in its body, without the script."""


@text_as_objects()
def live_page(where: str, *, provisional: bool) -> LiveDocument:
    """The page of a results folder as it stands; what cannot be shown is said in it.

    Args:
        where: the results folder.
        provisional: whether trials are still to come.
    """
    state = LiveState(provisional)
    try:
        page = replace(build_page(read_live(ResultsFolder(where), provisional=provisional)).page, live=state)
    except ChangesTooFast:
        page = _in_a_sentence(where, "The run writes faster than this page reads. It tries again.", state, "One moment")
    except StudyError as error:
        page = _in_a_sentence(where, str(error), state)
    except Exception as error:
        page = _in_a_sentence(where, f"It cannot be shown ({type(error).__name__}).", state)
    content = html.render(page).partition("<body>")[2].rpartition("<script>")[0]
    version = hashlib.sha256(content.encode()).hexdigest()[:16]
    return LiveDocument(page.title, version, html.render(page, version), content)


def _in_a_sentence(where: str, why: str, state: LiveState, title: str = "This folder cannot be shown") -> Page:
    notices = (Notice(title, (why,)),)
    return Page(f"Results in {where}", "", reduced=False, counts=(), sections=(), notices=notices, live=state)


def read_live(store: ResultsFolder, *, provisional: bool) -> ReportInputs:
    """Everything in the folder that can be read, and its trials under way."""
    inputs = read_inputs(store)
    more = under_way(read_unfinished(store.folder), inputs.frames)
    return replace(inputs, live=True, provisional=provisional, under_way=more)


def under_way(trials: Iterable[UnfinishedTrial], known: Frames) -> Frames | None:
    """Frames of trials under way, but of those that are on record as far; None where there are none."""
    done = dict(zip(known.trials["trial"], known.trials["epochs_done"], strict=True))
    records = (_record(t) for t in trials if t.epochs)
    made = from_records(r for r in records if done.get(r.id, 0) < r.epochs_done)
    if made.trials.empty:
        return None
    return Frames(made.trials.assign(status=RUNNING), made.epochs, made.tensors)


def _record(trial: UnfinishedTrial) -> TrialRecord:
    """As a record; an epoch that was not reported has no numbers."""
    epochs = range(1, max(trial.epochs) + 1)
    lacking = {name: 0 if METRICS[name].is_whole else math.nan for name in RECORDED}
    columns = {name: tuple(trial.epochs.get(e, {}).get(name, lacking[name]) for e in epochs) for name in RECORDED}
    made = EpochColumns(columns)
    return TrialRecord(trial.config, trial.data_checksum, "stopped", made, (), measured_by=sources(), format=FORMAT)
