"""What a cluster's controllers add to the objects that they watch."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

from simulator.azure import identifiers
from simulator.kubernetes import gateways
from simulator.store import Resource
from support.nested import at, mapping

Controller = Callable[[Resource, str, dict[str, Any]], None]
"""Modifies an object in place: (cluster, the object's key, the object)."""


def _service(cluster: Resource, key: str, live: dict[str, Any]) -> None:
    spec = live.setdefault("spec", {})
    block = ip_network(at(cluster.outputs, "networkProfile", "serviceCidr") or "10.0.0.0/16")
    # The lower end is reserved for the cluster's own services, such as DNS.
    number = 16 + int(identifiers.digest(key), 16) % (block.num_addresses - 17)
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("clusterIP", str(block[number]))
    status: dict[str, Any] = {}
    if spec["type"] == "LoadBalancer":
        fixed = mapping(live, "metadata", "annotations").get(gateways.FIXED_ADDRESS)
        address = fixed or spec.get("loadBalancerIP") or identifiers.public_address(key)
        status = {"ingress": [{"ip": address}]}
    live["status"] = {"loadBalancer": status}


def _ingress(cluster: Resource, key: str, live: dict[str, Any]) -> None:
    del cluster
    live["status"] = {"loadBalancer": {"ingress": [{"ip": identifiers.public_address(key)}]}}


def _namespace(cluster: Resource, key: str, live: dict[str, Any]) -> None:
    del cluster, key
    live["status"] = {"phase": "Active"}
    live["spec"] = {"finalizers": ["kubernetes"]}
    labels = live["metadata"].setdefault("labels", {})
    labels.setdefault("kubernetes.io/metadata.name", live["metadata"]["name"])


def _workload(cluster: Resource, key: str, live: dict[str, Any]) -> None:
    del cluster, key
    count = mapping(live, "spec").get("replicas", 1)
    live["status"] = {"replicas": count, "readyReplicas": count, "availableReplicas": count}


BY_KIND: dict[str, Controller] = {
    "Deployment": _workload,
    "Gateway": gateways.complete,
    "Ingress": _ingress,
    "Namespace": _namespace,
    "Service": _service,
    "StatefulSet": _workload,
}
