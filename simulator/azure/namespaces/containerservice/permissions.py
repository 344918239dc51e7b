"""Permissions that a cluster's identity needs before the cluster is created."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, View, view
from simulator.azure.namespaces.privatedns import overlap, overlapping_zone
from simulator.azure.rules import Refusal, rule
from simulator.store import Resource
from support.nested import at

_JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"
_JOIN_NETWORK = "Microsoft.Network/virtualNetworks/join/action"
_ROUTES = ("Microsoft.Network/routeTables/read", "Microsoft.Network/routeTables/write")
_ZONES = ("Microsoft.Network/privateDnsZones/read", "Microsoft.Network/privateDnsZones/write")
# In the form of the role Managed Identity Operator.
_ASSIGN = "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action"


def _linked(action: str, scope: str) -> str:
    return (
        "The cluster's identity does not have permission to perform action"
        f" '{action}' on the linked scope '{scope}'."
    )


def custom_zone(request: Request) -> str | None:
    """Id of the custom private DNS zone for the API server."""
    zone = str(at(request.inputs, "apiServerAccessProfile", "privateDNSZone") or "")
    return zone if zone.startswith("/") else None


@rule("InvalidParameter", CLUSTER, source="github.com/Azure/AKS/issues/4528")
def a_cluster_has_an_identity(request: Request) -> Refusal | None:
    """A cluster needs a managed identity or a service principal."""
    if view(request).managed_identity or at(request.inputs, "servicePrincipalProfile", "clientId"):
        return None
    return Refusal(
        "Required parameter servicePrincipalProfile is missing (null). Set it, or an identity.",
        "servicePrincipalProfile",
    )


@rule(
    "LinkedAuthorizationFailed",
    CLUSTER,
    POOL,
    source="Microsoft Learn: azure/aks/concepts-network-cni-overview#prerequisites",
    status=403,
)
def the_identity_may_join_its_subnets(request: Request) -> str | None:
    """The identity needs subnets/join/action on each subnet before the cluster is created."""
    cluster = view(request)
    subnets = [subnet for pool in cluster.written_pools for subnet in pool.subnets]
    api_server = at(request.inputs, "apiServerAccessProfile", "subnetId")
    for subnet in [*subnets, *([api_server] if api_server else [])]:
        if not cluster.identity_can(_JOIN, subnet):
            return _linked(_JOIN, subnet)
    return None


def route_tables(cluster: View) -> Iterator[Resource]:
    """Route tables of the node subnets of the written pools."""
    for pool in cluster.written_pools:
        subnet = cluster.subnet(pool.node_subnet)
        table = cluster.request.find(at(subnet.inputs, "routeTable")) if subnet else None
        if table:
            yield table


@rule(
    "CustomRouteTableMissingPermission",
    CLUSTER,
    source="Microsoft Learn: azure/aks/configure-kubenet#bring-your-own-subnet-and-route-table",
)
def kubenet_may_write_its_route_table(request: Request) -> str | None:
    """Kubenet needs write permission, since it adds a route for each node to the subnet's table."""
    cluster = view(request)
    if cluster.plugin != "kubenet":
        return None
    for table in route_tables(cluster):
        if not all(cluster.identity_can(action, table.id) for action in _ROUTES):
            return (
                "The cluster's identity must be given permission to read and write to custom route"
                f" table {table.id}."
            )
    return None


@rule(
    "CustomRouteTableWithUnsupportedMSIType",
    CLUSTER,
    source="Microsoft Learn: azure/aks/configure-kubenet#bring-your-own-subnet-and-route-table",
)
def a_system_assigned_identity_brings_no_route_table(request: Request) -> str | None:
    """A system-assigned identity cannot have a role on the table before its cluster exists."""
    cluster = view(request)
    if cluster.plugin == "kubenet" and cluster.system_assigned and any(route_tables(cluster)):
        return (
            "Clusters using managed identity type SystemAssigned do not support bringing your own"
            " route table."
        )
    return None


@rule(
    "CustomPrivateDNSZoneMissingPermissionError",
    CLUSTER,
    source="github.com/Azure/Azure-Landing-Zones/issues/2892",
)
def the_identity_may_write_its_zone(request: Request) -> str | None:
    """The identity needs Private DNS Zone Contributor on a custom zone."""
    zone = custom_zone(request)
    cluster = view(request)
    if zone is None or cluster.system_assigned:
        return None
    for action in _ZONES:
        if not cluster.identity_can(action, zone):
            return (
                "The cluster's identity must be given permission to read and write to custom"
                f" private DNS zone {zone}; not allowed: {action}."
            )
    return None


@rule(
    "SystemAssignedIdentityNotSupportedForCustomPrivateDNSZone",
    CLUSTER,
    source="Microsoft Learn: azure/aks/private-clusters#configure-a-private-dns-zone",
)
def a_custom_zone_needs_an_identity_of_ones_own(request: Request) -> Refusal | None:
    """A system-assigned identity cannot have a role on the zone before its cluster exists."""
    if custom_zone(request) and view(request).system_assigned:
        return Refusal(
            "A custom private DNS zone requires a user-assigned identity or a service principal.",
            "apiServerAccessProfile.privateDNSZone",
        )
    return None


@rule(
    "LinkedAuthorizationFailed",
    CLUSTER,
    source="Microsoft Learn: azure/aks/private-clusters#configure-a-private-dns-zone",
    status=403,
)
def the_identity_may_link_its_zone(request: Request) -> str | None:
    """The identity needs virtualNetworks/join/action on the network to which AKS links its zone."""
    cluster = view(request)
    network = cluster.network_id()
    if custom_zone(request) and network and not cluster.identity_can(_JOIN_NETWORK, network):
        return _linked(_JOIN_NETWORK, network)
    return None


@rule(
    "BadRequest",
    CLUSTER,
    source="github.com/MicrosoftDocs/azure-aks-docs/issues/212",
)
def a_custom_zone_is_the_only_one_of_its_name(request: Request) -> Refusal | None:
    """AKS links a custom zone to the nodes' network, which no other zone of the name may be."""
    zone, network = custom_zone(request), view(request).network_id()
    if request.old or not zone or not network:
        return None
    if overlapping_zone(request.cloud, zone, network):
        return Refusal(overlap(network, zone), "apiServerAccessProfile.privateDNSZone")
    return None


@rule(
    "CustomKubeletIdentityMissingPermissionError",
    CLUSTER,
    source="Microsoft Learn: azure/aks/use-managed-identity",
)
def the_identity_may_assign_the_kubelets(request: Request) -> str | None:
    """The cluster's identity needs Managed Identity Operator on the kubelet identity."""
    kubelet = at(request.inputs, "identityProfile", "kubeletidentity", "resourceId")
    if kubelet and not view(request).identity_can(_ASSIGN, str(kubelet)):
        return (
            "The cluster user assigned identity must be given permission to assign kubelet identity"
            f" {kubelet}."
        )
    return None


@rule(
    "CustomKubeletIdentityOnlySupportedOnUserAssignedMSICluster",
    CLUSTER,
    source="Microsoft Learn: azure/aks/use-managed-identity",
)
def a_kubelet_identity_needs_one_for_the_cluster(request: Request) -> str | None:
    """A custom kubelet identity requires a user-assigned identity of the cluster."""
    kubelet = at(request.inputs, "identityProfile", "kubeletidentity")
    kind = str(at(request.inputs, "identity", "type") or "").lower()
    if kubelet and kind != "userassigned":
        return "A custom kubelet identity requires a cluster with a user-assigned identity."
    return None


TYPES = ()
