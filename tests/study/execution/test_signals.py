"""A run within somebody else's process: Ctrl-C ends the run and never the process."""

from __future__ import annotations

import signal
import threading

import pytest

from study.execution import signals


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


def test_a_run_under_nohup_goes_on_when_its_terminal_is_closed() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals.on_signals() as stop, stop.watched():
            signal.raise_signal(signal.SIGHUP)
            assert not stop.asked and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL, "the others are heard"
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
