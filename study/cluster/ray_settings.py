"""A file for `ray up` as somebody wrote it, as far as our checks read it: values in which what is missing is None.

Not here: which settings there are, and of which kind (Ray's own schema; of its providers `study.cluster.check_ray_up`);
what a study's cost rests on, and must be there (`study.cluster.ray_file`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator
from pydantic.dataclasses import dataclass

from study.cluster.study_block import Empty, GivenBlock
from study.spec.faults import Fault, Place, WrongValue

__all__ = ["COMMANDS", "GivenMachines", "GivenNodeType", "GivenRayFile"]

COMMANDS = (
    "initialization_commands",
    "setup_commands",
    "head_setup_commands",
    "worker_setup_commands",
    "head_start_ray_commands",
    "worker_start_ray_commands",
)
"""What runs on nodes, in the order of the file."""
GIVEN = ConfigDict(extra="ignore")


def _texts(value: Any) -> tuple[str, ...]:
    given = () if value is None else value
    if not isinstance(given, list | tuple) or not all(isinstance(text, str) for text in given):
        raise ValueError("expected a list of text")
    return tuple(given)


def _commands(value: Any) -> tuple[str, ...]:
    try:
        return _texts(value)
    except ValueError:
        raise ValueError("expected a list of commands") from None


def _as_json(value: Any) -> str:
    return json.dumps({} if value is None else value, default=str)


def _local_paths(value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping | None):
        raise ValueError("expected a mapping of paths on the nodes to paths here")
    wrong = [(remote, local) for remote, local in (value or {}).items() if not isinstance(local, str)]
    if wrong:
        why = "expected the path of a file or folder here"
        raise WrongValue(*(Fault((remote,), local, why) for remote, local in wrong))
    return dict(value or {})


def _count(value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise ValueError("expected a whole number from 0 upwards")
    return value


IfMapping = BeforeValidator(lambda value: value if isinstance(value, Mapping) else {})
"""The same, also of what is no mapping, so that its name stays known."""
Commands = Annotated[tuple[str, ...], PlainValidator(_commands)]
Count = Annotated[int | None, PlainValidator(_count)]


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenMachines:
    """Where machines come from: the block `provider`."""

    type: str | None = None
    region: str | None = None
    availability_zone: str | None = None
    project_id: str | None = None
    head_ip: str | None = None
    worker_ips: Annotated[tuple[str, ...], PlainValidator(_texts)] = ()

    @property
    def zones(self) -> list[str]:
        """The zones, in the order in which they are tried."""
        return [zone.strip() for zone in (self.availability_zone or "").split(",") if zone]


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenLogin:
    """How machines are reached: the block `auth`."""

    ssh_user: str | None = None
    ssh_private_key: str | None = None


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenNodeType:
    """A type of node."""

    resources: Annotated[Mapping[str, int], Empty] = Field(default_factory=dict)
    """What one holds, in Ray's words."""
    min_workers: Count = None
    max_workers: Count = None
    call: Annotated[str, PlainValidator(_as_json)] = Field(default="{}", alias="node_config")
    """What the cloud's own call is given, as JSON: its words are the cloud's."""
    initialization_commands: Commands = ()
    worker_setup_commands: Commands = ()


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenNotes:
    """What Ray leaves alone: our block."""

    study: Annotated[GivenBlock, Empty] = Field(default_factory=GivenBlock)


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenRayFile:
    """The file."""

    provider: Annotated[GivenMachines, Empty] = Field(default_factory=GivenMachines)
    auth: Annotated[GivenLogin, Empty] = Field(default_factory=GivenLogin)
    min_workers: Count = None
    max_workers: Count = None
    head_node_type: str | None = None
    node_types: Annotated[Mapping[str, Annotated[GivenNodeType, IfMapping]], Empty] = Field(
        default_factory=dict, alias="available_node_types"
    )
    file_mounts: Annotated[Mapping[str, str], PlainValidator(_local_paths)] = Field(default_factory=dict)
    """By path on the nodes, the path here."""
    metadata: Annotated[GivenNotes, Empty] = Field(default_factory=GivenNotes)
    initialization_commands: Commands = ()
    setup_commands: Commands = ()
    head_setup_commands: Commands = ()
    worker_setup_commands: Commands = ()
    head_start_ray_commands: Commands = ()
    worker_start_ray_commands: Commands = ()

    @property
    def commands_of_all(self) -> Iterator[tuple[Place, str]]:
        """What runs on nodes of every type, each command at its place."""
        lists = (
            self.initialization_commands,
            self.setup_commands,
            self.head_setup_commands,
            self.worker_setup_commands,
            self.head_start_ray_commands,
            self.worker_start_ray_commands,
        )
        for name, commands in zip(COMMANDS, lists, strict=True):
            yield from (((name, number), command) for number, command in enumerate(commands))

    @property
    def commands(self) -> Iterator[tuple[Place, str]]:
        """What runs on nodes, also of one type alone, each command at its place."""
        yield from self.commands_of_all
        for name, entry in self.node_types.items():
            own = (
                ("initialization_commands", entry.initialization_commands),
                ("worker_setup_commands", entry.worker_setup_commands),
            )
            for field, commands in own:
                for number, command in enumerate(commands):
                    yield ("available_node_types", name, field, number), command
