"""A table for people: lines on a terminal, HTML in a notebook, a frame for whoever counts on."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, overload

from analysis.claims.words import WORDS
from study.app.live_view import UNICODE, measure_texts
from study.app.snapshot import ACCURACY_PERCENT, DIFFERENCE_POINTS, Measure
from trainables.config.errors import BadInput
from trainables.config.nearest import expected_one_of

if TYPE_CHECKING:
    import pandas as pd


Lines = Callable[[Sequence[int]], Sequence[str]]
"""Rows of a table, by their places in it, as lines on a terminal."""


class ClaimRow(NamedTuple):
    """A row of `results.claims`."""

    study: str
    claim: str
    verdict: str
    statement: str
    finding: str


class SummaryRow(NamedTuple):
    """A row of `results.summary()`: an arm; in per cent and points, NaN where there is no number."""

    study: str
    arm: str
    seeds: int
    accuracy: float
    accuracy_half: float
    gap: float
    gap_half: float
    change: float
    change_half: float
    gap_change: float
    gap_change_half: float
    test: float
    test_half: float
    test_change: float
    test_change_half: float
    note: str
    possibly_broken: str
    reduced: bool


R = TypeVar("R")


class ShownTable(Generic[R]):
    """Lines on a terminal, a table in a notebook; `frame` is all of it as a DataFrame, unrounded.

    A loop gives its rows as named tuples, `[0]` is the first of them, `len` counts them, `[name]` is a column.

    Args:
        title: stands above the table in a notebook.
        frame: the rows.
        lines: rows, by their places, as lines on a terminal.
        row: makes a row of its values.
    """

    def __init__(self, title: str, frame: pd.DataFrame, lines: Lines, row: Callable[..., R]) -> None:
        self.title, self.frame, self._lines, self._row = title, frame, lines, row

    def __len__(self) -> int:
        return len(self.frame)

    def __iter__(self) -> Iterator[R]:
        return (self._row(*values) for values in self.frame.itertuples(index=False, name=None))

    @overload
    def __getitem__(self, name: int) -> R: ...
    @overload
    def __getitem__(self, name: str) -> pd.Series[Any]: ...

    def __getitem__(self, name: int | str) -> R | pd.Series[Any]:
        if isinstance(name, int):
            return list(self)[name]
        try:
            return self.frame[name]
        except KeyError:
            raise self._no_column(name) from None

    if not TYPE_CHECKING:  # mypy would take any name for one that is there

        def __getattr__(self, name: str) -> Any:
            """Called for what a table has not: says how the frame has it."""
            frame = self.__dict__.get("frame")
            if frame is None or name.startswith("_"):
                raise AttributeError(name)
            how = "`.frame` is the whole table as a DataFrame"
            if name in frame:
                how = f'a column is `["{name}"]`'
            elif hasattr(frame, name):
                how += f": `.frame.{name}`"
            raise AttributeError(f"the table {self.title!r} has no {name!r}; {how}")

    def _no_column(self, name: object) -> BadInput:
        """What is said where there is no such column; where it stands in one, how its rows are had."""
        known = [str(column) for column in self.frame]
        holds = next((column for column in known if isinstance(name, str) and name in set(self.frame[column])), None)
        hint = f'; the rows that have it: `.where("{holds}", "{name}")`' if holds else ""
        return BadInput("column", name, expected_one_of(name, known) + hint)

    def where(self, column: str, value: object) -> ShownTable[R]:
        """The rows with a value in a column, as whole as here: `results.claims.where("verdict", "refuted")`.

        Raises:
            BadInput: there is no such column; the message names those that there are.
        """
        if column not in self.frame:
            raise self._no_column(column)
        rows = [row for row, own in enumerate(self.frame[column]) if own == value]
        frame = self.frame.iloc[rows].reset_index(drop=True)
        return ShownTable(self.title, frame, lambda of: self._lines([rows[i] for i in of]), self._row)

    def __str__(self) -> str:
        return "\n".join(self._lines(range(len(self.frame))))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        only = set(self.frame["study"]) if "study" in self.frame else set[str]()
        title = f"{self.title}: {only.pop()}" if len(only) == 1 else self.title
        return f"<p><b>{html.escape(title)}</b></p>{_table(_for_people(self.frame))}"


NUMBER = re.compile(r"(all )?[-+\u2212]?[\d.,]+( ± <?[\d.,]+| \([-\u2212]?[\d.,]+ to [-\u2212]?[\d.,]+\))?$")
"""What is a number in a cell."""
STYLE_OF_NUMBERS, STYLE_OF_WORDS = "text-align: right; white-space: nowrap", "text-align: left"
HALF = "_half"
"""Ends the name of a column that has half a 95 % interval of the one before it."""
WITHIN = {"accuracy": ACCURACY_PERCENT, "test": ACCURACY_PERCENT}
"""Where numbers of a column end, if not where differences do."""
HEADS = {
    "accuracy": "accuracy, %", "gap": "gap, points", "change": "change in accuracy, points",
    "gap_change": "change in gap, points", "test": "test, %", "test_change": "change in test, points",
}  # fmt: skip
CHANGES = ("change", "gap_change", "test_change")
"""Columns whose numbers have a sign."""
ONLY_WHERE_KNOWN = ("test", "test_change")
"""Columns that stand in a table only where a number is in them."""


def _for_people(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame without what says nothing, with each number and half its interval in one column, and words as heads."""
    left_out = [name for name in frame if len(frame) and (frame[name] == "").all()]
    left_out += ["study"] if "study" in frame and frame["study"].nunique() == 1 else []
    left_out += ["reduced"] if "reduced" in frame else []  # the note says it
    left_out += [name for name in ONLY_WHERE_KNOWN if name in frame and frame[name].isna().all()]
    halves = [name for name in frame if name.endswith(HALF) and name.removesuffix(HALF) in frame]
    shown = frame.drop(columns=[*left_out, *halves])
    halves = [name for name in halves if name.removesuffix(HALF) in shown]
    for half in halves:
        name = half.removesuffix(HALF)
        within = WITHIN.get(name, DIFFERENCE_POINTS)
        shown[name] = _with_halves(frame[name], frame[half], within, sign=name in CHANGES)
    if "verdict" in shown:
        words: dict[str, str] = dict(WORDS.items())
        shown["verdict"] = shown["verdict"].map(lambda word: words.get(word, word))
    return shown.rename(columns={**HEADS, **{name: name.replace("_", " ") for name in shown if name not in HEADS}})


def _table(frame: pd.DataFrame) -> str:
    """A table of HTML: words on the left, numbers on the right and in one line each."""
    columns = {str(name): [_cell(value) for value in frame[name]] for name in frame}
    numeric = {name for name, texts in columns.items() if any(texts) and all(NUMBER.match(t) for t in texts if t)}
    styles = {name: STYLE_OF_NUMBERS if name in numeric else STYLE_OF_WORDS for name in columns}
    styles |= {name: f"{STYLE_OF_WORDS}; white-space: nowrap" for name in [*columns][:1] if name not in numeric}
    heads = "".join(f'<th style="{styles[name]}">{html.escape(name)}</th>' for name in columns)
    rows = "".join(
        "<tr>" + "".join(f'<td style="{styles[n]}">{html.escape(t)}</td>' for n, t in zip(columns, row, strict=True))
        + "</tr>\n" for row in zip(*columns.values(), strict=True)
    )  # fmt: skip
    return f'<table class="dataframe">\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>'


def _cell(value: object) -> str:
    """A value as a cell has it: two decimals, nothing where there is no number.

    >>> _cell(0.123), _cell(math.nan), _cell(5), _cell("-1.50 ± 0.20")
    ('0.12', '', '5', '\u22121.50 ± 0.20')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    text = f"{value:z.2f}" if isinstance(value, float) else str(value)
    return text.replace("-", "\u2212") if NUMBER.match(text) else text


def _with_halves(
    values: Iterable[float | None],
    halves: Iterable[float | None],
    within: tuple[float, float] = DIFFERENCE_POINTS,
    *,
    sign: bool = False,
) -> list[str]:
    """Numbers with half their intervals, as a column on a terminal has them: both ends where cut at what can be.

    >>> _with_halves([98.494, 1.5, None, 100.0], [0.631, math.nan, None, 0.0])
    ['98.5 ± 0.6', '1.5', '', 'all 100.0']
    >>> _with_halves([99.6], [1.11], ACCURACY_PERCENT)
    ['99.6 (98.5 to 100.0)']
    >>> _with_halves([0.6, -3.0], [0.2, 0.4], sign=True)
    ['+0.6 ± 0.2', '\u22123.0 ± 0.4']
    """
    column = [
        None if v is None or math.isnan(v) else Measure(v, None if h is None or math.isnan(h) else h)
        for v, h in zip(values, halves, strict=True)
    ]
    return measure_texts(column, UNICODE, within, sign=sign)
