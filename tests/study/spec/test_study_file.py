"""Study files in YAML and Python: what is read, what is refused with its line, and that nothing else changes."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
import yaml

from study.spec.registry import load_study
from tests.study.catalog.test_catalog import STUDIES
from trainables.config.errors import BadInput

STUDY = """
from study.spec import Arm, Study
study = Study(name="s", title="t", question="q", knobs=("lr",), epochs=2,
    arms=tuple(Arm(name=f"r{i}", change={"lr": rate}) for i, rate in enumerate(RATES)))
"""


def rates(path: Path) -> list[object]:
    return [arm.change["lr"] for arm in load_study(str(path)).arms]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1\n\n1 / 0\n", "line 3: running the file ended in ZeroDivisionError"),
        ("x = 1\ndef f(:\n", "line 2: running the file ended in SyntaxError"),
        ("import sys\nsys.exit(0)\n", r"line 2: the file ends the program \(SystemExit\(0\)\); it is to set `study`"),
        ("x = 1\nimport nowhere_at_all\n", "line 2: it needs a module that is not there: nowhere_at_all"),
        ("x = 1\nfrom .nowhere import y\n", "line 2: it needs a module that is not there: .nowhere"),
        ("x = 1\nraise RuntimeError('no \\x1b[31m')\n", r"line 2: running the file ended in RuntimeError: no \\x1b"),
    ],
)
def test_a_python_file_that_fails_is_told_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises(BadInput, match=re.escape(f"{path}, ") + says):
        load_study(str(path))


def test_what_a_file_sets_to_something_else_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("study = {'name': 's'}\n")
    with pytest.raises(BadInput, match="it sets `study` to a dict; the file must set"):
        load_study(str(tmp_path / "mine.py"))
    (tmp_path / "other.py").mkdir()
    with pytest.raises(BadInput, match="it is no file"):
        load_study(str(tmp_path / "other.py"))


def test_what_a_file_prints_and_where_it_goes_changes_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--json` prints JSON alone, and paths of the command mean what they meant."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text("import os\nprint('seen')\nos.chdir('/')\nRATES = (0.1,)\n" + STUDY)
    assert rates(tmp_path / "mine.py") == [0.1]
    assert Path.cwd() == tmp_path
    assert capsys.readouterr() == ("", "seen\n")


YAML = """
name: mine
title: My own
question: What does a small rate do?
knobs: [lr]
epochs: 3
arms:
  - {name: small, change: {lr: 1e-5}}
  - {name: large, change: {lr: 0.01}}
claims:
  - id: mine-1
    statement: A larger rate is better.
    parts:
      - form: contrast
        a: {arm: large, metric: val_accuracy}
        b: {arm: small, metric: val_accuracy}
        low: 0
"""


def test_a_yaml_file_is_a_study_and_1e_5_is_a_number(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(YAML)
    study = load_study(str(path))
    assert study.config("small").lr == 1e-5
    assert getattr(study.claims[0].parts[0], "low", None) == 0
    path.write_text(yaml.safe_dump(STUDIES["depth"].to_dict()))
    assert load_study(str(path)) == STUDIES["depth"]


def test_a_python_file_is_run_and_must_define_study(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        textwrap.dedent("""
        from study.spec import Arm, Study
        study = Study(name="mine", title="t", question="q", knobs=("lr",), epochs=1, arms=(Arm(name="a"),))
        """)
    )
    assert load_study(str(path)).name == "mine"
    path.write_text("study = 3")
    with pytest.raises(BadInput, match="must set `study`"):
        load_study(str(path))
    path.write_text("1 / 0")
    with pytest.raises(BadInput, match="ZeroDivisionError"):
        load_study(str(path))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- 1", "expected a mapping"),
        ("a: [", "is not closed"),
        ("name: a\nname: b", "the key stands twice"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("name: !!python/object/apply:os.system ['true']", "it is not YAML"),
        ("[" * 5000, "nested too deeply"),
        (YAML.replace("lr: 0.01", "lr: fast"), "lr"),
        (YAML.replace("knobs: [lr]", "knobs: [speed]"), "no such knob"),
        (YAML.replace("arm: large", "arm: huge"), "there is no such arm"),
        (YAML.replace("contrast", "guess"), "form"),
        (YAML.replace("val_accuracy", "charm"), "metric"),
        (YAML.replace("epochs: 3", "epochs: 3\ncolour: red"), "colour"),
    ],
)
def test_bad_yaml_is_refused_with_a_line_for_each_mistake(tmp_path, text: str, says: str):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(BadInput, match=says) as caught:
        load_study(str(path))
    lines = str(caught.value).splitlines()
    assert len(lines) == 1 or all(line.startswith(f"{path}, line ") for line in lines)


def test_a_file_that_is_no_text_or_too_large_is_refused(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput):
        load_study(str(path))
    path.write_bytes(b"a" * 1_000_001)
    with pytest.raises(BadInput, match="larger than"):
        load_study(str(path))


def test_a_link_to_what_is_not_there_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").symlink_to("gone.yaml")
    with pytest.raises(BadInput, match=r"mine\.yaml'; it is a link to gone\.yaml, which is not there"):
        load_study(str(tmp_path / "mine.yaml"))
