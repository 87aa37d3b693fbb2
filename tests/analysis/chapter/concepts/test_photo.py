"""The photograph: it is in the package, every value is written, and figures say so where it is not there."""

from __future__ import annotations

import pytest

from analysis.chapter.concepts import features, patches, photo
from trainables.config.errors import DataError


def test_without_the_photograph_twelve_figures_say_so(monkeypatch):
    def gone() -> None:
        raise DataError("it is not there")

    monkeypatch.setattr(photo, "photograph", gone)
    figures = [*patches.figures(), *features.figures()]
    assert len(figures) == 12
    assert all("it is not there" in f.alt for f in figures)


def test_the_photograph_is_in_the_package_and_nothing_is_fetched(monkeypatch):
    import socket

    monkeypatch.setattr(socket, "socket", lambda *a, **k: pytest.fail("a socket was opened"))
    photo.photograph.cache_clear()
    assert photo.photograph().shape == (512, 512, 3)


def test_every_value_of_the_array_is_written(figures):
    values = photo.image_of(figures[3].frame, "value")
    for f in (figures[3], figures[4]):
        written = sorted(int(v) for t in f.figure.axes[0].texts for v in t.get_text().split())
        assert written == sorted(values.ravel().tolist())
