"""Types of node and prices: each has the other."""

from __future__ import annotations

from typing import Any

import pytest

from study.cluster.priced_nodes import PricedNodes
from study.cluster.ray_settings import GivenRayFile
from study.cluster.rayjob_settings import GivenRayJob
from study.spec.faults import fault_line
from study.spec.values import from_plain


def said(priced: PricedNodes) -> list[str]:
    return [fault_line(fault, None) for fault in priced.faults()]


def ray_file(hourly: object, **more: Any) -> PricedNodes:
    types: dict[str, object] = {"head": {}, "gpu": {}}
    given = {
        "head_node_type": "head",
        "available_node_types": types,
        "metadata": {"study": {"prices": {"hourly": hourly}}},
    }
    return PricedNodes.of_ray_file(from_plain(GivenRayFile, {**given, **more}))


HOURLY = "metadata.study.prices.hourly"


@pytest.mark.parametrize(
    ("hourly", "lines"),
    [
        ({"head": 1, "gpu": 2}, []),
        ({"head": 1}, [f"{HOURLY}.gpu: it is missing; expected what a node of this type costs an hour"]),
        (
            {"head": 1, "gup": 2},
            [
                f"{HOURLY}.gpu: it is missing; expected what a node of this type costs an hour",
                f"{HOURLY}.gup: got 2; there is no such type of node; did you mean gpu?",
            ],
        ),
    ],
)
def test_each_type_has_its_price_and_each_price_its_type(hourly: object, lines: list[str]) -> None:
    assert said(ray_file(hourly)) == lines


def test_prices_are_not_held_against_types_that_the_file_does_not_tell() -> None:
    assert said(ray_file({"head": 1, "gpu": 2}, available_node_types={})) == []


def test_machines_of_ones_own_say_what_they_have() -> None:
    local = {"provider": {"type": "local"}}
    assert said(ray_file({"head": 0, "worker": 0}, **local)) == [
        "metadata.study.worker_resources: it is missing; expected what one machine has, as {CPU: 8, GPU: 1}"
    ]


def test_groups_of_a_rayjob_are_types_of_node() -> None:
    job = {
        "metadata": {"annotations": {"study/plan": "prices: {hourly: {head: 1, cpu: 1}}"}},
        "spec": {"rayClusterSpec": {"workerGroupSpecs": [{"groupName": "gpu"}, {"groupName": "cpu"}]}},
    }
    place = "metadata.annotations.study/plan.prices.hourly"
    assert said(PricedNodes.of_rayjob(from_plain(GivenRayJob, job))) == [
        f"{place}.gpu: it is missing; expected what a node of this type costs an hour"
    ]
