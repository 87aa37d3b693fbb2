"""A RayJob, as far as we read it: values with their kinds, and every mistake at once."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from study.cluster.cluster_file import read_cluster, read_first_document
from study.cluster.rayjob_file import RayJobFile, WorkerGroup
from study.spec.faults import BadValues
from study.spec.values import from_plain
from tests.study.cluster.test_check_file import FILES


def group(own: Mapping[str, Any], flags: Mapping[str, Any], limits: Mapping[str, Any]) -> WorkerGroup:
    pod = {"containers": [{"resources": {"limits": limits}}]}
    given = {"groupName": "g", "maxReplicas": 2, "resources": own, "rayStartParams": flags, "template": {"spec": pod}}
    return from_plain(WorkerGroup, given)


@pytest.mark.parametrize(
    ("own", "flags", "limits", "cpus", "gpus"),
    [
        ({}, {}, {"cpu": "1500m", "nvidia.com/gpu": 1}, 2, 1),
        ({}, {"num-cpus": "3"}, {"cpu": 8, "nvidia.com/gpu": "2"}, 3, 2),
        ({"CPU": "5", "GPU": 4}, {"num-cpus": "3", "num-gpus": "0"}, {"cpu": 8}, 5, 4),
        ({}, {"num-gpus": 0}, {"cpu": 8, "nvidia.com/gpu": 2}, 8, 0),
    ],
)
def test_a_pod_has_what_ray_asks_for_first(
    own: Mapping[str, Any], flags: Mapping[str, Any], limits: Mapping[str, Any], cpus: int, gpus: int
) -> None:
    assert (group(own, flags, limits).cpus, group(own, flags, limits).gpus) == (cpus, gpus)


def test_all_mistakes_are_said_at_once_each_in_its_place(tmp_path: Path) -> None:
    values = read_first_document(FILES["kuberay"])
    cluster = values["spec"]["rayClusterSpec"]
    values["metadata"]["name"] = 7
    cluster["rayVersion"], cluster["autoscalerOptions"] = 2.6, {"idleTimeoutSeconds": -1}
    first, second = cluster["workerGroupSpecs"]
    first.update(maxReplicas="many", numOfHosts=True)
    second["template"]["spec"].update(containers=[], nodeSelector=["gpu"])
    (tmp_path / "job.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(BadValues) as caught:
        read_cluster(tmp_path / "job.yaml")
    said = "\n".join(caught.value.lines)
    groups = "spec.rayClusterSpec.workerGroupSpecs"
    for part in (
        'metadata.name: got 7; expected text; write it in quotes: "7"',
        'spec.rayClusterSpec.rayVersion: got 2.6; expected text, as "2.60.0"',
        "autoscalerOptions.idleTimeoutSeconds: got -1; expected a number from 0 upwards",
        f"{groups}[0].maxReplicas: got 'many'; expected a number from 0 upwards",
        f"{groups}[0].numOfHosts: got true; expected a number from 0 upwards",
        f"{groups}[1].template.spec.containers: got []; expected a list of containers, that of Ray first",
        f"{groups}[1].template.spec.nodeSelector: got ['gpu']; expected a mapping",
    ):
        assert part in said, (part, said)
    assert len(caught.value.lines) == 7


@pytest.mark.parametrize("annotations", [{}, None, {"other": "x"}, "left out"])
def test_an_annotation_that_is_not_there_is_named_as_the_file_would_have_it(annotations: object) -> None:
    values = read_first_document(FILES["kuberay"])
    values["metadata"]["annotations"] = annotations
    if annotations == "left out":
        del values["metadata"]["annotations"]
    with pytest.raises(
        BadValues, match=r"^metadata\.annotations\.study/plan: got nothing; expected python, start_minutes"
    ):
        from_plain(RayJobFile, values)


@pytest.mark.parametrize("bad", [None, [], "x", 7, -1, "", {}, float("nan"), 10**400])
def test_no_value_anywhere_ends_in_pythons_own_words(bad: object) -> None:
    """Wherever it stands in what we read: a value, or a mistake in our words."""
    whole = read_first_document(FILES["kuberay"])

    def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return [at, *(place for key, of in inner for place in places(of, (*at, key)))]

    for place in places(whole)[1:]:
        values = copy.deepcopy(whole)
        at: Any = values
        for key in place[:-1]:
            at = at[key]
        at[place[-1]] = bad
        said = ""
        try:
            from_plain(RayJobFile, values)
        except BadValues as error:
            said = str(error)
        assert not any(word in said for word in ("object", "NoneType", "Error", "convert")), (place, said)
