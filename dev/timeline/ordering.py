"""What must be there before a resource, by Azure's own rules. Pure; reads no graph of the program.

Two things are looked at: what its inputs refer to (`references`), and what a service looks up
elsewhere before it starts: `ORDER`, one row for each rule, with its source.
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

Needs = Iterator[list[Node]]
"""Each a choice: one of these is there before."""


class Deployment:
    """A deployment's resources, by what they are."""

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


def _roles(made: Deployment, node: Node) -> Needs:
    """The identity may join each subnet of the pools, by a role there or above."""
    cluster = node if node.token == CLUSTER else made.references.find(_above(node.id, 2))
    if cluster is None:
        return
    principals = _principals(made, cluster)
    grants = [
        grant
        for grant in made.of_type(_ROLE)
        if grant.inputs.get("principalId") in principals
        or (not principals and grant.inputs.get("principalType") == "ServicePrincipal")
    ]
    zone = at(cluster.inputs, "apiServerAccessProfile", "privateDNSZone")
    for scope in [*_subnets(node), *([zone] if node is cluster and zone else [])]:
        if found := [grant for grant in grants if _lies_in(scope, grant.inputs["scope"])]:
            yield found


def _principals(made: Deployment, cluster: Node) -> set[str]:
    ids = items(cluster.inputs, "identity", "userAssignedIdentities")
    return {
        str(identity.outputs.get("principalId"))
        for one in ids
        if (identity := made.references.find(one))
    }


def _subnets(node: Node) -> list[str]:
    """Subnets of a cluster's pools and API server, or of a pool."""
    pools = items(node.inputs, "agentPoolProfiles") if node.token == CLUSTER else [node.inputs]
    found = [pool.get(key) for pool in pools for key in ("vnetSubnetID", "podSubnetID")]
    found.append(at(node.inputs, "apiServerAccessProfile", "subnetId"))
    return [str(one) for one in found if one]


def _default_route(made: Deployment, node: Node) -> Needs:
    """The route out of each node subnet whose route table the user brings."""
    if at(node.inputs, "networkProfile", "outboundType") != "userDefinedRouting":
        return
    for subnet in map(made.references.find, _subnets(node)):
        table = str(at(subnet.inputs, "routeTable", "id")) if subnet else ""
        routes = made.of_type("network:Route")
        if found := [one for one in routes if table and _lies_in(one.id, table) and _default(one)]:
            yield found


def _way_out(made: Deployment, node: Node) -> Needs:
    """Of what the default route leads to: the peering there, the firewall and its rules."""
    for routes in _default_route(made, node):
        for subnet in made.of_type("network:Subnet"):
            hop = routes[0].inputs.get("nextHopIpAddress")
            if not hop or not _holds(subnet.inputs.get("addressPrefix"), str(hop)):
                continue
            here, there = _network(_subnets(node)[0]), _network(subnet.id)
            for peering in made.of_type(_PEERING):
                ends = {_network(peering.id), _remote(peering)}
                if ends == {here, there}:
                    yield [peering]
            for firewall in made.of_type("network:AzureFirewall"):
                if subnet.id.lower() in map(str.lower, _ids(firewall)):
                    yield [firewall]
                    policy = str(at(firewall.inputs, "firewallPolicy", "id"))
                    groups = made.of_type("network:FirewallPolicyRuleCollectionGroup")
                    if found := [one for one in groups if _lies_in(one.id, policy)]:
                        yield found


def _own_link(made: Deployment, node: Node) -> Needs:
    """A link of the brought-along zone to the cluster's network: else AKS makes its own."""
    zone = at(node.inputs, "apiServerAccessProfile", "privateDNSZone")
    for link in made.of_type(_LINK):
        network = _network(_subnets(node)[0])
        if zone and _lies_in(link.id, str(zone)) and _linked(link) == network:
            yield [link]


def _gateway(made: Deployment, node: Node) -> Needs:
    """The gateway of the remote network, where the peering uses it."""
    for gateway in made.of_type(_GATEWAY):
        networks = {_network(one) for one in _ids(gateway) if "/subnets/" in one.lower()}
        if node.inputs.get("useRemoteGateways") and _remote(node) in networks:
            yield [gateway]


def _certificate_vaults(made: Deployment, node: Node) -> list[Node]:
    """The vaults that an Application Gateway reads its certificates from."""
    wanted = [str(one.get("keyVaultSecretId")) for one in items(node.inputs, "sslCertificates")]
    return [
        vault
        for vault in made.of_type("keyvault:Vault")
        for address in [str(at(vault.outputs, "properties", "vaultUri"))]
        if any(one.startswith(address) for one in wanted)
    ]


def _certificate_role(made: Deployment, node: Node) -> Needs:
    """A role of the gateway's identity on the vault with its certificate."""
    principals = _principals(made, node)
    for vault in _certificate_vaults(made, node):
        found = [
            grant
            for grant in made.of_type(_ROLE)
            if grant.inputs.get("principalId") in principals
            and _lies_in(vault.id, grant.inputs["scope"])
        ]
        if found:
            yield found


def _certificate_name(made: Deployment, node: Node) -> Needs:
    """Of a closed vault: its record in a private zone that is linked to the gateway's network."""
    subnets = items(node.inputs, "gatewayIPConfigurations")
    network = _network(str(at(subnets[0], "subnet", "id"))) if subnets else ""
    for vault in _certificate_vaults(made, node):
        if str(at(vault.inputs, "properties", "publicNetworkAccess")).lower() != "disabled":
            continue
        for group in made.of_type("network:PrivateDnsZoneGroup"):
            endpoint = made.references.find(_above(group.id, 2))
            if endpoint is None or vault.urn not in made.references.of(endpoint):
                continue
            yield [group]
            for link in made.of_type(_LINK):
                if _linked(link) == network and made.references.of(group).keys() & {
                    zone.urn for zone in [made.references.find(_above(link.id, 2))] if zone
                }:
                    yield [link]


def _cluster_of_objects(made: Deployment, node: Node) -> Needs:
    """The cluster whose kubeconfig the object's provider has."""
    for urn in node.waits:
        provider = made.nodes.get(urn)
        if provider and provider.type == "pulumi:providers:kubernetes":
            for other in provider.waits:
                if (cluster := made.nodes.get(other)) and cluster.token == CLUSTER:
                    yield [cluster]


@dataclass(frozen=True)
class Order:
    """A row: what must be there before a resource of these types."""

    name: str
    types: tuple[str, ...]
    """Beginnings of type tokens."""
    needs: Callable[[Deployment, Node], Needs]
    source: str


ORDER = (
    Order(
        "the cluster's identity holds its roles",
        (CLUSTER, POOL),
        _roles,
        "Microsoft Learn: azure/aks/concepts-network-cni-overview#prerequisites",
    ),
    Order(
        "user-defined routing finds its default route",
        (CLUSTER,),
        _default_route,
        "Microsoft Learn: azure/aks/egress-outboundtype",
    ),
    Order(
        "nodes reach the outside when they start",
        (CLUSTER,),
        _way_out,
        "Microsoft Learn: troubleshoot/azure/azure-kubernetes/error-codes/"
        "outboundconnfailvmextensionerror",
    ),
    Order(
        "AKS links a zone that is not linked yet, and a network is linked once",
        (CLUSTER,),
        _own_link,
        "Azure/AKS#2711, Azure/AKS#4998",
    ),
    Order(
        "a remote gateway is there before it is used",
        (_PEERING,),
        _gateway,
        "Microsoft Learn: azure/vpn-gateway/vpn-gateway-peering-gateway-transit",
    ),
    Order(
        "an Application Gateway reads its certificate when it is made",
        ("network:ApplicationGateway",),
        _certificate_role,
        "Microsoft Learn: azure/application-gateway/key-vault-certs",
    ),
    Order(
        "a gateway's network resolves the name of a vault that is closed to the public",
        ("network:ApplicationGateway",),
        _certificate_name,
        "Microsoft Learn: azure/application-gateway/key-vault-certs",
    ),
    Order(
        "an object is made in a cluster that is there",
        ("kubernetes:",),
        _cluster_of_objects,
        "the API server answers when its cluster has been made",
    ),
)


def needs(made: Deployment, node: Node) -> list[list[Node]]:
    """What must be there before a resource, by references and by rules; each entry a choice."""
    referred = [[made.nodes[urn]] for urn in made.references.of(node)]
    ruled = [
        choice
        for row in ORDER
        if node.token.startswith(row.types)
        for choice in row.needs(made, node)
    ]
    return [*referred, *ruled]


def _above(resource_id: str, levels: int) -> str:
    return resource_id.rsplit("/", levels)[0]


def _lies_in(resource_id: str, scope: Any) -> bool:
    return f"{resource_id}/".lower().startswith(f"{str(scope).rstrip('/')}/".lower())


def _network(resource_id: str) -> str:
    head, _, tail = resource_id.lower().partition("/virtualnetworks/")
    return f"{head}/virtualnetworks/{tail.split('/')[0]}"


def _linked(link: Node) -> str:
    return str(at(link.inputs, "virtualNetwork", "id")).lower()


def _remote(peering: Node) -> str:
    return str(at(peering.inputs, "remoteVirtualNetwork", "id")).lower()


def _ids(node: Node) -> list[str]:
    found = items(node.inputs, "ipConfigurations")
    return [str(at(one, "subnet", "id")) for one in found]


def _default(route: Node) -> bool:
    return route.inputs.get("addressPrefix") == "0.0.0.0/0"


def _holds(prefix: Any, address: str) -> bool:
    return bool(prefix) and ip_address(address) in ip_network(str(prefix))
