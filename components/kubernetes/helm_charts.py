"""The Helm charts of the ingress controllers, and their values. Pure data.

Versions are pinned. The values come from `values.yaml` in each chart's repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.kubernetes.client_address import (
    Proxies,
    contour_values,
    haproxy_config,
    traefik_values,
)
from components.kubernetes.load_balancer import LoadBalancer
from components.kubernetes.manifest import LINUX, PodSecurity

ALB_NAMESPACE = "azure-alb-system"
ALB_SERVICE_ACCOUNT = "alb-controller-sa"
"""The chart's own name ("Deploy Application Gateway for Containers ALB Controller - Helm")."""

REPLICAS = 2
"""Replicas of each proxy, so that one may stop with its node."""


@dataclass(frozen=True)
class Chart:
    """A chart, pinned to a version."""

    name: str
    """The name in the repository, or the full reference in an OCI registry."""
    version: str
    repository: str | None
    """None for a chart in an OCI registry."""
    namespace: str
    pod_security: PodSecurity
    """The level of the Pod Security Standards that its pods meet."""
    request_ports: tuple[int, ...] = ()
    """The ports of its pods for HTTP and HTTPS requests, by the chart's `values.yaml`; none for a
    controller that only configures a gateway outside the cluster."""
    images: tuple[str, ...] = ()
    """The repositories of its images, by the chart's templates and `values.yaml`."""


CHARTS: Mapping[str, Chart] = {
    # traefik/traefik-helm-chart 2026-08-21: Traefik 3.7.11. Non-root, no capabilities.
    "traefik": Chart(
        "traefik",
        "41.3.0",
        "https://traefik.github.io/charts",
        "traefik",
        "restricted",
        (8000, 8443),
        images=("docker.io/traefik",),
    ),
    # projectcontour/helm-charts 2026-08-13: Contour 1.33.6. (Bitnami's chart is no longer free.)
    "contour": Chart(
        "contour",
        "0.7.0",
        "https://projectcontour.github.io/helm-charts/",
        "projectcontour",
        "baseline",
        (8080, 8443),
        images=("ghcr.io/projectcontour/contour", "docker.io/envoyproxy/envoy"),
    ),
    # haproxytech/helm-charts 2026-07-21: controller 3.2.12. Asks for NET_BIND_SERVICE.
    "haproxy": Chart(
        "kubernetes-ingress",
        "1.52.1",
        "https://haproxytech.github.io/helm-charts",
        "haproxy-controller",
        "baseline",
        (8080, 8443),
        images=("docker.io/haproxytech/kubernetes-ingress",),
    ),
    # for-containers/alb-controller-release-notes 2026-09-08: needs Kubernetes 1.32.
    "application-gateway-for-containers": Chart(
        "oci://mcr.microsoft.com/application-lb/charts/alb-controller",
        "1.12.1",
        None,
        ALB_NAMESPACE,
        "baseline",
        images=("mcr.microsoft.com/application-lb/images/alb-controller",),
    ),
}
"""By the setting `ingress.controller`."""


def chart_values(
    controller: str, class_name: str, load_balancer: LoadBalancer, proxies: Proxies
) -> dict[str, Any]:
    """The values of a chart: ingress class, load balancer, and Linux nodes for all pods.

    `controller` is the setting `ingress.controller`.
    """
    by_controller = {"traefik": _traefik, "contour": _contour, "haproxy": _haproxy}
    return by_controller[controller](class_name, load_balancer.annotations(), proxies)


def alb_controller_values(client_id: Any) -> dict[str, Any]:
    """The values of the ALB controller's chart.

    `client_id` is that of the controller's identity; it may be an output. The chart sets the number
    of replicas itself (for-containers/faq).
    """
    return {
        "albController": {
            "namespace": ALB_NAMESPACE,
            "podIdentity": {"clientID": client_id},
            "controller": {"nodeSelector": dict(LINUX)},
        }
    }


def _traefik(class_name: str, annotations: Mapping[str, str], proxies: Proxies) -> dict[str, Any]:
    return {
        "deployment": {"replicas": REPLICAS},
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
        "ingressClass": {"enabled": True, "name": class_name, "isDefaultClass": False},
        "providers": {
            "kubernetesIngress": {"enabled": True, "ingressClass": class_name},
            "kubernetesCRD": {"enabled": False},
        },
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        "service": {
            "spec": {"type": "LoadBalancer", "externalTrafficPolicy": "Local"},
            "annotations": dict(annotations),
        },
        "nodeSelector": dict(LINUX),
        **traefik_values(proxies),
    }


def _contour(class_name: str, annotations: Mapping[str, str], proxies: Proxies) -> dict[str, Any]:
    return {
        # The job that creates certificates also uses this node selector.
        "contour": {
            "replicaCount": REPLICAS,
            "ingressClass": {"name": class_name, "create": True, "default": False},
            "nodeSelector": dict(LINUX),
        },
        "envoy": {
            "kind": "deployment",
            "replicaCount": REPLICAS,
            "nodeSelector": dict(LINUX),
            "service": {
                "type": "LoadBalancer",
                "externalTrafficPolicy": "Local",
                "annotations": dict(annotations),
            },
        },
        **contour_values(proxies),
    }


def _haproxy(class_name: str, annotations: Mapping[str, str], proxies: Proxies) -> dict[str, Any]:
    return {
        "controller": {
            "replicaCount": REPLICAS,
            "PodDisruptionBudget": {"enable": True, "maxUnavailable": 1},
            "ingressClass": class_name,
            "ingressClassResource": {"name": class_name, "default": False},
            "nodeSelector": dict(LINUX),
            **haproxy_config(proxies),
            "service": {
                "type": "LoadBalancer",
                # Statistics, administration and QUIC must not be reached from outside.
                "enablePorts": {"quic": False, "stat": False, "admin": False},
                # The chart sets appProtocol, by which Azure's load balancer would probe / over HTTP
                # and HTTPS, and the controller answers 404. With Local, kube-proxy answers.
                "externalTrafficPolicy": "Local",
                "annotations": dict(annotations),
            },
        },
        "crdjob": {"nodeSelector": dict(LINUX)},
    }
