"""What `study claims` says of claims that lack records: the command of `study status`, and which search goes on."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from study.app.goes_on import goes_on
from study.app.status import status_of
from study.spec.claims import Claim, Contrast, Quantity
from study.storage.run_records import write_run
from tests.analysis import stores
from tests.study.app.test_status import SMALL
from tests.study.cli.test_main import study

RECORDED = Path(__file__).parents[3] / "results" / "search-sgd-adam"


def test_claims_that_lack_records_name_the_command_that_status_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was `study claims r --long`, and of the two seeds that lack it named one."""
    of = (Quantity(arm=arm, metric="val_accuracy", at="last") for arm in ("b", "a"))
    claim = Claim(id="c-1", statement="More.", parts=(Contrast(a=next(of), b=next(of), low=0.0),))
    claimed, where = replace(SMALL, claims=(claim,)), str(tmp_path / "r")
    store = stores.store_of(tmp_path / "r", [claimed], range(3))
    typed = ("study", "run", "small", "--seeds", "5", "--results", where)
    write_run(store.folder, "20990102T000000-000000", replace(stores.run([claimed], range(5)), command=typed))
    assert goes_on(where) == ((), " ".join(typed)) == ((), status_of(where).next_command)
    assert study("claims", where) == 7
    said = capsys.readouterr().out
    assert "no trial of seeds 3, 4" in " ".join(said.split()) and said.splitlines()[-1] == f"next  {' '.join(typed)}"


def test_a_search_that_is_not_over_is_no_folder_without_claims(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It said "there are no claims in this folder", named no command and ended with 0."""
    place = shutil.copytree(RECORDED, tmp_path / "r")
    assert goes_on(str(place)) == ((), "")
    (place / "searches" / "search-sgd-adam" / "answer.json").unlink()
    shutil.rmtree(place / "studies" / "search-sgd-adam.answer")
    assert study("claims", str(place)) == 7
    said = capsys.readouterr()
    assert "The search search-sgd-adam is not over: " in said.out and "no claims in this folder" not in said.out
    again = status_of(str(place)).next_command
    assert said.out.splitlines()[-1] == f"next  {again}" and again.startswith("study run search-sgd-adam ")
    assert said.err == f"error: {place}: no claim has records yet, because its search is not over\n"
    assert study("claims", str(place), "--json") == 7 and capsys.readouterr().out == "[]\n"
