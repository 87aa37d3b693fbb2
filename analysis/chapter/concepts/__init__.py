"""The figures that need no training: what pixels, features, a sigmoid, batch norm, dropout and penalties are.

Everything drawn is computed here from a photograph that scikit-image ships, from the data set, or from a formula.
"""

from __future__ import annotations

from analysis.chapter.concepts import data_set as data
from analysis.chapter.concepts import dropout, features, formulas, patches
from analysis.chapter.concepts.data_set import Images
from analysis.figures.named_figure import NamedFigure

__all__ = ["Images", "all_concepts"]


def all_concepts(dataset: Images | None = None, seed: int = 0) -> list[NamedFigure]:
    """Make all 21 figures in the order of the chapter.

    Args:
        dataset: images with labels (`trainables.data.dataset.DataSet`); without it two figures say that it is missing.
        seed: decides which samples are shown and what dropout drops.
    """
    return [
        *patches.figures(),
        *features.figures(),
        *data.figures(dataset, seed),
        *formulas.sigmoid_figures(),
        formulas.batch_norm_figure(),
        dropout.figure(seed),
        *formulas.penalty_figures(),
    ]
