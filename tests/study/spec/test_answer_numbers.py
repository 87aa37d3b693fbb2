"""A number of the records that is typed in an answer is refused: it was printed whatever the records say."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.spec.registry import load_study
from trainables.config.errors import BadInput

STUDY = """\
name: mine
title: The width of the hidden layer
question: Does a width of 64 learn more than one of 8?
knobs: [hidden, dropout_hidden]
epochs: 20
base: {lr: 0.001}
arms:
  - {name: n8, say: the narrow layer, change: {hidden: [8]}}
  - {name: w64, say: the wide layer, change: {hidden: [64]}}
  - {name: w64-half, say: the wide layer at 50 % dropout, change: {hidden: [64], dropout_hidden: 0.5}}
claims:
  - id: mine-1
    statement: The wide layer gains more than 2 points.
    parts:
      - {form: contrast, a: {arm: w64, metric: val_accuracy}, b: {arm: n8, metric: val_accuracy}, low: 0.02}
      - {form: level, quantity: {arm: w64, metric: val_accuracy, reaches: 0.85}, high: 12}
answer: ANSWER
"""


def file_with(folder: Path, answer: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(STUDY.replace("ANSWER", f'"{answer}"'), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    "answer",
    [
        "Of 3 arms the widest is best: {val_accuracy of w64}.",
        "With batch size 32 and a rate of 0.001 (1e-3) the layer of 64 gains {rise of val_accuracy of w64}.",
        "After 10 epochs w64 has {val_accuracy of w64 at 10}, after 20 epochs {val_accuracy of w64}.",
        "Dropout of 50 % or 0.5 changes the gap by {change of accuracy_gap of w64-half}.",
        "The weights W1 of w64-half are like those of CIFAR-10; the wide layer reaches 85 % first.",
        "One of two arms, half as wide in three layers, is twice the other: at one point, in all seeds, of two kinds.",
        "60,000 images in 10 classes, 28x28: the wide layer ends at {val_accuracy of w64}.",
        "The wide layer at 50 % dropout has one hidden layer, that is 1, and no number of its own.",
    ],
)
def test_numbers_that_the_study_itself_says_may_be_typed(answer: str, tmp_path: Path) -> None:
    assert load_study(file_with(tmp_path, answer)).answer == answer


@pytest.mark.parametrize(
    ("answer", "typed", "instead"),
    [
        ("The wide layer gains 2.5 points.", "2.5 points", "write a slot, such as {change of val_accuracy of w64}"),
        ("It gains 3 percentage points.", "3 percentage", "write a slot, such as {change of val_accuracy of w64}"),
        ("It ends at 89.2 %, not {val_accuracy of n8}.", "89.2 %", "write a slot, such as {val_accuracy of w64}"),
        ("It ends at 89 per cent.", "89 per cent", "write a slot, such as {val_accuracy of w64}"),
        ("Its accuracy is 0.892.", "0.892", "write a slot, such as {val_accuracy of w64}"),
        ("The loss falls by 0.5 nats.", "0.5 nats", "write a slot, such as {val_loss of w64}"),
        ("It takes 20 s.", "20 s", "write a slot, such as {seconds of w64 at mean}"),
        ("It reaches 85 % after 7 epochs.", "7 epochs", "write a slot"),
        ("It is 3x as fast.", "3x", "no slot gives it: leave it out"),
        ("It is 3 times as fast.", "3 times", "no slot gives it: leave it out"),
        ("In all of 3 seeds it wins.", "3 seeds", "no slot gives it: leave it out"),
        ("It gains two and a half points.", "two and a half points", "such as {change of val_accuracy of w64}"),
        ("It ends at Ninety-two per cent.", "Ninety-two per cent", "write a slot, such as {val_accuracy of w64}"),
        ("In four of five seeds it wins, three times as fast.", "five seeds", "no slot gives it: leave it out"),
        ("It gains 3-4 points.", "4 points", "write a slot"),
    ],
)
def test_a_number_of_the_records_that_is_typed_is_refused_with_its_line_and_what_to_write(
    answer: str, typed: str, instead: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput) as caught:
        load_study(file_with(tmp_path, answer))
    said = str(caught.value)
    assert f"mine.yaml, line 17: answer: got '{typed}'; it is typed, so the records are never asked" in said
    assert instead in said
