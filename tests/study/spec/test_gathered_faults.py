"""What several checks find is told in one go."""

from __future__ import annotations

import pytest

from study.spec.faults import BadValues
from study.spec.gathered_faults import told_together
from trainables.config.errors import BadInput, EngineError, StoreError, StudyError

ONE, OTHER = BadInput("a", 1, "expected 2"), BadInput("b", 3, "expected 4")


def lines_of(*errors: StudyError, last: StudyError | None = None) -> StudyError:
    try:
        with told_together() as faults:
            for error in errors:
                with faults.put_aside():
                    raise error
            if last is not None:
                raise last
    except StudyError as told:
        return told
    pytest.fail("nothing was raised")


def test_each_mistake_has_its_line_whether_others_could_be_looked_for_or_not() -> None:
    for told in (lines_of(ONE, OTHER), lines_of(ONE, last=OTHER)):
        assert isinstance(told, BadValues)
        assert str(told).splitlines() == ["a: got 1; expected 2", "b: got 3; expected 4"]
    assert lines_of(ONE) is ONE and lines_of(last=OTHER) is OTHER
    assert str(lines_of(ONE, ONE, OTHER)).count("a: got 1") == 1


def test_bad_input_ends_with_its_own_code_whatever_else_is_wrong() -> None:
    no_gpu = EngineError("there is no GPU")
    for told in (lines_of(ONE, no_gpu), lines_of(no_gpu, last=ONE)):
        assert told.exit_code == BadInput.exit_code and "there is no GPU" in str(told).splitlines()
    gone = lines_of(StoreError("r is gone"), StoreError("s is gone"))
    assert type(gone) is StoreError and str(gone).splitlines() == ["r is gone", "s is gone"]


def test_where_nothing_is_wrong_nothing_is_told() -> None:
    with told_together() as faults, faults.put_aside():
        done = True
    assert done and not faults.found
