"""Figures from results: `prepare(frame) -> tidy frame`, `draw(frame) -> Figure`; one look; the same bytes each time."""

from analysis.figures.assemble import claims_overview, for_study
from analysis.figures.named import NamedFigure, missing
from analysis.figures.save import png_bytes, save, save_all, svg_text

__all__ = ["NamedFigure", "claims_overview", "for_study", "missing", "png_bytes", "save", "save_all", "svg_text"]
