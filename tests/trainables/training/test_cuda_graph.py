"""Updates captured as CUDA graphs."""

from __future__ import annotations

import pytest
import torch

from tests.trainables.recording import FakeRecorder
from tests.trainables.small import SMALL, arrays, train
from tests.trainables.training.test_update import replayed
from trainables.config.errors import BadInput
from trainables.data.dataset import DataSet
from trainables.jobs import job_runner as job_run
from trainables.jobs.job import Job, JobOptions
from trainables.training.cuda_graph import CudaGraphRecorder, GraphReplay, why_not_captured
from trainables.training.device_arrays import prepare_process


@pytest.fixture(autouse=True)
def _a_process_that_trains() -> None:
    prepare_process()


def test_graphs_are_refused_without_cuda(data_set: DataSet) -> None:
    for device, why in (("cpu", "--device cuda"), ("cuda", "finds none")):
        if device == "cuda" and torch.cuda.is_available():
            continue
        job = Job(SMALL.replace(device=device), (0,))
        with pytest.raises(BadInput, match=f"cuda_graphs.*{why}"):
            job_run.JobRunner(job, data_set, None, JobOptions(cuda_graphs=True))  # type: ignore[arg-type]
    assert not JobOptions().cuda_graphs


def test_what_cannot_be_captured_runs_eagerly() -> None:
    config, recorder = SMALL.replace(optimizer="lbfgs"), FakeRecorder()
    assert "lbfgs" in why_not_captured(config) and not why_not_captured(SMALL)
    training = replayed(config, (0,), recorder)
    assert recorder.captured == 0 and training.recorder is None
    assert torch.equal(training.network.theta, train(config).network.theta)


def test_cuda_graphs_capture_on_the_stream_that_warmed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The calls to `torch.cuda`, in order; what they do is CUDA's."""
    said: list[str] = []

    class Stream:
        def wait_stream(self, other: Stream) -> None:
            said.append("wait")

    class Using:
        def __init__(self, *args: object, **kwargs: object) -> None:
            said.append("capture" if "stream" in kwargs else "stream")

        def __enter__(self) -> None: ...

        def __exit__(self, *args: object) -> None:
            said.append("end")

    class Graph:
        def replay(self) -> None:
            said.append("replay")

    for name, value in (("Stream", Stream), ("CUDAGraph", Graph), ("graph", Using), ("stream", Using)):
        monkeypatch.setattr(torch.cuda, name, value)
    monkeypatch.setattr(torch.cuda, "current_stream", Stream)
    replay = GraphReplay(lambda rates: said.append(f"step {rates[0]:g}"), CudaGraphRecorder())  # type: ignore[arg-type]
    for _ in range(3):
        replay([0.5])
    eager = ["wait", "stream", "step 0.5", "end", "wait"]
    assert said == [*eager, "capture", "step 0.5", "end", "replay", "replay"] and replay.replayed == 2


@pytest.fixture
def data_set() -> DataSet:
    a = arrays()
    x, y = a.train_x.numpy(), a.train_y.numpy()
    v, w = a.val_x.numpy(), a.val_y.numpy()
    return DataSet("own", x, y, v, w, tuple("abcd"), (20,), "0" * 32)
