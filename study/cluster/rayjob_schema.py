"""What a RayJob may say, level by level: names of settings, and what each takes.

After KubeRay's reference of `ray.io/v1` for 1.7.0, and Kubernetes' of pods; a setting that is newer than the operator
is refused by the API server when the job is created, before any node is there. The checking is done by
`study.cluster.check_rayjob`.
"""

from __future__ import annotations

from collections.abc import Mapping

from study.cluster.setting_kinds import (
    AMOUNTS,
    FROM_0,
    FROM_1,
    LIST,
    MAP,
    NAMES,
    NUMBER,
    RUNTIME_ENV,
    SWITCH,
    TEXT,
    TEXTS,
    SettingKind,
    level,
    levels,
    named,
    one_of,
)

MANAGERS = one_of("ray.io/kuberay-operator", "kueue.x-k8s.io/multikueue")
PULLING = one_of("Always", "IfNotPresent", "Never")
RESOURCES: Mapping[str, SettingKind] = {"claims": LIST, "limits": AMOUNTS, "requests": AMOUNTS}

CONTAINER: Mapping[str, SettingKind] = named("""
    args command env envFrom image imagePullPolicy lifecycle livenessProbe name ports readinessProbe resizePolicy
    resources restartPolicy restartPolicyRules securityContext startupProbe stdin stdinOnce terminationMessagePath
    terminationMessagePolicy tty volumeDevices volumeMounts workingDir
""") | {"image": TEXT, "imagePullPolicy": PULLING, "resources": level(RESOURCES), "volumeMounts": NAMES}
POD: Mapping[str, SettingKind] = named("""
    activeDeadlineSeconds affinity automountServiceAccountToken containers dnsConfig dnsPolicy enableServiceLinks
    ephemeralContainers hostAliases hostIPC hostNetwork hostPID hostUsers hostname hostnameOverride imagePullSecrets
    initContainers nodeName nodeSelector os overhead preemptionPolicy priority priorityClassName readinessGates
    resourceClaims resources restartPolicy runtimeClassName schedulerName schedulingGates securityContext serviceAccount
    serviceAccountName setHostnameAsFQDN shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations
    topologySpreadConstraints volumes workloadRef
""") | {
    "containers": levels(CONTAINER),
    "nodeSelector": TEXTS,
    "volumes": NAMES,
    "serviceAccountName": TEXT,
    "restartPolicy": one_of("Never"),
}  # as autoscaler 2 wants it
TEMPLATE: Mapping[str, SettingKind] = {"metadata": MAP, "spec": level(POD)}
_GROUP: Mapping[str, SettingKind] = {
    "labels": TEXTS,
    "rayStartParams": TEXTS,
    "resources": TEXTS,
    "template": level(TEMPLATE),
}
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
    "imagePullPolicy": PULLING,
    "resources": MAP,
    "securityContext": MAP,
    "upscalingMode": one_of("Default", "Aggressive", "Conservative"),
    "version": one_of("v1", "v2"),
    "volumeMounts": LIST,
}
CLUSTER: Mapping[str, SettingKind] = {
    "authOptions": level(AUTH),
    "autoscalerOptions": level(AUTOSCALER),
    "enableInTreeAutoscaling": SWITCH,
    "gcsFaultToleranceOptions": MAP,
    "headGroupSpec": level(HEAD),
    "headServiceAnnotations": TEXTS,
    "historyServerOptions": MAP,
    "managedBy": MANAGERS,
    "networkPolicy": MAP,
    "rayVersion": TEXT,
    "suspend": SWITCH,
    "tlsOptions": MAP,
    "upgradeStrategy": MAP,
    "workerGroupSpecs": levels(GROUP),
}
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
    "managedBy": MANAGERS,
    "metadata": TEXTS,
    "preRunningDeadlineSeconds": FROM_1,
    "rayClusterSpec": level(CLUSTER),
    "runtimeEnvYAML": RUNTIME_ENV,
    "shutdownAfterJobFinishes": SWITCH,
    "submissionMode": one_of("K8sJobMode", "HTTPMode", "SidecarMode"),  # InteractiveMode waits for somebody's hands
    "submitterConfig": MAP,
    "submitterPodTemplate": MAP,
    "suspend": SWITCH,
    "ttlSecondsAfterFinished": FROM_0,
}
RAYJOB: Mapping[str, SettingKind] = {**named("apiVersion kind status"), "metadata": MAP, "spec": level(JOB)}
"""The document."""
