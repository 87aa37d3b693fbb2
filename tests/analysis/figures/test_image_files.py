"""A figure's files."""

from __future__ import annotations

from functools import partial

import pandas as pd

from analysis.figures import NamedFigure, curves, save
from analysis.figures.image_files import csv_text
from tests.analysis.drawn import LRS, of


def test_the_csv_is_the_frame(tmp_path):
    frame = curves.prepare(of(LRS, seeds=(0, 1, 2))[0])
    named = NamedFigure("a", "t", "x", "c", frame, partial(curves.draw, frame))
    (path,) = save(named, tmp_path, ["csv"])
    back = pd.read_csv(path, keep_default_na=False, na_values={c: [""] for c in ("value", "low", "high")})
    pd.testing.assert_frame_equal(back, frame, check_dtype=False, rtol=1e-8)
    assert csv_text(frame).count("\n") == len(frame) + 1
