"""Rules about networks: public addresses, open ports, security groups of subnets, egress."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from typing import Any

from analysis.audit.violations import Violations
from analysis.stack_state import Json, Resource, State, key
from support.nested import items, values_of
from support.secrets import visible_texts

PUBLIC_TYPES = (
    "network:ApplicationGateway",
    "network:AzureFirewall",
    "network:BastionHost",
    "network:NatGateway",
    "network:VirtualNetworkGateway",
)
"""Types that may use a public IP address."""
MANAGEMENT_PORTS = {22: "SSH", 3389: "RDP", 5985: "WinRM", 5986: "WinRM", 10250: "kubelet"}
SUBNETS_WITHOUT_GROUP = frozenset(
    {"gatewaysubnet", "azurefirewallsubnet", "azurefirewallmanagementsubnet"}
)
"""Azure supports no network security group on these ("VPN Gateway settings"; "Azure Firewall
FAQ")."""
_ANY_SOURCE = frozenset({"*", "internet", "any", "0.0.0.0/0"})


def public_addresses(state: State) -> Violations:
    """Each public IP address belongs to a type that is meant to face the Internet.

    An object of the cluster names the address of a Service's load balancer by an annotation.
    """
    used = {
        key(text)
        for user in state.of_type(*PUBLIC_TYPES)
        for text in visible_texts(user.properties)
        if "/publicipaddresses/" in text.lower()
    }
    for address in state.of_type("network:PublicIPAddress"):
        if address.key not in used and address.name not in _named_by_services(state):
            yield address, "no gateway, firewall, Bastion or NAT gateway uses this address"


def _named_by_services(state: State) -> set[str]:
    """The names of public addresses in the annotations of Services, whatever creates these."""
    return {
        str(name)
        for item in state.resources
        if item.is_kubernetes
        for name in values_of(item.properties, "service.beta.kubernetes.io/azure-pip-name")
    }


def network_interfaces(state: State) -> Violations:
    """No virtual machine has a public IP address."""
    for interface in state.of_type("network:NetworkInterface"):
        for configuration in interface.items("ipConfigurations"):
            if configuration.get("publicIPAddress"):
                yield interface, "the network interface has a public IP address"


def management_ports(state: State) -> Violations:
    """No security group opens a management port to the Internet."""
    for group in state.of_type("network:NetworkSecurityGroup"):
        for rule in group.items("securityRules"):
            yield from _opens(group, rule)
    for rule in state.of_type("network:SecurityRule"):
        yield from _opens(rule, rule.properties)


def _opens(owner: Resource, rule: Json) -> Violations:
    if rule.get("access") != "Allow" or rule.get("direction") != "Inbound":
        return
    if str(rule.get("protocol", "*")).lower() not in {"*", "tcp"}:
        return
    sources = _texts(rule.get("sourceAddressPrefix"), items(rule, "sourceAddressPrefixes"))
    ranges = _texts(rule.get("destinationPortRange"), items(rule, "destinationPortRanges"))
    public = [one for one in sources if _is_public(one)]
    open_ports = [port for port in MANAGEMENT_PORTS if any(_contains(one, port) for one in ranges)]
    if public and open_ports:
        names = ", ".join(f"{port} ({MANAGEMENT_PORTS[port]})" for port in open_ports)
        yield owner, f"rule {rule.get('name')} opens {names} to {', '.join(public)}"


def _texts(single: Any, several: Sequence[Any]) -> list[str]:
    """Azure has each field of a rule twice: for one value and for several. Both count."""
    return [str(one) for one in (single, *several) if one]


def _is_public(source: str) -> bool:
    if source.lower() in _ANY_SOURCE:
        return True
    try:
        return not IPv4Network(source, strict=False).is_private
    except (AddressValueError, NetmaskValueError, ValueError):
        return False  # a service tag: an Azure service, or the virtual network


def _contains(ports: str, port: int) -> bool:
    if ports == "*":
        return True
    first, _, last = ports.partition("-")
    return int(first) <= port <= int(last or first)


def subnet_security_groups(state: State) -> Violations:
    """Each subnet has a network security group."""
    for subnet in state.of_type("network:Subnet"):
        if subnet.name.lower() in SUBNETS_WITHOUT_GROUP:
            continue
        if not subnet.at("networkSecurityGroup", "id"):
            yield subnet, "the subnet has no network security group"


def default_outbound_access(state: State) -> Violations:
    """No subnet has Azure's default outbound access."""
    for subnet in state.of_type("network:Subnet"):
        if subnet.at("defaultOutboundAccess") is not False:
            yield subnet, "defaultOutboundAccess is not false"


def inbound_default_deny(state: State) -> Violations:
    """Each security group denies inbound traffic that none of its own rules allows.

    Azure's default rules deny the rest too, but allow the tag VirtualNetwork before, which includes
    all peered networks.
    """
    for group in state.of_type("network:NetworkSecurityGroup"):
        if not any(
            rule.get("access") == "Deny"
            and rule.get("direction") == "Inbound"
            and rule.get("sourceAddressPrefix") in {"*", "VirtualNetwork"}
            and rule.get("destinationPortRange") == "*"
            for rule in group.items("securityRules")
        ):
            yield group, "no rule denies all other inbound traffic"


def bastion(state: State) -> Violations:
    """Bastion creates no links for users without access to Azure."""
    for host in state.of_type("network:BastionHost"):
        if host.at("enableShareableLink"):
            yield host, "enableShareableLink is true"


def firewalls(state: State) -> Violations:
    """Azure Firewall denies traffic by threat intelligence. The Basic tier can only alert."""
    for policy in state.of_type("network:FirewallPolicy"):
        mode = policy.at("threatIntelMode")
        if mode != "Deny" and policy.at("sku", "tier") != "Basic":
            yield policy, f"threatIntelMode is {mode or 'Alert'}"


def vpn_connections(state: State) -> Violations:
    """VPN connections use IKEv2."""
    for connection in state.of_type("network:VirtualNetworkGatewayConnection"):
        is_vpn = connection.at("connectionType") == "IPsec"
        if is_vpn and connection.at("connectionProtocol") != "IKEv2":
            yield connection, "connectionProtocol is not IKEv2"
