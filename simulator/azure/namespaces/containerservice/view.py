"""A cluster as a whole while one part of it is written: its profile, pools and identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from simulator.azure.model import Request
from simulator.azure.namespaces import authorization
from simulator.store import Resource
from support.nested import at, items, mapping

CLUSTER = "containerservice:ManagedCluster"
POOL = "containerservice:AgentPool"

# Most pods on a node where a pool does not say: by plugin and mode, with and without pod subnet.
_MAX_PODS = {"overlay": 250, "podSubnet": 110, "nodeSubnet": 30, "kubenet": 110, "none": 110}


@dataclass(frozen=True)
class Pool:
    """A node pool, wherever it was declared."""

    name: str
    settings: Mapping[str, Any]

    def is_(self, key: str, value: str, default: str) -> bool:
        """Whether an enum-like setting has this value; Azure compares without case."""
        return str(self.settings.get(key) or default).lower() == value.lower()

    @property
    def windows(self) -> bool:
        return self.is_("osType", "Windows", "Linux")

    @property
    def system(self) -> bool:
        return self.is_("mode", "System", "User")

    @property
    def spot(self) -> bool:
        return self.is_("scaleSetPriority", "Spot", "Regular")

    @property
    def node_subnet(self) -> str | None:
        return self.settings.get("vnetSubnetID")

    @property
    def pod_subnet(self) -> str | None:
        return self.settings.get("podSubnetID")

    @property
    def subnets(self) -> list[str]:
        return [subnet for subnet in (self.node_subnet, self.pod_subnet) if subnet]

    @property
    def count(self) -> int:
        """Nodes that the pool has."""
        return int(self.settings.get("count") or self.settings.get("minCount") or 0)

    @property
    def most(self) -> int:
        """Nodes that the pool may have: the autoscaler's maximum where it is on."""
        limit = self.settings.get("maxCount") if self.settings.get("enableAutoScaling") else None
        return int(limit or self.count)


@dataclass(frozen=True)
class View:
    """The cluster that a request for it, or for one of its pools, is about."""

    request: Request
    id: str
    inputs: Mapping[str, Any]
    """Of the cluster."""
    written: tuple[Pool, ...]
    """Pools that the request writes."""

    @cached_property
    def stored(self) -> dict[str, Resource]:
        """Pools as they are before the request, by name."""
        found = self.request.cloud.store.below(self.id, POOL)
        return {
            item.name: item for item in found if item.id.lower() not in self.request.deleted_ids
        }

    @cached_property
    def pools(self) -> tuple[Pool, ...]:
        """All pools as they are once the request is carried out."""
        known = {name: Pool(name, item.inputs) for name, item in self.stored.items()}
        return tuple((known | {pool.name: pool for pool in self.written}).values())

    @property
    def network(self) -> Mapping[str, Any]:
        return mapping(self.inputs, "networkProfile")

    def setting(self, key: str, default: str = "") -> str:
        """A value of the network profile, in lower case."""
        return str(self.network.get(key) or default).lower()

    @property
    def plugin(self) -> str:
        """`azure`, `kubenet` or `none`; empty where AKS chooses."""
        return self.setting("networkPlugin")

    @property
    def overlay(self) -> bool:
        return self.plugin == "azure" and self.setting("networkPluginMode") == "overlay"

    @property
    def outbound(self) -> str:
        return self.setting("outboundType", "loadBalancer")

    def model(self, pool: Pool) -> str:
        """Where the pool's pods get their addresses: a key of the table of pods on a node."""
        if self.plugin in ("kubenet", "none"):
            return self.plugin
        if pool.pod_subnet:
            return "podSubnet"
        return "nodeSubnet" if self.plugin == "azure" and not self.overlay else "overlay"

    def max_pods(self, pool: Pool) -> int:
        return int(pool.settings.get("maxPods") or _MAX_PODS[self.model(pool)])

    @property
    def system_assigned(self) -> bool:
        kind = str(at(self.inputs, "identity", "type") or "").lower()
        return kind == "systemassigned"

    def may(self, action: str, scope: str) -> bool:
        """Whether the cluster's identity has permission; a system-assigned one is not judged.

        A service principal is known to the cluster by its client id and to role assignments by its
        object id. Which belong together only the directory knows, and that is not simulated: what
        any service principal may do counts, unless it is a managed identity of this subscription
        or the client id was given in place of the object id.
        """
        cloud = self.request.cloud
        client = at(self.inputs, "servicePrincipalProfile", "clientId")
        if client and str(client).lower() != "msi":
            foreign = authorization.foreign_service_principals(cloud) - {str(client)}
            return any(authorization.allows(cloud, one, action, scope) for one in foreign)
        assigned = [
            self.request.find(reference)
            for reference in items(self.inputs, "identity", "userAssignedIdentities")
        ]
        return all(
            authorization.allows(cloud, item.outputs["principalId"], action, scope)
            for item in assigned
            if item
        )

    def subnet(self, reference: str | None) -> Resource | None:
        return self.request.find(reference)

    def network_id(self) -> str | None:
        """Id of the virtual network that the nodes are in, where they were given one."""
        for pool in self.pools:
            if pool.node_subnet:
                return pool.node_subnet.rpartition("/subnets/")[0]
        return None


def view(request: Request) -> View:
    """The cluster behind a request for a cluster or a pool."""
    if request.type.token == POOL:
        parent = request.parent
        written = (Pool(request.name, request.inputs),)
        if parent is None:
            return View(request, request.id.rpartition("/agentPools/")[0], {}, written)
        return View(request, parent.id, parent.inputs, written)
    pools = items(request.inputs, "agentPoolProfiles")
    written = tuple(Pool(str(pool.get("name")), pool) for pool in pools)
    return View(request, request.id, request.inputs, written)
