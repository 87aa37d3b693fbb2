"""A study whose arms all get input of a scale that does not fit is told so, from its data or from what is on record."""

from __future__ import annotations

from dataclasses import replace

from study.catalog import CHAPTER
from study.planning.input_scale import scale_note, scale_note_on_record
from study.spec.registry import load_study
from study.spec.study import Arm, Study
from study.storage.run_records import RunRecord
from trainables.data.facts import FASHION_MNIST

DIGITS = replace(FASHION_MNIST, name="digits", checksum="0" * 32, highest_pixel=16)
PLAIN = Study(name="plain", title="T", question="Q?", knobs=("lr",), epochs=2, arms=(Arm(name="a"),))
HINT = "write `input_divisor: 16`"


def test_a_study_that_has_an_arm_that_fits_compares_scales_on_purpose() -> None:
    assert HINT in scale_note(PLAIN, DIGITS) and scale_note(PLAIN, FASHION_MNIST) == ""
    assert scale_note(replace(PLAIN, base={"input_divisor": 16.0}), DIGITS) == ""
    both = replace(PLAIN, arms=(Arm(name="a"), Arm(name="b", change={"input_divisor": 16.0})), knobs=("input_divisor",))
    assert scale_note(both, DIGITS) == ""
    assert "all pixels are 16" in scale_note(both, replace(DIGITS, lowest_pixel=16))


def test_inputs_that_are_too_large_are_named_where_no_scale_is_compared() -> None:
    large = replace(PLAIN, base={"input_divisor": 1.0})
    assert "inputs go up to 255" in scale_note(large, FASHION_MNIST)
    assert scale_note(large, DIGITS) == "", "16 is not far from 1"
    smaller = Arm(name="b", change={"input_divisor": 0.1})
    compares = replace(large, arms=(Arm(name="a"), smaller), knobs=("input_divisor",))
    assert scale_note(compares, FASHION_MNIST) == ""
    for name in CHAPTER:  # learning-rate-unscaled is compared with learning-rate, by its claims
        assert scale_note(load_study(name), FASHION_MNIST) == "", name


def test_a_search_is_told_of_the_scale_that_it_does_not_vary() -> None:
    search = load_study("search-sgd-adam")
    assert HINT in scale_note(search, DIGITS)
    assert scale_note(replace(search, base={**search.base, "input_divisor": 16.0}), DIGITS) == ""


def test_of_a_results_folder_the_runs_say_what_the_data_are() -> None:
    own = replace(PLAIN, base={"data": "digits"})
    said = RunRecord(studies=("plain",), seeds=(0,), data=DIGITS)
    assert scale_note_on_record(own, [said]).startswith("data digits: no pixel is above 16")
    assert scale_note_on_record(replace(own, name="other"), [said]) == "", "nobody says what it was trained on"
    assert scale_note_on_record(replace(own, name="plain.answer"), [said])
    assert scale_note_on_record(PLAIN, []) == ""
    small = replace(PLAIN, base={"input_divisor": 10_000.0})
    assert "inputs are 0.025 at most" in scale_note_on_record(small, []), "Fashion-MNIST's pixels are known"


def test_a_part_of_one_class_tells_no_arms_apart() -> None:
    """Every arm had 100.0 %, and no word was said of it."""
    one = replace(FASHION_MNIST, val_largest_class=FASHION_MNIST.val_images)
    assert scale_note(PLAIN, one) == "all 10,000 validation images are of one class, so accuracy tells no arms apart"
    assert scale_note(replace(PLAIN, base={"held_out": 0.2}), one) == "", "another part is held out"
    assert "60,000 training images" in scale_note(PLAIN, replace(one, train_largest_class=one.train_images))
