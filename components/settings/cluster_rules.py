"""AKS's rules for the cluster's settings: node pools, API server, identity, registries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from components.problems import Problem
from components.settings import accounts, vm_sizes
from components.settings.cluster import ClusterSettings, NodePool, ServicePrincipal, WindowsSettings
from components.settings.network import NetworkSettings
from components.settings.partial import readable, skips_unreadable
from components.settings.paths import CLUSTER

MOST_AUTHORIZED_RANGES = 200
"""aks/api-server-authorized-ip-ranges, "Limitations"."""
LONGEST_WINDOWS_POOL_NAME = 6
"""aks/use-windows-node-pools."""


@skips_unreadable
def pools(cluster: ClusterSettings) -> Iterator[Problem]:
    """Rules between the node pools ("Use system node pools")."""
    named = list(readable(lambda pool: pool.name, cluster.node_pools))
    count = Counter(name for _, name in named)
    for position, name in named:
        if count[name] > 1:
            path = f"{CLUSTER}.nodePools[{position}].name"
            rule = f"must be unique: {count[name]} pools have this name"
            yield Problem(path, name, rule, "use a different name for each pool")
    for position, pool in enumerate(cluster.node_pools):
        path = f"{CLUSTER}.nodePools[{position}]"
        yield from _windows_name(path, pool)
        yield from _windows_mode(path, pool)
        yield from _os_sku(path, pool)
        yield from _spot(path, pool)
        yield from _system_size(path, pool)
    if cluster.system_pool is None:
        rule = "must contain a pool with mode: System: every cluster needs one"
        yield Problem(f"{CLUSTER}.nodePools", "", rule, "use mode: System for a Linux pool")


@skips_unreadable
def _windows_name(path: str, pool: NodePool) -> Iterator[Problem]:
    if pool.os == "Windows" and len(pool.name) > LONGEST_WINDOWS_POOL_NAME:
        rule = f"must have at most {LONGEST_WINDOWS_POOL_NAME} characters: the pool runs Windows"
        yield Problem(f"{path}.name", pool.name, rule, "use a shorter name")


@skips_unreadable
def _windows_mode(path: str, pool: NodePool) -> Iterator[Problem]:
    if pool.os == "Windows" and pool.mode == "System":
        rule = "must be User: a System pool runs Linux, and os is Windows"
        yield Problem(f"{path}.mode", pool.mode, rule, "use mode: User, or os: Linux")


@skips_unreadable
def _os_sku(path: str, pool: NodePool) -> Iterator[Problem]:
    if pool.os_sku and (pool.os_sku.startswith("Windows")) != (pool.os == "Windows"):
        rule = f"must be an operating system for {pool.os} nodes"
        yield Problem(f"{path}.osSku", pool.os_sku, rule, "remove osSku")


@skips_unreadable
def _spot(path: str, pool: NodePool) -> Iterator[Problem]:
    if pool.spot and pool.mode == "System":
        rule = "must be false: mode is System, and Azure may evict spot machines at any time"
        yield Problem(f"{path}.spot", "true", rule, "use spot: false, or mode: User")


@skips_unreadable
def _system_size(path: str, pool: NodePool) -> Iterator[Problem]:
    """AKS refuses a system pool with one vCPU: SystemPoolSkuTooLow (aks/use-system-pools)."""
    if pool.mode == "System" and vm_sizes.vcpus(pool.vm_size) == 1:
        rule = "must have at least 2 vCPUs: mode is System; Microsoft asks for 4"
        yield Problem(f"{path}.vmSize", pool.vm_size, rule, "use a size such as Standard_D4ds_v5")


@skips_unreadable
def api_server(cluster: ClusterSettings) -> Iterator[Problem]:
    """Ranges are for a public API server only."""
    if cluster.private and cluster.authorized_ip_ranges:
        yield Problem(
            f"{CLUSTER}.authorizedIpRanges",
            ", ".join(cluster.authorized_ip_ranges),
            "must be empty: the API server is private and has no public address",
            "remove authorizedIpRanges, or use private: false",
        )


@skips_unreadable
def authorized_ranges(cluster: ClusterSettings) -> Iterator[Problem]:
    """The ranges are few enough for AKS, and none of them admits every address."""
    for position, cidr in enumerate(cluster.authorized_ip_ranges):
        if cidr == "0.0.0.0/0":
            rule = "must not be 0.0.0.0/0: it lets every address in"
            remedy = "use the ranges that operators and pipelines come from"
            yield Problem(f"{CLUSTER}.authorizedIpRanges[{position}]", cidr, rule, remedy)
    if len(cluster.authorized_ip_ranges) > MOST_AUTHORIZED_RANGES:
        yield Problem(
            f"{CLUSTER}.authorizedIpRanges",
            str(len(cluster.authorized_ip_ranges)),
            f"must be at most {MOST_AUTHORIZED_RANGES} ranges: AKS accepts no more",
            "merge ranges",
        )


@skips_unreadable
def authorized_egress(cluster: ClusterSettings, network: NetworkSettings) -> Iterator[Problem]:
    """The API server's ranges have room for the public addresses of the nodes themselves."""
    ranges = len(cluster.authorized_ip_ranges)
    known = network.existing is None or network.egress == "firewall"
    own = network.egress_address_count if known else 0
    if 0 < ranges <= MOST_AUTHORIZED_RANGES < ranges + own:
        rule = (
            f"must be at most {MOST_AUTHORIZED_RANGES - own} ranges: AKS accepts "
            f"{MOST_AUTHORIZED_RANGES}, and the nodes leave the network from {own} addresses"
        )
        remedy = "merge ranges, or use fewer public IP addresses for the egress"
        yield Problem(f"{CLUSTER}.authorizedIpRanges", str(ranges), rule, remedy)


@skips_unreadable
def identity(cluster: ClusterSettings) -> Iterator[Problem]:
    """Only a service principal has a secret, and it must have one."""
    settings = cluster.identity
    if settings.service_principal is not None:
        yield from _principal(settings.service_principal)
    path = f"{CLUSTER}.identity.servicePrincipal"
    if settings.kind == "servicePrincipal" and settings.service_principal is None:
        remedy = f"set clientId, objectId and, with --secret, clientSecret under '{path}'"
        yield Problem(path, "", "is required: kind is servicePrincipal", remedy)
    if settings.kind == "userAssigned" and settings.service_principal is not None:
        rule = "must not be set: kind is userAssigned, which has no secret"
        yield Problem(path, "", rule, "remove servicePrincipal, or use kind: servicePrincipal")


@skips_unreadable
def _principal(given: ServicePrincipal) -> Iterator[Problem]:
    if given.object_id.lower() == given.client_id.lower():
        path = f"{CLUSTER}.identity.servicePrincipal.objectId"
        rule = "must be the object ID of the service principal: this is the application's, clientId"
        remedy = "use what `az ad sp show --id <clientId> --query id` prints"
        yield Problem(path, given.object_id, rule, remedy)


@skips_unreadable
def registries(cluster: ClusterSettings) -> Iterator[Problem]:
    """A registry is named once: Azure refuses a second assignment (RoleAssignmentExists)."""
    ids = list(readable(lambda registry: registry.registry_id.lower(), cluster.registries))
    count = Counter(registry_id for _, registry_id in ids)
    for position, registry_id in ids:
        if count[registry_id] > 1:
            path = f"{CLUSTER}.registries[{position}].registryId"
            rule = f"must be unique: {count[registry_id]} entries name this registry"
            yield Problem(path, registry_id, rule, "remove the other entries")


@skips_unreadable
def windows(cluster: ClusterSettings) -> Iterator[Problem]:
    """Windows nodes have an administrator (WindowsProfileMissing)."""
    if cluster.windows is not None:
        yield from _administrator_name(cluster.windows)
        yield from _administrator_password(cluster.windows)
    if cluster.windows is None and cluster.has_windows:
        yield Problem(
            f"{CLUSTER}.windows",
            "",
            "is required: a pool runs Windows",
            f"set it: pulumi config set --secret --path '{CLUSTER}.windows.adminPassword' …",
        )


@skips_unreadable
def _administrator_name(settings: WindowsSettings) -> Iterator[Problem]:
    if settings.admin_username.lower() in accounts.FORBIDDEN_USERS:
        path = f"{CLUSTER}.windows.adminUsername"
        rule = "must not be a name that Azure forbids for administrators"
        yield Problem(path, settings.admin_username, rule, "use another name")


@skips_unreadable
def _administrator_password(settings: WindowsSettings) -> Iterator[Problem]:
    if broken := accounts.password_rule(settings.admin_password.get_secret_value()):
        yield Problem(f"{CLUSTER}.windows.adminPassword", "", broken, "use another password")


def advice(network: NetworkSettings, cluster: ClusterSettings) -> Iterator[str]:
    """Warnings about settings that Azure accepts."""
    if cluster.own_registry is not None and cluster.registries:
        yield (
            f"{CLUSTER}.ownRegistry creates the zone privatelink.azurecr.io, in which the nodes "
            "then resolve every registry with a private endpoint: add the records of such "
            "registries in cluster.registries to the zone"
        )
    unknown_egress = network.egress == "appliance" or (
        network.existing is not None and network.egress == "nat-gateway"
    )
    if cluster.authorized_ip_ranges and unknown_egress:
        yield (
            f"{CLUSTER}.authorizedIpRanges must contain the public addresses of the nodes' egress: "
            "they belong to another team, so the program does not know them, and without them no "
            "node reaches the API server"
        )
