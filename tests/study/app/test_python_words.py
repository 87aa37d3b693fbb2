"""From Python errors and notes speak of arguments, from the command of options."""

from __future__ import annotations

from pathlib import Path

import pytest

import study
from study.app.python_words import in_python_words
from tests.test_tutorial import BLOCK
from trainables.config.errors import BadInput, DataError

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("said", "in_python"),
    [
        (
            "it would be x.npz; name one by --data-dir or STUDY_DATA_DIR",
            "it would be x.npz; name one by data_dir or STUDY_DATA_DIR",
        ),
        ("in this process (--executor ray if you want it)", 'in this process (executor="ray" if you want it)'),
        ("`study run x --seeds 3` makes some", "`study run x --seeds 3` makes some"),
        ("--difference: got 2", "difference: got 2"),
        ("a---results-b and --cpus-left", "a---results-b and --cpus-left"),
    ],
)
def test_an_option_is_called_as_the_argument(said: str, in_python: str) -> None:
    assert in_python_words(said) == in_python


@pytest.mark.parametrize(("field", "kind"), [("arms", "study.Arm"), ("claims", "study.Claim")])
def test_a_list_of_values_is_not_spelled_as_in_a_file(field: str, kind: str) -> None:
    """`arms={...}` was told that "each begins with -"."""
    values: dict[str, object] = {"name": "w", "title": "T", "question": "Q?", "knobs": ("hidden",), "epochs": 1}
    with pytest.raises(BadInput) as caught:
        study.Study(**{**values, "arms": (study.Arm(name="a"),), field: {"a": 1}})  # type: ignore[arg-type]
    assert str(caught.value).splitlines()[0].endswith(f"expected a list of {kind}: [{kind}(...), ...]")


def test_errors_name_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STUDY_DATA_DIR", raising=False)
    blocks = {title: block for _, title, block in BLOCK.findall((ROOT / "docs/tutorial.md").read_text()) if title}
    Path("width.yaml").write_text(blocks["width.yaml"])
    with pytest.raises(DataError, match=r"name one by data_dir or") as caught:
        study.plan("width.yaml")
    assert "--" not in str(caught.value)
    with pytest.raises(BadInput, match=r"^executor: got 'cloud'"):
        study.run("dropout", executor="cloud")
    with pytest.raises(BadInput, match=r"^difference: got 2"):
        study.plan("dropout", difference=2)


@pytest.mark.parametrize(("given", "shown"), [(True, "true"), (None, "nothing"), (2.5, "2.5"), ((0, True), "true")])
def test_seeds_that_are_none_are_shown_as_they_were_given(given: object, shown: str) -> None:
    """`seeds=True` was "got 'True'", as if it were a text."""
    with pytest.raises(BadInput, match=rf"^seeds: got {shown}; expected"):
        study.plan("dropout", seeds=given)  # type: ignore[arg-type]
