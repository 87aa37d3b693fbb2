"""What this project itself reads of a RayJob manifest: settings of KubeRay as values, with kinds and ranges.

Not here: all else that KubeRay takes from it (`study.cluster.check_rayjob`), and what our own annotation says
(`study.cluster.study_block`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, cast

import yaml
from pydantic import BeforeValidator, Field, PlainValidator
from pydantic.dataclasses import dataclass

from study.cluster.ray_file import THEIRS, NodeLabels
from study.cluster.study_block import Amount, Empty, StudyBlock, plain_block
from study.spec.values import Label, is_number
from study.spec.yaml_file import NO_VALUE

__all__ = ["RayJobFile", "WorkerGroup"]


def _quantity(value: Any) -> float:
    """Take a number as Kubernetes writes it: 2, "2" or "1500m"."""
    text = str(value)
    try:
        number = float(text[:-1]) / 1000 if text.endswith("m") else float(text)
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not is_number(number) or number < 0:
        raise ValueError('expected a number from 0 upwards as Kubernetes writes it: 2, "2" or "1500m"')
    return number


def _texts(value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping) and value is not None:
        raise ValueError("expected a mapping")
    return {str(key): str(text) for key, text in (value or {}).items()}


def _settings(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError("expected a mapping, as in cluster/kuberay.yaml")
    return value


def _version(value: Any) -> str:
    """YAML's null names none, as nothing does: `check_rayjob` asks for it."""
    if not isinstance(value, str | None):
        raise ValueError('expected text, as "2.60.0"')
    return value or ""


def _first(value: Any) -> Any:
    if not isinstance(value, list) or not value:
        raise ValueError("expected a list of containers, that of Ray first")
    return value[0]


def _list(value: Any) -> Any:
    if not isinstance(value, list):
        raise ValueError("expected groupName, maxReplicas and limits of each group")
    return tuple(value)


Quantity = Annotated[float, PlainValidator(_quantity)]
HEAD_ALONE_SECONDS = 600
"""Seconds that a head may stay after its study without a price: about a cent."""


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class Limits:
    """What a pod may take, and has."""

    cpu: Quantity
    gpus: Quantity = Field(default=0.0, alias="nvidia.com/gpu")


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class PodResources:
    """Of a container."""

    limits: Limits


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class RayContainer:
    """The container that Ray runs in: the first of a pod."""

    resources: PodResources


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class Pod:
    """A pod of a group."""

    ray: Annotated[RayContainer, BeforeValidator(_first)] = Field(alias="containers")
    node_selector: Annotated[Mapping[str, str], PlainValidator(_texts)] = Field(
        default_factory=dict, alias="nodeSelector"
    )


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class PodTemplate:
    """What Kubernetes makes pods of."""

    spec: Pod


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class StartFlags:
    """What `ray start` is told of a node, where the group's own resources do not say it."""

    cpus: Quantity | None = Field(default=None, alias="num-cpus")
    gpus: Quantity | None = Field(default=None, alias="num-gpus")


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class WorkerGroup:
    """Workers that are all alike."""

    name: Label = Field(alias="groupName")
    max_replicas: Amount = Field(alias="maxReplicas")
    min_replicas: Amount = Field(default=0.0, alias="minReplicas")
    replicas: Amount = 0.0
    """To begin with."""
    idle_seconds: Amount = Field(default=0.0, alias="idleTimeoutSeconds")
    """Of this group alone."""
    hosts: Amount = Field(default=1.0, alias="numOfHosts")
    """Pods of one replica."""
    resources: Annotated[Mapping[str, Quantity], Empty] = Field(default_factory=dict)
    """What Ray is told first, in its words."""
    flags: Annotated[StartFlags, Empty] = Field(default_factory=StartFlags, alias="rayStartParams")
    labels: Annotated[NodeLabels, Empty] = Field(default_factory=NodeLabels)
    template: PodTemplate

    @property
    def cpus(self) -> int:
        """Of one pod, as Ray asks for them: the group's resources, its flags, the pod's limits."""
        flags, limits = self.flags.cpus, self.template.spec.ray.resources.limits.cpu
        return math.ceil(self.resources.get("CPU", limits if flags is None else flags))

    @property
    def gpus(self) -> int:
        """Of one pod, asked for in the same order."""
        flags, limits = self.flags.gpus, self.template.spec.ray.resources.limits.gpus
        return math.ceil(self.resources.get("GPU", limits if flags is None else flags))


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class Autoscaler:
    """What takes idle workers away."""

    idle_seconds: Amount = Field(default=60.0, alias="idleTimeoutSeconds")


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class RayClusterSettings:
    """The cluster of a job."""

    ray: Annotated[str, PlainValidator(_version)] = Field(default="", alias="rayVersion")
    autoscaler: Annotated[Autoscaler, Empty] = Field(default_factory=Autoscaler, alias="autoscalerOptions")
    groups: Annotated[tuple[WorkerGroup, ...], BeforeValidator(_list)] = Field(alias="workerGroupSpecs")


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class JobSettings:
    """What KubeRay is to do."""

    cluster: Annotated[RayClusterSettings, BeforeValidator(_settings)] = Field(alias="rayClusterSpec")
    kept_seconds: Amount = Field(default=0.0, alias="ttlSecondsAfterFinished")
    """That the cluster stays after the study."""

    @property
    def idle_minutes(self) -> float:
        """Minutes that nodes are there after the study; a head that stays alone for some minutes counts for nothing."""
        cluster = self.cluster
        seconds = max(cluster.autoscaler.idle_seconds, *(g.idle_seconds for g in cluster.groups), 0.0)
        workers_stay = any(g.min_replicas for g in cluster.groups)
        kept = self.kept_seconds if workers_stay or self.kept_seconds > HEAD_ALONE_SECONDS else 0.0
        return max(seconds, kept) / 60


def _plan(value: Any) -> Any:
    """The annotation is text, as all are: YAML within YAML."""
    try:
        held = yaml.safe_load(value) if isinstance(value, str) else value
    except (yaml.YAMLError, RecursionError, *NO_VALUE):
        raise ValueError("it is not YAML, as in cluster/kuberay.yaml") from None
    return plain_block(held)


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class JobAnnotations:
    """What tools other than Kubernetes read: ours."""

    plan: Annotated[StudyBlock, BeforeValidator(_plan)] = Field(alias="study/plan")


def _annotations(value: Any) -> Any:
    """Where ours is not there, nothing stands in its place, so that it is said what belongs there."""
    given = {} if value is None else value
    return {"study/plan": None, **given} if isinstance(given, Mapping) else given


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class JobMetadata:
    """What it is called, and what is noted of it."""

    name: Label
    annotations: Annotated[JobAnnotations, BeforeValidator(_annotations)] = Field(
        default=cast(Any, None), validate_default=True
    )


@dataclass(frozen=True, kw_only=True, config=THEIRS)
class RayJobFile:
    """The manifest's first document."""

    metadata: Annotated[JobMetadata, BeforeValidator(_settings)]
    spec: Annotated[JobSettings, BeforeValidator(_settings)]
