"""Rules of networks: public addresses, ways in, and the guards of subnets."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError

from analysis.audit.model import Json, Resource, Stack, key, texts

Complaints = Iterator[tuple[Resource, str]]

MAY_BE_PUBLIC = (
    "network:ApplicationGateway",
    "network:AzureFirewall",
    "network:BastionHost",
    "network:NatGateway",
    "network:VirtualNetworkGateway",
)
MANAGEMENT_PORTS = {22: "SSH", 3389: "RDP", 5985: "WinRM", 5986: "WinRM", 10250: "kubelet"}
UNGUARDED_SUBNETS = frozenset(
    {"gatewaysubnet", "azurefirewallsubnet", "azurefirewallmanagementsubnet"}
)
"""Azure takes no security group on these ("VPN Gateway settings"; "Azure Firewall FAQ")."""
_EVERYBODY = frozenset({"*", "internet", "any", "0.0.0.0/0"})


def public_addresses(stack: Stack) -> Complaints:
    """Each public address belongs to something that is made to face the Internet."""
    users = {
        key(text): user.type
        for user in stack.of_type(*MAY_BE_PUBLIC)
        for text in texts(user.properties)
        if "/publicipaddresses/" in text.lower()
    }
    for address in stack.of_type("network:PublicIPAddress"):
        if key(address.id) not in users:
            yield address, "no gateway, firewall, Bastion or NAT gateway uses this address"


def network_cards(stack: Stack) -> Complaints:
    """No machine has a public address."""
    for card in stack.of_type("network:NetworkInterface"):
        for configuration in card.rows("ipConfigurations"):
            if configuration.get("publicIPAddress"):
                yield card, "the network card has a public address"


def management_ports(stack: Stack) -> Complaints:
    """No security group lets the Internet reach a management port."""
    for group in stack.of_type("network:NetworkSecurityGroup"):
        for rule in group.rows("securityRules"):
            yield from _opens(group, rule)
    for rule in stack.of_type("network:SecurityRule"):
        yield from _opens(rule, rule.properties)


def _opens(owner: Resource, rule: Json) -> Complaints:
    if rule.get("access") != "Allow" or rule.get("direction") != "Inbound":
        return
    if str(rule.get("protocol", "*")).lower() not in {"*", "tcp"}:
        return
    sources = [
        str(one)
        for one in [rule.get("sourceAddressPrefix"), *(rule.get("sourceAddressPrefixes") or ())]
        if one
    ]
    public = [one for one in sources if _is_public(one)]
    ranges = [
        str(one)
        for one in [
            rule.get("destinationPortRange"),
            *(rule.get("destinationPortRanges") or ()),
        ]
        if one
    ]
    open_ports = [port for port in MANAGEMENT_PORTS if any(_holds(one, port) for one in ranges)]
    if public and open_ports:
        names = ", ".join(f"{port} ({MANAGEMENT_PORTS[port]})" for port in open_ports)
        yield owner, f"rule {rule.get('name')} opens {names} to {', '.join(public)}"


def _is_public(source: str) -> bool:
    if source.lower() in _EVERYBODY:
        return True
    try:
        return not IPv4Network(source, strict=False).is_private
    except (AddressValueError, NetmaskValueError, ValueError):
        return False  # a service tag: Azure's own services, or the virtual network


def _holds(ports: str, port: int) -> bool:
    if ports == "*":
        return True
    first, _, last = ports.partition("-")
    return int(first) <= port <= int(last or first)


def guarded_subnets(stack: Stack) -> Complaints:
    """Each subnet has a network security group."""
    for subnet in stack.of_type("network:Subnet"):
        if subnet.name.lower() in UNGUARDED_SUBNETS:
            continue
        if not subnet.at("networkSecurityGroup", "id"):
            yield subnet, "the subnet has no network security group"


def explicit_egress(stack: Stack) -> Complaints:
    """No subnet has Azure's default outbound access."""
    for subnet in stack.of_type("network:Subnet"):
        if subnet.at("defaultOutboundAccess") is not False:
            yield subnet, "defaultOutboundAccess is not false"


def closed_groups(stack: Stack) -> Complaints:
    """Each group denies what peered networks send and no rule lets in.

    Azure's last rule denies the rest, but the one before it lets in the virtual network, by which
    Azure means every peered one, too.
    """
    for group in stack.of_type("network:NetworkSecurityGroup"):
        rules = group.rows("securityRules")
        if not any(
            rule.get("access") == "Deny"
            and rule.get("direction") == "Inbound"
            and rule.get("sourceAddressPrefix") in {"*", "VirtualNetwork"}
            and rule.get("destinationPortRange") == "*"
            for rule in rules
        ):
            yield group, "no rule denies the rest of what comes in"


def bastion(stack: Stack) -> Complaints:
    """Bastion hands out no links that people without access to Azure sign in by."""
    for host in stack.of_type("network:BastionHost"):
        if host.at("enableShareableLink"):
            yield host, "enableShareableLink is on"


def firewalls(stack: Stack) -> Complaints:
    """Azure Firewall denies what threat intelligence knows; Basic can only alert."""
    for policy in stack.of_type("network:FirewallPolicy"):
        mode = policy.at("threatIntelMode")
        if mode != "Deny" and policy.at("sku", "tier") != "Basic":
            yield policy, f"threatIntelMode is {mode or 'Alert'}"


def tunnels(stack: Stack) -> Complaints:
    """VPN connections speak IKEv2."""
    for connection in stack.of_type("network:VirtualNetworkGatewayConnection"):
        kind = connection.at("connectionType")
        if kind == "IPsec" and connection.at("connectionProtocol") != "IKEv2":
            yield connection, "connectionProtocol is not IKEv2"
