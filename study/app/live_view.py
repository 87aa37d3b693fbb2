"""A `Snapshot` as lines of text, as wide and as high as the window: values in, text out; no terminal here."""

from __future__ import annotations

import math
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.statistics.spread import ROUNDING_TOLERANCE
from analysis.text.numbers import DECIMALS_OF_PERCENT, places_not_0, places_of_column, with_half
from analysis.text.plain_text import true_minus
from study.app.fitted_table import fitted_table, shortened
from study.app.snapshot import ACCURACY_PERCENT, DIFFERENCE_POINTS, ArmRow, Measure, Snapshot
from study.execution.progress import rough_duration
from study.spec.selection import SELECTED_ON
from trainables.config.plurals import counted

WIDE_COLUMNS = 120
"""Columns from which on a window gets more columns."""
NOTE_COLUMNS = 60
"""Columns below which a table says of an arm that trials diverged, and nothing else, in place of the epoch."""
CLOCK_SECONDS = 600.0
"""From so much left on a guess is no clock: "12 min", not "11:53"."""
LABEL_LEAST = 32
"""Letters that the name of what trains now has at the least; it takes what the window leaves."""


@dataclass(frozen=True)
class CharacterSet:
    """What a terminal can show."""

    bar: str
    rest: str
    sparks: str
    plus_minus: str
    dots: str

    def shown(self, line: str) -> str:
        """A line whose plus-minus is spelled plainly, in these letters; so too its trend, and minus signs."""
        return self.minus((line.translate(PLAIN_SPARKS) if self is ASCII else line).replace("+-", self.plus_minus))

    def minus(self, text: str) -> str:
        """A text whose numbers have a true minus, where there is one among these letters."""
        return text if self is ASCII else true_minus(text)


UNICODE = CharacterSet("\u2501", "\u2500", "▁▂▃▄▅▆▇█", "±", "…")
ASCII = CharacterSet("#", ".", "_.-=#", "+-", "~")
PLAIN_SPARKS = str.maketrans(UNICODE.sparks, "__..-==#")
"""A trend that was drawn before it was known where it is shown."""


def clock_text(seconds: float) -> str:
    """Minutes and seconds, or hours.

    >>> clock_text(402), clock_text(5760)
    ('6:42', '1 h 36 min')
    """
    s = max(0, int(seconds))
    return f"{s // 60}:{s % 60:02d}" if s < 3600 else f"{s // 3600} h {s % 3600 // 60:02d} min"


def sparkline(values: Sequence[float], width: int, letters: CharacterSet) -> str:
    """A trend in so many letters at most.

    >>> sparkline([0.1, 0.2, 0.9], 12, ASCII)
    '__#'
    """
    if not values:
        return ""
    if len(values) > width:
        values = [values[round(i * (len(values) - 1) / (width - 1))] for i in range(width)]
    low, high = min(values), max(values)
    top = len(letters.sparks) - 1
    return "".join(letters.sparks[round(top * (v - low) / (high - low)) if high > low else top] for v in values)


def _measure_text(
    measure: Measure | None,
    decimals: int,
    letters: CharacterSet,
    within: tuple[float, float] = DIFFERENCE_POINTS,
    *,
    sign: bool = False,
) -> str:
    """A measure in a cell; both ends of an interval that reaches beyond what can be, cut there."""
    if measure is None:
        return ""
    sign = sign and bool(round(measure.value, decimals))
    text = letters.minus(f"{measure.value:+.{decimals}f}" if sign else f"{measure.value:z.{decimals}f}")
    if measure.half is None:
        return ("~" if measure.training else "") + text
    if (ends := measure.cut(*within)) is not None:
        return letters.minus(f"{text} ({ends[0]:.{decimals}f} to {ends[1]:.{decimals}f})")
    return with_half(text, measure.half, decimals, letters.plus_minus)


def measure_texts(
    column: Sequence[Measure | None],
    letters: CharacterSet,
    within: tuple[float, float] = DIFFERENCE_POINTS,
    *,
    sign: bool = False,
) -> list[str]:
    """A column of measures, all with one number of decimals: that of the page, see `analysis.text.columns`."""
    places = DECIMALS_OF_PERCENT
    for m in column:
        if m is not None and m.half is not None and abs(m.value) > m.half > ROUNDING_TOLERANCE * abs(m.value):
            places = places_not_0(m.value, places)  # seeds tell it from 0
    known = [(m.value, math.nan if m.half is None else m.half) for m in column if m is not None]
    places = places_of_column([one for one in known if math.isfinite(one[0])], places)
    return [_measure_text(m, places, letters, within, sign=sign) for m in column]


def _seeds(row: ArmRow, count: int, *, final: bool) -> str:
    return str(count) if final and count == row.seeds else f"{count} of {row.seeds}"


TITLE_LETTERS = 28
"""Letters of what runs, beside the bar, at the most."""
REDUCED = " (reduced)"
"""Behind the title of a reduced run, so that whoever looks on knows."""
TREND = "trend"
"""The head of the column of trends."""
TREND_LETTERS, WIDE_TREND_LETTERS = (12, 8, 5), (24,)
"""Of a trend: it takes the most that fit, and its column leaves where not even the fewest do."""
TEST_CHANGE = "test change"
"""The head of the column of changes on the test part, which judges, and so stays where there is little room."""


IN_FULL = "in full, %"
"""The head of the column of accuracies that are on record in full, beside those of a reduced run."""


def accuracy_head(rows: Sequence[ArmRow]) -> str:
    """The head of the column of accuracies, which are of the validation part.

    >>> accuracy_head([ArmRow("s", "a", 5, 5, "done", selected=True)]), accuracy_head([])
    ('selected on val, %', 'accuracy, %')
    """
    if rows and all(r.selected for r in rows):
        return f"{SELECTED_ON}, %"
    return "validation, %" if any(r.test for r in rows) else "accuracy, %"


def arms_table(
    rows: Sequence[ArmRow], width: int, letters: CharacterSet, *, final: bool = False, whole: bool = False
) -> list[str]:
    """The arms; `final`: without what only matters while they train; `whole`: as wide as its names and columns."""
    wide = width >= WIDE_COLUMNS
    several = len({r.study for r in rows}) > 1
    names = [f"{r.study}/{r.arm}" if several and not wide else r.arm for r in rows]
    columns: list[tuple[str, list[str]]] = [("study", [r.study for r in rows])] if several and wide else []
    columns += [("arm", names), ("seeds", [_seeds(r, r.known if final else r.done, final=final) for r in rows])]
    notes = [_note(r, width) for r in rows]
    if epoch := not final and (width >= NOTE_COLUMNS or not any(notes)):
        columns.append((" epoch", [f"{r.epoch:>6s}" for r in rows]))
    if tested := any(r.test for r in rows):
        columns.append(("test, %", measure_texts([r.test for r in rows], letters, ACCURACY_PERCENT)))
        columns.append((TEST_CHANGE, _changes(rows, [(r.test_change, r.test) for r in rows], letters)))
    columns.append((accuracy_head(rows), measure_texts([r.accuracy for r in rows], letters, ACCURACY_PERCENT)))
    if full := (wide or final) and any(r.full_accuracy for r in rows):
        columns.append((IN_FULL, measure_texts([r.full_accuracy for r in rows], letters, ACCURACY_PERCENT)))
    if not final:
        columns.append((TREND, []))
    if wide:
        columns.append(("training, %", measure_texts([r.training for r in rows], letters, ACCURACY_PERCENT)))
    columns.append(("gap, points", measure_texts([r.gap for r in rows], letters)))
    if full:
        columns.append(("gap in full", measure_texts([r.full_gap for r in rows], letters)))
    changes, of_gap = [(r.change, r.accuracy) for r in rows], [(r.gap_change, r.gap) for r in rows]
    columns.append(("change in accuracy" if wide else "change", _changes(rows, changes, letters)))
    if wide or final:
        columns.append(("change in gap" if wide else "gap change", _changes(rows, of_gap, letters)))
    if wide and not final:
        columns.append(("an epoch", [f"{r.epoch_seconds:.2g} s" if r.epoch_seconds else "" for r in rows]))
    room = sys.maxsize if whole else width
    keep = 3 + epoch + (tested + full if width >= NOTE_COLUMNS else 0)
    fitted = [""]
    for letters_of_trend in WIDE_TREND_LETTERS if wide else TREND_LETTERS:
        head = f"{TREND:{letters_of_trend}s}"
        trend = (head, [sparkline(r.trend, letters_of_trend, letters) for r in rows])
        shown = [trend if column[0] == TREND else column for column in columns]
        fitted = fitted_table(shown, room, keep, notes, None if wide else head)
        if final or head.rstrip() in fitted[0]:
            break
    return _with_same(fitted, rows, room)


def _changes(
    rows: Sequence[ArmRow], changes: Sequence[tuple[Measure | None, Measure | None]], letters: CharacterSet
) -> list[str]:
    """A column of changes, each with what changes: of that the baseline has one, and no change."""
    texts = measure_texts([change for change, _ in changes], letters, sign=True)
    return ["baseline" if r.baseline and of else text for r, (_, of), text in zip(rows, changes, texts, strict=True)]


def _note(row: ArmRow, width: int) -> str:
    """What has no other place, where room is scarce: a line below the table says what is possibly broken."""
    if width >= WIDE_COLUMNS or not row.diverged:
        return row.note if width >= NOTE_COLUMNS else ""
    return row.note.partition(", ")[0]


def _with_same(lines: list[str], rows: Sequence[ArmRow], width: int) -> list[str]:
    """The lines of a table, where an arm of another study's trials names that arm across the columns of numbers."""
    place = lines[0].find("test, %" if any(r.test for r in rows) else accuracy_head(rows))
    place = place if place > 0 else len(lines[0]) + 2
    named = [f"{line[:place]:{place}s}as {r.same_as}"[:width] for line, r in zip(lines[1:], rows, strict=True)]
    same = [bool(r.same_as) and not (r.full_accuracy and IN_FULL in lines[0]) for r in rows]  # in full it is another
    return [lines[0], *(new if as_other else old for as_other, old, new in zip(same, lines[1:], named, strict=True))]


def _left_text(seconds: float) -> str:
    return clock_text(seconds) if 60 <= seconds < CLOCK_SECONDS else rough_duration(seconds)


def run_title(names: str, *, reduced: bool) -> str:
    """What runs; of a reduced run that it is, the names cut where there is no room for both.

    >>> run_title("dropout, inverted", reduced=False), run_title("dropout, inverted, depth", reduced=True)
    ('dropout, inverted', 'dropout, invert... (reduced)')
    """
    room = TITLE_LETTERS - len(REDUCED)
    return names if not reduced else (names if len(names) <= room else f"{names[: room - 3]}...") + REDUCED


def head_line(snapshot: Snapshot, width: int, letters: CharacterSet) -> str:
    """Say what runs, how far it is, and how long it still takes."""
    done, total = snapshot.epochs
    gone = clock_text(snapshot.now - snapshot.began)
    left = f"{_left_text(snapshot.left)} left" if snapshot.left is not None else "time not known yet"
    left = left if snapshot.state == "running" else snapshot.state
    trials = f"{snapshot.trials[0]} of {snapshot.trials[1]} trials"
    if snapshot.unit in ("tried", "tries"):
        trials = f"{snapshot.to_the_end} to the end, {snapshot.diverged} diverged"
    trials = f", {trials}" if width >= WIDE_COLUMNS else ""
    failed = f", {snapshot.failed} failed" if snapshot.failed or width >= WIDE_COLUMNS else ""
    said = f"{done:,} of {total:,} {snapshot.unit}{trials}{failed}  {gone}, {left}" if total else gone
    title = snapshot.title
    title = title if len(title) <= TITLE_LETTERS else title[: TITLE_LETTERS - 1] + letters.dots
    room = width - len(title) - len(said) - 4
    if room < 6:
        return f"{title}  {said}"[:width]
    room = min(room, 80)
    full = round(room * done / total) if total else 0
    return f"{title}  {letters.bar * full}{letters.rest * (room - full)}  {said}"


def render(
    snapshot: Snapshot, width: int, height: int = 1000, letters: CharacterSet = UNICODE, *, hint: bool = True
) -> list[str]:
    """Return the whole view, a line of text each."""
    if snapshot.phase:
        lines = [*(f"{what:32s}{seconds:5.1f} s" for what, seconds in snapshot.steps), snapshot.phase]
        clock = clock_text(snapshot.now - snapshot.began)
        return [f"{clock if i == 0 else '':{len(clock)}s}  {line}"[:width] for i, line in enumerate(lines)]
    tail = _tail(snapshot, width, hint) if snapshot.state == "running" else []
    lines = [head_line(snapshot, width, letters), ""]
    found = found_lines(snapshot, width, letters)
    table = _folded(snapshot, width, max(3, height - len(tail) - 6 - len(found)), letters)
    lines += table
    if snapshot.rows:
        lines.append(snapshot.caption if "change" in table[0] else CHANGE_LEGEND.sub("", snapshot.caption))
    lines += [""] * bool(snapshot.rows and found) + found
    return [letters.minus(line[:width]) for line in [*lines, "", *tail]]


CHANGE_LEGEND = re.compile(r"[,;] change [^;]*")
"""What a caption says of the change, which may have no column."""
LABEL = re.compile(r"(\S+( \S+){0,2})? {2,}(\S+ {2,})?")
"""The words that a line of what was found begins with, set apart, and the name of a claim."""


def found_lines(snapshot: Snapshot, width: int, letters: CharacterSet) -> list[str]:
    """Of a search the best so far, of a study its claims so far."""
    return [part for line in snapshot.found for part in _wrapped(letters.shown(line), width)]


def _wrapped(line: str, width: int) -> list[str]:
    """What was found so far: whole words, below what follows its first words."""
    head = LABEL.match(line)
    indent = " " * (head.end() if head and head.end() <= width // 3 else 8)
    return textwrap.wrap(line, width, subsequent_indent=indent, max_lines=2, placeholder=" ...") or [""]


def _folded(s: Snapshot, width: int, most: int, letters: CharacterSet) -> list[str]:
    """The table of arms; of more than fit the running ones stay, then the finished ones, and a line counts the others.

    Those that stay keep the order of the study file, so that no line jumps.
    """
    if not s.rows:
        return []
    head, *body = arms_table(s.rows, width, letters)
    if len(body) <= most:
        return [head, *body]
    states = [_state(row) for row in s.rows]
    first = sorted(range(len(body)), key=lambda i: (STATES.index(states[i]), i))
    hidden = Counter(states[i] for i in first[most - 1 :])
    counts = ", ".join(f"{hidden[state]} {state}" for state in STATES if hidden[state])
    said = f"{counted(hidden.total(), 'more arm')}: {counts}"
    return [head, *(body[i] for i in sorted(first[: most - 1])), said[:width]]


STATES = ("running", "finished", "between seeds", "waiting")
"""Of arms, those that stay on the screen first; one between seeds has some done, and none that trains now."""


def _state(row: ArmRow) -> str:
    if "/" in row.epoch:
        return "running"
    done = row.epoch == "done" or row.done == row.seeds  # of one that has the trials of another no epoch is shown
    return "finished" if done else "between seeds" if row.done else "waiting"


def _pace(seconds: float, usual: float | None) -> str:
    """How far a trial is in its epoch, where an epoch takes a second or more."""
    if not usual or usual < 1:
        return ""
    return f", {seconds:.1f}{' of about' if seconds <= usual else ', usually'} {usual:.1f} s"


def _tail(s: Snapshot, width: int, hint: bool) -> list[str]:
    lines, shown = [], s.running[:6]
    epochs = [f"epoch {min(t.epoch + 1, t.epochs)} of {t.epochs}{_pace(t.seconds, t.epoch_seconds)}" for t in shown]
    longest = max((len(t.label) for t in shown), default=0)
    room = max(LABEL_LEAST, min(longest, width - 10 - max(map(len, epochs), default=0)))
    for i, (t, words) in enumerate(zip(shown, epochs, strict=True)):
        lines.append(f"{'now' if i == 0 else '':8s}{shortened(t.label, room):{room}s}  {words}")
    if len(s.running) > 6:
        lines.append(f"        and {len(s.running) - 6} more")
    for i, (when, what) in enumerate(reversed(s.events[-3:])):
        lines.append(f"{'events' if i == 0 else '':8s}{clock_text(when)}  {what}")
    if not hint:
        return [*lines, "", s.machine] if s.machine else lines
    said = "Ctrl-C saves; the same command goes on"
    room = width - len(said) - 4  # a terminal adds ^C at the end, which must not wrap
    return [*lines, "", f"{s.machine:{room}s} {said}" if len(s.machine) <= room else said]
