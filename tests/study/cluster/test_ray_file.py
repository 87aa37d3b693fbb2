"""Ray's part of a cluster file, as far as we read it: every mistake at once, each with its line, none said twice."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from study.cluster.check_file import find_problems
from study.cluster.cluster_file import _without_head, read_cluster, read_first_document
from study.cluster.ray_file import RayFile
from study.spec.faults import BadValues
from study.spec.values import from_plain
from tests.study.cluster.test_check_file import FILES, ROOT


def test_what_ray_reads_of_the_shipped_file_is_values() -> None:
    file = from_plain(RayFile, _without_head(read_first_document(FILES["aws"])))
    assert "head" not in file.available_node_types
    assert file.available_node_types["gpu-spot"].resources["GPU"] == 1 and file.idle_timeout_minutes > 0
    local = from_plain(RayFile, _without_head(read_first_document(FILES["local"])))
    assert local.available_node_types == {} and len(local.provider.worker_ips) == 2


def test_all_mistakes_are_said_at_once_and_none_twice(tmp_path: Path) -> None:
    values = read_first_document(FILES["aws"])
    values.update(cluster_name=7, max_workers="many", idle_timeout_minutes=-1)
    values["available_node_types"]["gpu-spot"].pop("resources")
    values["available_node_types"]["cpu-spot"] = {"resources": {"CPU": float("nan")}, "node_config": "c7i"}
    file = tmp_path / "cluster.yaml"
    file.write_text(yaml.safe_dump(values))
    types = "available_node_types"
    expected = [
        'cluster_name: got 7; expected text; write it in quotes: "7"',
        f"{types}.cpu-spot.node_config: got 'c7i'; expected a mapping, as in cluster.yaml",
        f"{types}.cpu-spot.resources.CPU: got nan; expected a number from 0 upwards",
        f"{types}.gpu-spot.resources: it is missing",
        "idle_timeout_minutes: got -1; expected a number from 0 upwards",
        "max_workers: got 'many'; expected a number from 0 upwards",
    ]
    with pytest.raises(BadValues) as caught:
        read_cluster(file)
    assert sorted(str(caught.value).splitlines()) == sorted(expected)
    said = [str(p) for p in find_problems(file, root=ROOT, ray_flags=False)]
    assert sorted(set(said) & set(expected)) == sorted(expected)
    places = [line.partition(": ")[0] for line in said]
    assert len(places) == len(set(places)), said


@pytest.mark.parametrize("value", [None, "10.0.0.2", 7, {}])
def test_machines_of_ones_own_are_a_list(value: object, tmp_path: Path) -> None:
    values = read_first_document(FILES["local"])
    values["provider"]["worker_ips"] = value
    file = tmp_path / "cluster.yaml"
    file.write_text(yaml.safe_dump(values))
    if value is None:
        assert [worker.max_nodes for worker in read_cluster(file).workers] == [0]
        return
    with pytest.raises(BadValues, match=r"worker_ips: got .*; expected a list of machines"):
        read_cluster(file)
