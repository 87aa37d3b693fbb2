"""What a RayJob may say, level by level: names of settings, and what each takes.

After KubeRay's reference of `ray.io/v1` for 1.7.0, and Kubernetes' of pods; a setting that is newer than the operator
is refused by the API server when the job is created, before any node is there. The checking is done by
`study.cluster.check_rayjob`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from study.cluster.cluster_file import nearest_key

ProblemFound = tuple[str, str]


@dataclass(frozen=True)
class SettingKind:
    """What a setting takes, in words and as a test."""

    words: str
    fits: Callable[[Any], bool]


def one_of(*names: str) -> SettingKind:
    """One of some words."""
    return SettingKind("one of " + ", ".join(names), lambda value: value in names)


def _whole(least: int) -> SettingKind:
    return SettingKind(
        f"a whole number from {least} upwards",
        lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= least,
    )


def _named(names: str) -> dict[str, SettingKind]:
    return dict.fromkeys(names.split(), ANY)


def _is_quantity(value: Any) -> bool:
    return not isinstance(value, bool) and QUANTITY.fullmatch(str(value)) is not None


QUANTITY = re.compile(r"\d+(\.\d*)?([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?")
TEXT = SettingKind("text (a number in quotes)", lambda value: isinstance(value, str))
SWITCH = SettingKind("true or false", lambda value: isinstance(value, bool))
MAP = SettingKind("a mapping", lambda value: isinstance(value, dict))
TEXTS = SettingKind(
    "a mapping of text (numbers in quotes)",
    lambda value: isinstance(value, dict) and all(isinstance(v, str) for v in value.values()),
)
LIST = SettingKind("a list", lambda value: isinstance(value, list))
NUMBER = SettingKind("a number", lambda value: isinstance(value, int | float) and not isinstance(value, bool))
AMOUNTS = SettingKind(
    "a mapping of quantities such as 3, 500m or 12Gi",
    lambda value: isinstance(value, dict) and all(_is_quantity(v) for v in value.values()),
)
FROM_0, FROM_1 = _whole(0), _whole(1)
ANY = SettingKind("anything", lambda value: True)

JOB: Mapping[str, SettingKind] = {
    "activeDeadlineSeconds": FROM_1,
    "backoffLimit": FROM_0,
    "clusterSelector": TEXTS,
    "deletionStrategy": MAP,
    "entrypoint": TEXT,
    "entrypointNumCpus": NUMBER,
    "entrypointNumGpus": NUMBER,
    "entrypointResources": TEXT,
    "jobId": TEXT,
    "managedBy": one_of("ray.io/kuberay-operator", "kueue.x-k8s.io/multikueue"),
    "metadata": TEXTS,
    "preRunningDeadlineSeconds": FROM_1,
    "rayClusterSpec": MAP,
    "runtimeEnvYAML": TEXT,
    "shutdownAfterJobFinishes": SWITCH,
    "submissionMode": one_of("K8sJobMode", "HTTPMode", "SidecarMode"),  # InteractiveMode waits for somebody's hands
    "submitterConfig": MAP,
    "submitterPodTemplate": MAP,
    "suspend": SWITCH,
    "ttlSecondsAfterFinished": FROM_0,
}
CLUSTER: Mapping[str, SettingKind] = {
    "authOptions": MAP,
    "autoscalerOptions": MAP,
    "enableInTreeAutoscaling": SWITCH,
    "gcsFaultToleranceOptions": MAP,
    "headGroupSpec": MAP,
    "headServiceAnnotations": TEXTS,
    "historyServerOptions": MAP,
    "managedBy": JOB["managedBy"],
    "networkPolicy": MAP,
    "rayVersion": TEXT,
    "suspend": SWITCH,
    "tlsOptions": MAP,
    "upgradeStrategy": MAP,
    "workerGroupSpecs": LIST,
}
AUTH: Mapping[str, SettingKind] = {
    "mode": one_of("disabled", "token"),
    "secretName": TEXT,
    "enableK8sTokenAuth": SWITCH,
}
AUTOSCALER: Mapping[str, SettingKind] = {
    "args": LIST,
    "command": LIST,
    "env": LIST,
    "envFrom": LIST,
    "idleTimeoutSeconds": FROM_0,
    "image": TEXT,
    "imagePullPolicy": one_of("Always", "IfNotPresent", "Never"),
    "resources": MAP,
    "securityContext": MAP,
    "upscalingMode": one_of("Default", "Aggressive", "Conservative"),
    "version": one_of("v1", "v2"),
    "volumeMounts": LIST,
}
_GROUP: Mapping[str, SettingKind] = {"labels": TEXTS, "rayStartParams": TEXTS, "resources": TEXTS, "template": MAP}
HEAD: Mapping[str, SettingKind] = {
    **_GROUP,
    "enableIngress": SWITCH,
    "headService": MAP,
    "ingressOptions": MAP,
    "serviceType": one_of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
}
GROUP: Mapping[str, SettingKind] = {
    **_GROUP,
    "groupName": TEXT,
    "idleTimeoutSeconds": FROM_0,
    "maxReplicas": FROM_0,
    "minReplicas": FROM_0,
    "numOfHosts": FROM_1,
    "priority": NUMBER,
    "replicas": FROM_0,
    "scaleStrategy": MAP,
    "suspend": SWITCH,
}
TEMPLATE: Mapping[str, SettingKind] = {"metadata": MAP, "spec": MAP}
POD: Mapping[str, SettingKind] = _named("""
    activeDeadlineSeconds affinity automountServiceAccountToken containers dnsConfig dnsPolicy enableServiceLinks
    ephemeralContainers hostAliases hostIPC hostNetwork hostPID hostUsers hostname hostnameOverride imagePullSecrets
    initContainers nodeName nodeSelector os overhead preemptionPolicy priority priorityClassName readinessGates
    resourceClaims resources restartPolicy runtimeClassName schedulerName schedulingGates securityContext serviceAccount
    serviceAccountName setHostnameAsFQDN shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations
    topologySpreadConstraints volumes workloadRef
""") | {"nodeSelector": TEXTS, "serviceAccountName": TEXT, "restartPolicy": one_of("Never")}  # as autoscaler 2 wants it
CONTAINER: Mapping[str, SettingKind] = _named("""
    args command env envFrom image imagePullPolicy lifecycle livenessProbe name ports readinessProbe resizePolicy
    resources restartPolicy restartPolicyRules securityContext startupProbe stdin stdinOnce terminationMessagePath
    terminationMessagePolicy tty volumeDevices volumeMounts workingDir
""") | {"image": TEXT, "imagePullPolicy": AUTOSCALER["imagePullPolicy"], "resources": MAP}
RESOURCES: Mapping[str, SettingKind] = {"claims": LIST, "limits": AMOUNTS, "requests": AMOUNTS}


def misfits(values: Any, known: Mapping[str, SettingKind], where: str) -> Iterator[ProblemFound]:
    """Settings that are not known at a level, and those of another kind than they take; null counts as not there."""
    if not isinstance(values, dict):
        yield where, f"got {values!r}; expected a mapping"
        return
    for key, value in values.items():
        if key not in known:
            yield f"{where}.{key}", f"there is no such setting; {nearest_key(key, known)}"
        elif value is not None and not known[key].fits(value):
            yield f"{where}.{key}", f"got {value!r}; expected {known[key].words}"
