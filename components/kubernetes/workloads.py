"""Workloads of applications, which meet the pod security level `restricted`.

Sources: Kubernetes, "Pod Security Standards" (restricted) and "Pod Topology Spread Constraints";
Microsoft Learn, "Best practices for advanced scheduler features in AKS".
"""

from __future__ import annotations

from collections.abc import Iterator

from components.kubernetes.manifest import LINUX, Manifest, manifest
from components.settings.kubernetes import Workload

WINDOWS = {"kubernetes.io/os": "windows"}

_SPREAD_OVER = ("topology.kubernetes.io/zone", "kubernetes.io/hostname")


def manifests(namespace: str, workload: Workload) -> Iterator[Manifest]:
    """The Deployment of a workload, and the PodDisruptionBudget that limits it during drains."""
    yield _deployment(namespace, workload)
    yield manifest(
        "policy/v1",
        "PodDisruptionBudget",
        workload.app,
        namespace,
        # `maxUnavailable`, not `minAvailable`: a single replica must not block an upgrade.
        spec={"maxUnavailable": 1, "selector": {"matchLabels": {"app": workload.app}}},
    )


def _deployment(namespace: str, workload: Workload) -> Manifest:
    labels = {"app": workload.app}
    return manifest(
        "apps/v1",
        "Deployment",
        workload.app,
        namespace,
        spec={
            "replicas": workload.replicas,
            "selector": {"matchLabels": labels},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
            },
            "template": {"metadata": {"labels": labels}, "spec": _pod(workload)},
        },
    )


def _pod(workload: Workload) -> Manifest:
    windows = workload.os == "Windows"
    pod: Manifest = {
        "automountServiceAccountToken": False,
        "nodeSelector": dict(WINDOWS if windows else LINUX),
        "os": {"name": workload.os.lower()},
        "securityContext": _pod_security(workload),
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": key,
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app": workload.app}},
            }
            for key in _SPREAD_OVER
        ],
        "containers": [_container(workload)],
    }
    if not windows and workload.writable:
        pod["volumes"] = [
            {"name": f"writable-{number}", "emptyDir": {}}
            for number in range(len(workload.writable))
        ]
    return pod


def _pod_security(workload: Workload) -> Manifest:
    if workload.os == "Windows":
        return {"runAsNonRoot": True, "windowsOptions": {"runAsUserName": "ContainerUser"}}
    security: Manifest = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    if workload.user is not None:
        security["runAsUser"] = workload.user
    return security


def _container(workload: Workload) -> Manifest:
    probe: Manifest = {"httpGet": {"path": workload.health_path, "port": "http"}}
    container: Manifest = {
        "name": workload.app,
        "image": workload.image,
        "ports": [{"name": "http", "containerPort": workload.port, "protocol": "TCP"}],
        "resources": {
            "requests": {"cpu": workload.cpu, "memory": workload.memory},
            "limits": {"memory": workload.memory},
        },
        "startupProbe": {**probe, "periodSeconds": 2, "failureThreshold": 60},
        "readinessProbe": {**probe, "periodSeconds": 5},
        "livenessProbe": {**probe, "periodSeconds": 10, "failureThreshold": 6},
    }
    if workload.environment:
        container["env"] = [
            {"name": name, "value": value} for name, value in workload.environment.items()
        ]
    if workload.os == "Linux":  # Windows refuses pods that set these.
        container["securityContext"] = {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        }
        if workload.writable:
            container["volumeMounts"] = [
                {"name": f"writable-{number}", "mountPath": path}
                for number, path in enumerate(workload.writable)
            ]
    return container
