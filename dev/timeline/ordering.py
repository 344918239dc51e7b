"""What must exist before a resource, by Azure's own rules. Pure; ignores the program's edges.

There are two kinds: what its inputs refer to (`references`), and what a service looks up elsewhere
before it starts: `RULES`, a row for each rule with its source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from analysis.dependency_graph import Node, Nodes
from dev.timeline.references import References
from simulator.azure import durations
from simulator.kubernetes.service import KubernetesService
from simulator.operations import Operation
from support.nested import at, items

CLUSTER, POOL = "containerservice:ManagedCluster", "containerservice:AgentPool"
_ROLE, _LINK = "authorization:RoleAssignment", "privatedns:VirtualNetworkLink"
_PEERING, _GATEWAY = "network:VirtualNetworkPeering", "network:VirtualNetworkGateway"

Choices = Iterator[list[Node]]
"""Each is a choice: one of its nodes must exist first."""


class Deployment:
    """The resources of a deployment, with their types, references and durations."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.references = References(nodes)

    def of_type(self, token: str) -> list[Node]:
        return [node for node in self.nodes.values() if node.token == token]

    def seconds(self, node: Node) -> float:
        """Typical duration of the creation; components and providers take none."""
        if not node.takes_time:
            return 0
        if node.is_azure:
            return durations.seconds("create", node.token)
        return KubernetesService().seconds(Operation("create", node.urn, node.type, node.id))


def _roles(deployment: Deployment, node: Node) -> Choices:
    """The identity may join each subnet of the pools, by a role on it or on a parent scope."""
    is_cluster = node.token == CLUSTER
    cluster = node if is_cluster else deployment.references.find(_ancestor(node.id, 2))
    if cluster is None:
        return
    principals = _principals(deployment, cluster)
    grants = [
        grant
        for grant in deployment.of_type(_ROLE)
        if grant.inputs.get("principalId") in principals
        or (not principals and grant.inputs.get("principalType") == "ServicePrincipal")
    ]
    zone = at(cluster.inputs, "apiServerAccessProfile", "privateDNSZone")
    for scope in [*_subnets(node), *([zone] if is_cluster and zone else [])]:
        if found := [grant for grant in grants if _is_inside(scope, grant.inputs["scope"])]:
            yield found


def _principals(deployment: Deployment, cluster: Node) -> set[str]:
    ids = items(cluster.inputs, "identity", "userAssignedIdentities")
    return {
        str(identity.outputs.get("principalId"))
        for resource_id in ids
        if (identity := deployment.references.find(resource_id))
    }


def _subnets(node: Node) -> list[str]:
    """The subnets of a cluster's pools and API server, or of a pool."""
    pools = items(node.inputs, "agentPoolProfiles") if node.token == CLUSTER else [node.inputs]
    found = [pool.get(key) for pool in pools for key in ("vnetSubnetID", "podSubnetID")]
    found.append(at(node.inputs, "apiServerAccessProfile", "subnetId"))
    return [str(subnet) for subnet in found if subnet]


def _default_route(deployment: Deployment, node: Node) -> Choices:
    """The default route of each node subnet, where the user provides the route table."""
    if at(node.inputs, "networkProfile", "outboundType") != "userDefinedRouting":
        return
    for subnet in map(deployment.references.find, _subnets(node)):
        table = str(at(subnet.inputs, "routeTable", "id")) if subnet else ""
        routes = [
            route
            for route in deployment.of_type("network:Route")
            if table and _is_inside(route.id, table) and _is_default(route)
        ]
        if routes:
            yield routes


def _egress_path(deployment: Deployment, node: Node) -> Choices:
    """The next hop of the default route: the peering to it, the firewall and its rules."""
    for routes in _default_route(deployment, node):
        for subnet in deployment.of_type("network:Subnet"):
            hop = routes[0].inputs.get("nextHopIpAddress")
            if not hop or not _contains(subnet.inputs.get("addressPrefix"), str(hop)):
                continue
            here, there = _network(_subnets(node)[0]), _network(subnet.id)
            for peering in deployment.of_type(_PEERING):
                ends = {_network(peering.id), _remote(peering)}
                if ends == {here, there}:
                    yield [peering]
            for firewall in deployment.of_type("network:AzureFirewall"):
                if subnet.id.lower() in map(str.lower, _subnet_ids(firewall)):
                    yield [firewall]
                    policy = str(at(firewall.inputs, "firewallPolicy", "id"))
                    groups = deployment.of_type("network:FirewallPolicyRuleCollectionGroup")
                    # A group with the cluster's own name in its rules comes after the cluster.
                    found = [
                        group
                        for group in groups
                        if _is_inside(group.id, policy) and node.urn not in group.waits
                    ]
                    if found:
                        yield found


def _own_link(deployment: Deployment, node: Node) -> Choices:
    """The link of the cluster's own private zone to its network: without it AKS creates one."""
    zone = at(node.inputs, "apiServerAccessProfile", "privateDNSZone")
    for link in deployment.of_type(_LINK):
        network = _network(_subnets(node)[0])
        if zone and _is_inside(link.id, str(zone)) and _linked(link) == network:
            yield [link]


def _remote_gateway(deployment: Deployment, node: Node) -> Choices:
    """The gateway of the remote network, where the peering uses it."""
    for gateway in deployment.of_type(_GATEWAY):
        networks = {_network(item) for item in _subnet_ids(gateway) if "/subnets/" in item.lower()}
        if node.inputs.get("useRemoteGateways") and _remote(node) in networks:
            yield [gateway]


def _certificate_vaults(deployment: Deployment, node: Node) -> list[Node]:
    """The vaults that an Application Gateway reads its certificates from."""
    wanted = [str(item.get("keyVaultSecretId")) for item in items(node.inputs, "sslCertificates")]
    return [
        vault
        for vault in deployment.of_type("keyvault:Vault")
        for address in [str(at(vault.outputs, "properties", "vaultUri"))]
        if any(secret.startswith(address) for secret in wanted)
    ]


def _certificate_role(deployment: Deployment, node: Node) -> Choices:
    """A role of the gateway's identity on the vault with its certificate."""
    principals = _principals(deployment, node)
    for vault in _certificate_vaults(deployment, node):
        found = [
            grant
            for grant in deployment.of_type(_ROLE)
            if grant.inputs.get("principalId") in principals
            and _is_inside(vault.id, grant.inputs["scope"])
        ]
        if found:
            yield found


def _certificate_name(deployment: Deployment, node: Node) -> Choices:
    """The private name of a closed vault: its record, and the zone's link to the network."""
    subnets = items(node.inputs, "gatewayIPConfigurations")
    network = _network(str(at(subnets[0], "subnet", "id"))) if subnets else ""
    for vault in _certificate_vaults(deployment, node):
        if str(at(vault.inputs, "properties", "publicNetworkAccess")).lower() != "disabled":
            continue
        for group in deployment.of_type("network:PrivateDnsZoneGroup"):
            endpoint = deployment.references.find(_ancestor(group.id, 2))
            if endpoint is None or vault.urn not in deployment.references.of(endpoint):
                continue
            yield [group]
            for link in deployment.of_type(_LINK):
                zone = deployment.references.find(_ancestor(link.id, 2))
                zones = deployment.references.of(group).keys()
                if _linked(link) == network and zone is not None and zone.urn in zones:
                    yield [link]


def _cluster_of_object(deployment: Deployment, node: Node) -> Choices:
    """The cluster whose kubeconfig the object's provider has."""
    for urn in node.waits:
        provider = deployment.nodes.get(urn)
        if provider and provider.type == "pulumi:providers:kubernetes":
            for other in provider.waits:
                if (cluster := deployment.nodes.get(other)) and cluster.token == CLUSTER:
                    yield [cluster]


@dataclass(frozen=True)
class Rule:
    """A row: what must exist before a resource of these types."""

    name: str
    types: tuple[str, ...]
    """Beginnings of type tokens."""
    prerequisites: Callable[[Deployment, Node], Choices]
    source: str


RULES = (
    Rule(
        "the cluster's identity has its roles",
        (CLUSTER, POOL),
        _roles,
        "Microsoft Learn: azure/aks/concepts-network-cni-overview#prerequisites",
    ),
    Rule(
        "user-defined routing has its default route",
        (CLUSTER,),
        _default_route,
        "Microsoft Learn: azure/aks/egress-outboundtype",
    ),
    Rule(
        "nodes have egress when they start",
        (CLUSTER,),
        _egress_path,
        "Microsoft Learn: troubleshoot/azure/azure-kubernetes/error-codes/"
        "outboundconnfailvmextensionerror",
    ),
    Rule(
        "AKS links a zone that is not linked yet, and a network is linked once",
        (CLUSTER,),
        _own_link,
        "Azure/AKS#2711, Azure/AKS#4998",
    ),
    Rule(
        "a remote gateway exists before a peering uses it",
        (_PEERING,),
        _remote_gateway,
        "Microsoft Learn: azure/vpn-gateway/vpn-gateway-peering-gateway-transit",
    ),
    Rule(
        "an Application Gateway reads its certificate when it is created",
        ("network:ApplicationGateway",),
        _certificate_role,
        "Microsoft Learn: azure/application-gateway/key-vault-certs",
    ),
    Rule(
        "a gateway's network resolves the name of a vault without public access",
        ("network:ApplicationGateway",),
        _certificate_name,
        "Microsoft Learn: azure/application-gateway/key-vault-certs",
    ),
    Rule(
        "an object is created in a cluster that exists",
        ("kubernetes:",),
        _cluster_of_object,
        "the API server answers once its cluster exists",
    ),
)


def prerequisites(deployment: Deployment, node: Node) -> list[list[Node]]:
    """What must exist before a resource, by references and by rules; each entry is a choice."""
    referenced = [[deployment.nodes[urn]] for urn in deployment.references.of(node)]
    by_rules = [
        choice
        for rule in RULES
        if node.token.startswith(rule.types)
        for choice in rule.prerequisites(deployment, node)
    ]
    return [*referenced, *by_rules]


def _ancestor(resource_id: str, segments: int) -> str:
    """The id without its last segments."""
    return resource_id.rsplit("/", segments)[0]


def _is_inside(resource_id: str, scope: Any) -> bool:
    return f"{resource_id}/".lower().startswith(f"{str(scope).rstrip('/')}/".lower())


def _network(resource_id: str) -> str:
    head, _, tail = resource_id.lower().partition("/virtualnetworks/")
    return f"{head}/virtualnetworks/{tail.split('/')[0]}"


def _linked(link: Node) -> str:
    return str(at(link.inputs, "virtualNetwork", "id")).lower()


def _remote(peering: Node) -> str:
    return str(at(peering.inputs, "remoteVirtualNetwork", "id")).lower()


def _subnet_ids(node: Node) -> list[str]:
    return [str(at(item, "subnet", "id")) for item in items(node.inputs, "ipConfigurations")]


def _is_default(route: Node) -> bool:
    return route.inputs.get("addressPrefix") == "0.0.0.0/0"


def _contains(prefix: Any, address: str) -> bool:
    return bool(prefix) and ip_address(address) in ip_network(str(prefix))
