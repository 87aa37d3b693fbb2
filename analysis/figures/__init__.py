"""Figures from results: `prepare(frame) -> tidy frame`, `draw(frame) -> Figure`; one look; the same bytes each time."""

from analysis.figures.image_files import png_bytes, save, save_all, svg_text
from analysis.figures.named_figure import NamedFigure, missing
from analysis.figures.study_figures import claims_overview, for_study

__all__ = ["NamedFigure", "claims_overview", "for_study", "missing", "png_bytes", "save", "save_all", "svg_text"]
