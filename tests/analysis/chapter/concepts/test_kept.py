"""The kept pictures of the concepts are what the code draws, and stand for nothing else."""

from __future__ import annotations

import dataclasses
from importlib import resources

import pytest

from analysis.chapter.concepts import all_concepts, data_set, kept
from analysis.report.pictures import Picture, pictures
from trainables.data.sources import list_to_first, load_data_set

QUICK = ("concept-01-grey-patch", "concept-17-sigmoid-tiny", "concept-20-l1")


@pytest.fixture(scope="module")
def drawn() -> dict[str, Picture]:
    """All that can be drawn on this machine, which may lack the data set."""
    at_hand = list_to_first()[-1].state == "verified"
    made = pictures(
        all_concepts(load_data_set("fashion-mnist") if at_hand else None), photo=True, kept=kept.stored_drawing
    )
    return {p.name: p for p in made if not p.absent}


def test_each_is_kept_for_the_words_and_numbers_that_it_has_now(drawn: dict[str, Picture]) -> None:
    assert len(drawn) >= 19 and [name for name, picture in drawn.items() if kept.stored_drawing(picture) is None] == []
    there = {data_set.SUMMARY[0], data_set.GRID[0], *drawn}
    folder = resources.files("analysis.chapter.concepts") / kept.PLACE
    assert {f.name.rpartition(".")[0] for f in folder.iterdir()} == there | {kept.LIST.rpartition(".")[0]}


@pytest.mark.parametrize("names", [pytest.param(QUICK, id="quick"), pytest.param((), id="all", marks=pytest.mark.e2e)])
def test_they_are_what_is_drawn(drawn: dict[str, Picture], names: tuple[str, ...]) -> None:
    for picture in (drawn[name] for name in names or drawn):
        assert picture.for_page == kept.stored_drawing(picture), picture.name


def test_other_numbers_or_words_are_drawn(drawn: dict[str, Picture]) -> None:
    figure = drawn[QUICK[0]].figure
    other = figure.frame.assign(value=figure.frame["value"] // 2)
    for changed in (dataclasses.replace(figure, frame=other), dataclasses.replace(figure, alt="Other words.")):
        (picture,) = pictures([changed], photo=True, kept=kept.stored_drawing)
        assert kept.stored_drawing(picture) is None
        assert picture.uri.startswith("data:image/svg+xml;base64,")
