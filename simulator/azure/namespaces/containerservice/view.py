"""The cluster behind a request for a cluster or a pool: its profile, pools and identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from simulator.azure.model import Request, identity_ids
from simulator.azure.namespaces.authorization.permissions import allows
from simulator.azure.namespaces.authorization.principals import foreign_service_principals
from simulator.store import Resource
from support.nested import at, items, mapping

CLUSTER = "containerservice:ManagedCluster"
POOL = "containerservice:AgentPool"

# Default of a pool's maxPods: by plugin and mode, with and without pod subnet.
_MAX_PODS = {"overlay": 250, "podSubnet": 110, "nodeSubnet": 30, "kubenet": 110, "none": 110}

FIRST_WITHOUT_WINDOWS_2022 = 37
"""From this minor version of Kubernetes 1 on, Windows nodes run Windows Server 2025 only.

It is the default from there on, too (Azure/AKS release notes, 2026-07-17; the page
aks/upgrade-os-version of August 2026 still says 1.36).
"""


def minor_number(version: str) -> int:
    """35 of `1.35.1`; 0 if the text is not a version."""
    parts = version.split(".")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0


@dataclass(frozen=True)
class Pool:
    """A node pool, as a resource or in the cluster's profile."""

    name: str
    settings: Mapping[str, Any]

    def has(self, key: str, value: str, default: str) -> bool:
        """Whether an enum-like setting has this value; Azure compares without case."""
        return str(self.settings.get(key) or default).lower() == value.lower()

    @property
    def windows(self) -> bool:
        return self.has("osType", "Windows", "Linux")

    @property
    def system(self) -> bool:
        return self.has("mode", "System", "User")

    @property
    def spot(self) -> bool:
        return self.has("scaleSetPriority", "Spot", "Regular")

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
        """Number of nodes."""
        return int(self.settings.get("count") or self.settings.get("minCount") or 0)

    @property
    def max_count(self) -> int:
        """Maximum number of nodes: the autoscaler's maximum if it is on."""
        limit = self.settings.get("maxCount") if self.settings.get("enableAutoScaling") else None
        return int(limit or self.count)


@dataclass(frozen=True)
class View:
    """The cluster that a request concerns: the request writes it or one of its pools."""

    request: Request
    id: str
    inputs: Mapping[str, Any]
    """Inputs of the cluster."""
    written_pools: tuple[Pool, ...]
    """Pools that the request writes."""

    @cached_property
    def stored_pools(self) -> dict[str, Resource]:
        """Pools before the request, by name."""
        pools = self.request.cloud.store.below(self.id, POOL)
        deleted = self.request.deleted_ids
        return {item.name: item for item in pools if item.id.lower() not in deleted}

    @cached_property
    def pools(self) -> tuple[Pool, ...]:
        """All pools after the request."""
        known = {name: Pool(name, item.inputs) for name, item in self.stored_pools.items()}
        return tuple((known | {pool.name: pool for pool in self.written_pools}).values())

    @property
    def network(self) -> Mapping[str, Any]:
        return mapping(self.inputs, "networkProfile")

    def version(self, pool: Pool, control_plane: str) -> str:
        """The Kubernetes version of a pool once the request is carried out.

        A write that names none leaves a pool on the version that it runs; a new pool takes the
        control plane's (Azure/AKS#3087).
        """
        stored = self.stored_pools.get(pool.name)
        runs = stored.outputs.get("orchestratorVersion") if stored else None
        return str(pool.settings.get("orchestratorVersion") or runs or control_plane)

    def os_sku(self, pool: Pool, version: str) -> str:
        """The image of a pool: as written, else as it is, else AKS' default for the version."""
        stored = self.stored_pools.get(pool.name)
        known = pool.settings.get("osSKU") or (stored.outputs.get("osSKU") if stored else None)
        if known or not pool.windows:
            return str(known or "Ubuntu")
        newer = minor_number(version) >= FIRST_WITHOUT_WINDOWS_2022
        return "Windows2025" if newer else "Windows2022"

    def setting(self, key: str, default: str = "") -> str:
        """A value of the network profile, in lower case."""
        return str(self.network.get(key) or default).lower()

    @property
    def plugin(self) -> str:
        """`azure`, `kubenet` or `none`; empty if AKS chooses it."""
        return self.setting("networkPlugin")

    @property
    def overlay(self) -> bool:
        return self.plugin == "azure" and self.setting("networkPluginMode") == "overlay"

    @property
    def outbound(self) -> str:
        return self.setting("outboundType", "loadBalancer")

    def model(self, pool: Pool) -> str:
        """Where the pool's pods get their addresses: a key of `_MAX_PODS`."""
        if self.plugin in ("kubenet", "none"):
            return self.plugin
        if pool.pod_subnet:
            return "podSubnet"
        return "nodeSubnet" if self.plugin == "azure" and not self.overlay else "overlay"

    def max_pods(self, pool: Pool) -> int:
        return int(pool.settings.get("maxPods") or _MAX_PODS[self.model(pool)])

    @property
    def managed_identity(self) -> bool:
        kind = str(at(self.inputs, "identity", "type") or "None")
        return kind.lower() != "none"

    @property
    def system_assigned(self) -> bool:
        kind = str(at(self.inputs, "identity", "type") or "").lower()
        return kind == "systemassigned"

    def identity_can(self, action: str, scope: str) -> bool:
        """Whether the cluster's identity has the permission; True for a system-assigned one.

        Where a cluster has a managed identity and a service principal, AKS uses the identity. The
        cluster has the client id of a service principal, its role assignments have the object
        id. Only the directory, which is not simulated, knows which belong together. The permissions
        of every service principal therefore count, except those of this subscription's managed
        identities and those assigned to the client id by mistake.
        """
        cloud = self.request.cloud
        client = at(self.inputs, "servicePrincipalProfile", "clientId")
        if client and str(client).lower() != "msi" and not self.managed_identity:
            foreign = foreign_service_principals(cloud) - {str(client)}
            return any(allows(cloud, item, action, scope) for item in foreign)
        assigned = [self.request.find(reference) for reference in identity_ids(self.inputs)]
        return all(
            allows(cloud, item.outputs["principalId"], action, scope) for item in assigned if item
        )

    def subnet(self, reference: str | None) -> Resource | None:
        return self.request.find(reference)

    def network_id(self) -> str | None:
        """Id of the nodes' virtual network; None if AKS creates it."""
        for pool in self.pools:
            if pool.node_subnet:
                return pool.node_subnet.rpartition("/subnets/")[0]
        return None


def view(request: Request) -> View:
    """The cluster that a request for a cluster or a pool concerns."""
    if request.type.token == POOL:
        parent = request.parent
        written = (Pool(request.name, request.inputs),)
        if parent is None:
            return View(request, request.id.rpartition("/agentPools/")[0], {}, written)
        return View(request, parent.id, parent.inputs, written)
    pools = items(request.inputs, "agentPoolProfiles")
    written = tuple(Pool(str(pool.get("name")), pool) for pool in pools)
    return View(request, request.id, request.inputs, written)
