"""What this project itself reads of a cluster file for `ray up`: settings of Ray as values, with kinds and ranges.

Not here: all else that Ray and the clouds take from the file (`study.cluster.check_file`), and what our own block
says (`study.cluster.study_block`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator
from pydantic.dataclasses import dataclass

from study.cluster.study_block import Amount, Block, amount
from study.spec.values import Label
from trainables.config.nearest import did_you_mean

__all__ = ["CloudSettings", "NodeEntry", "NodeLabels", "Provider", "RayFile"]

PROVIDERS = ("aws", "gcp", "local")
MAX_WORKERS = 2
"""Workers that Ray has at most in a cloud where the file does not say."""


def _mapping(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError("expected a mapping, as in cluster.yaml")
    return value


def _maybe_mapping(value: Any) -> Any:
    return _mapping({} if value is None else value)


def _machines(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple) and value is not None:
        raise ValueError("expected a list of machines, as in cluster/local.yaml")
    return tuple(value or ())


def _provider(value: Any) -> str:
    if value not in PROVIDERS:
        near = did_you_mean(value, PROVIDERS)
        raise ValueError(f"expected one of aws, gcp, local, or a file of kind RayJob{near}")
    return str(value)


def _word(value: Any) -> str:
    """Whatever stands there as text: its kind is the cloud's to check."""
    return "" if value is None else str(value)


def _accelerators(value: Any) -> tuple[str, ...]:
    given = [] if value is None else value
    if not isinstance(given, list | tuple) or not all(isinstance(a, Mapping) for a in given):
        raise ValueError("expected a list of mappings with acceleratorType and acceleratorCount")
    return tuple(str(a.get("acceleratorType")) for a in given)


Word = Annotated[str, PlainValidator(_word)]
MaybeAmount = Annotated[float | None, PlainValidator(amount)]
"""May be left out, but not be null."""
THEIRS = ConfigDict(extra="ignore")
"""Other settings are Ray's and the cloud's, and are checked against their own lists."""


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class CloudSettings:
    """What the cloud's own call is given, in its words; here what tells the GPU."""

    instance_type: Word = Field(default="", alias="InstanceType")
    machine_type: Word = Field(default="", alias="machineType")
    accelerators: Annotated[tuple[str, ...], PlainValidator(_accelerators)] = Field(
        default=(), alias="guestAccelerators"
    )
    """Their types."""


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class NodeLabels:
    """Labels that Ray knows."""

    accelerator_type: Word = Field(default="", alias="ray.io/accelerator-type")


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class NodeEntry:
    """A type of node, of `available_node_types`."""

    resources: Annotated[Mapping[str, Amount], BeforeValidator(_mapping)]
    """What one holds, in Ray's words."""
    max_workers: MaybeAmount = None
    """How many there may be; where it does not say, as many as of all types together."""
    min_workers: Amount = 0
    """How many there always are."""
    idle_timeout_s: Amount = 0
    """Of this type alone; that of the file holds where it is longer, or none is there."""
    node_config: Annotated[CloudSettings, BeforeValidator(_maybe_mapping)] = Field(default_factory=CloudSettings)
    labels: Annotated[NodeLabels, BeforeValidator(_maybe_mapping)] = Field(default_factory=NodeLabels)


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class Provider:
    """Where the machines come from."""

    type: Annotated[str, PlainValidator(_provider)] = Field(default="", validate_default=True)
    worker_ips: Annotated[tuple[Any, ...], PlainValidator(_machines)] = ()
    """Of machines of one's own."""


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class FileMetadata:
    """What Ray leaves alone: our block."""

    study: Block = Field(default=cast(Any, None), validate_default=True)


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class RayFile:
    """The file; types of node but for the head's."""

    cluster_name: Label
    provider: Annotated[Provider, BeforeValidator(_maybe_mapping)] = Field(
        default_factory=dict,
        validate_default=True,
    )
    available_node_types: Annotated[Mapping[str, NodeEntry], BeforeValidator(_mapping)]
    max_workers: MaybeAmount = None
    min_workers: MaybeAmount = None
    """Of machines of one's own alone, which are all started where it does not say."""
    idle_timeout_minutes: Amount = 5
    metadata: Annotated[FileMetadata, BeforeValidator(_maybe_mapping)] = Field(
        default_factory=dict,
        validate_default=True,
    )

    @property
    def most_workers(self) -> int:
        """Workers of all types together, as Ray takes it."""
        if self.max_workers is not None:
            return int(self.max_workers)
        return len(self.provider.worker_ips) if self.provider.type == "local" else MAX_WORKERS

    @property
    def idle_minutes(self) -> float:
        """Minutes that the last workers idle before they are given back."""
        return max(self.idle_timeout_minutes, *(t.idle_timeout_s / 60 for t in self.available_node_types.values()), 0.0)
