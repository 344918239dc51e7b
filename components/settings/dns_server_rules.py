"""What the networks' own DNS servers must be: reachable, and able to resolve the private zones.

Sources: virtual-network/virtual-networks-name-resolution-for-vms-and-role-instances; aks/
private-clusters, "Hub and spoke with custom DNS".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network

from components.addressing import AddressPlan, NetworkModel, SubnetKey
from components.addressing.azure import FIRST_USABLE, PRIVATE_RANGES
from components.problems import Problem
from components.settings import private_dns_rules
from components.settings.cluster import ClusterSettings
from components.settings.management import ManagementSettings
from components.settings.network import NetworkSettings
from components.settings.partial import skips_unreadable
from components.settings.paths import MANAGEMENT, NETWORK
from components.settings.private_dns import api_server_zone, existing_zone
from components.settings.stack import Settings

CLUSTER_SERVERS = f"{NETWORK}.dnsServers"
MANAGEMENT_SERVERS = f"{MANAGEMENT}.dnsServers"

MOST_SERVERS = 20
"""DNS servers of one virtual network (azure-subscription-service-limits#networking-limits)."""
AZURE_RESOLVER = "168.63.129.16"
"""virtual-network/what-is-ip-address-168-63-129-16."""


def contain(ranges: Iterable[str], address: str) -> bool:
    """Whether one of the ranges contains the address."""
    return any(IPv4Address(address) in IPv4Network(one) for one in ranges)


@skips_unreadable
def lists(network: NetworkSettings, management: ManagementSettings) -> Iterator[Problem]:
    """Each list is one that Azure accepts, and names machines outside the cluster."""
    yield from _list(CLUSTER_SERVERS, network.dns_servers, network)
    yield from _of_management(network, management)


@skips_unreadable
def _of_management(network: NetworkSettings, management: ManagementSettings) -> Iterator[Problem]:
    servers = management.dns_servers
    if management.existing is not None and servers:
        rule = "must not be set: the program writes nothing to another team's network"
        yield Problem(MANAGEMENT_SERVERS, ", ".join(servers), rule, "remove it")
        return
    yield from _list(MANAGEMENT_SERVERS, servers, network)


@skips_unreadable
def _list(path: str, servers: Sequence[str], network: NetworkSettings) -> Iterator[Problem]:
    if len(servers) > MOST_SERVERS:
        rule = f"must be at most {MOST_SERVERS} servers: a virtual network has no more"
        yield Problem(path, str(len(servers)), rule, "remove the others")
    count = Counter(servers)
    inside = [network.service_cidr, *([network.pod_cidr] if network.pod_cidr else [])]
    for position, server in enumerate(servers):
        place = f"{path}[{position}]"
        if count[server] > 1:
            rule = f"must be unique: {count[server]} entries are this server"
            yield Problem(place, server, rule, "remove the others")
        if server == AZURE_RESOLVER:
            rule = (
                "must not be Azure's own resolver: next to other servers it answers without them, "
                "and alone it is the default"
            )
            yield Problem(place, server, rule, "remove it, and let your servers forward to it")
        elif contain(inside, server):
            rule = "must not be in podCidr or serviceCidr: only the cluster routes these ranges"
            yield Problem(place, server, rule, "use the address of a machine in a virtual network")


@skips_unreadable
def reachable(network: NetworkSettings, management: ManagementSettings) -> Iterator[Problem]:
    """Each server is where its network leads: in one of the two networks, or in a known range."""
    leads_on = network.egress == "appliance" or network.existing is not None
    yield from _reachable(
        CLUSTER_SERVERS, network.dns_servers, network, management, leads_on=leads_on
    )
    if management.existing is None:
        servers = management.dns_servers
        yield from _reachable(MANAGEMENT_SERVERS, servers, network, management, leads_on=False)


def _reachable(
    path: str,
    servers: Sequence[str],
    network: NetworkSettings,
    management: ManagementSettings,
    *,
    leads_on: bool,
) -> Iterator[Problem]:
    """`leads_on` says that a route of another team may lead to any private address."""
    hub = management.existing
    leads_on = leads_on or (hub is not None and hub.use_gateway)
    known = [
        *network.address_space,
        *management.address_space,
        *management.gateway.on_premises,
        *(reserved.cidr for reserved in network.reserved),
    ]
    for position, server in enumerate(servers):
        if server == AZURE_RESOLVER or contain(known, server):
            continue
        place, address = f"{path}[{position}]", IPv4Address(server)
        if not any(address in private for private in PRIVATE_RANGES):
            rule = "must be a private address: a public server can't resolve the private zones"
            yield Problem(place, server, rule, "use a server in your networks or on-premises")
        elif not leads_on:
            rule = "must be in a network that is known: neither network, nor a gateway, leads to it"
            remedy = (
                "use an address of network.addressSpace or management.addressSpace, or add the "
                "range of the peered network to aks-network:network.reserved"
            )
            yield Problem(place, server, rule, remedy)


@skips_unreadable
def private_cluster(
    location: str,
    network: NetworkSettings,
    management: ManagementSettings,
    cluster: ClusterSettings,
) -> Iterator[Problem]:
    """Nodes resolve the private API server's name when they start.

    Otherwise the first node fails (VMExtensionError_K8SAPIServerDNSLookupFail).
    """
    if not cluster.private or not network.dns_servers:
        return
    if network.model == NetworkModel.KUBENET:
        rule = (
            "must be empty: AKS can't create a private cluster with kubenet, a route table of your "
            "own and custom DNS servers"
        )
        remedy = "remove dnsServers, use another model, or use cluster.private: false"
        yield Problem(CLUSTER_SERVERS, ", ".join(network.dns_servers), rule, remedy)
    zone = api_server_zone(location, vnet_integration=cluster.api_server_vnet_integration)
    if existing_zone(network.private_dns.existing_zones, zone) is not None:
        return  # Its owner links it; `make doctor` looks.
    if private_dns_rules.links_management_network(network, management):
        return
    for position, server in enumerate(network.dns_servers):
        if contain(management.address_space, server):
            rule = (
                f"must be in a network that {zone} is linked to: the server is in the management "
                "network, which the program does not link, so nodes can't find the API server"
            )
            remedy = (
                f"add the zone that resolves there to {private_dns_rules.ZONES}, or use "
                f"{private_dns_rules.LINK.removeprefix('aks-network:')}: true"
            )
            yield Problem(f"{CLUSTER_SERVERS}[{position}]", server, rule, remedy)


@skips_unreadable
def planned(
    network: NetworkSettings, management: ManagementSettings, plan: AddressPlan
) -> Iterator[Problem]:
    """A server in a planned subnet is one that can be there, and answers."""
    firewall = plan.address(SubnetKey.FIREWALL) if plan.has(SubnetKey.FIREWALL) else None
    for position, server in enumerate(network.dns_servers):
        place = f"{CLUSTER_SERVERS}[{position}]"
        if server == firewall and network.firewall.tier == "Basic":
            rule = "must not be the firewall: its tier Basic has no DNS proxy"
            yield Problem(place, server, rule, "use network.firewall.tier: Standard")
        yield from _usable(place, server, plan)
    for position, server in enumerate(management.dns_servers):
        place = f"{MANAGEMENT_SERVERS}[{position}]"
        if server in {firewall, resolver(plan)}:
            rule = (
                "must not be a service of the same network: the jump box starts before it, and "
                "could not resolve the hosts that it downloads its tools from"
            )
            remedy = "remove it: without dnsServers, Azure resolves the private zones there"
            yield Problem(place, server, rule, remedy)
        yield from _usable(place, server, plan)


def _usable(place: str, server: str, plan: AddressPlan) -> Iterator[Problem]:
    for subnet in plan.subnets:
        if IPv4Address(server) not in subnet.network:
            continue
        number = int(IPv4Address(server)) - int(subnet.network.network_address)
        if number < FIRST_USABLE or number == subnet.network.num_addresses - 1:
            rule = f"must not be an address that Azure reserves in {subnet.prefix}"
            yield Problem(place, server, rule, "use the address of a machine")


def resolver(plan: AddressPlan) -> str | None:
    """The address of the DNS private resolver in the management network; None without one."""
    return plan.address(SubnetKey.DNS_RESOLVER) if plan.has(SubnetKey.DNS_RESOLVER) else None


def uses_firewall(network: NetworkSettings, plan: AddressPlan) -> bool:
    """Whether the firewall's DNS proxy is a DNS server of the cluster's network."""
    return plan.has(SubnetKey.FIREWALL) and plan.address(SubnetKey.FIREWALL) in network.dns_servers


def uses_resolver(network: NetworkSettings, plan: AddressPlan) -> bool:
    """Whether the DNS private resolver is a DNS server of the cluster's network."""
    return resolver(plan) in network.dns_servers


def beyond_both(network: NetworkSettings, management: ManagementSettings) -> tuple[str, ...]:
    """The servers outside both networks, to which the default route of nodes may lead."""
    own = (*network.address_space, *management.address_space)
    return tuple(server for server in network.dns_servers if not contain(own, server))


def advice(settings: Settings, plan: AddressPlan) -> Iterator[str]:
    """What the owner of the servers must do, so that nodes start and find the private zones."""
    network, management = settings.network, settings.management
    answered = {resolver(plan)}
    if uses_firewall(network, plan):
        answered.add(plan.address(SubnetKey.FIREWALL))
    servers = [server for server in network.dns_servers if server not in answered]
    if not servers:
        return
    needed = private_dns_rules.needed_zones(settings.location, settings.cluster, settings.ingress)
    linked = list(network.address_space)
    if private_dns_rules.links_management_network(network, management):
        linked += management.address_space
    inside = [server for server in servers if contain(linked, server)]
    outside = [server for server in servers if server not in inside]
    when = (
        "must answer over UDP and TCP 53 before the cluster is created (deploy with "
        "aks-network:phase: networks first)"
    )
    if inside:
        yield (
            f"{CLUSTER_SERVERS}: {', '.join(inside)} {when}, and forward to {AZURE_RESOLVER}, "
            f"which resolves {', '.join(needed)}"
        )
    if outside:
        own = resolver(plan)
        to = f"{own}, the DNS private resolver of this stack" if own else "a DNS private resolver"
        yield (
            f"{CLUSTER_SERVERS}: {', '.join(outside)} {when}, and forward {', '.join(needed)} to "
            f"{to} or to {AZURE_RESOLVER}, from a network that these zones are linked to"
        )
    beyond = beyond_both(network, management)
    if network.egress == "appliance" and beyond:
        yield f"the appliance must allow UDP and TCP 53 to {', '.join(beyond)}, the DNS servers"
