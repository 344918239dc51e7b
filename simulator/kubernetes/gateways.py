"""What application routing makes of a Gateway: a load balancer, or nothing at all.

An API server accepts a Gateway of any class. Without a controller for the class, or with an address
that another Service has, the Gateway is never programmed. Sources: Microsoft Learn,
azure/aks/app-routing-gateway-api; kubernetes-sigs/cloud-provider-azure, "Azure LoadBalancer"
(Services share an address only with different ports).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.azure import identifiers
from simulator.azure.namespaces.containerservice.addons import runs_app_routing_istio
from simulator.store import MemoryStore, Resource
from support.nested import at, items, mapping

CLASS = "approuting-istio"
FIXED_ADDRESS = "service.beta.kubernetes.io/azure-load-balancer-ipv4"
WAIT_FOR = "pulumi.com/waitFor"
_PROGRAMMED = "condition=Programmed"


def is_awaited(manifest: Mapping[str, Any]) -> bool:
    """Whether pulumi-kubernetes waits until a Gateway is programmed."""
    annotations = mapping(manifest, "metadata", "annotations")
    return manifest.get("kind") == "Gateway" and annotations.get(WAIT_FOR) == _PROGRAMMED


def complete(cluster: Resource, key: str, live: dict[str, Any]) -> None:
    """Add the status that the controller of the class writes, in place."""
    if at(live, "spec", "gatewayClassName") != CLASS or not runs_app_routing_istio(cluster.inputs):
        return
    address = _annotations(live).get(FIXED_ADDRESS) or identifiers.public_address(key)
    live["status"] = {
        "addresses": [{"type": "IPAddress", "value": address}],
        "conditions": [{"type": "Programmed", "status": "True"}],
    }


def failure(store: MemoryStore, cluster: Resource, manifest: Mapping[str, Any]) -> str | None:
    """Why application routing never programs a Gateway; None if it does, or for another class."""
    if manifest["kind"] != "Gateway" or at(manifest, "spec", "gatewayClassName") != CLASS:
        return None
    if not runs_app_routing_istio(cluster.inputs):
        return (
            f"no controller serves the class {CLASS}: the cluster's"
            " ingressProfile.webAppRouting.gatewayAPIImplementations.appRoutingIstio is not enabled"
        )
    address = _annotations(manifest).get(FIXED_ADDRESS)
    for other in store.below(f"{cluster.id}/kubernetes"):
        same = _name(other.inputs) == _name(manifest)
        if address and not same and _address_of(other.inputs) == address:
            kind, name = other.inputs["kind"], at(other.inputs, "metadata", "name")
            return f"its Service gets no address: {kind} {name} has {address} and the same ports"
    return None


def record_warnings(cluster: Resource, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Which zones a ClusterExternalDNS shares with the external-dns for Ingress objects.

    Both have the cluster's id as their owner (`--txt-owner-id`) and external-dns' default policy,
    `sync`: each takes the other's records for its own, and deletes or overwrites them. Source:
    Azure/aks-app-routing-operator, pkg/manifests/external_dns.go.
    """
    if manifest["kind"] != "ClusterExternalDNS":
        return
    profile = mapping(cluster.inputs, "ingressProfile", "webAppRouting")
    for_ingress = {str(zone).lower() for zone in items(profile, "dnsZoneResourceIds")}
    for zone in items(manifest, "spec", "dnsZoneResourceIDs"):
        if str(zone).lower() in for_ingress:
            yield (
                f"ClusterExternalDNS {at(manifest, 'metadata', 'name')}: {zone} is also among the"
                " cluster's dnsZoneResourceIds: both external-dns have the same owner, and delete"
                " each other's records"
            )


def _annotations(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    return mapping(manifest, "spec", "infrastructure", "annotations")


def _name(manifest: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    data = mapping(manifest, "metadata")
    return manifest.get("kind"), data.get("namespace"), data.get("name")


def _address_of(manifest: Mapping[str, Any]) -> Any:
    """The fixed address of the load balancer that an object asks for."""
    by_kind = {
        "Gateway": _annotations(manifest),
        "NginxIngressController": mapping(manifest, "spec", "loadBalancerAnnotations"),
        "Service": mapping(manifest, "metadata", "annotations"),
    }
    return by_kind.get(str(manifest.get("kind")), {}).get(FIXED_ADDRESS)
