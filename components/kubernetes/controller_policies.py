"""The network policies of an ingress controller's own namespace. Pure data.

Everyone may connect to a controller on its ports for requests: the load balancer's source ranges
and the security groups decide who gets that far. Nobody outside the namespace reaches its other
ports, such as metrics and configuration. The policies leave outbound connections alone, because
charts and add-ons do not document which ones they need.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components.kubernetes.manifest import NAMESPACE_NAME, Manifest
from components.kubernetes.network_policies import DENY_ALL, policy


def controller_policies(
    namespace: str, request_ports: Sequence[int], *, webhooks_from: Sequence[str] = ()
) -> Iterator[Manifest]:
    """The policies of a controller's namespace.

    `request_ports` are the TCP ports of its pods for requests; none for a controller that serves
    none. `webhooks_from` are the ranges of an API server inside the network. It calls webhooks from
    there; any other API server calls them through the tunnel's pods in `kube-system`.
    """
    yield policy(namespace, DENY_ALL, podSelector={}, policyTypes=["Ingress"])
    yield _ingress(namespace, "allow-same-namespace", {"from": [{"podSelector": {}}]})
    if request_ports:
        ports = [{"protocol": "TCP", "port": port} for port in request_ports]
        yield _ingress(namespace, "allow-requests", {"ports": ports})
        return
    tunnel = {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: "kube-system"}}}
    ranges = [{"ipBlock": {"cidr": cidr}} for cidr in webhooks_from]
    yield _ingress(namespace, "allow-api-server", {"from": [tunnel, *ranges]})


def _ingress(namespace: str, name: str, rule: Manifest) -> Manifest:
    return policy(namespace, name, podSelector={}, policyTypes=["Ingress"], ingress=[rule])
