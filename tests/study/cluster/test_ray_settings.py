"""A file for `ray up` as somebody wrote it: what is there is read, and commands are found at their places."""

from __future__ import annotations

import pytest

from study.cluster.cluster_file import read_first_document
from study.cluster.ray_settings import COMMANDS, GivenRayFile
from study.spec.values import from_plain, read_in_part
from tests.study.cluster.test_check_file import FILES


@pytest.mark.parametrize("provider", ["aws", "gcp", "local"])
def test_the_shipped_files_are_read(provider: str) -> None:
    plain = read_first_document(FILES[provider])
    file = from_plain(GivenRayFile, plain)
    assert (file.provider.type, file.max_workers) == (provider, plain["max_workers"])
    assert {*file.node_types} == {*plain.get("available_node_types", {})}
    said = dict(file.commands_of_all)
    for name in COMMANDS:
        assert [said[name, number] for number in range(len(plain[name]))] == plain[name]


def test_commands_of_one_type_alone_have_their_place() -> None:
    types = {"a": {"worker_setup_commands": ["x", "y"], "initialization_commands": None}}
    file = from_plain(GivenRayFile, {"available_node_types": types})
    assert dict(file.commands) == {
        ("available_node_types", "a", "worker_setup_commands", 0): "x",
        ("available_node_types", "a", "worker_setup_commands", 1): "y",
    }
    assert list(file.commands_of_all) == []


def test_what_is_of_another_kind_is_left_out_and_said() -> None:
    given = {"max_workers": -1, "setup_commands": ["a", 7], "file_mounts": [], "provider": {"worker_ips": "10.0.0.1"}}
    read = read_in_part(GivenRayFile, {**given, "available_node_types": {"a": 7}})
    assert {f.at for f in read.faults} == {
        ("provider", "worker_ips"),
        ("max_workers",),
        ("file_mounts",),
        ("setup_commands",),
    }
    assert (read.value.max_workers, read.value.setup_commands, read.value.file_mounts) == (None, (), {})
    assert {*read.value.node_types} == {"a"}, "its name stays known"
