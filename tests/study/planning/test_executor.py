"""What plans and searches need of an executor."""

from __future__ import annotations

import signal

import pytest

from study.execution.signals import on_signals
from study.planning.executor import StopRequest


def test_a_signal_is_seen_by_who_looks_and_interrupts_who_does_not() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with on_signals() as stop, stop.watched():
        signal.raise_signal(signal.SIGTERM)
        assert stop.asked and not stop.reason
    with on_signals(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
    stop = StopRequest()
    stop.because("first")
    stop.because("second")
    assert stop.reason == "first"
