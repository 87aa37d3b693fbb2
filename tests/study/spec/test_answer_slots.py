"""A slot that could never be filled is refused when the file is read; it was passed over in silence after training."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.spec.registry import load_study
from tests.study.spec.test_study_file import STUDY
from trainables.config.errors import BadInput


def answered(folder: Path, answer: str) -> Path:
    text = STUDY.replace("epochs=2,", f"epochs=2, answer={answer!r},")
    (folder / "mine.py").write_text("RATES = (0.1, 0.01)\n" + text)
    return folder / "mine.py"


@pytest.mark.parametrize(
    ("slot", "says"),
    [
        ("{val_accuracy of nobody}", "there is no arm nobody; expected one of r0, r1"),
        ("{no_such of r0}", "metric: "),
        ("{val_accuracy}", "expected {METRIC of ARM}"),
        ("{val_accuracy of r0", "expected {METRIC of ARM}"),
        ("val_accuracy}", "expected {METRIC of ARM}"),
        ("{val_accuracy of r0 at noon}", "at: "),
        ("{val_accuracy of r0 at \u00b2}", "at: expected an epoch from 1"),
        ("{val_accuracy of r0 at " + "9" * 5000 + "}", "at: expected an epoch from 1"),
        ("{val_accuracy of r0 at 3}", "arm r0 has 2 epochs"),
        ("{fall of val_accuracy of r0}", "it is the baseline, which others are held against: name another arm"),
        ("{change of val_accuracy of s/r0 at 1}", "it is the baseline"),
        ("{drop of val_accuracy of r0}", "expected {METRIC of ARM}"),
    ],
)
def test_a_slot_that_cannot_be_filled_is_refused(slot: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        load_study(str(answered(tmp_path, f"It is {slot}.")))
    assert "answer: got" in str(caught.value) and says in str(caught.value) and "\n" not in str(caught.value)


def test_slots_that_can_are_taken(tmp_path: Path) -> None:
    good = (
        "{val_accuracy of r0 at 1}, {rise of val_accuracy of s/r1}, {train_loss of b/c at 30}, {val_loss of r0 at min}"
    )
    assert load_study(str(answered(tmp_path, good))).answer == good
