"""Tables ready to be written: which columns a reader sees, under which heads, with how many digits.

The numbers come from `analysis.tables`, the formats from `analysis.text.render_sheet`. A cell keeps the number behind
it, so that a page can sort by it.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.statistics.estimates import Estimate
from analysis.text import numbers
from analysis.text.columns import DECIMALS_OF_LOSS, column_texts, scaled
from analysis.text.numbers import DECIMALS_OF_PERCENT
from analysis.text.sheet import Cell, Sheet
from study.spec.selection import SELECTED_ON
from trainables.records.metrics import METRICS

OF_TWO = ", of two seeds their range"
NO_TRIAL = ("no trials", "no finished trial")
"""How a note ends that says no more than that an arm has none."""


def _head(text: str, name: str) -> str:
    words = text.format(METRICS[name].label)
    return f"{words[0].upper()}{words[1:]}, {METRICS[name].unit}"


OVERFITTING_HEADS = {
    **{name: _head("{}", name) for name in ("train_accuracy", "val_accuracy", "train_loss", "val_loss")},
    "accuracy_gap_best": _head("{} at the best epoch, " + SELECTED_ON, "accuracy_gap"),
    "accuracy_gap": _head("{} at the last epoch", "accuracy_gap"),
    "loss_gap_best": _head("{} at the best epoch, " + SELECTED_ON, "loss_gap"),
    "loss_gap": _head("{} at the last epoch", "loss_gap"),
    "best_epoch": f"Best epoch, {SELECTED_ON}",
    "epochs_past_best": "Epochs after the best",
    "accuracy_gap_change": _head("change of the {}", "accuracy_gap"),
    "loss_gap_change": _head("change of the {}", "loss_gap"),
}


def overfitting_sheet(table: pd.DataFrame, caption: str, *, with_study: bool = False) -> Sheet:
    """Make one row an arm, mean ± half of the 95 % interval a cell; from `tables.overfitting`."""
    rows, notes = [], list[tuple[str, str, str]]()
    arms: dict[tuple[str, str], dict[str, dict[Hashable, Any]]] = {}
    for row in table.to_dict("records"):
        arms.setdefault((row["study"], row["arm"]), {})[row["measure"]] = row
    columns = [column_cells([by[m] for by in arms.values()], m, two=True) for m in OVERFITTING_HEADS]
    for ((study, arm), by), *measured in zip(arms.items(), *columns, strict=True):
        cells = [Cell(f"{study}/{arm}" if with_study else str(arm))]
        epochs, n = int(by["val_accuracy"]["epochs"]), int(by["val_accuracy"]["n"])
        cells += [Cell(str(epochs), epochs), Cell(str(n), n)]
        rows.append((*cells, *measured))
        texts = (str(row["note"]) for row in by.values() if row["note"])
        said = dict.fromkeys(t for t in texts if not t.startswith(("the baseline", "at epoch", "not compared")))
        # which the arm's own note says already
        alone = tuple(f" {no}" for no in NO_TRIAL) if any(text in NO_TRIAL for text in said) else ()
        notes += [
            (cells[0].text, str(arm), text)
            for text in said
            if ";" in text or not (text.startswith(f"{arm} diverged in ") or text.endswith(alone))
        ]
    lines, two = _of_arms(notes), OF_TWO if (table["n"] == 2).any() else ""
    lines.append(
        f"Mean over n finished seeds ± half of its 95 % interval{two}. Changes are against the baseline, by seed, "
        "at the last epoch that both have."
    )
    heads = ("Study and arm" if with_study else "Arm", "Epochs", "n", *OVERFITTING_HEADS.values())
    return Sheet(caption, heads, tuple(rows), tuple(lines))


def _of_arms(notes: Sequence[tuple[str, str, str]]) -> list[str]:
    """A line a note, and one for all arms that are selected in one way.

    >>> _of_arms([("a", "a", "selected on val: the search chose a by it"), ("b", "b", "1 of 3 seeds is missing")])
    ['a: selected on val: the search chose a by it.', 'b: 1 of 3 seeds is missing.']
    >>> _of_arms([(arm, arm, f"selected on val: the search chose {arm} by it") for arm in ("a", "b")])
    ['a, b: selected on val: the search chose them by it.']

    Args:
        notes: how a row is called, its arm, and what is said of it.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for named, arm, text in notes:
        alike = text.replace(f" {arm} ", " them ") if text.startswith(SELECTED_ON) else f"{named}: {text}"
        found.setdefault(alike, []).append((named, text))
    return [
        f"{', '.join(named for named, _ in of)}: {alike if len(of) > 1 else of[0][1]}." for alike, of in found.items()
    ]


def column_cells(rows: Iterable[Mapping[Hashable, Any] | None], measure: str, *, two: bool = False) -> list[Cell]:
    """The cells of a column, from the rows of a table.

    Args:
        rows: each with estimate, low and high, as measured; None where there is no number.
        measure: the metric that they are of; those of the overfitting table may say where.
        two: whether low and high of a row of two seeds are their range.
    """
    metric = measure.removesuffix("_best").removesuffix("_change")
    fixed = DECIMALS_OF_LOSS if "loss" in metric else DECIMALS_OF_PERCENT if metric in numbers.ACCURACIES else None
    found = [None if r is None else Estimate(r["estimate"], r["low"], r["high"], int(r.get("n", 0))) for r in rows]
    texts = column_texts(
        [e and scaled(e, 100.0 if metric in numbers.ACCURACIES else 1.0) for e in found], fixed, two=two
    )
    return [
        Cell(text, None if e is None or math.isnan(e.value) else float(e.value))
        for text, e in zip(texts, found, strict=True)
    ]


NO_VERDICT_ON_SPLITS = (
    "Mean over splits ± half of its 95 % interval, corrected for the images that splits share. Nadeau and Bengio "
    "(2003) take the variance times 1/splits + n_val/n_train, with splits - 1 degrees of freedom. Each split takes the "
    "mean over the same seeds, so how far seeds vary is not in it. Changes are on the same splits. No verdict rests on "
    "it."
)


def splits_sheet(table: pd.DataFrame, caption: str) -> Sheet:
    """One row a setting that has several splits; from `tables.repeated_splits`."""
    rows, notes = [], [NO_VERDICT_ON_SPLITS]
    metrics = list(dict.fromkeys(table["metric"]))
    settings = [
        (str(words), str(arms), {(r["metric"], r["what"]): r for r in part.to_dict("records")})
        for (words, arms), part in table.groupby(["setting", "arms"], sort=False)
    ]
    columns = [column_cells([by.get((m, w)) for *_, by in settings], m) for m in metrics for w in ("mean", "change")]
    for (words, arms, by), *measured in zip(settings, *columns, strict=True):
        base = any(r["baseline"] for r in by.values())
        first = by[metrics[0], "mean"]
        cells = [Cell(f"{words} (baseline)" if base else words), Cell(arms)]
        cells += [Cell(str(first[n]), first[n]) for n in ("splits", "seeds")]
        rows.append((*cells, *(Cell("baseline") if base and c.value is None else c for c in measured)))
        notes += [f"{words}: {why}." for why in dict.fromkeys(r["refused"] for r in by.values() if r["refused"])]
    units = {m: "points" if m in numbers.ACCURACIES else METRICS[m].unit for m in metrics}
    heads = [head for m in metrics for head in (_head("{}", m), f"Change, {units[m]}")]
    return Sheet(caption, ("What its arms change", "Arms", "Splits", "Seeds", *heads), tuple(rows), tuple(notes))


def runs_sheet(table: pd.DataFrame, caption: str, *, of_one_study: bool = False) -> Sheet:
    """Make one row a study, arm and seed; from `tables.runs`. Seconds are of its core, on a GPU of the clock."""
    rows = tuple(
        (
            Cell(r.arm if of_one_study else f"{r.study}/{r.arm}"),
            Cell(str(r.seed), float(r.seed)),
            Cell(r.trial),
            Cell(r.status),
            Cell(f"{r.epochs_done} of {r.epochs}", float(r.epochs_done)),
            _plain(100 * r.train_accuracy, 2),
            _plain(100 * r.val_accuracy, 2),
            _plain(r.train_loss, 4),
            _plain(r.val_loss, 4),
            _plain(r.seconds + r.eval_seconds, 1),
        )
        for r in table.itertuples()
    )
    whose = "Arm" if of_one_study else "Study and arm"
    heads = (whose, "Seed", "Trial", "Ended", "Epochs", "Training accuracy, %", "Validation accuracy, %")
    return Sheet(caption, (*heads, "Training loss, nats", "Validation loss, nats", "Processor seconds"), rows)


def _plain(value: float, places: int) -> Cell:
    return Cell("-") if math.isnan(value) else Cell(numbers.written(float(value), places), float(value))
