"""A figure's files."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import matplotlib as mpl
import pandas as pd

from analysis.figures import NamedFigure, curves, save
from analysis.figures.image_files import PAGE_FONTS, csv_text, svg_text
from tests.analysis.drawn import LRS, of


def test_the_csv_is_the_frame(tmp_path):
    frame = curves.prepare(of(LRS, seeds=(0, 1, 2))[0])
    named = NamedFigure("a", "t", "x", "c", frame, partial(curves.draw, frame))
    (path,) = save(named, tmp_path, ["csv"])
    back = pd.read_csv(path, keep_default_na=False, na_values={c: [""] for c in ("value", "low", "high")})
    pd.testing.assert_frame_equal(back, frame, check_dtype=False, rtol=1e-8)
    assert csv_text(frame).count("\n") == len(frame) + 1


def test_letters_are_outlines_in_a_file_and_text_in_the_fonts_of_the_page_on_it() -> None:
    """A page's pictures had a font of their own beside its charts, and a white ground in the dark."""
    frame = curves.prepare(of(LRS, seeds=(0, 1, 2))[0])
    named = NamedFigure("a", "t", "x", "c", frame, partial(curves.draw, frame))
    file, page, again = svg_text(named), svg_text(named, for_page=True), svg_text(named)
    assert file == again and "<text" not in file and "fill: #ffffff" in file, "what a page draws changes no file"
    assert ">epoch</text>" in page and PAGE_FONTS in page and "DejaVu" not in page
    assert page.count("fill: #ffffff") < file.count("fill: #ffffff")
    styles = Path(curves.__file__).parents[1] / "report" / "assets" / "page.css"
    assert PAGE_FONTS.replace("'", '"') in styles.read_text(encoding="utf-8")
    assert mpl.rcParams["svg.fonttype"] == "path", "nothing is changed for good"
