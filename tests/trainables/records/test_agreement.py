"""Records of one trial: of one kind of machine they agree to the bit; of others the one trained first is read."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pytest

from tests import synthetic
from trainables.config.trial_config import TrialConfig
from trainables.records.agreement import combined, conflict, contradiction
from trainables.records.correct_examples import CorrectExamples
from trainables.records.metric_sources import sources
from trainables.records.trial_record import TrialRecord

CONFIG = TrialConfig(epochs=3, hidden=(8,))
BITS = CorrectExamples(10, bytes([0b10110000, 0b01000000]), bytes([0xFF, 0xC0]))


def made(host: str, ended: float, val_loss: float = 1.0, *, lacks: str = "", **given: Any) -> TrialRecord:
    """A record of a machine; `lacks`: a metric that other code measured there."""
    digests = {**sources(), **({lacks: "0" * 16} if lacks else {})}
    one = synthetic.changed(synthetic.record(CONFIG, host=host), 1, val_loss=val_loss)
    one = dataclasses.replace(one, format=2, measured_by=digests, provenance={**one.provenance, "ended": ended})
    return dataclasses.replace(one, **given)


OLD = made("a", 1.0, lacks="penalty")
NEW = made("b", 2.0, 9.0, correct=BITS)


def test_on_one_kind_of_machine_they_agree_to_the_bit() -> None:
    assert "val_loss in epoch 2" in contradiction(OLD, made("a", 2.0, 9.0))
    assert contradiction(OLD, made("a", 2.0)) == "" == conflict(OLD, made("a", 2.0))
    other = dataclasses.replace(NEW, provenance={**NEW.provenance, "torch": ""})
    assert contradiction(OLD, other), "nobody knows where it was trained"


def test_elsewhere_the_older_is_read_and_the_newer_gives_what_it_lacks() -> None:
    assert conflict(OLD, NEW) and contradiction(OLD, NEW) == "" == contradiction(NEW, OLD)
    other_torch = dataclasses.replace(made("a", 2.0, 9.0), provenance={**OLD.provenance, "torch": "2.20"})
    assert contradiction(OLD, other_torch) == ""
    for pair in ((OLD, NEW), (NEW, OLD)):
        both = combined(pair)
        assert both.epochs["val_loss"][1] == 1.0 and both.source_of("penalty") == NEW.source_of("penalty")
        assert both.correct == BITS and both.provenance == OLD.provenance and both.id == OLD.id


def test_the_older_is_read_even_where_it_holds_less() -> None:
    later = made("b", 0.5, 9.0)
    assert combined([OLD, later]).epochs["val_loss"][1] == 9.0, "that one was trained first"


def test_of_three_the_second_gives_what_the_first_lacks_and_the_third_what_both_lack() -> None:
    one, two, three = OLD, made("b", 2.0, 9.0), made("c", 3.0, 7.0, correct=BITS)
    assert one.epochs["penalty"] == two.epochs["penalty"]
    two = synthetic.changed(two, 0, penalty=0.25)
    three = synthetic.changed(three, 0, penalty=0.75)
    for order in itertools.permutations((one, two, three)):
        both = combined(order)
        assert both.epochs["val_loss"][1] == 1.0 and both.epochs["penalty"][0] == 0.25 and both.correct == BITS


@pytest.mark.parametrize("ends", [("stopped", "finished"), ("finished", "stopped")])
def test_stopped_and_finished_of_one_length_are_read_together(ends: tuple[Any, Any]) -> None:
    stopped = dataclasses.replace(OLD, status=ends[0])
    both = combined([dataclasses.replace(NEW, status=ends[1]), stopped])
    assert both.status == "finished" and both.epochs["val_loss"][1] == 1.0


def test_lengths_or_divergence_that_differ_contradict_each_other_on_whatever_machine() -> None:
    longer = synthetic.record(CONFIG.replace(epochs=5), host="b")
    assert contradiction(OLD, longer)
    diverged = synthetic.record(CONFIG, "diverged", 3, host="b")
    assert contradiction(OLD, diverged)
    assert combined([OLD, longer]) is longer


def test_the_same_again_changes_nothing() -> None:
    old = dataclasses.replace(synthetic.record(CONFIG), format=1, measured_by={})
    assert combined([old, old]) == old and combined([NEW, NEW]) == NEW
