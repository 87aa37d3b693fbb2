"""The chapter's studies, one file each; a study's docstring is its question. Registered by an entry point.

Not here: finding a study by its name (`study.spec.registry`). Nothing imports this package.
"""

from __future__ import annotations

from study.spec.registry import Catalogue

CHAPTER: tuple[str, ...] = (
    "scaling",
    "batch-size",
    "optimizer",
    "learning-rate",
    "learning-rate-unscaled",
    "annealing",
    "depth",
    "batch-norm",
    "dropout",
    "regularization",
    "inverted",
    "input-range",
)
"""The chapter's studies, in the order of the text."""

CATALOGUE = Catalogue("study.catalog", CHAPTER, keeps_parts=True, claims_predate=True, verdicts="recorded.json")
