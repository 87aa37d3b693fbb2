"""A run within somebody else's process: Ctrl-C ends the run and never the process."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from study.execution import signals
from study.planning.executor import StopRequest


def test_a_guest_hears_ctrl_c_alone_and_leaves_no_timer() -> None:
    before = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with signals.on_signals(guest=True) as stop, stop.watched():
        assert signal.getsignal(signal.SIGTERM) is before[signal.SIGTERM]
        assert signal.getsignal(signal.SIGHUP) is before[signal.SIGHUP]
        threads = threading.active_count()
        signal.raise_signal(signal.SIGINT)
        assert stop.asked and threading.active_count() == threads
    assert {s: signal.getsignal(s) for s in before} == before


def test_a_guests_second_wish_is_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("study.planning.wishes.ONE_WISH_SECONDS", -1.0)
    with signals.on_signals(guest=True) as stop, stop.watched():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_the_words_of_an_end_at_once_are_waited_for_shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "WORDS_SECONDS", 0.05)
    assert signals._in_time(lambda: "ended at once: a") == "ended at once: a"
    assert signals._in_time(lambda: str(1 // 0)) == ""
    assert signals._in_time(lambda: str(threading.Event().wait(5))) == ""


def test_an_end_says_when_what_is_lost_and_what_goes_on(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    stop = StopRequest(unsaved=lambda when: f"ended {when}: a, seed 0 begins again", command="study run s")
    signals._end_now(stop, "after 8 s")
    signals._end_now(StopRequest(), "at once")
    assert ended == [130, 130]
    assert capfd.readouterr().err == (
        "ended after 8 s: a, seed 0 begins again\n"
        "interrupted; the same command goes on from here\n"
        "next  study run s\n"
        "interrupted; the same command goes on from here\n"
    )


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("guest", [False, True])
def test_a_run_goes_on_where_a_signal_was_ignored_before(number: signal.Signals, guest: bool) -> None:
    """Under nohup, when the terminal is closed; behind "&" in a script, when Ctrl-C ends that."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with signals.on_signals(guest=guest) as stop, stop.watched():
            signal.raise_signal(number)
            assert not stop.asked and signal.getsignal(number) is signal.SIG_IGN
            assert guest or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL, "the others are heard"
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize(("nothing", "said"), [(True, "at once"), (False, "")])
def test_a_signal_waits_for_nothing_where_nothing_would_be_saved(
    nothing: bool, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while Ray started took seconds, and saved nothing."""
    ended: list[str] = []
    heard = threading.Event()

    def end(_stop: StopRequest, when: str) -> None:
        ended.append(when)
        heard.set()

    monkeypatch.setattr(signals, "_end_now", end)
    with signals.on_signals() as stop, stop.watched():
        stop.nothing_yet = lambda: nothing
        signal.raise_signal(signal.SIGINT)
        assert stop.asked and heard.wait(5 if nothing else 0.1) == nothing
    assert ended == ([said] if said else [])
