"""A part that fails, hangs or runs out of time costs only itself; what was found is kept."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from benchmarks.gpu import command, job_memory, rates
from benchmarks.gpu.limit import epoch_bytes
from benchmarks.gpu.parts import BUDGETS_SECONDS, Run, begin
from benchmarks.gpu.report import CheckResult, Lines, Machine, Report, ReportPart
from benchmarks.gpu.setting import TINY, WHOLE, PartSetting, attempts, machine
from tests.trainables.small import SMALL, arrays
from tests.waiting import wait_until

MACHINE = Machine("NVIDIA H100 80GB HBM3", 8, "9.0", 132, 5, "13.0", "2.11.0", "2.2", "3.12.3", "Linux", "one", 16)


def setting(seconds: float = 100.0) -> PartSetting:
    return PartSetting("cpu", TINY, Path("nowhere"), time.monotonic() + seconds)


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A part's process that does something else; `$lines` is the file that it writes to."""
    program = folder / "python"
    find = 'while [ "$1" != --lines ]; do shift; done; lines=$2\n'
    program.write_text(f"#!/bin/sh\n{find}{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(program))


def test_all_parts_fit_into_eight_minutes() -> None:
    assert sum(BUDGETS_SECONDS.values()) <= 460
    assert WHOLE.seeds == (1, 5, 32)
    assert WHOLE.processes == (1, 2, 4, 8)


def test_a_part_without_images_says_why(tmp_path: Path) -> None:
    machine, part = begin(Run("cpu", True, tmp_path / "nothing"), "rates")
    assert machine is not None
    assert part.state == "failed"
    assert "nothing" in part.reason
    assert [f.name for f in part.findings] == ["copy-bandwidth"]


def test_a_part_that_hangs_is_ended_with_its_children_and_keeps_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child"
    line = json.dumps(["CheckResult", {"name": "first", "passed": True}])
    stand_in(
        tmp_path,
        monkeypatch,
        f"echo '{line}' >> $lines; printf '[\"Find' >> $lines; sleep 600 & echo $! > {child}; wait",
    )
    monkeypatch.setitem(BUDGETS_SECONDS, "rates", 3.0)
    _, part = begin(Run("cpu", False, tmp_path), "rates")
    assert (part.state, part.reason) == ("cut off", "it was not done after 3 s")
    assert part.findings == (CheckResult("first"),)
    wait_until("its child is ended", lambda: not runs(int(child.read_text())), 30.0, every=0.05)


def runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_part_whose_process_dies_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch, "kill -9 $$")
    _, part = begin(Run("cpu", True, tmp_path), "rates")
    assert (part.state, part.reason) == ("failed", "its process ended with -9")


def test_a_measurement_that_fails_does_not_end_the_others() -> None:
    def full() -> CheckResult:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB\nmore lines")

    named: dict[str, Callable[[], CheckResult]] = {"full": full, "good": lambda: CheckResult("good", value=1.0)}
    found = list(attempts(setting(), named))
    assert [(f.name, f.passed) for f in found] == [("full", False), ("good", True)]
    assert found[0].reason == "OutOfMemoryError: CUDA out of memory. Tried to allocate 20 GiB"
    assert [f.reason for f in attempts(setting(-1), named)] == ["not begun: no time was left"] * 2


def test_a_side_that_fails_or_has_no_time_does_not_end_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __init__(self, *args: object, **more: object) -> None:
            raise torch.OutOfMemoryError("no memory")

    monkeypatch.setattr(rates, "PlainLoop", Full)
    data = arrays()
    found = {f.name: f for f in rates._batch(setting(), 32, data, 1e9, time.monotonic() + 100)}
    assert found["batch-32/plain"].reason == "OutOfMemoryError: no memory"
    assert found["batch-32/graphed-seeds-5"].passed
    late = list(rates._batch(setting(), 32, data, 1e9, time.monotonic() - 1))
    assert len(late) == 8
    assert {f.reason for f in late} == {"TimeoutError: no time was left"}


def test_a_batch_size_that_fails_does_not_end_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def batch(setting: PartSetting, batch: int, *rest: object) -> list[CheckResult]:
        if batch == 32:
            raise torch.OutOfMemoryError("no memory")
        return [CheckResult(f"batch-{batch}/eager")]

    monkeypatch.setattr(rates, "_batch", batch)
    monkeypatch.setattr(PartSetting, "arrays", lambda self, images: arrays())
    found = {f.name: f.reason for f in rates.part(setting())}
    assert found == {"copy-bandwidth": "", "batch-32": "OutOfMemoryError: no memory", "batch-64/eager": ""}


def test_the_file_is_written_after_each_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def one(run: Run, name: str) -> tuple[Machine | None, ReportPart]:
        if name == "memory":
            raise KeyboardInterrupt
        return MACHINE, ReportPart(name, "done", "", 1.0, 2.0, (CheckResult("a", value=1.0),))

    monkeypatch.setattr(command, "begin", one)
    with pytest.raises(KeyboardInterrupt):
        command._all_parts(Run("cuda", False, tmp_path), tmp_path)
    (path,) = tmp_path.iterdir()
    assert path.name == "nvidia-h100-80gb-hbm3.json"
    found = json.loads(path.read_text())
    assert found["card"] == MACHINE.card
    assert [p["state"] for p in found["parts"]] == ["done", "done", "not begun", "not begun"]


@pytest.mark.parametrize(
    "part",
    [
        ReportPart("rates", "done", "", 1.0, 2.0, (CheckResult("a", passed=False, reason="b"),)),
        ReportPart("rates", "cut off", "why", 1.0, 2.0, ()),
    ],
)
def test_what_did_not_pass_is_the_exit_code(part: ReportPart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = ReportPart("any", "done", "", 1.0, 2.0, ())
    monkeypatch.setattr(command, "begin", lambda run, name: (MACHINE, part if name == "rates" else good))
    assert command._all_parts(Run("cuda", False, tmp_path), tmp_path) == 1
    monkeypatch.setattr(command, "begin", lambda run, name: (MACHINE, good))
    assert command._all_parts(Run("cuda", False, tmp_path), tmp_path) == 0


def test_a_rehearsal_is_never_taken_for_a_card(tmp_path: Path) -> None:
    for device, tiny in (("cpu", True), ("cpu", False), ("cuda", True)):
        assert Report(device, tiny, "", 1.0, MACHINE, ()).write(tmp_path).name.startswith("rehearsal-")


def test_a_card_is_told_and_what_cuda_itself_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a card that is made up: the names are those of PyTorch's properties of a device."""
    card = SimpleNamespace(name="NVIDIA H100", total_memory=80, major=9, minor=0, multi_processor_count=132)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: card)
    about = machine("cuda")
    assert (about.card, about.card_bytes, about.compute_capability) == ("NVIDIA H100", 80, "9.0")
    assert (about.multiprocessors, about.torch) == (132, torch.__version__)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda: 100_000_000)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (400_000_000, 1_000_000_000))
    assert (job_memory._process(setting()).value, job_memory._process(setting()).passed) == (500.0, True)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (0, 1_000_000_000))
    assert not job_memory._process(setting()).passed


def test_lines_come_back_as_they_went(tmp_path: Path) -> None:
    lines = Lines(tmp_path / "lines")
    assert lines.read() == (None, (), "")
    for found in (
        MACHINE,
        CheckResult("a", value=0.5, low=0.1, high=0.9),
        CheckResult("b", passed=False, reason="c"),
        "why",
    ):
        lines.add(found)
    assert lines.read() == (
        MACHINE,
        (CheckResult("a", value=0.5, low=0.1, high=0.9), CheckResult("b", passed=False, reason="c")),
        "why",
    )


def test_the_memory_limit_counts_what_an_epoch_must_move() -> None:
    data, config = arrays(), SMALL
    weights = 20 * 16 + 16 + 16 * 4 + 16  # the last bias has 4, and each tensor begins at a multiple of 16
    update = 4 * (9 * weights + (weights - 20 * 16))
    both = 4 * weights * 2
    assert epoch_bytes(config, 1, data) == 3 * update + 96 * 20 + both + (96 + 40) * 20
    two = epoch_bytes(config, 2, data)
    assert two == 2 * epoch_bytes(config, 1, data) - (96 + 40) * 20


def test_the_plain_loop_learns_what_ours_does() -> None:
    plain = rates.PlainLoop(SMALL, arrays(), fused=False)
    assert max(plain.epoch() for _ in range(30)) > 0.8
