"""A job's share of a GPU: by count, by wish, and what is said where neither will do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from study.planning import gpu_share as gpu
from study.spec import registry
from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import DataSet
from trainables.jobs.job import Job

ROOT = Path(__file__).parents[3]
DATA = gpu.data_size_of(
    DataSet(
        "own",
        np.zeros((60_000, 784), np.uint8),
        np.zeros(60_000, np.uint8),
        np.zeros((10_000, 784), np.uint8),
        np.zeros(10_000, np.uint8),
        tuple("0123456789"),
        (28, 28),
        "0" * 32,
    )
)
SMALL, WIDE = Job(TrialConfig(), (0, 1, 2, 3, 4), True), Job(TrialConfig(hidden=(9000, 9000)), (0, 1), True)


def test_the_largest_job_decides() -> None:
    small, wide = (gpu.gpu_share([job], DATA, 16_000_000_000) for job in (SMALL, WIDE))
    assert small == 0.125 < wide
    assert gpu.gpu_share([SMALL, WIDE], DATA, 16_000_000_000) == wide
    assert gpu.gpu_share([WIDE], DATA, 80_000_000_000) < wide


def test_the_guide_says_what_the_chapter_takes_of_a_t4() -> None:
    studies = [study for name in registry.names() if (study := registry.load_study(name)).search is None]
    jobs = [Job(study.config(arm.name), tuple(range(5)), True) for study in studies for arm in study.arms]
    share = gpu.gpu_share(jobs, DATA, gpu.smallest_gpu_bytes([{"GPU": 1.0, "accelerator_type:T4": 1.0}]))
    assert share == pytest.approx(1 / 7, abs=1e-4)
    assert "The chapter takes a seventh of a T4" in (ROOT / "docs/guides/cluster-aws.md").read_text(encoding="utf-8")


def test_a_wish_holds_and_an_odd_one_is_refused() -> None:
    assert gpu.gpu_share([WIDE], DATA, 1, wish=0.1) == 0.1
    with pytest.raises(BadInput, match="STUDY_GPU_SHARE"):
        gpu.gpu_share([], DATA, None, wish=2.0)


def test_what_is_not_known_takes_the_usual_share() -> None:
    assert gpu.gpu_share([], DATA, 16_000_000_000) == gpu.gpu_share([SMALL], DATA, None) == gpu.DEFAULT_GPU_SHARE


def test_what_does_not_fit_is_refused_at_once() -> None:
    with pytest.raises(BadInput, match=r"a job needs .* GB of memory, and the smallest GPU has 2\.0"):
        gpu.gpu_share([WIDE], DATA, 2_000_000_000)


def test_the_smallest_gpu_of_a_cluster() -> None:
    t4, h100 = {"GPU": 4.0, "accelerator_type:T4": 1.0}, {"GPU": 1.0, "accelerator_type:H100": 1.0}
    assert gpu.smallest_gpu_bytes([h100, t4, {"CPU": 2.0}]) == 16 * 10**9
    assert gpu.smallest_gpu_bytes([h100, {"GPU": 1.0}]) is None
    assert gpu.smallest_gpu_bytes([h100, {"GPU": 1.0, "accelerator_type:new": 1.0}]) is None
    assert gpu.smallest_gpu_bytes([{"CPU": 2.0}]) is None


NODES = {"cpu": {"CPU": 8.0}, "spot": {"CPU": 4.0, "GPU": 1.0, "accelerator_type:T4": 1.0}}


def test_what_a_plan_foresees_is_what_a_run_takes_and_it_says_why() -> None:
    seen = gpu.expected_share([SMALL, WIDE], False, DATA, NODES, 0)
    assert seen.amount == gpu.gpu_share([SMALL, WIDE], DATA, gpu.smallest_gpu_bytes(NODES.values()))
    assert seen.why == "the largest job needs 8.0 GB of the 16 GB of the smallest GPU, and 8 share one at most"
    assert gpu.expected_share([SMALL], False, DATA, NODES, 0.4) == gpu.GpuShare(0.4, "as STUDY_GPU_SHARE says")
    search = gpu.expected_share([], True, DATA, NODES, 0)
    assert (search.amount, search.why) == (
        gpu.DEFAULT_GPU_SHARE,
        "assumed, because a search chooses its jobs as it goes",
    )
    odd = gpu.expected_share([SMALL], False, DATA, {**NODES, "odd": {"GPU": 1.0}}, 0)
    assert odd.amount == gpu.DEFAULT_GPU_SHARE
    assert odd.why.startswith("assumed, because the type of GPU of odd is not known: write it into its resources")


def test_this_machine_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gpu.gpu_bytes_here() is None
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 16384\necho 24576\n")
    tool.chmod(0o755)
    assert gpu.gpu_bytes_here() == 16384 * 2**20
    tool.write_text("#!/bin/sh\necho no device\n")
    assert gpu.gpu_bytes_here() is None


def test_graphs_need_cuda() -> None:
    gpu.check_graphs(False, "cpu")
    gpu.check_graphs(True, "cuda")
    with pytest.raises(BadInput, match=r"STUDY_CUDA_GRAPHS.*this runs on cpu"):
        gpu.check_graphs(True, "cpu")
