"""A RayJob manifest, checked by its structure: what KubeRay, Ray's autoscaler and this project need of it.

KubeRay's own schema is a megabyte that no Python package ships: `study.cluster.rayjob_schema` is our list of its
settings. What lies deeper (probes, affinities) is the API server's to check; it does so when the job is created.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from study.cluster.cluster_file import read_documents, read_first_document
from study.cluster.rayjob_schema import RAYJOB
from study.cluster.rayjob_settings import GivenCluster, GivenContainer, GivenGroup, GivenJob, GivenPod, GivenRayJob
from study.cluster.setting_kinds import misfits
from study.spec.faults import Fault, Place
from study.spec.values import read_in_part, without
from trainables.config.errors import spelled

NAME = re.compile(r"[a-z]([-a-z0-9]{0,45}[a-z0-9])?")
"""What KubeRay takes as the name of a RayJob."""

PLACEHOLDERS = {
    "registry.example.org": "the image of cluster/Dockerfile in your own registry",
    ":000000000000:": "the role that may use your bucket, or another annotation than this",
}
"""What the shipped file says where only its user knows better; and what belongs there."""


def rayjob_faults(path: str | Path) -> list[Fault]:
    """What is wrong with a manifest whose first document is the RayJob; the file is there, and is YAML."""
    given = [document for document in read_documents(path) if document]
    found = list(misfits(read_first_document(path), RAYJOB))
    first = read_in_part(GivenRayJob, without(read_first_document(path), (f.at for f in found)))
    job, others = first.value, [read_in_part(GivenRayJob, document) for document in given[1:]]
    found += first.faults
    if job.api_version != "ray.io/v1" or job.kind != "RayJob":
        what = f"{spelled(job.kind)} of {spelled(job.api_version)}"
        return [
            Fault(("kind",), None, f"got {what}; expected a RayJob of ray.io/v1 as the first document", absent=True)
        ]
    kinds = {other.value.kind for other in others if isinstance(other.value.kind, str)}
    wrong = _not_so(job, guarded="NetworkPolicy" in kinds)
    return [*found, *(f for f in wrong if not any(f.lies_within(g.at) for g in found))]


def placeholders(text: str) -> Iterator[str]:
    """Say what of a manifest's text its user has yet to replace."""
    for line in text.splitlines():
        yield from (f"{line.strip()!r}: write {right} there" for sign, right in PLACEHOLDERS.items() if sign in line)


def _missing(at: Place, why: str = "") -> Fault:
    return Fault(at, None, "it is missing" + why, absent=True)


def _expected(at: Place, value: object, expected: str) -> Fault:
    return _missing(at, f"; expected {expected}") if value is None else Fault(at, value, f"expected {expected}")


def _not_so(job: GivenRayJob, *, guarded: bool) -> Iterator[Fault]:
    """What is not as it should be of settings that are of the right kind; `guarded`: by a NetworkPolicy beside it."""
    if not NAME.fullmatch(job.metadata.name or ""):
        yield _expected(
            ("metadata", "name"), job.metadata.name, "at most 47 small letters, digits and dashes, a letter first"
        )
    yield from _job(job.spec, ("spec",))
    cluster = job.spec.cluster or GivenCluster()
    if not guarded and not cluster.network_policy:
        why = "there is none: every pod of the Kubernetes cluster could reach Ray's ports"
        yield Fault(("NetworkPolicy",), None, why, absent=True)


def _job(job: GivenJob, at: Place) -> Iterator[Fault]:
    if not job.entrypoint:
        yield _missing((*at, "entrypoint"))
    if job.shutdown is not True:
        why = "true: otherwise the cluster stays, and costs, after the study"
        yield _expected((*at, "shutdownAfterJobFinishes"), job.shutdown, why)
    if job.backoff_limit:
        why = "expected 0: each further attempt costs as much again, and the cap counts one"
        yield Fault((*at, "backoffLimit"), job.backoff_limit, why)
    if job.suspend:
        yield Fault((*at, "suspend"), True, "expected false: the study would not start")
    if job.deletion.deletion_rules:
        where = (*at, "deletionStrategy", "deletionRules")
        yield Fault(where, None, "KubeRay takes them only without shutdownAfterJobFinishes", absent=True)
    if job.cluster_selector:
        why = "it would run the study on another cluster than the one below it"
        yield Fault((*at, "clusterSelector"), None, why, absent=True)
    if job.cluster is None:
        yield _missing((*at, "rayClusterSpec"))
    else:
        yield from _cluster(job.cluster, (*at, "rayClusterSpec"))


def _cluster(cluster: GivenCluster, at: Place) -> Iterator[Fault]:
    access = (*at, "authOptions")
    if cluster.access.mode != "token":
        why = "token: without it anyone who reaches the ports could run code"
        yield _expected((*access, "mode"), cluster.access.mode, why)
    if cluster.access.kubernetes_token:
        yield Fault((*access, "enableK8sTokenAuth"), True, "expected false: KubeRay refuses it in a RayJob")
    if not cluster.ray_version:
        yield _missing((*at, "rayVersion"), ": KubeRay wants it for the token")
    if cluster.suspend:
        yield Fault((*at, "suspend"), True, "expected false: no node would start")
    if cluster.autoscaling is not True:
        why = "true: no worker would ever start"
        yield _expected((*at, "enableInTreeAutoscaling"), cluster.autoscaling, why)
    head = (*at, "headGroupSpec")
    cpus = cluster.head.resources.get("CPU", cluster.head.flags.cpus)
    if cpus != "0":
        yield _expected((*head, "rayStartParams", "num-cpus"), cpus, '"0": the head runs no trials here')
    yield from _pod(cluster.head, head, cluster)
    names = [group.group_name for group in cluster.groups]
    if not names:
        yield Fault((*at, "workerGroupSpecs"), None, "there is none", absent=True)
    for name in sorted({n for n in names if n and names.count(n) > 1}):
        yield Fault((*at, "workerGroupSpecs"), None, f"there are two groups {name!r}", absent=True)
    for number, group in enumerate(cluster.groups):
        yield from _group(group, (*at, "workerGroupSpecs", number), cluster)


def _group(group: GivenGroup, at: Place, cluster: GivenCluster) -> Iterator[Fault]:
    needed = {"groupName": group.group_name, "minReplicas": group.min_replicas, "maxReplicas": group.max_replicas}
    yield from (_missing((*at, name)) for name, value in needed.items() if value is None)
    least, replicas, most = (n or 0 for n in (group.min_replicas, group.replicas, group.max_replicas))
    if group.max_replicas is not None and not least <= replicas <= most:
        got = f"got {least}, {replicas}, {most}; expected minReplicas <= replicas <= maxReplicas"
        yield Fault((*at, "maxReplicas"), None, got, absent=True)
    if group.suspend:
        yield Fault((*at, "suspend"), True, "expected false: KubeRay refuses it beside autoscaling")
    yield from _pod(group, at, cluster)


def _pod(group: GivenGroup, at: Place, cluster: GivenCluster) -> Iterator[Fault]:
    if group.resources and group.flags.tells_resources:
        why = "KubeRay takes them there or in rayStartParams, not in both"
        yield Fault((*at, "resources"), None, why, absent=True)
    if group.flags.labels is not None:
        why = "KubeRay takes them under labels of the group only"
        yield Fault((*at, "rayStartParams", "labels"), None, why, absent=True)
    pod, where = group.template.spec, (*at, "template", "spec", "containers")
    if pod.containers:
        yield from _ray(pod.containers[0], (*where, 0), cluster, pod)
    else:
        yield Fault(where, None, "there is none", absent=True)


def _ray(container: GivenContainer, at: Place, cluster: GivenCluster, pod: GivenPod) -> Iterator[Fault]:
    if not container.image:
        yield _missing((*at, "image"))
    match = re.search(r"rayproject/ray[^:]*:(\d+\.\d+\.\d+)", container.image or "")
    if match and match[1] != cluster.ray_version:
        yield Fault((*at, "image"), container.image, f"it has Ray {match[1]}, but rayVersion is {cluster.ray_version}")
    resources = container.resources
    if resources.limits != resources.requests or not {"cpu", "memory"} <= set(resources.limits):
        yield Fault((*at, "resources"), None, "expected cpu and memory, requests equal to limits", absent=True)
    volumes = {volume.name for volume in pod.volumes}
    for number, mount in enumerate(container.volume_mounts):
        if mount.name not in volumes:
            why = f"there is no volume {mount.name!r}" if mount.name else "it does not name a volume"
            yield Fault((*at, "volumeMounts", number), None, why, absent=True)
