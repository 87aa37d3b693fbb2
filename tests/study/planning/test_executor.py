"""What plans and searches need of an executor."""

from __future__ import annotations

import signal

import pytest

from study.execution.signals import on_signals
from study.planning.executor import ExecutionSettings, StopRequest
from trainables.config.errors import BadInput


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


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "1e400", "soon", "0,5", "2 s"])
@pytest.mark.parametrize(
    "name", ["STUDY_CHECKPOINT_SECONDS", "STUDY_STALL_SECONDS", "STUDY_RETRIES", "STUDY_GPU_SHARE"]
)
def test_an_odd_number_in_the_environment_is_refused(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(BadInput, match=f"^{name}: got '{text}'; expected a (whole )?number from 0 upwards"):
        ExecutionSettings()


def test_what_is_not_set_or_empty_in_the_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDY_RETRIES", "  ")
    monkeypatch.setenv("STUDY_STALL_SECONDS", "")
    found = ExecutionSettings()
    assert (found.retries, found.stall_seconds) == (2, 120)
    monkeypatch.setenv("STUDY_RETRIES", "2.5")
    with pytest.raises(BadInput, match=r"STUDY_RETRIES: got '2\.5'; expected a whole number"):
        ExecutionSettings()


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0])
def test_seconds_without_an_end_are_refused(seconds: float) -> None:
    with pytest.raises(BadInput, match=r"--checkpoint-seconds: .*from 0 upwards"):
        ExecutionSettings(checkpoint_seconds=seconds)
    with pytest.raises(BadInput, match=r"--stall-seconds: .*from 0 upwards"):
        ExecutionSettings(stall_seconds=seconds)
