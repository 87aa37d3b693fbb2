"""What a trial reported of its epochs: a column a metric.

Not here: which metrics there are (`trainables.records.metrics`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from trainables.records.metrics import RECORDED

Column = tuple[float, ...]


def in_table_order(names: Iterable[str]) -> list[str]:
    """Names of metrics in the order of the table, then those that it does not know, by name."""
    there = set(names)
    return [*(n for n in RECORDED if n in there), *sorted(there - set(RECORDED))]


@dataclass(frozen=True, slots=True)
class EpochColumns:
    """Every metric by epoch, counted from 1. Losses are means of cross-entropy in nats, without any penalty.

    >>> EpochColumns({"lr": (0.1, 0.1), "val_loss": (2.0, 1.5)})["val_loss"][-1]
    1.5
    """

    columns: Mapping[str, Column] = field(default_factory=dict)
    """By the metric's name, one value an epoch; all are equally long."""

    def __post_init__(self) -> None:
        ordered = {name: tuple(self.columns[name]) for name in in_table_order(self.columns)}
        object.__setattr__(self, "columns", ordered)
        if len(set(map(len, ordered.values()))) > 1:
            raise ValueError("columns of epochs are not equally long")

    def __len__(self) -> int:
        """How many epochs."""
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> Column:
        """The column of a metric."""
        return self.columns[name]

    def first(self, epochs: int) -> EpochColumns:
        """The first epochs alone."""
        return EpochColumns({name: values[:epochs] for name, values in self.columns.items()})

    def replace(self, **columns: Sequence[float]) -> EpochColumns:
        """The same with other columns."""
        return EpochColumns({**self.columns, **{name: tuple(values) for name, values in columns.items()}})


class EpochLog:
    """Columns that grow by an epoch at a time, while a trial is under way."""

    def __init__(self, columns: Mapping[str, Sequence[float]] | None = None) -> None:
        self._columns: dict[str, list[float]] = {n: list((columns or {}).get(n, ())) for n in RECORDED}
        if len(set(map(len, self._columns.values()))) > 1:
            raise ValueError("columns of epochs are not equally long")

    def __len__(self) -> int:
        """How many epochs."""
        return len(self._columns[RECORDED[0]])

    def __getitem__(self, name: str) -> Sequence[float]:
        """The column of a metric."""
        return self._columns[name]

    def add(self, **values: float) -> None:
        """An epoch's values, of every metric that is recorded."""
        for name, column in self._columns.items():
            column.append(values[name])

    def columns(self) -> EpochColumns:
        """Return the columns as they are now, a value an epoch."""
        return EpochColumns({name: tuple(values) for name, values in self._columns.items()})
