"""A trial's record: what it gives where it was measured twice."""

from __future__ import annotations

import dataclasses
import itertools

from tests.trainables.records.test_agreement import made
from trainables.records.agreement import combined, contradiction, holds_more
from trainables.records.metric_sources import sources
from trainables.records.metric_sources import test_sources as sources_of_test
from trainables.records.trial_record import TrialRecord


def test_of_the_test_part_the_last_measured_is_read() -> None:
    def tested(part: str, value: float, ended: float) -> TrialRecord:
        one = made("a", ended)
        values = (float("nan"), float("nan"), value)
        columns = one.epochs.replace(test_loss=values, test_accuracy=values)
        return dataclasses.replace(one, epochs=columns, measured_by={**sources(), **sources_of_test(part)})

    first, second = tested("one", 0.5, 1.0), tested("two", 0.25, 2.0)
    assert contradiction(first, second) == ""
    assert combined([second, first]).epochs["test_accuracy"][-1] == 0.25


def test_a_record_that_was_tested_after_its_best_epoch_too_gives_that() -> None:
    nan = float("nan")

    def tested(at_best: float, ended: float) -> TrialRecord:
        one = made("a", ended)
        values = (at_best, nan, 0.5)
        columns = one.epochs.replace(test_loss=values, test_accuracy=values)
        return dataclasses.replace(one, epochs=columns, measured_by={**sources(), **sources_of_test("t")})

    last, both = tested(nan, 1.0), tested(0.25, 2.0)
    assert contradiction(last, both) == "" and holds_more(both, last) and not holds_more(last, both)
    for order in itertools.permutations((last, both)):
        assert combined(order).epochs["test_accuracy"][0] == 0.25
    earlier = tested(0.25, 0.5)
    assert combined([last, earlier]).epochs["test_accuracy"][0] == 0.25, "nothing that was measured is forgotten"
