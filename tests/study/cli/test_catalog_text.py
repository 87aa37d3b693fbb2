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
from tests.study.cli.test_main import study
from tests.synthetic import records


@pytest.mark.parametrize("width", [80, 100, 200])
def test_every_study_has_a_line(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    catalog_text.print_catalogue()
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    names = registry.names()
    assert [line.split()[0] for line in lines[1 : len(names) + 1]] == list(names)
    asked = [first_sentence(registry.load_study(n).question) for n in names]
    if width == 200:
        assert all(line.rstrip().endswith(text) for line, text in zip(lines[1:], asked, strict=False))
    else:
        assert "Batch normalisation" in lines[1 + list(names).index("batch-norm")], "titles are shorter"


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
    catalog_text.print_study(study)
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


def test_a_folder_that_is_named_tells_of_its_own_studies_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that is not named, and has no seed of the catalogue, says nothing of what is on record."""
    monkeypatch.setenv("COLUMNS", "100")
    mine = dataclasses.replace(registry.load_study("scaling"), name="mine", title="My own", claims=())
    where = str(tmp_path / "r")
    store = store_of(tmp_path / "r", [mine], seeds=())
    (first, *_) = records(mine, (0,))
    fill(store, [dataclasses.replace(first, provenance={"host": platform.node()})])

    catalog_text.print_catalogue([where])
    out = capsys.readouterr().out
    assert "have:" not in out and "mine" not in out and " of 5" not in out
    assert study("list", "--results", where) == 0
    out = capsys.readouterr().out
    assert f"have: seeds on record in {where}" in out
    assert re.search(r"^mine +.* 0 of 5 ", out, re.MULTILINE) and re.search(r"^scaling .* 0 of 5 ", out, re.MULTILINE)
    assert study("list", "--results", where, "--json") == 0
    found = {s["name"]: s for s in json.loads(capsys.readouterr().out)}
    assert found["mine"]["seeds"] == 0 and found["search-all"]["seeds"] is None
    assert study("list", "--json") == 0
    assert all("seeds" not in s for s in json.loads(capsys.readouterr().out))
    assert study("list", "--results", str(tmp_path / "nothing")) == 4
