"""What KubeRay takes is no fault."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from study.cluster.check_file import find_problems
from tests.study.cluster.test_check_file import FILES
from tests.study.cluster.test_check_rayjob import inside, job, pod

VALID: list[Callable[[list[dict[str, Any]]], object]] = [
    lambda d: job(d).update(preRunningDeadlineSeconds=600, metadata={"team": "a"}, submitterConfig={"backoffLimit": 1}),
    lambda d: job(d).update(submissionMode="SidecarMode", runtimeEnvYAML="env_vars: {A: b}"),
    lambda d: job(d)["rayClusterSpec"].update(historyServerOptions={}, tlsOptions={"enabled": True}),
    lambda d: job(d)["rayClusterSpec"]["autoscalerOptions"].update(command=["x"], args=["y"], env=[]),
    lambda d: job(d)["rayClusterSpec"]["authOptions"].update(secretName="mine"),
    lambda d: job(d)["rayClusterSpec"]["headGroupSpec"].update(ingressOptions={"host": "x"}, labels={"a": "b"}),
    lambda d: pod(d).update(idleTimeoutSeconds=60, priority=5, numOfHosts=1, labels={"a": "b"}, resources={"GPU": "1"}),
    lambda d: inside(d)["containers"].append({"name": "logs", "image": "x", "startupProbe": {}}),
    lambda d: inside(d).update(topologySpreadConstraints=[], runtimeClassName="nvidia", hostUsers=False),
    lambda d: (d.pop(1), job(d)["rayClusterSpec"].update(networkPolicy={"mode": "DenyAllIngress"})),
]


@pytest.mark.parametrize("change", VALID)
def test_what_kuberay_takes_is_no_fault(change: Callable[[list[dict[str, Any]]], object], tmp_path: Path) -> None:
    documents = copy.deepcopy(list(yaml.safe_load_all(FILES["kuberay"].read_text())))
    change(documents)
    file = tmp_path / "kuberay.yaml"
    file.write_text(yaml.safe_dump_all(documents))
    assert [str(p) for p in find_problems(file)] == []
