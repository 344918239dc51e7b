"""The health probes by which Azure's load balancer decides whether it sends requests to a node.

Sources: Microsoft Learn, aks/configure-load-balancer-standard, "Customize the load balancer health
probe"; kubernetes-sigs/cloud-provider-azure, pkg/provider/azure_loadbalancer.go. A probe over HTTP
or HTTPS succeeds with status 200 only.
"""

from __future__ import annotations

from collections.abc import Mapping

from analysis.load_balancers.load_balancer import PORT_PREFIX, PREFIX, LoadBalancer


def failing_probes(load_balancer: LoadBalancer) -> Mapping[tuple[str, int], str]:
    """Why no node passes the probe of a port, by protocol and port; nothing for ports that work.

    An ingress controller answers `/` with 404, because no Ingress matches the probe's host. What
    another Service answers is not known, so that it is taken for 200.
    """
    if not load_balancer.classes or _by_node(load_balancer):
        return {}
    return {
        (protocol, port): (
            f"the load balancer's health probe requests / over {probed.upper()} on port {port}, and"
            " the controller answers 404"
        )
        for protocol, port in load_balancer.ports
        if protocol == "tcp"
        and (probed := _protocol(load_balancer, port)) != "tcp"
        and _path(load_balancer, port) == "/"
    }


def _by_node(load_balancer: LoadBalancer) -> bool:
    """Whether kube-proxy answers one probe for all ports; it comes before every other setting."""
    return load_balancer.service.get("externalTrafficPolicy") == "Local"


def _protocol(load_balancer: LoadBalancer, port: int) -> str:
    """The annotation of the port, then `appProtocol`, then the annotation for all ports."""
    annotations = load_balancer.annotations
    wanted = (
        annotations.get(f"{PORT_PREFIX}{port}_health-probe_protocol")
        or load_balancer.app_protocols.get(("tcp", port))
        or annotations.get(f"{PREFIX}-health-probe-protocol")
        or "tcp"
    )
    lowered = str(wanted).lower()
    return lowered if lowered in {"http", "https"} else "tcp"


def _path(load_balancer: LoadBalancer, port: int) -> str:
    annotations = load_balancer.annotations
    return str(
        annotations.get(f"{PORT_PREFIX}{port}_health-probe_request-path")
        or annotations.get(f"{PREFIX}-health-probe-request-path")
        or "/"
    )
