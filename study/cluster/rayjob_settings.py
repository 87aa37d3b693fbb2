"""A RayJob as somebody wrote it, as far as our checks read it: values in which what is missing is None.

Not here: which settings there are, and of which kind (`study.cluster.rayjob_schema`); what a study's cost rests on, and
must be there (`study.cluster.rayjob_file`); what is to be right of these values (`study.cluster.check_rayjob`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator
from pydantic.alias_generators import to_camel
from pydantic.dataclasses import dataclass

from study.cluster.file_lines import yaml_within
from study.cluster.study_block import Empty, GivenBlock

__all__ = ["GivenCluster", "GivenContainer", "GivenGroup", "GivenJob", "GivenPod", "GivenRayJob"]

GIVEN = ConfigDict(extra="ignore", alias_generator=to_camel)


def _no_list(value: Any) -> Any:
    return () if value is None else value


def _text(value: Any) -> str | None:
    if not isinstance(value, str | None):
        raise ValueError("expected text")
    return value


def _quantities(value: Any) -> Mapping[str, str]:
    """2 and "2" are the same to Kubernetes."""
    if not isinstance(value, Mapping | None):
        raise ValueError("expected a mapping of quantities")
    return {str(name): str(amount) for name, amount in (value or {}).items()}


EmptyList = BeforeValidator(_no_list)
Quantities = Annotated[Mapping[str, str], PlainValidator(_quantities)]


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenName:
    """Something that has a name: a volume, its mount."""

    name: Annotated[str | None, PlainValidator(_text)] = None


Names = Annotated[tuple[Annotated[GivenName, Empty], ...], EmptyList]


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenResources:
    """Of a container."""

    limits: Quantities = Field(default_factory=dict)
    requests: Quantities = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenContainer:
    """One of a pod."""

    image: str | None = None
    resources: Annotated[GivenResources, Empty] = Field(default_factory=GivenResources)
    volume_mounts: Names = ()


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenPod:
    """Of a group, or of the head."""

    containers: Annotated[tuple[Annotated[GivenContainer, Empty], ...], EmptyList] = ()
    volumes: Names = ()


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenTemplate:
    """What Kubernetes makes pods of."""

    spec: Annotated[GivenPod, Empty] = Field(default_factory=GivenPod)


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenFlags:
    """Flags of `ray start` that our checks have a word on."""

    cpus: str | None = Field(default=None, alias="num-cpus")
    gpus: str | None = Field(default=None, alias="num-gpus")
    memory: str | None = None
    resources: str | None = None
    labels: str | None = None

    @property
    def tells_resources(self) -> bool:
        """Whether one of them says what a node has."""
        return any(flag is not None for flag in (self.cpus, self.gpus, self.memory, self.resources))


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenGroup:
    """A group of workers; of the head, what it has in common with one."""

    group_name: str | None = None
    min_replicas: int | None = None
    replicas: int | None = None
    max_replicas: int | None = None
    suspend: bool | None = None
    flags: Annotated[GivenFlags, Empty] = Field(default_factory=GivenFlags, alias="rayStartParams")
    resources: Quantities = Field(default_factory=dict)
    """What Ray is told that a node has, in its words."""
    template: Annotated[GivenTemplate, Empty] = Field(default_factory=GivenTemplate)


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenAccess:
    """Who may speak to the cluster."""

    mode: str | None = None
    kubernetes_token: bool | None = Field(default=None, alias="enableK8sTokenAuth")


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenCluster:
    """The cluster that KubeRay makes for the job."""

    access: Annotated[GivenAccess, Empty] = Field(default_factory=GivenAccess, alias="authOptions")
    ray_version: str | None = None
    autoscaling: bool | None = Field(default=None, alias="enableInTreeAutoscaling")
    head: Annotated[GivenGroup, Empty] = Field(default_factory=GivenGroup, alias="headGroupSpec")
    groups: Annotated[tuple[Annotated[GivenGroup, Empty], ...], EmptyList] = Field(default=(), alias="workerGroupSpecs")
    network_policy: Any = None
    suspend: bool | None = None


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenDeletion:
    """What is removed, and when."""

    deletion_rules: Any = None


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenJob:
    """What KubeRay is to do."""

    entrypoint: str | None = None
    cluster: Annotated[GivenCluster | None, Field(alias="rayClusterSpec")] = None
    shutdown: bool | None = Field(default=None, alias="shutdownAfterJobFinishes")
    deletion: Annotated[GivenDeletion, Empty] = Field(default_factory=GivenDeletion, alias="deletionStrategy")
    cluster_selector: Any = None
    suspend: bool | None = None
    backoff_limit: int | None = None

    @property
    def worker_groups(self) -> tuple[GivenGroup, ...]:
        """The groups of workers of its cluster."""
        return self.cluster.groups if self.cluster else ()


def _read_plan(value: Any) -> Any:
    """The annotation is text, as all are: YAML within YAML."""
    block = yaml_within(value) if isinstance(value, str) else None
    return block if isinstance(block, Mapping) else {}


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenAnnotations:
    """What tools other than Kubernetes read: ours."""

    plan: Annotated[GivenBlock, BeforeValidator(_read_plan)] = Field(default_factory=GivenBlock, alias="study/plan")


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenMetadata:
    """What the job is called, and what is noted of it."""

    name: str | None = None
    annotations: Annotated[GivenAnnotations, Empty] = Field(default_factory=GivenAnnotations)


@dataclass(frozen=True, kw_only=True, config=GIVEN)
class GivenRayJob:
    """The manifest's first document; of the others, of which kind they are."""

    api_version: Any = None
    kind: Any = None
    metadata: Annotated[GivenMetadata, Empty] = Field(default_factory=GivenMetadata)
    spec: Annotated[GivenJob, Empty] = Field(default_factory=GivenJob)
