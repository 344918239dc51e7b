"""What Azure and Kubernetes ask of settings taken together, one short function a subject.

Each yields problems. A part of the configuration that could not be read is None, and the rules that
need it are passed over: its own problems are reported anyway. What concerns addresses is the
planner's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from components.addressing import AddressPlan, NetworkModel
from components.problems import Problem
from components.settings import (
    accounts,
    gateway_rules,
    ingress_rules,
    kubernetes_rules,
    management_rules,
    observability_rules,
)
from components.settings.cluster import ClusterSettings, NodePool, WindowsSettings
from components.settings.management import ManagementSettings
from components.settings.network import NetworkSettings
from components.settings.stack import Draft

NETWORK = "aks-network:network"
CLUSTER = "aks-network:cluster"

MOST_AUTHORIZED_RANGES = 200
"""aks/api-server-authorized-ip-ranges, "Limitations"."""
LONGEST_WINDOWS_POOL_NAME = 6
"""aks/use-windows-node-pools."""


def problems(draft: Draft) -> Iterator[Problem]:
    """Everything that is wrong between settings, each of which is right by itself."""
    for rule, *names in _RULES:
        parts = [getattr(draft, name) for name in names]
        if all(part is not None for part in parts):
            yield from rule(*parts)
    if draft.observability:
        yield from observability_rules.problems(draft.observability, draft)


def data_plane(network: NetworkSettings) -> Iterator[Problem]:
    """The Cilium data plane and policy engine go together (NetworkPolicyNotSupported)."""
    if (network.dataplane == "cilium") != (network.policy == "cilium"):
        yield Problem(
            f"{NETWORK}.policy",
            network.policy,
            f"does not go with dataplane {network.dataplane}: cilium takes cilium only",
            "set both to cilium, or dataplane to azure with policy calico",
        )
    if network.model == NetworkModel.KUBENET and network.policy == "azure":
        yield Problem(
            f"{NETWORK}.policy",
            network.policy,
            "Azure Network Policy Manager needs Azure CNI",
            "use policy calico with kubenet",
        )


def egress(network: NetworkSettings) -> Iterator[Problem]:
    """An appliance has an address, and only an appliance has."""
    if (network.egress == "appliance") != (network.appliance_ip is not None):
        yield Problem(
            f"{NETWORK}.applianceIp",
            network.appliance_ip or "",
            f"and egress {network.egress} do not go together",
            "give applianceIp with egress appliance, and only then",
        )


def hub_egress(network: NetworkSettings, management: ManagementSettings) -> Iterator[Problem]:
    """A firewall is made in a management network of one's own only."""
    if network.egress == "firewall" and management.existing is not None:
        yield Problem(
            f"{NETWORK}.egress",
            network.egress,
            "makes a firewall in the management network, which is another team's",
            "set egress: appliance, and applianceIp to their firewall's address",
        )


def existing_subnets(network: NetworkSettings, plan: AddressPlan) -> Iterator[Problem]:
    """In another team's network every subnet that is used is named by its id."""
    if network.existing is None:
        return
    for subnet in plan.vnet("cluster").subnets:
        if subnet.key not in network.existing.subnets:
            path = f"{NETWORK}.existing.subnets.{subnet.key}"
            holds = ", ".join(need.label for need in subnet.needs)
            yield Problem(path, "", "is required", f"name their subnet for {holds} by its id")


def pools(cluster: ClusterSettings) -> Iterator[Problem]:
    """Rules of node pools among each other ("Use system node pools")."""
    names = Counter(pool.name for pool in cluster.node_pools)
    for position, pool in enumerate(cluster.node_pools):
        path = f"{CLUSTER}.nodePools[{position}]"
        if names[pool.name] > 1:
            rule = "is the name of several pools"
            yield Problem(f"{path}.name", pool.name, rule, "give each pool a name of its own")
        yield from _pool(path, pool)
    if cluster.system_pool is None:
        rule = "hold no pool of mode System, which every cluster needs"
        yield Problem(f"{CLUSTER}.nodePools", "", rule, "set mode: System on a Linux pool")


def _pool(path: str, pool: NodePool) -> Iterator[Problem]:
    if pool.os == "Windows":
        if len(pool.name) > LONGEST_WINDOWS_POOL_NAME:
            rule = f"a Windows pool's name has at most {LONGEST_WINDOWS_POOL_NAME} characters"
            yield Problem(f"{path}.name", pool.name, rule, "shorten it")
        if pool.mode == "System":
            rule = "a System pool runs Linux"
            yield Problem(f"{path}.mode", pool.mode, rule, "set mode: User, or os: Linux")
    if pool.os_sku and (pool.os_sku.startswith("Windows")) != (pool.os == "Windows"):
        rule = f"is not a system for {pool.os} nodes"
        yield Problem(f"{path}.osSku", pool.os_sku, rule, "leave osSku out")
    if pool.spot and pool.mode == "System":
        rule = "a System pool can't run on spot machines, which Azure takes away at will"
        yield Problem(f"{path}.spot", "true", rule, "set mode: User, or spot: false")


def api_server(cluster: ClusterSettings) -> Iterator[Problem]:
    """Ranges are for a public API server only."""
    if cluster.private and cluster.authorized_ip_ranges:
        yield Problem(
            f"{CLUSTER}.authorizedIpRanges",
            ", ".join(cluster.authorized_ip_ranges),
            "a private API server has no public address to guard",
            "remove authorizedIpRanges, or set private: false",
        )
    for position, cidr in enumerate(cluster.authorized_ip_ranges):
        if cidr == "0.0.0.0/0":
            rule = "lets everybody in, and the ranges are there to keep most out"
            remedy = "name the ranges that operators and pipelines come from"
            yield Problem(f"{CLUSTER}.authorizedIpRanges[{position}]", cidr, rule, remedy)
    if len(cluster.authorized_ip_ranges) > MOST_AUTHORIZED_RANGES:
        yield Problem(
            f"{CLUSTER}.authorizedIpRanges",
            str(len(cluster.authorized_ip_ranges)),
            f"are more than the {MOST_AUTHORIZED_RANGES} that an API server takes",
            "merge ranges",
        )


def advice(network: NetworkSettings, cluster: ClusterSettings) -> Iterator[str]:
    """What is accepted, and worth knowing before it surprises."""
    unknown_way_out = network.egress == "appliance" or (
        network.existing is not None and network.egress == "nat-gateway"
    )
    if cluster.authorized_ip_ranges and unknown_way_out:
        yield (
            f"{CLUSTER}.authorizedIpRanges: the nodes come from public addresses of another "
            "team's, which are not known here; without them in these ranges no node reaches the "
            "API server"
        )


def identity(cluster: ClusterSettings) -> Iterator[Problem]:
    """A service principal has a secret, and only a service principal has."""
    settings = cluster.identity
    path = f"{CLUSTER}.identity.servicePrincipal"
    if settings.kind == "servicePrincipal" and settings.service_principal is None:
        remedy = f"set clientId, objectId and, with --secret, clientSecret under '{path}'"
        yield Problem(path, "", "is required by kind servicePrincipal", remedy)
    given = settings.service_principal
    if given is not None and given.object_id.lower() == given.client_id.lower():
        rule = "is the application's id (clientId); roles are granted to its service principal"
        remedy = "give what `az ad sp show --id <clientId> --query id` prints"
        yield Problem(f"{path}.objectId", given.object_id, rule, remedy)
    if settings.kind == "userAssigned" and settings.service_principal is not None:
        rule = "does not go with kind userAssigned, which has no secret"
        yield Problem(path, "", rule, "remove servicePrincipal, or set kind: servicePrincipal")


def windows(cluster: ClusterSettings) -> Iterator[Problem]:
    """Windows nodes have an administrator (WindowsProfileMissing)."""
    if cluster.has_windows and cluster.windows is None:
        yield Problem(
            f"{CLUSTER}.windows",
            "",
            "is required by the pools that run Windows",
            f"set it: pulumi config set --secret --path '{CLUSTER}.windows.adminPassword' …",
        )
    if cluster.windows is not None:
        yield from _administrator(cluster.windows)


def _administrator(settings: WindowsSettings) -> Iterator[Problem]:
    path = f"{CLUSTER}.windows"
    if settings.admin_username.lower() in accounts.FORBIDDEN_USERS:
        rule = "is a name that Azure does not allow"
        yield Problem(f"{path}.adminUsername", settings.admin_username, rule, "choose another")
    if broken := accounts.password_rule(settings.admin_password.get_secret_value()):
        yield Problem(f"{path}.adminPassword", "", broken, "set another password")


_RULES: tuple[Any, ...] = (
    (data_plane, "network"),
    (egress, "network"),
    (hub_egress, "network", "management"),
    (management_rules.problems, "management"),
    (pools, "cluster"),
    (api_server, "cluster"),
    (identity, "cluster"),
    (windows, "cluster"),
    (ingress_rules.problems, "ingress"),
    (ingress_rules.networks, "ingress", "network"),
    (ingress_rules.identity, "ingress", "cluster"),
    (ingress_rules.delivery, "ingress", "kubernetes"),
    (ingress_rules.hosts, "ingress", "kubernetes"),
    (ingress_rules.internal_class, "ingress", "kubernetes"),
    (ingress_rules.certificates, "ingress", "kubernetes"),
    (gateway_rules.problems, "ingress", "kubernetes"),
    (management_rules.reaches_ingress, "management", "ingress"),
    (kubernetes_rules.problems, "kubernetes"),
    (kubernetes_rules.delivery, "cluster", "kubernetes"),
    (kubernetes_rules.windows, "network", "cluster", "kubernetes"),
    (kubernetes_rules.firewall_hosts, "ingress", "kubernetes"),
)
"""Each rule with the parts of the configuration that it is given."""
