"""Study files in Python, and what they import from beside them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from study.spec.python_file import run
from study.spec.registry import load_study
from tests.study.spec.test_study_file import STUDY, rates
from trainables.config.errors import BadInput


def test_a_file_beside_is_imported_and_forgotten(tmp_path: Path) -> None:
    (tmp_path / "rates.py").write_text("from more.rates import RATES\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more/__init__.py").write_text("from more import rates\n")
    (tmp_path / "more/rates.py").write_text("RATES = (0.1, 0.01)\n")
    (tmp_path / "mine.py").write_text("from rates import RATES\n" + STUDY)
    before, finders, path = set(sys.modules), list(sys.meta_path), list(sys.path)
    assert rates(tmp_path / "mine.py") == [0.1, 0.01]
    assert not {"rates", "more", "more.rates", "mine"} & sys.modules.keys()
    assert {name for name in set(sys.modules) - before if "study_file" in name} <= {"study.spec.study_file"}
    assert (sys.meta_path, sys.path) == (finders, path)
    assert not list(tmp_path.rglob("__pycache__"))


def test_a_file_beside_is_known_as_such_where_python_looks_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a checkout's own folder, where `study submit` is run: what lies there has to travel with the study."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    (tmp_path / "rates_beside.py").write_text("RATES = (0.1,)\n")
    (tmp_path / "mine.py").write_text("import numpy\nfrom rates_beside import RATES\n" + STUDY)
    assert sorted(run(tmp_path / "mine.py", "study")[1]) == ["mine.py", "rates_beside.py"]


def test_equal_names_in_two_folders_and_an_edit_within_a_second_are_read_as_they_are(tmp_path: Path) -> None:
    for place, value in (("a", "0.1"), ("b", "0.2")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "rates.py").write_text(f"RATES = ({value},)\n")
        (tmp_path / place / "mine.py").write_text("from rates import RATES\n" + STUDY)
    assert rates(tmp_path / "a/mine.py") == [0.1] and rates(tmp_path / "b/mine.py") == [0.2]
    (tmp_path / "a/rates.py").write_text("RATES = (0.3,)\n")
    assert rates(tmp_path / "a/mine.py") == [0.3]


@pytest.mark.parametrize("name", ["torch", "numpy", "json", "study", "trainables", "numbers"])
def test_a_file_beside_never_takes_the_place_of_what_is_installed(name: str, tmp_path: Path) -> None:
    before = sys.modules.get(name)
    (tmp_path / f"{name}.py").write_text("raise ValueError('the file beside')\n")
    (tmp_path / "mine.py").write_text(f"import {name}\nRATES = (0.1,)\n" + STUDY)
    assert rates(tmp_path / "mine.py") == [0.1]
    assert before is None or sys.modules[name] is before


@pytest.mark.parametrize("name", ["study.py", "torch.py", "numbers.py", "json.py"])
def test_a_study_file_may_be_called_like_anything(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("RATES = (0.1,)\n" + STUDY)
    assert rates(tmp_path / name) == [0.1]


def test_a_folder_of_that_name_elsewhere_does_not_hide_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere/rates").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))
    (tmp_path / "rates.py").write_text("RATES = (0.1,)\n")
    (tmp_path / "mine.py").write_text("from rates import RATES\n" + STUDY)
    assert rates(tmp_path / "mine.py") == [0.1]


def test_a_module_of_that_name_elsewhere_never_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither one that lies on the path, nor one that is loaded already; and the loaded one stays what it was."""
    (tmp_path / "elsewhere").mkdir()
    for name in ("rates", "loaded_rates"):
        (tmp_path / f"elsewhere/{name}.py").write_text("RATES = (0.5,)\n")
        (tmp_path / f"{name}.py").write_text("RATES = (0.1,)\n")
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))
    loaded = importlib.import_module("loaded_rates")
    monkeypatch.setitem(sys.modules, "loaded_rates", loaded)
    text = "import loaded_rates, rates\nRATES = (*rates.RATES, loaded_rates.RATES[0] / 2)\n"
    (tmp_path / "mine.py").write_text(text + STUDY)
    assert rates(tmp_path / "mine.py") == [0.1, 0.05]
    assert sys.modules["loaded_rates"] is loaded and "rates" not in sys.modules


@pytest.mark.parametrize(
    "text",
    [
        "from more.rates import RATES",
        "import more.rates\nRATES = more.rates.RATES",
        "import more.rates as r\nRATES = r.RATES",
        "from more import rates\nRATES = rates.RATES",
        "from .more.rates import RATES",
        "from . import more\nfrom .more import rates\nRATES = more.rates.RATES",
        "import importlib\nRATES = importlib.import_module('more.rates').RATES",
        "def read():\n    from more.rates import RATES\n    return RATES\nRATES = read()",
        "from more.rates import *",
    ],
)
@pytest.mark.parametrize("package", [True, False])
def test_however_it_is_imported(text: str, package: bool, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    if package:
        (tmp_path / "more/__init__.py").write_text("")
    (tmp_path / "more/rates.py").write_text("from more.one import RATE\nRATES = (RATE,)\n")
    (tmp_path / "more/one.py").write_text("RATE = 0.1\n")
    (tmp_path / "mine.py").write_text(f"{text}\n{STUDY}")
    before = set(sys.modules)
    assert rates(tmp_path / "mine.py") == [0.1]
    assert not {name for name in sys.modules.keys() - before if "more" in name or "mine" in name}
    assert {"mine.py", "more/one.py", "more/rates.py"} <= run(tmp_path / "mine.py", "study")[1].keys()


def test_an_error_leaves_nothing_behind_and_the_search_path_is_restored(tmp_path: Path) -> None:
    finders, path = list(sys.meta_path), list(sys.path)
    (tmp_path / "rates.py").write_text("import sys\nsys.path.insert(0, '/elsewhere')\nraise ValueError('no rates')\n")
    (tmp_path / "mine.py").write_text("from rates import RATES\n" + STUDY)
    with pytest.raises(BadInput, match="ValueError: no rates"):
        load_study(str(tmp_path / "mine.py"))
    assert (sys.meta_path, sys.path) == (finders, path) and "rates" not in sys.modules


def test_the_file_knows_its_place_and_may_define_classes(tmp_path: Path) -> None:
    text = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\nfrom pathlib import Path\n"
        "@dataclass\nclass Rate:\n    value: float\n"
        "study = (Path(__file__).parent, __name__, Rate)\n"
    )
    (tmp_path / "mine.py").write_text(text)
    found, files = run(tmp_path / "mine.py", "study")
    assert files == {"mine.py": text.encode()}
    here, name, rate = cast(tuple[Path, str, Any], found)
    assert here == tmp_path.resolve() and name != "__main__" and rate(0.1).value == 0.1


def test_a_file_beside_that_fails_is_told_with_its_own_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("x = 1\nimport beside\n")
    for text, says in (
        (
            "y = 1\n1 / 0\n",
            "line 2: in beside.py, line 2: running the file ended in ZeroDivisionError: division by zero",
        ),
        ("y = = 1\n", "line 2: in beside.py, line 1: running the file ended in SyntaxError: invalid syntax"),
        ("raise SystemExit(3)\n", "line 2: in beside.py, line 1: the file ends the program"),
        (
            "import nowhere_at_all\n",
            "line 2: in beside.py, line 1: it needs a module that is not there: nowhere_at_all",
        ),
    ):
        (tmp_path / "beside.py").write_text(text)
        with pytest.raises(BadInput) as caught:
            load_study(str(path))
        assert str(caught.value).startswith(f"{path}, {says}"), caught.value
