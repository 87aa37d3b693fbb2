"""The figures that need no training, drawn once for all tests that look at them."""

from __future__ import annotations

import pytest

from analysis.chapter.concepts import all_concepts
from analysis.figures import NamedFigure
from tests.analysis.chapter.small import SMALL


@pytest.fixture(scope="session")
def figures() -> list[NamedFigure]:
    return all_concepts(SMALL, seed=1)
