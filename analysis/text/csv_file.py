"""The one place that writes CSV: whatever a frame holds, no spreadsheet runs a cell or a head as a formula."""

from __future__ import annotations

import pandas as pd

from analysis.text.plain_text import harmless_cell


def guarded_csv(frame: pd.DataFrame, float_format: str | None = None) -> str:
    r"""Write a frame as CSV, without its index; text that a spreadsheet would run has an apostrophe before it.

    >>> guarded_csv(pd.DataFrame({"arm": ["=1+1", "sgd"], "@value": [-0.5, 1.0]}))
    "arm,'@value\n'=1+1,-0.5\nsgd,1.0\n"
    """
    text = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]
    safe = frame.assign(**{name: [harmless_cell(v) for v in frame[name].tolist()] for name in text})
    safe.columns = pd.Index([harmless_cell(name) for name in frame.columns])
    return str(safe.to_csv(index=False, lineterminator="\n", float_format=float_format))
