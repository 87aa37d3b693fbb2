"""The Python API: light to import, tidy frames, tables in notebooks, bad names in one line."""

from __future__ import annotations

import math
import re
from importlib import metadata
from pathlib import Path

import pytest

import study
from tests.test_architecture import loaded_by
from trainables.config.errors import BadInput, StoreError, StudyError

CHAPTER = Path(__file__).parents[3] / "results" / "chapter"
SEARCH = CHAPTER.parent / "search-sgd-adam"


@pytest.fixture(scope="module")
def results() -> study.Results:
    return study.Results(str(CHAPTER), ["dropout", "annealing"])


@pytest.fixture(scope="module")
def whole() -> study.Results:
    """The chapter with all its studies, read once."""
    return study.open(CHAPTER)


def test_the_package_is_light_to_import() -> None:
    assert loaded_by("study", "torch", "ray", "pandas", "numpy", "optuna", "rich", "typer") == set()


def test_an_unknown_name_is_no_attribute() -> None:
    shown = {name for name in dir(study) if not name.startswith("_")}
    assert shown == set(study.__all__) == set(study._WHERE), "completion offers what may be asked for, and no more"
    with pytest.raises(AttributeError) as caught:
        _ = study.nothing
    assert (caught.value.name, caught.value.obj) == ("nothing", study), "Python says what may have been meant"


def test_the_summary_cuts_no_name(whole: study.Results) -> None:
    """It said `batch-norm/tiny-~tch-norm-no-bias`, which cannot be copied."""
    shown = str(whole.summary())
    assert "~" not in shown and "batch-norm/tiny-batch-norm-no-bias  " in shown


def test_the_version_and_the_error_that_is_to_be_caught_are_there() -> None:
    assert study.__version__ == metadata.version("hyperparameter-study")
    assert study.StudyError is StudyError and issubclass(BadInput, study.StudyError)


def test_the_summary_is_a_table_on_a_terminal_and_in_a_notebook(results: study.Results) -> None:
    summary = results.summary()
    assert "89.2 ± 0.2" in str(summary) and "\u22120.6" in str(summary)
    assert summary.frame.set_index("arm").loc["dropout-0.25", "change"] == pytest.approx(-0.62, abs=1e-3)
    page = results._repr_html_()
    assert "<table" in page and "dropout-1" in page and "89.2 ± 0.2" in page
    assert "_half" not in page and "accuracy, %" in page and "accuracy_half" in summary.frame


def test_the_answers_are_those_of_the_page(results: study.Results) -> None:
    """A notebook showed numbers and verdicts, and neither what was asked nor what came out."""
    assert list(results.answers) == ["dropout", "annealing"]
    report = (CHAPTER.parents[1] / "docs/chapter/report.md").read_text(encoding="utf-8")
    assert all(answer.split(". ")[0] in report for answer in results.answers.values())
    page = results._repr_html_()
    assert f"{results.studies['dropout'].question}<br><b>{results.answers['dropout']}</b>" in page


def test_claims_have_verdicts(results: study.Results) -> None:
    frame = results.claims.frame
    assert {"dropout-1", "overfit-1", "annealing-1"} <= set(frame["claim"]) and frame["verdict"].notna().all()


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        study.open(tmp_path / "nothing")


def test_what_a_search_tried_is_a_frame(results: study.Results) -> None:
    """Python and CSV had the rows of its answer alone."""
    tried = study.open(SEARCH).configurations.set_index(["part", "number"])
    assert len(tried) == 24 and set(tried["search"]) == {"search-sgd-adam"} and set(tried["seeds"]) == {2}
    assert dict(tried["ended"].value_counts()) == {"stopped": 20, "finished": 4}
    best = tried.loc[("adam", 3)]
    assert (best["value"], best["epochs"], best["tried_by"]) == (0.86185, 9, "tpe")
    assert (best["lr"], best["schedule"], best["step_size"]) == (0.005546, "step", 4)
    assert math.isnan(tried.loc[("adam", 2), "step_size"]), "a knob that does not exist there"
    assert results.configurations.empty and "value" in results.configurations


def test_where_a_study_is_to_be_named_all_are(whole: study.Results) -> None:
    """It was "name one of annealing, ... and 4 more"."""
    assert len(whole.studies) > 8
    for given in (None, "nothing"):
        with pytest.raises(BadInput, match=re.escape(", ".join(whole.studies))) as refused:
            whole.plot("curves", given)
        assert "nothing" not in str(refused.value) or given
        assert str(refused.value).startswith("name a study: one of " if given is None else "study: got 'nothing'")


def test_a_wrong_name_is_told_the_nearest(results: study.Results) -> None:
    for ask, said in (
        (lambda: results.curves("val_acuracy"), "did you mean val_accuracy?"),
        (lambda: results.effects("val_acuracy"), "did you mean val_accuracy?"),
        (lambda: results.plot("curvs", "dropout"), "did you mean curves?"),
        (lambda: results.plot("curves", "dropuot"), "did you mean dropout?"),
        (lambda: results.curves(["val_loss"]), "val_loss"),  # type: ignore[arg-type]
        (lambda: results.effects(["val_loss"]), "val_loss"),  # type: ignore[arg-type]
        (lambda: results.plot(["curves"], "dropout"), "curves"),  # type: ignore[arg-type]
        (lambda: results.plot("curves", ["dropout"]), "dropout"),  # type: ignore[arg-type]
    ):
        with pytest.raises(BadInput, match="expected one of .*" + re.escape(said)):
            ask()
