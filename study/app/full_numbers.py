"""What is on record in full of the arms of reduced studies, to stand beside their own numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from study.app.snapshot import Measure
from study.spec.study import Study


@dataclass(frozen=True)
class FullMeasures:
    """An arm in full: in per cent and points, after so many epochs."""

    accuracy: Measure
    gap: Measure
    epochs: int


def full_measures(studies: Iterable[Study]) -> Mapping[str, FullMeasures]:
    """What packages have published of the arms of these studies that are reduced, by `STUDY/ARM`."""
    found = {}
    for study in (s for s in studies if s.reduced):
        from analysis.claims import recorded

        for name, arm in recorded.of_arms(study).items():
            accuracy, gap = (Measure(n.value, n.half) for n in (arm.accuracy, arm.gap))
            found[f"{study.name}/{name}"] = FullMeasures(accuracy, gap, arm.epochs)
    return found
