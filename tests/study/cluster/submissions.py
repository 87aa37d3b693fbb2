"""Requests to a cluster, and the work that they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from study.cluster import preflight
from study.cluster.cluster_file import read_cluster
from study.cluster.preflight import Submission
from study.cluster.pricing import Workload
from study.planning import plan
from study.planning.protocol import Protocol
from study.planning.seeds import read_seeds
from study.spec import registry
from tests.synthetic import FASHION

ROOT = Path(__file__).parents[3]


def asked(**change: Any) -> Submission:
    values: dict[str, Any] = {"names": ("dropout",), "cluster": "cluster.yaml", "results": "s3://b/r", "seeds": 2}
    return Submission(**{**values, **change})


def planned(request: Submission) -> plan.Plan:
    protocol = Protocol(read_seeds(request.seeds), request.quick, request.device, request.precision)
    return plan.plan_trials([registry.load_study(n) for n in request.names], protocol, "5" * 32, {}, FASHION)


def work_of(**change: Any) -> Workload:
    return preflight.workload_of(planned(asked(**change)), read_cluster("cluster.yaml"))
