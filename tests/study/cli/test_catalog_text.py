"""What there is, at any width of the terminal: a line a study, and places that can be copied."""

from __future__ import annotations

import dataclasses
import json
import platform
import re
from pathlib import Path

import pytest

from analysis.text.plain_text import first_sentence
from study.cli import catalog_text
from study.spec import registry
from tests.analysis.stores import fill, store_of
from tests.synthetic import records
from trainables.config.trial_config import KNOBS


@pytest.mark.parametrize("width", [80, 100, 200])
def test_every_study_has_a_line(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    catalog_text.print_catalogue()
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    names = registry.names()
    rows = [line for line in lines[1 : lines.index("")] if not line.startswith(" ")]
    assert [line.split()[0] for line in rows] == list(names)
    asked = [" ".join(first_sentence(registry.load_study(n).question).split()) for n in names]
    if width == 200:
        assert all(line.rstrip().endswith(text) for line, text in zip(lines[1:], asked, strict=False))
    else:
        said = " ".join(" ".join(lines).split())
        assert all(f" {text} " in said for text in asked), "whole, below its study"


def test_a_new_folder_has_a_range_for_every_study(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    catalog_text.print_catalogue()
    said = capsys.readouterr().out
    rows = [line for line in said.splitlines() if line.split()[:1] and line.split()[0] in registry.names()]
    assert len(rows) == len(registry.names())
    searches = [row for row in rows if row.startswith("search-")]
    assert all(re.search(r" \?  +-(  |$)", row) for row in searches)
    assert "where it says ?, ask `study plan NAME`" in said
    ranges = [row for row in rows if row not in searches]
    assert all(re.search(r"\d+ (s |min |h )?to \d+ (s|min|h)  +-(  |$)", row) for row in ranges), said
    assert "a range, because no trial on Fashion-MNIST was measured here yet" in " ".join(said.split())
    assert re.search(r"in all .* to .*: trials that they share are trained once", said)
    found = json.loads(catalog_text.catalogue_json())
    assert all(not s["measured"] and (s["search"] or s["seconds"][0] < s["seconds"][1]) for s in found)


@pytest.mark.parametrize("width", [80, 200])
def test_the_chapter_has_a_price_in_all(
    width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    store = store_of(tmp_path / "r", [registry.load_study("scaling")], seeds=())
    (first, *_) = records(registry.load_study("scaling"), (0,))
    fill(store, [dataclasses.replace(first, provenance={"host": platform.node()})])
    catalog_text.print_catalogue([str(tmp_path / "r")])
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= width for line in lines if str(tmp_path) not in line)
    assert re.search(
        r"chapter = scaling, .*, input-range in all .*\d (s|min): trials that they share are trained once",
        " ".join(lines),
    )


def test_a_study_that_the_folder_alone_has_is_listed_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = dataclasses.replace(registry.load_study("scaling"), name="mine")
    fill(store_of(tmp_path / "r", [mine], seeds=()), records(mine, (0, 1)))
    catalog_text.print_catalogue([str(tmp_path / "r")])
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("mine "))
    assert "2 of 5" in line
    found = {study["name"]: study for study in json.loads(catalog_text.catalogue_json([str(tmp_path / "r")]))}
    assert found["mine"]["seeds"] == 2 and found["mine"]["folder"] == str(tmp_path / "r")
    assert json.loads(catalog_text.catalogue_json())[0]["seeds"] is None


def test_a_place_is_never_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    folder = tmp_path / ("a" * 70)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    catalog_text.print_data_sources("fashion-mnist", None, fetch=False)
    assert any(line.strip().startswith(str(folder)) for line in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("name", registry.names())
def test_no_name_of_a_knob_is_broken_and_claims_say_what_they_ask(
    name: str, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    study = registry.load_study(name)
    catalog_text.print_study(study, None, registry.registered)
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= width
    words = set(out.split())
    assert study.search or set(study.knobs) <= words, "a search has a table of ranges"
    assert {a.name for a in study.arms} <= {w.rstrip(":") for w in words}
    assert out.count("baseline") >= bool(study.arms)
    if name == "dropout":
        assert "The gap is smaller with dropout than with the plain network after 30 epochs." in " ".join(out.split())


def test_a_knob_that_is_one_of_some_words_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    catalog_text.print_knobs()
    assert "one of sgd, adam, adamw, adagrad, adadelta, rmsprop, lbfgs" in " ".join(capsys.readouterr().out.split())


def test_the_list_of_knobs_has_what_an_arm_may_change_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    catalog_text.print_knobs()
    listed = {line.split()[0] for line in capsys.readouterr().out.splitlines()[1:] if line[:1].strip()}
    assert "seed" in KNOBS and listed == set(KNOBS) - {"seed", "epochs"}
