"""A RayJob manifest, checked by its structure: what KubeRay, Ray's autoscaler and this project need of it.

KubeRay's own schema is a megabyte that no Python package ships, so the keys below are our own list; the API server
checks the whole when the job is created.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Found = tuple[str, str]

JOB = """
    activeDeadlineSeconds backoffLimit clusterSelector deletionStrategy entrypoint entrypointNumCpus entrypointNumGpus
    entrypointResources jobId managedBy metadata preRunningDeadlineSeconds rayClusterSpec runtimeEnvYAML
    shutdownAfterJobFinishes submissionMode submitterConfig submitterPodTemplate suspend ttlSecondsAfterFinished
"""
CLUSTER = """
    authOptions autoscalerOptions enableInTreeAutoscaling gcsFaultToleranceOptions headGroupSpec headServiceAnnotations
    managedBy networkPolicy rayVersion suspend upgradeStrategy workerGroupSpecs
"""
GROUP = """
    groupName idleTimeoutSeconds labels maxReplicas minReplicas numOfHosts priority rayStartParams replicas resources
    scaleStrategy suspend template
"""
QUANTITY = re.compile(r"\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?")


def kube_problems(documents: Sequence[Mapping[str, Any]]) -> Iterator[Found]:
    """What is wrong with a manifest whose first document is the RayJob."""
    job = documents[0]
    if job.get("apiVersion") != "ray.io/v1" or job.get("kind") != "RayJob":
        yield "kind", "expected a RayJob of ray.io/v1 as the first document"
        return
    spec = job.get("spec") or {}
    yield from _known(spec, JOB, "spec")
    for key in ("entrypoint", "rayClusterSpec"):
        if not spec.get(key):
            yield f"spec.{key}", "it is missing"
    if not spec.get("shutdownAfterJobFinishes"):
        yield "spec.shutdownAfterJobFinishes", "expected true: otherwise the cluster stays, and costs, after the study"
    yield from _cluster(spec.get("rayClusterSpec") or {})
    names = {d.get("kind"): (d.get("metadata") or {}).get("name") for d in documents}
    if "NetworkPolicy" not in names:
        yield "NetworkPolicy", "there is none: every pod of the Kubernetes cluster could reach Ray's ports"


def _cluster(cluster: Mapping[str, Any]) -> Iterator[Found]:
    where = "spec.rayClusterSpec"
    yield from _known(cluster, CLUSTER, where)
    if (cluster.get("authOptions") or {}).get("mode") != "token":
        yield f"{where}.authOptions.mode", "expected token: without it anyone who reaches the ports could run code"
    if cluster.get("enableInTreeAutoscaling") is not True:
        yield f"{where}.enableInTreeAutoscaling", "expected true: no worker would ever start"
    head = cluster.get("headGroupSpec") or {}
    if str((head.get("rayStartParams") or {}).get("num-cpus")) != "0":
        yield f"{where}.headGroupSpec.rayStartParams.num-cpus", 'expected "0": the head runs no trials here'
    yield from _pod(head, f"{where}.headGroupSpec", cluster)
    groups = cluster.get("workerGroupSpecs") or []
    if not groups:
        yield f"{where}.workerGroupSpecs", "there is none"
    for group in groups:
        yield from _group(group, f"{where}.workerGroupSpecs.{group.get('groupName')}", cluster)


def _group(group: Mapping[str, Any], where: str, cluster: Mapping[str, Any]) -> Iterator[Found]:
    yield from _known(group, GROUP, where)
    for key in ("groupName", "minReplicas", "maxReplicas"):
        if group.get(key) is None:
            yield f"{where}.{key}", "it is missing"
    least, replicas, most = (group.get(k, 0) or 0 for k in ("minReplicas", "replicas", "maxReplicas"))
    if not least <= replicas <= most:
        yield where, f"expected minReplicas <= replicas <= maxReplicas, got {least}, {replicas}, {most}"
    yield from _pod(group, where, cluster)


def _pod(group: Mapping[str, Any], where: str, cluster: Mapping[str, Any]) -> Iterator[Found]:
    for key, value in (group.get("rayStartParams") or {}).items():
        if not isinstance(value, str):
            yield f"{where}.rayStartParams.{key}", f"KubeRay takes text only: write {str(value)!r} in quotes"
    pod = (group.get("template") or {}).get("spec") or {}
    containers = pod.get("containers") or []
    if not containers:
        yield f"{where}.template.spec.containers", "there is none"
        return
    ray = containers[0]
    if not ray.get("image"):
        yield f"{where}.image", "it is missing"
    match = re.search(r"rayproject/ray[^:]*:(\d+\.\d+\.\d+)", str(ray.get("image")))
    if match and match[1] != cluster.get("rayVersion"):
        yield f"{where}.image", f"it has Ray {match[1]}, but rayVersion is {cluster.get('rayVersion')}"
    limits, requests = (((ray.get("resources") or {}).get(k)) or {} for k in ("limits", "requests"))
    if limits != requests or not {"cpu", "memory"} <= set(limits):
        yield f"{where}.resources", "expected cpu and memory, requests equal to limits"
    for key, value in limits.items():
        if not QUANTITY.fullmatch(str(value)):
            yield f"{where}.resources.{key}", f"{value!r} is no quantity"
    volumes = {v.get("name") for v in pod.get("volumes") or []}
    for mount in ray.get("volumeMounts") or []:
        if mount.get("name") not in volumes:
            yield f"{where}.volumeMounts", f"there is no volume {mount.get('name')!r}"


def _known(values: Mapping[str, Any], keys: str, where: str) -> Iterator[Found]:
    for key in sorted(set(values) - set(keys.split())):
        yield f"{where}.{key}", "KubeRay has no such setting, as far as this project uses it"
