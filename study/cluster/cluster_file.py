"""Cluster files as this project reads them: which machines there may be, and at what price.

Pure: no Ray, no network, no processes. What a study costs on them is `study.cluster.pricing`, whether a file would work
`study.cluster.check_file`, and sending a study to a running cluster `study.cluster.submit`.
"""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from study.cluster.file_lines import LOADER, odd_scalar
from study.cluster.priced_nodes import PricedNodes
from study.cluster.ray_file import NodeEntry, RayFile
from study.cluster.ray_settings import GivenRayFile
from study.cluster.rayjob_file import RayJobFile, WorkerGroup
from study.cluster.rayjob_settings import GivenRayJob
from study.planning import accelerators
from study.spec.faults import BadValues, Fault, file_error
from study.spec.values import bad_values, from_plain, read_in_part, without
from study.spec.yaml_faults import not_yaml
from study.spec.yaml_file import NO_VALUE, decoded
from trainables.config.errors import BadInput, NotFound


@dataclass(frozen=True, kw_only=True)
class NodeType:
    """One kind of worker: what it holds, how many there may be, and what an hour of one costs."""

    name: str
    cpus: float
    gpus: float
    max_nodes: int
    hourly_price: float
    gpu: str = ""
    """Ray's name of its type of GPU; nothing where the file does not tell."""
    min_nodes: int = 0
    """How many there are, and cost, whatever is asked for."""

    @property
    def resources(self) -> dict[str, float]:
        """What such a node holds, as Ray counts it.

        >>> NodeType(name="gpu", cpus=4, gpus=1, max_nodes=8, hourly_price=0.5, gpu="T4").resources
        {'CPU': 4, 'GPU': 1, 'accelerator_type:T4': 1}
        """
        return {"CPU": self.cpus, "GPU": self.gpus, **({accelerators.PREFIX + self.gpu: 1} if self.gpu else {})}

    def slots(self, cpus: float, gpus: float) -> int:
        """How many trials that ask for so much run on one node at once.

        >>> NodeType(name="gpu", cpus=4, gpus=1, max_nodes=8, hourly_price=0.5).slots(cpus=1, gpus=0.2)
        4
        """
        limits = [math.floor(self.cpus / cpus + 1e-9)] if cpus > 0 else []
        if gpus > 0:  # what asks for less than one GPU is not spread over two
            whole = gpus >= 1
            limits.append(math.floor(self.gpus / gpus) if whole else int(self.gpus) * math.floor(1 / gpus + 1e-9))
        return min(limits, default=max(1, int(self.cpus)))


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """What a cluster file promises; made by `read_cluster`."""

    path: str
    provider: str
    name: str
    workers: tuple[NodeType, ...]
    max_workers: int
    idle_minutes: float
    head_hourly_price: float
    python: str
    ray: str
    """The version that a RayJob names; nothing elsewhere, where constraints.txt decides."""
    start_minutes: float
    cost_cap: float
    currency: str
    prices_as_of: str
    prices_source: str


def read_cluster(path: str | Path) -> Cluster:
    """Read a cluster file: ours, or any for Ray with the block `metadata.study`, or a RayJob with that as annotation.

    Raises:
        BadInput: there is no such file, it is not YAML, or what `study submit` needs is missing or of the wrong type.
    """
    given = read_first_document(path)
    if is_rayjob(path):
        priced = PricedNodes.of_rayjob(read_in_part(GivenRayJob, given).value)
        file: RayFile | RayJobFile = _read(RayJobFile, given, priced)
    else:
        priced = PricedNodes.of_ray_file(read_in_part(GivenRayFile, given).value)
        file = _read(RayFile, _without_head(given), priced)
    if isinstance(file, RayJobFile):
        block, provider = file.metadata.annotations.plan, "kuberay"
        workers = {group.name: _of_group(group) for group in file.spec.cluster.groups}
    else:
        block, provider = file.metadata.study, file.provider.type
        workers = _machines(file) if provider == "local" else _workers(file)
    together = sum(worker.max_nodes for worker in workers.values())
    return Cluster(
        path=str(path),
        provider=provider,
        name=file.metadata.name if isinstance(file, RayJobFile) else file.cluster_name,
        workers=tuple(worker.priced(name, block.prices.hourly[name]) for name, worker in workers.items()),
        max_workers=_most_workers(file, together),
        idle_minutes=file.spec.idle_minutes if isinstance(file, RayJobFile) else file.idle_minutes,
        head_hourly_price=block.prices.hourly["head"],
        python=block.python,
        ray=file.spec.cluster.ray if isinstance(file, RayJobFile) else "",
        start_minutes=block.start_minutes,
        cost_cap=block.cap,
        currency=block.prices.currency,
        prices_as_of=block.prices.as_of,
        prices_source=block.prices.source,
    )


F = TypeVar("F", RayFile, RayJobFile)


def _read(kind: type[F], given: dict[str, Any], priced: PricedNodes) -> F:
    """A file's values; every mistake at once, also of what its prices and its types of node say of each other."""
    faults, file = list[Fault](), None
    try:
        file = from_plain(kind, given)
    except BadValues as error:
        faults += error.faults
    faults += [f for f in priced.faults() if not any(f.lies_within(g.at) for g in faults)]
    if faults or file is None:
        raise bad_values(faults, None)
    return file


def read_first_document(path: str | Path) -> dict[str, Any]:
    """The first document of a YAML file, as YAML has it; what names its values is text.

    Raises:
        BadInput: it cannot be read, or holds no mapping.
    """
    first = next(iter(read_documents(path)), None)
    if not isinstance(first, dict):
        raise BadInput("--cluster", str(path), "expected a mapping, as in cluster.yaml")
    return first


FIRST_FILE = (
    "name one by --cluster; docs/guides/cluster-local.md has one for machines that you have, cluster-aws.md, "
    "cluster-gcp.md and cluster-kuberay.md for clouds"
)
"""What whoever has no cluster file does."""


def read_documents(path: str | Path) -> list[Any]:
    """All documents of a YAML file.

    Raises:
        BadInput: it cannot be read; names the line.
    """
    file = Path(path)
    try:
        text = decoded(file, data := file.read_bytes())
        seen = itertools.count()
        return [_named_by_text(document, seen) for document in yaml.load_all(text, LOADER)]
    except FileNotFoundError:
        raise NotFound("cluster file", str(path), FIRST_FILE) from None
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        raise BadInput("--cluster", str(path), f"the file cannot be read: {why}") from None
    except yaml.YAMLError as error:
        raise file_error(file, *not_yaml(error, data)) from None
    except NO_VALUE:
        raise file_error(file, *odd_scalar(text)) from None
    except RecursionError:
        raise file_error(file, 1, "", "it is nested too deeply, or its aliases hold themselves") from None


MAX_VALUES = 100_000
"""Of a cluster file, with what aliases repeat."""


def _named_by_text(value: Any, seen: Iterator[int]) -> Any:
    if next(seen) > MAX_VALUES:
        raise RecursionError
    if isinstance(value, dict):
        return {str(name): _named_by_text(inner, seen) for name, inner in value.items()}
    return [_named_by_text(inner, seen) for inner in value] if isinstance(value, list) else value


def is_rayjob(path: str | Path) -> bool:
    """Whether a cluster file is one for KubeRay.

    Raises:
        BadInput: it cannot be read, or holds no mapping.
    """
    return read_in_part(GivenRayJob, read_first_document(path)).value.kind in ("RayJob", "RayCluster")


def _without_head(given: dict[str, Any]) -> dict[str, Any]:
    """A file for `ray up` without the head's type of node; machines of one's own have no types."""
    file = read_in_part(GivenRayFile, given).value
    if file.provider.type == "local":
        return {**given, "available_node_types": {}}
    rest: dict[str, Any] = without(given, [("available_node_types", file.head_node_type or "")])
    return rest


@dataclass(frozen=True)
class _Worker:
    """A type of node before its price is known."""

    resources: Mapping[str, float]
    max_nodes: int
    gpu: str = ""
    min_nodes: int = 0

    def priced(self, name: str, hourly_price: float) -> NodeType:
        cpus, gpus = self.resources.get("CPU", 0.0), self.resources.get("GPU", 0.0)
        return NodeType(
            name=name,
            cpus=cpus,
            gpus=gpus,
            max_nodes=self.max_nodes,
            hourly_price=hourly_price,
            gpu=self.gpu,
            min_nodes=self.min_nodes,
        )


def _machines(file: RayFile) -> dict[str, _Worker]:
    """Machines of one's own, all alike; what each has, our block alone says."""
    held = file.metadata.study.worker_resources
    gpu = accelerators.gpu_of(accelerators.GpuWords(resources=tuple(held)))
    there = len(file.provider.worker_ips)
    least = min(there, file.most_workers, there if file.min_workers is None else int(file.min_workers))
    return {"worker": _Worker(held, there, gpu, least)}


def _workers(file: RayFile) -> dict[str, _Worker]:
    workers = {}
    for name, entry in file.available_node_types.items():
        most = file.most_workers if entry.max_workers is None else int(entry.max_workers)
        workers[name] = _Worker(entry.resources, most, _node_gpu(entry), int(entry.min_workers))
    return workers


def _of_group(group: WorkerGroup) -> _Worker:
    gpu = _group_gpu(group) if group.gpus else ""
    held = {"CPU": float(group.cpus), "GPU": float(group.gpus)}
    least = max(group.min_replicas, group.replicas)
    return _Worker(held, int(group.max_replicas * group.hosts), gpu, int(least * group.hosts))


def _most_workers(file: RayFile | RayJobFile, together: int) -> int:
    """Workers that there may be at once, `together` of all types."""
    return together if isinstance(file, RayJobFile) else min(together, file.most_workers)


def _node_gpu(entry: NodeEntry) -> str:
    """The GPU of an entry of `available_node_types`: what its resources or labels say, else by its cloud's settings."""
    config = entry.node_config
    machine = config.instance_type or config.machine_type
    return accelerators.gpu_of(
        accelerators.GpuWords(tuple(entry.resources), entry.labels.accelerator_type, config.accelerators, (machine,))
    )


def _group_gpu(group: WorkerGroup) -> str:
    """The GPU of a worker group of a RayJob: what its resources or labels say, else by what its pods select."""
    wanted = group.template.spec.node_selector
    named, machines = (
        [wanted[label] for label in labels if label in wanted]
        for labels in (accelerators.GPU_LABELS, accelerators.MACHINE_LABELS)
    )
    return accelerators.gpu_of(
        accelerators.GpuWords(tuple(group.resources), group.labels.accelerator_type, tuple(named), tuple(machines))
    )
