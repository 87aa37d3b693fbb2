"""`study status`: the run of a results folder as its own terminal shows it, else what is missing and what to do."""

from __future__ import annotations

import dataclasses
import sys
import textwrap
import time
from collections.abc import Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from analysis.data.protocols import besides_words
from analysis.text.plain_text import printable
from study.app.command_for_folder import command_with_data_hint
from study.app.live_progress import left_words
from study.app.live_view import CharacterSet, arms_table, found_lines, render
from study.app.run_end import broken_lines
from study.app.screen import letters_of
from study.app.signs_of_life import has_our_clock, latest_run, since_written
from study.app.snapshot import Snapshot
from study.app.status import FolderStatus, status_of
from study.app.wrapping import columns_of, filled, wrapped
from study.cli.wait_for_run import wait_for_folder, wait_for_next_run
from study.execution.progress import duration, rough_duration
from study.planning.redrawing import can_redraw
from study.planning.usable_cores import usable_cores
from study.spec.study import Study
from study.storage.lock import holder_lives
from study.storage.results_folder import ResultsFolder
from trainables.config.plurals import counted

SO_FAR = (
    "changes so far: in pairs by seed, over the seeds that both arms have; the page compares up to the first that is "
    "missing"
)
"""Below a table of which an arm lacks seeds."""
BETWEEN_PARTS_SECONDS = 20.0
"""At most, for which a run shows nothing between two of its parts."""


def as_json(where: str, metrics: tuple[str, ...] = ()) -> str:
    """Return the status as JSON for programs."""
    _wait_between_parts(where)
    return status_of(where, metrics=metrics).to_json()


def status_lines(where: str, metrics: tuple[str, ...] = ()) -> list[str]:
    """The lines, now; `metrics`: asked for by name, as in `study run`."""
    _wait_between_parts(where)
    status = status_of(where, metrics=metrics)
    follows = command_with_data_hint("next  ", status.next_command, columns_of(sys.stdout))
    return [*_lines_of(status), *(["", *follows] if _goes_on(status) else [])]


def _lines_of(status: FolderStatus) -> list[str]:
    """The lines of a status; of a run that goes on without the command that watches it."""
    width = columns_of(sys.stdout)
    if not status.alive or status.run is None:
        return _idle(status, width)
    damage = [*status.problems, ""] if status.problems else []
    return [*damage, *_running(status.run), "", *run_lines(status.run, width), *_doubts(status, width)]


def _doubts(status: FolderStatus, width: int) -> list[str]:
    """Arms that are possibly broken, and input whose scale does not fit, after an empty line."""
    warned = [line for w in status.warnings for line in textwrap.wrap(w, width)]
    return [*broken_lines(status.boards, width), *([""] * bool(warned)), *warned]


def run_lines(run: Snapshot, width: int, height: int = 1000, letters: CharacterSet | None = None) -> list[str]:
    """The run's own view, its clock going on since it was written."""
    gone = since_written(run)
    moved = dataclasses.replace(run, now=run.now + gone, left=None if run.left is None else max(0.0, run.left - gone))
    return render(moved, width, height, letters or letters_of(sys.stdout), hint=False)


def _running(run: Snapshot) -> list[str]:
    """Since when and where it runs; the view below has the time left."""
    since = time.strftime("%H:%M", time.localtime(run.began))
    how = "running for" if run.state == "running" else "stopping after"
    return [f"{how} {duration(run.now - run.began + since_written(run))} on {run.host}, since {since}"]


def _when(run: Snapshot) -> str:
    """When a run was last heard of."""
    if has_our_clock(run):
        return f"{duration(since_written(run))} ago"
    return (
        time.strftime("%Y-%m-%d %H:%M", time.localtime(run.now)) + f" by the clock of {run.host or 'another machine'}"
    )


def _idle(status: FolderStatus, width: int) -> list[str]:
    run, letters = status.run, letters_of(sys.stdout)
    used = holder_lives(ResultsFolder(status.where).folder)
    lines = ["not running, but another process uses the folder." if used else "not running."]
    if run is not None:
        how = "Interrupted" if run.state in ("stopping", "interrupted") else "It ended without a word"
        lines = [f"not running. {how} after {duration(run.now - run.began)}, {_when(run)}."]
    counts = ", ".join(f"{n} {name}" for name, n in sorted(status.statuses.items()))
    trials = sum(status.statuses.values())
    there = f"{counted(trials, 'trial')} on record, {counted(status.epochs, 'epoch')} ({counts})"
    there = there if trials else f"no trial{' in full' * bool(status.reduced)} is on record"
    lines.append(f"{status.where}: {there}" + (f"; {besides_words(status.reduced)}" if status.reduced else ""))
    lines = wrapped("\n".join((*lines, *status.problems, *status.notes)), sys.stdout).splitlines()
    boards = status.shown_boards
    if run is not None and not boards and run.rows:
        lines += ["", *arms_table(run.rows, width, letters)]
    if run is not None and status.searching:
        lines += ["", *found_lines(run, width, letters)]
    for board in boards:
        name = board.plan.studies[0].name
        told = len(boards) > 1 or status.where.rstrip("/").rpartition("/")[2] != name
        heads = [f"{name}, reduced"] if board.plan.studies[0].reduced else [name] if told else []
        lines += ["", *heads]
        lines += arms_table(board.rows(), width, letters, final=not any(t.saved for t in board.trials.values()))
    tables = [b.rows() for b in boards]
    if any(any(row.change for row in rows) and any(row.done < row.seeds for row in rows) for rows in tables):
        lines += textwrap.wrap(SO_FAR, width)
    lines += _doubts(status, width)
    named = {b.plan.studies[0].name for b in status.boards}
    others = [s for s in status.studies if s.name not in named and run is None]
    lines += [""] * bool(others) + [_in_short(s, status) for s in others]
    return lines + _what_is_left(status, width)


def _in_short(study: Study, status: FolderStatus) -> str:
    """A study that has no table."""
    tried = next((s for s in status.searches if s.study == study.name), None)
    if tried is not None:
        return f"search {study.name}: {tried.tried_words()}"
    return f"study {study.name}: {counted(len(study.arms), 'arm')}, {counted(len(study.claims), 'claim')}"


def _what_is_left(status: FolderStatus, width: int) -> list[str]:
    """What is missing, where trials go on, and the command that does it; else the command that shows what is there."""
    lost, on, command = status.left.lost, status.left.saved, status.next_command
    left = []
    if lost:
        left.append(_missing_trials(lost, status.left.wanted, on) + _time_to_train(status))
    left += [s.missing_words() for s in status.searching]
    waits = [w.text for w in status.waiting]
    if not left and not waits:
        return ["", *command_with_data_hint("next  ", command, width)]
    said = [f"{'missing' if i == 0 else '':9s}{text}" for i, text in enumerate(left)]
    said += [f"{'waiting' if i == 0 else '':9s}{text}" for i, text in enumerate(waits)]
    lines = ["", *filled("\n".join(said), width).splitlines()]
    return [*lines, *command_with_data_hint("next     ", command, width)]


def _missing_trials(lost: int, wanted: int, saved: Sequence[int]) -> str:
    """How many trials are missing, and how far those are that go on.

    >>> _missing_trials(15, 15, []), _missing_trials(1, 1, []), _missing_trials(2, 15, [4])
    ('all 15 trials', '1 trial', '2 of 15 trials: 1 goes on after epoch 4, 1 not begun')
    """
    if lost == wanted and not saved:
        return f"{'all ' * (wanted > 1)}{counted(wanted, 'trial')}"
    return f"{lost} of {counted(wanted, 'trial')}: {left_words(lost, saved)}"


def _time_to_train(status: FolderStatus) -> str:
    if status.seconds is None:
        return ""
    return f"; about {rough_duration(status.seconds)} on {counted(usable_cores(), 'core')}"


def watch(where: str, metrics: tuple[str, ...] = ()) -> None:
    """Keep it on the screen until the run is over; without a terminal, a line each ten seconds.

    On a terminal it waits where no run goes on: one may begin, and take seconds until it writes. A script gets the
    status at once, or that there is no folder.
    """
    console = Console(highlight=False)
    stays = can_redraw(console)
    if stays:
        wait_for_folder(where)
    status = _next_part(where)
    if stays and not _goes_on(status):
        status = status_of(where, metrics=metrics)
    if stays and not _goes_on(status):  # a run may have begun meanwhile: then it is followed at once
        print(printable("\n".join((*_lines_of(status), ""))))
        wait_for_next_run(where)
        status = _next_part(where)
    if not stays:
        while status.alive and status.run is not None:
            print(render(status.run, 100, 1000, letters_of(sys.stdout), hint=False)[0], flush=True)
            time.sleep(10)
            status = _next_part(where)
    else:
        letters = letters_of(sys.stdout)  # now: what Rich puts in its place while it draws has no encoding
        with Live(console=console, auto_refresh=False, transient=True) as live:
            while status.alive and status.run is not None:
                size = console.size
                lines = [*_running(status.run), "", *run_lines(status.run, size.width, size.height - 3, letters)]
                live.update(Group(*(Text(line, no_wrap=True, overflow="crop") for line in lines)), refresh=True)
                time.sleep(1)
                status = _next_part(where)
    _wait_between_parts(where)
    print(printable("\n".join(_lines_of(status_of(where, metrics=metrics)))))


def _goes_on(status: FolderStatus) -> bool:
    """Whether a run is under way and can be shown."""
    return status.alive and status.run is not None


def _next_part(where: str) -> FolderStatus:
    """The status now, or that of the next part of a run; nothing is compared with its checksum."""
    _wait_between_parts(where)
    return status_of(where, check=False)


def _wait_between_parts(where: str) -> None:
    """Wait while a run shows nothing: between two parts, such as a search and its answer, before the first, and while
    it is judged at its end.
    """
    folder, until = ResultsFolder(where).folder, time.monotonic() + BETWEEN_PARTS_SECONDS
    while not latest_run(folder)[1] and time.monotonic() < until and holder_lives(folder):
        time.sleep(0.5)
