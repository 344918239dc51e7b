"""The application routing add-on's own controller object."""

from __future__ import annotations

from components.kubernetes.load_balancer import LoadBalancer
from components.kubernetes.manifest import Manifest, manifest


def nginx_controller(
    class_name: str, load_balancer: LoadBalancer, *, prefix: str = "nginx"
) -> Manifest:
    """A `NginxIngressController` ("Advanced NGINX ingress controller configurations").

    It is cluster-wide; the add-on runs its pods in `app-routing-system`, on Linux nodes, under
    names that begin with `prefix`.
    """
    spec: Manifest = {"ingressClassName": class_name, "controllerNamePrefix": prefix}
    annotations = load_balancer.annotations()
    if annotations:
        spec["loadBalancerAnnotations"] = annotations
    return manifest(
        "approuting.kubernetes.azure.com/v1alpha1",
        "NginxIngressController",
        class_name,
        spec=spec,
    )
