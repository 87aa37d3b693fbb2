"""Text is wrapped by what it measures: many arms with long names fit into every figure, which grows with them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis.claims.words import VERDICTS
from analysis.figures import claims_overview, curves, distributions, effects, missing, style
from analysis.figures import learning_rate as rate
from tests.analysis.drawn import epochs_of, tensor

SENTENCE = "changes the rate and says so in a sentence that is far too long for a legend, a title and a tick of an axis"
LONG = {
    "words": lambda i: f"arm {i} {SENTENCE}"[:120],
    "solid": lambda i: (f"arm{i}" + "abcdefghijklmnopqrstuvwxyz0123456789" * 4)[:120],
    "wide": lambda i: f"{i}" + "WM" * 59,
}


def held(figure: Figure, apart: Iterable[Text]) -> None:
    """No text leaves the figure, and none of some lies on another of them."""
    figure.draw_without_rendering()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert min(box.x0, box.y0) > -0.01 and box.x1 < width + 0.01 and box.y1 < height + 0.01, (box, width, height)
    placed = [(t.get_text(), t.get_window_extent()) for t in apart if t.get_visible() and t.get_text()]
    for (one, a), (other, b) in combinations(placed, 2):
        assert not (a.x0 < b.x1 - 1 and b.x0 < a.x1 - 1 and a.y0 < b.y1 - 1 and b.y0 < a.y1 - 1), (one, other)


@pytest.mark.parametrize(
    ("kind", "count"), [("wide", 4), *(pytest.param(kind, 30, marks=pytest.mark.e2e) for kind in LONG)]
)
def test_many_arms_with_long_names_fit_into_every_figure(kind: str, count: int) -> None:
    names = [LONG[kind](i) for i in range(count)]
    epochs = epochs_of(**{f"t{i}": (n, "finished", [0.5, 0.6]) for i, n in enumerate(names)})
    metrics = ["val_accuracy", "val_loss"]
    for figure in (curves.draw(curves.prepare(epochs, metrics)), rate.draw(rate.prepare(epochs))):
        texts = figure.legends[0].get_texts()
        held(figure, [*texts, figure.axes[-1].xaxis.label])
        assert len(texts) >= count
        assert all(axes.get_position().height * figure.get_figheight() > 1.5 for axes in figure.axes)
    losses = [f"{side}_{what}" for side in ("train", "val") for what in ("loss", "accuracy")]
    arms = epochs.assign(**{m: 0.5 for m in losses if m not in epochs})[lambda f: f["arm"].isin(names[:12])]
    figure = curves.draw_arms(curves.prepare(arms))
    held(figure, [t for axes in figure.axes for t in (axes._left_title, axes.xaxis.label, *axes.get_xticklabels())])  # type: ignore[attr-defined]
    rows = pd.DataFrame([tensor(n, 0, t, 0, 1 + 9 * (n == names[0])) for n in names[:4] for t in ("W1", "W2")])
    figure = distributions.draw(distributions.prepare(rows))
    held(figure, [axes.title for axes in figure.axes])
    figure = distributions.draw_ranges(distributions.prepare_ranges(rows))
    held(figure, figure.axes[0].get_yticklabels())
    why = {"refused": [""] * (count - 1) + ["a trial diverged in seed 3, and so there is no mean " * 3]}
    effect = pd.DataFrame({"arm": names, "metric": "val_loss", "estimate": 0.1, "low": 0.0, "high": 0.2, "n": 3, **why})
    figure = effects.draw(effects.prepare(effect, "val_loss"), names[0])
    held(figure, [*figure.axes[0].get_yticklabels(), figure._supxlabel])  # type: ignore[attr-defined]
    claims = pd.DataFrame(
        {"study": "s", "id": [n[:64] for n in names], "statement": names, "verdict": "supported", "n": 3}
    )
    claims.loc[: len(VERDICTS) - 1, "verdict"] = list(VERDICTS)[::-1][: len(claims)]
    figure = claims_overview(claims).figure
    held(figure, figure.axes[0].texts)
    held(missing("a", "b", " ".join(names[:3])).figure, [])


@pytest.mark.parametrize(
    ("text", "lines"), [("", 0), ("a", 1), ("a b", 1), ("WWWW", 4), ("-" * 40, 6), ("$$$$$$$$", 2)]
)
def test_text_is_wrapped_by_its_width_and_nothing_is_lost(text: str, lines: int) -> None:
    found = style.wrapped(text, 0.3, 20 if text == "WWWW" else 8)
    assert found.replace("\n", "").replace("\\$", "$") == text
    assert len(found.split("\n")) == lines if text else not found
    assert text == "WWWW" or all(style.inches(line, 8) <= 0.3 for line in found.split("\n"))
