"""On a real GPU: stacked = one by one, replayed = eager, memory as counted. Skipped where there is none.

What is checked stands in `benchmarks.gpu.checks`, so that it runs where there is no pytest. Some of it runs on the CPU.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from benchmarks.gpu import checks
from benchmarks.gpu.checks import Broken, Check
from benchmarks.gpu.setting import STACKED
from tests.trainables.recording import FakeRecorder


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU on this machine")
@pytest.mark.parametrize("check", checks.all_checks("cuda"), ids=lambda c: c.name)
def test_on_a_gpu(check: Check) -> None:
    check.run()


def test_every_knob_that_can_be_stacked_is_checked_on_a_gpu() -> None:
    names = {c.name for c in checks.all_checks("cuda")}
    assert {f"stacked-is-one-by-one/{c}" for c in STACKED} <= names
    assert {f"replayed-is-eager/{c}-seeds-{n}" for c in STACKED for n in (1, 3)} <= names
    assert len(STACKED) >= 27


class Forgetful(FakeRecorder):
    """A graph that runs nothing when it is replayed."""

    def capture(self, step: Callable[[], None]) -> Callable[[], object]:
        super().capture(step)
        return lambda: None


def test_a_graph_that_gives_other_numbers_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "recorder", lambda device: Forgetful())
    with pytest.raises(Broken, match=r"parameters of replayed and eager updates differ by up to \d"):
        checks.replayed_is_eager("cpu", "lr", 1)


def test_a_graph_that_is_never_replayed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "recorder", lambda device: None)
    with pytest.raises(Broken, match="no update was replayed"):
        checks.replayed_is_eager("cpu", "lr", 1)


def test_a_stack_that_learns_something_else_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = checks.train
    monkeypatch.setattr(checks, "train", lambda d, c, seeds: real(d, c, [s + (len(seeds) > 1) for s in seeds]))
    with pytest.raises(Broken, match="stacked and one by one differ by"):
        checks.stacked_is_one_by_one("cpu", "lr")


def test_memory_beyond_the_count_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "peak_bytes", lambda device, run: 10**10)
    with pytest.raises(Broken, match="10,000,000,000 bytes were in use"):
        checks.memory_is_within_count("cpu", graphs=False)
