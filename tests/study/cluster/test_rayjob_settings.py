"""A RayJob as somebody wrote it: what is there is read, and what is missing or null is none."""

from __future__ import annotations

import pytest

from study.cluster.cluster_file import read_first_document
from study.cluster.rayjob_settings import GivenRayJob, GivenResources
from study.spec.values import from_plain
from tests.study.cluster.test_check_file import FILES


def test_the_shipped_file_is_read() -> None:
    job = from_plain(GivenRayJob, read_first_document(FILES["kuberay"]))
    (gpu, cpu) = job.spec.worker_groups
    assert (job.kind, job.metadata.name, gpu.group_name, cpu.max_replicas) == ("RayJob", "study", "gpu", 4)
    assert gpu.template.spec.containers[0].volume_mounts[0].name == gpu.template.spec.volumes[0].name == "shm"
    assert job.metadata.annotations.plan.prices.hourly["gpu"] > 0 and job.metadata.annotations.plan.python == "3.11"
    assert job.spec.cluster is not None and job.spec.cluster.head.flags.cpus == "0"


@pytest.mark.parametrize("given", [{}, {"spec": None, "metadata": None}, {"spec": {"rayClusterSpec": None}}])
def test_what_is_missing_or_null_is_none(given: object) -> None:
    job = from_plain(GivenRayJob, given)
    assert (job.spec.worker_groups, job.spec.entrypoint, job.metadata.name) == ((), None, None)
    assert job.metadata.annotations.plan.prices.hourly == {}


def test_a_number_and_its_text_are_one_quantity() -> None:
    both = from_plain(GivenResources, {"limits": {"cpu": 2}, "requests": {"cpu": "2"}})
    assert both.limits == both.requests


@pytest.mark.parametrize("text", ["a: [", "7", "", 7])
def test_an_annotation_that_is_no_block_reads_as_an_empty_one(text: object) -> None:
    plan = {"metadata": {"annotations": {"study/plan": text}}}
    if text == "7":
        plan["metadata"]["annotations"]["study/plan"] = "{}"
    assert from_plain(GivenRayJob, plan).metadata.annotations.plan.python is None
