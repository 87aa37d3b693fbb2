"""Which figures a study gets, and their words: `for_study`, and the claims overview."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.figures import activations, curves, distributions, effects
from analysis.figures import learning_rate as rate
from analysis.figures.axes import label
from analysis.figures.claims_overview import alt_claims, draw_claims, prepare_claims
from analysis.figures.named_figure import NamedFigure, missing

if TYPE_CHECKING:
    from study.spec.study import Figure, Study

MAX_ARMS = 12
"""More arms than this make no readable figure; the best by validation accuracy are drawn, and the caption says so. A
figure of effects has a line an arm, and so all of them."""
COLUMNS_PER_FIGURE = 4
"""Arms beside each other in a figure of histograms; more arms make more figures."""


def for_study(
    study: Study, epochs: pd.DataFrame, tensors: pd.DataFrame, effect: pd.DataFrame | None = None
) -> list[NamedFigure]:
    """Make all figures that `study.figures` names, and the effects against its baseline if given.

    Args:
        study: its arms in order; baseline first in every figure.
        epochs: rows of all studies or of this one; see `curves.prepare`.
        tensors: likewise; see `distributions.prepare`.
        effect: study, arm, metric, estimate, low, high, n and optionally more; see `effects.prepare`.

    Returns:
        In the order of `study.figures`. What cannot be drawn is there all the same and says why.
    """
    epochs, tensors = _of(study, epochs), _of(study, tensors)
    there = set(epochs["arm"].unique())
    absent = [a.name for a in study.arms if len(epochs) and a.name not in there]
    epochs, tensors, fewer = _fewer(study, epochs, tensors)
    note = " ".join(filter(None, (fewer, f"No trials of: {', '.join(absent)}." if absent else "")))
    figures = [named for name in study.figures for named in MAKERS[name](study, epochs, tensors)]
    figures = [_noted(f, note) for f in figures] if note else figures
    return figures + _effects(study, _of(study, effect)) if effect is not None else figures


def claims_overview(claims: pd.DataFrame) -> NamedFigure:
    """One figure over all claims: id, statement, verdict, n."""
    frame = prepare_claims(claims)
    title = "Every claim and its verdict"
    if frame.empty:
        return missing("claims", title, "there are no claims")
    caption = "One line a claim; the mark stands in the column of its verdict."
    return NamedFigure("claims", title, alt_claims(frame), caption, frame, partial(draw_claims, frame))


def baseline_first(study: Study) -> list[str]:
    """The arms of a study in its order, but the baseline first: an arm's place chooses its look."""
    return [study.baseline, *(a.name for a in study.arms if a.name != study.baseline)]


def _of(study: Study, frame: pd.DataFrame) -> pd.DataFrame:
    """One study's rows, its arms in the study's order with the baseline first; arms that it does not name come last."""
    rows = frame[frame["study"] == study.name] if "study" in frame else frame
    order = baseline_first(study)
    rows = rows.assign(arm=rows["arm"].astype(str))
    order += [a for a in rows["arm"].unique() if a not in order]
    return rows.sort_values("arm", key=lambda c: c.map({a: i for i, a in enumerate(order)}), kind="stable")


def _fewer(study: Study, epochs: pd.DataFrame, tensors: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    count = epochs["arm"].nunique()
    if count <= MAX_ARMS:
        return epochs, tensors, ""
    finite = epochs[np.isfinite(epochs["val_accuracy"])]
    best = list(finite.groupby("arm", sort=False)["val_accuracy"].max().nlargest(MAX_ARMS).index)
    note = f"Of {count} arms, the {len(best)} of the highest validation accuracy."
    if study.baseline in set(epochs["arm"].unique()) and study.baseline not in best:
        best[-1] = study.baseline
        note = (
            f"Of {count} arms, {study.baseline} (baseline) and the {len(best) - 1} of the highest validation accuracy."
        )
    return epochs[epochs["arm"].isin(best)], tensors[tensors["arm"].isin(best)], note


def _noted(named: NamedFigure, note: str) -> NamedFigure:
    return NamedFigure(named.name, named.title, named.alt, f"{named.caption} {note}", named.frame, named.draw)


def _curves(study: Study, epochs: pd.DataFrame, _: pd.DataFrame) -> list[NamedFigure]:
    names = (f"{study.name}-curves", f"{study.name}-arms")
    titles = (f"{study.title}: loss and accuracy, arms together", f"{study.title}: loss and accuracy, arm by arm")
    if epochs.empty:
        return [missing(n, t, f"there are no trials of study {study.name}") for n, t in zip(names, titles, strict=True)]
    frame = curves.prepare(epochs)
    draws = (partial(curves.draw, frame, baseline_first(study)), partial(curves.draw_arms, frame))
    said, caption = curves.alt(frame), curves.caption(frame)
    return [
        NamedFigure(name, title, f"{title}. {said}", caption, frame, draw)
        for name, title, draw in zip(names, titles, draws, strict=True)
    ]


def _rate(study: Study, epochs: pd.DataFrame, _: pd.DataFrame) -> list[NamedFigure]:
    name, title = f"{study.name}-lr", f"{study.title}: learning rate over epochs"
    if epochs.empty:
        return [missing(name, title, f"there are no trials of study {study.name}")]
    frame = rate.prepare(epochs)
    drawn = partial(rate.draw, frame, baseline_first(study))
    return [NamedFigure(name, title, rate.alt(frame), rate.caption(epochs), frame, drawn)]


def _parameters(study: Study, _: pd.DataFrame, tensors: pd.DataFrame) -> list[NamedFigure]:
    return _tensors(study, tensors, "parameter")


def _activations(study: Study, _: pd.DataFrame, tensors: pd.DataFrame) -> list[NamedFigure]:
    return _tensors(study, tensors, "activation")


def _tensors(study: Study, tensors: pd.DataFrame, kind: str) -> list[NamedFigure]:
    plural = "parameters" if kind == "parameter" else "activations"
    name, title = f"{study.name}-{plural}", f"{study.title}: distribution of the {plural}"
    frame = distributions.prepare(tensors, kind) if len(tensors) else pd.DataFrame()
    if frame.empty:
        return [missing(name, title, f"no {plural} of study {study.name} are on record")]
    words = activations.caption if kind == "activation" else distributions.caption
    ranges = distributions.prepare_ranges(tensors, kind)
    wide = f"{study.title}: ranges of the {plural}"
    figures = []
    arms = list(dict.fromkeys(frame["arm"]))
    for i in range(0, len(arms), COLUMNS_PER_FIGURE):
        part = frame[frame["arm"].isin(arms[i : i + COLUMNS_PER_FIGURE])].reset_index(drop=True)
        suffix = f"-{i // COLUMNS_PER_FIGURE + 1}" if len(arms) > COLUMNS_PER_FIGURE else ""
        drawn = partial(distributions.draw, part, baseline_first(study))
        figures.append(NamedFigure(name + suffix, title, distributions.alt(part, title), words(part), part, drawn))
    alt, caption = distributions.alt(ranges, wide), distributions.RANGES_CAPTION + distributions.unfinished(ranges)
    drawn = partial(distributions.draw_ranges, ranges, baseline_first(study))
    return [*figures, NamedFigure(f"{name}-ranges", wide, alt, caption, ranges, drawn)]


def _effects(study: Study, effect: pd.DataFrame) -> list[NamedFigure]:
    figures = []
    for metric in dict.fromkeys(effect["metric"]):
        frame = effects.prepare(effect, metric)
        words = label(metric).split(" [")[0]
        title = f"{study.title}: {words} against {study.baseline}"
        alt, caption = effects.alt(frame, study.baseline), effects.caption(frame, study.baseline)
        drawn = partial(effects.draw, frame, study.baseline)
        figures.append(NamedFigure(f"{study.name}-effect-{metric}", title, alt, caption, frame, drawn))
    return figures


FigureMaker = Callable[["Study", pd.DataFrame, pd.DataFrame], list[NamedFigure]]
"""From a study, its epochs and its tensors; see `for_study`."""
MAKERS: Mapping[Figure, FigureMaker] = {
    "curves": _curves,
    "lr": _rate,
    "parameters": _parameters,
    "activations": _activations,
}
