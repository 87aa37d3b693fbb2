"""Activations of the hidden units."""

from __future__ import annotations

from analysis.figures import activations
from study.spec.registry import load_study
from tests.analysis.drawn import of


def test_activations_are_those_of_the_hidden_units():
    frame = activations.prepare(of(load_study("batch-norm"), seeds=(0, 1))[1])
    assert set(frame["tensor"]) == {"Z1", "A1"}
    assert set(frame["n"]) == {2}
    assert activations.caption(frame).startswith("Z: before, A: after")
