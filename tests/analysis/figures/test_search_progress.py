"""How a search went: a proposal that is still trained is not drawn as one that was stopped."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.figures.search_progress import draw_rungs

RUNGS = pd.DataFrame({"epoch": [1, 2], "arrived": [3, 2], "went_on": [2, 1]})


def curves(*states: str) -> pd.DataFrame:
    rows = [(n, e, 0.5 + 0.1 * n, state) for n, state in enumerate(states) for e in (1, 2)]
    return pd.DataFrame(rows, columns=["n", "epoch", "value", "state"])


def test_what_has_not_ended_has_no_mark_and_is_said() -> None:
    for states, marks, said in (
        (("whole", "paused"), 2, ["to the end", "stopped early"]),
        (("whole", "paused", "running"), 2, ["to the end", "stopped early", "not ended yet"]),
        (("whole", "paused", "diverged"), 3, ["to the end", "stopped early", "diverged"]),
        (("diverged", "failed"), 2, ["diverged", "failed"]),
    ):
        axes = draw_rungs(curves(*states), RUNGS, "val_accuracy").axes[0]
        legend = axes.get_legend()
        assert legend is not None and [t.get_text() for t in legend.get_texts()] == said
        assert len([line for line in axes.lines if line.get_marker() in ("o", "s", "X", "v")]) == marks


@pytest.mark.parametrize(("last", "scale"), [(9, "linear"), (81, "log")])
def test_rungs_that_lie_far_apart_have_a_logarithmic_axis(last: int, scale: str) -> None:
    """On a linear one the bars of the first rungs could not be seen, and their counts covered each other."""
    rungs = RUNGS.assign(epoch=[1, last])
    assert [axes.get_xscale() for axes in draw_rungs(curves("whole", "paused"), rungs, "val_accuracy").axes] == [
        scale
    ] * 2
