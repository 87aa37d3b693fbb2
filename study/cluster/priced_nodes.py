"""Whether each type of node of a cluster file has its price, and each price its type of node.

Not here: what the block of prices says by itself (`study.cluster.study_block`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from study.cluster.ray_settings import GivenRayFile
from study.cluster.rayjob_settings import GivenRayJob
from study.cluster.study_block import GivenBlock
from study.spec.faults import Fault, Place, closest


@dataclass(frozen=True, kw_only=True)
class PricedNodes:
    """What a cluster file says of its workers' types and of their prices."""

    types: frozenset[str]
    """Of its workers; none where the file does not tell."""
    block: GivenBlock
    at: Place
    """Where the block stands."""
    machines: bool = False
    """Whether they are of one's own, of which nothing else says what they have."""

    @classmethod
    def of_ray_file(cls, file: GivenRayFile) -> PricedNodes:
        """What a file for `ray up` says."""
        machines = file.provider.type == "local"
        types = {"worker"} if machines else set(file.node_types) - {file.head_node_type}
        return cls(types=frozenset(types), block=file.metadata.study, at=("metadata", "study"), machines=machines)

    @classmethod
    def of_rayjob(cls, job: GivenRayJob) -> PricedNodes:
        """What a RayJob says."""
        types = frozenset(group.group_name for group in job.spec.worker_groups if group.group_name)
        return cls(types=types, block=job.metadata.annotations.plan, at=("metadata", "annotations", "study/plan"))

    def faults(self) -> Iterator[Fault]:
        """What does not fit."""
        at = (*self.at, "prices", "hourly")
        known = {"head", *self.types}
        hourly = self.block.prices.hourly
        if hourly and self.types:
            for name in sorted(known - set(hourly)):
                what = "it is missing; expected what a node of this type costs an hour"
                yield Fault((*at, name), None, what, absent=True)
            for name in sorted(set(hourly) - known):
                yield Fault((*at, name), hourly[name], f"there is no such type of node{closest(name, sorted(known))}")
        if self.machines and not self.block.worker_resources:
            what = "it is missing; expected what one machine has, as {CPU: 8, GPU: 1}"
            yield Fault((*self.at, "worker_resources"), None, what, absent=True)
