"""Whether Ray still words its errors as `ray_errors` reads them; no public name tells what these lines do."""

from __future__ import annotations

import inspect
import traceback
from pathlib import Path
from types import SimpleNamespace

from study.execution.ray_errors import last_line, not_importable, out_of_memory, reason_of
from trainables.config.errors import BadInput


def test_an_error_of_a_worker_still_ends_with_ours(tmp_path: Path) -> None:
    from ray.exceptions import RayTaskError

    try:
        raise BadInput("lr", 7, "less")
    except BadInput as error:
        ours, text = error, traceback.format_exc()
    raised = RayTaskError("step", text, ours)
    assert last_line(raised) == last_line(raised.as_instanceof_cause()) == str(ours)
    (tmp_path / "error.txt").write_text(f"Failure # 1 (occurred at 12:00)\n{raised}\n")
    trial = SimpleNamespace(error_file=str(tmp_path / "error.txt"), get_error=lambda: None)
    assert reason_of(trial) == str(ours)


def test_rays_memory_monitor_still_has_its_own_error() -> None:
    from ray.exceptions import OutOfMemoryError

    raised = OutOfMemoryError("a worker was killed")
    assert out_of_memory(raised) and "ray.exceptions.OutOfMemoryError" in "".join(
        traceback.format_exception_only(raised)
    )


def test_ray_tune_still_writes_a_trials_error_into_a_file() -> None:
    from ray.tune.experiment import Trial

    assert "error_file" in dir(Trial) and "f.write(str(exc)" in inspect.getsource(Trial.handle_error)


def test_a_worker_that_the_machine_ended_is_said_in_words_of_ours() -> None:
    from ray.exceptions import ActorDiedError

    died = "The actor is dead because its worker process has died. Worker exit type: SYSTEM_ERROR"
    assert last_line(ActorDiedError()) == "its worker ended without a word"
    assert last_line(f"{ActorDiedError()}\n{died} (1) the process was killed by the OOM killer") == (
        "its worker was killed, as it is where memory is full, the machine's or what a container may use; "
        "try fewer --cpus"
    )
    assert last_line("The actor died because its node has died. Node Id: 5") == "its node went away"
    assert last_line("The actor never ran - it was cancelled before it started running.") == (
        "its worker ended before it had begun"
    )


def test_the_last_failure_is_told_and_not_one_before_it(tmp_path: Path) -> None:
    """Ray adds each to the same file; a missing module is none that another node cures."""
    file = tmp_path / "error.txt"
    trial = SimpleNamespace(error_file=str(file), get_error=lambda: None)
    died = "Failure # 1 (occurred at 2026-11-28_11-19-00)\nThe actor died because its node has died. Node Id: 5\n"
    lacks = "Failure # 2 (occurred at 2026-11-28_11-20-00)\n  File x\nModuleNotFoundError: No module named 'mine'\n"
    file.write_text(died)
    assert reason_of(trial) == "its node went away"
    file.write_text(died + lacks)
    assert not_importable(reason_of(trial))
    file.write_text(died + lacks + died)
    assert reason_of(trial) == "its node went away"


def test_where_a_gpu_is_full_the_machines_memory_is_not_blamed() -> None:
    from ray.exceptions import OutOfMemoryError

    full = "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 15.9 GiB"
    for raised in ("torch.OutOfMemoryError", "torch.cuda.OutOfMemoryError"):
        said = last_line(f"ray::StudyTrainable.train() (OutOfMemoryError)\n  File x\n{raised}: {full}\n")
        assert said.startswith("the GPU's memory was full")
    assert "the machine's memory was full" in last_line(f"ray.exceptions.{OutOfMemoryError.__name__}: a worker")
