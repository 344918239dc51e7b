"""The rules of every network security group, as plain data.

Azure's default rules follow all of these: 65000 lets the virtual network talk to itself, 65001
lets the load balancer probe, 65500 denies the rest. Where a group must be stricter than 65000, its
last rule here denies the virtual network. `VirtualNetwork` in Azure means the network, every
network peered with it and on-premises behind a gateway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

SSH = "22"
RDP = "3389"
DNS = "53"
WEB = ("80", "443")


@dataclass(frozen=True)
class Rule:
    """One security rule. Prefixes are ranges or a single service tag; ports `*` is any."""

    name: str
    direction: Literal["Inbound", "Outbound"]
    priority: int
    access: Literal["Allow", "Deny"]
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    ports: tuple[str, ...]
    protocol: Literal["Tcp", "Udp", "*"]
    description: str


def _inbound(
    name: str,
    priority: int,
    sources: Sequence[str],
    ports: Sequence[str],
    description: str,
    *,
    destinations: Sequence[str] = ("*",),
    protocol: Literal["Tcp", "Udp", "*"] = "Tcp",
    access: Literal["Allow", "Deny"] = "Allow",
) -> Rule:
    return Rule(
        name,
        "Inbound",
        priority,
        access,
        tuple(sources),
        tuple(destinations),
        tuple(ports),
        protocol,
        description,
    )


def _deny_the_rest() -> Rule:
    return _inbound(
        "DenyVirtualNetworkInbound",
        4096,
        ["VirtualNetwork"],
        ["*"],
        "Nothing else of the virtual network, its peers or on-premises comes in.",
        protocol="*",
        access="Deny",
    )


def nodes(
    *,
    node_ranges: Sequence[str],
    cluster_ranges: Sequence[str],
    operator_ranges: Sequence[str],
    api_server_ranges: Sequence[str],
    ingress_sources: Sequence[str],
    ingress_destinations: Sequence[str] = ("*",),
    internal_sources: Sequence[str] = (),
    internal_addresses: Sequence[str] = (),
    pod_gateway: str | None = None,
    exposed_ports: Sequence[int] = (),
) -> tuple[Rule, ...]:
    """Rules of the subnets that hold nodes and pods.

    `operator_ranges` may open SSH and RDP on `node_ranges`, and no one else may, not even other
    nodes or pods. `cluster_ranges` are the nodes' and pods' ranges: AKS needs node to node, node to
    pod and pod to pod open otherwise. `api_server_ranges` are those of an API server inside the
    network, which speaks to kubelets and webhooks. `ingress_sources` are who speaks HTTP and HTTPS
    to the ingress controller, `ingress_destinations` its load balancer's addresses: AKS uses
    floating IP, so packets still bear them at the nodes. `pod_gateway` is the range of a gateway
    that speaks to the pods themselves, on `exposed_ports`.
    """
    return (
        *_operators_only(operator_ranges, node_ranges),
        *_required_by_aks(cluster_ranges, api_server_ranges),
        *_ingress_controller(300, ingress_sources, ingress_destinations),
        *_internal_class(301, internal_sources, internal_addresses),
        *_pod_gateway(310, pod_gateway, exposed_ports),
        _deny_the_rest(),
    )


def _operators_only(operator_ranges: Sequence[str], node_ranges: Sequence[str]) -> tuple[Rule, ...]:
    return (
        _inbound(
            "AllowOperatorsInbound",
            100,
            operator_ranges,
            [SSH, RDP],
            "Nodes are reached by SSH and RDP from Bastion and the jump box only.",
        ),
        _inbound(
            "DenyManagementInbound",
            110,
            ["*"],
            [SSH, RDP],
            "No one else reaches SSH or RDP.",
            destinations=node_ranges,
            access="Deny",
        ),
    )


def _required_by_aks(
    cluster_ranges: Sequence[str], api_server_ranges: Sequence[str]
) -> tuple[Rule, ...]:
    cluster = _inbound(
        "AllowClusterInbound",
        200,
        cluster_ranges,
        ["*"],
        "Nodes and pods of this cluster talk to each other, as AKS requires.",
        protocol="*",
    )
    # The tag VirtualNetwork, which the last rule denies, holds the probes' address, too.
    probes = _inbound(
        "AllowLoadBalancerInbound",
        210,
        ["AzureLoadBalancer"],
        ["*"],
        "Health probes of the cluster's load balancers.",
        protocol="*",
    )
    if not api_server_ranges:
        return (cluster, probes)
    api_server_inside = _inbound(
        "AllowApiServerInbound",
        220,
        api_server_ranges,
        ["*"],
        "The API server in the network speaks to kubelets and webhooks.",
    )
    return (cluster, probes, api_server_inside)


def _ingress_controller(
    priority: int, sources: Sequence[str], destinations: Sequence[str] = ("*",)
) -> tuple[Rule, ...]:
    """Whoever may speak to the ingress controller, where anyone may."""
    if not sources:
        return ()
    return (
        _inbound(
            "AllowIngressInbound",
            priority,
            sources,
            WEB,
            "HTTP and HTTPS to the ingress controller, through the firewall in front of it.",
            destinations=destinations,
        ),
    )


def _pod_gateway(
    priority: int, gateway: str | None, exposed_ports: Sequence[int]
) -> tuple[Rule, ...]:
    """A gateway that speaks to the pods themselves, where there is one and they listen."""
    if not gateway or not exposed_ports:
        return ()
    return (
        _inbound(
            "AllowPodGatewayInbound",
            priority,
            [gateway],
            [str(port) for port in exposed_ports],
            "The gateway in front of the applications speaks to their pods.",
        ),
    )


def _internal_class(
    priority: int, sources: Sequence[str], addresses: Sequence[str]
) -> tuple[Rule, ...]:
    """Clients inside the networks reach the second, internal ingress class, where there is one."""
    if not addresses:
        return ()
    return (
        _inbound(
            "AllowInternalIngressInbound",
            priority,
            sources,
            WEB,
            "HTTP and HTTPS from inside the networks to the internal ingress class.",
            destinations=addresses,
        ),
    )


def ingress(
    *,
    ingress_sources: Sequence[str],
    internal_sources: Sequence[str] = (),
    internal_addresses: Sequence[str] = (),
) -> tuple[Rule, ...]:
    """Rules of the subnet that holds the internal load balancers' addresses."""
    return (
        *_ingress_controller(100, ingress_sources),
        *_internal_class(101, internal_sources, internal_addresses),
        _deny_the_rest(),
    )


def private_endpoints(*, client_ranges: Sequence[str]) -> tuple[Rule, ...]:
    """Rules of the subnet that holds private endpoints: HTTPS from the given ranges."""
    return (
        _inbound("AllowClientsInbound", 100, client_ranges, ["443"], "HTTPS to private endpoints."),
        _deny_the_rest(),
    )


def api_server(*, client_ranges: Sequence[str]) -> tuple[Rule, ...]:
    """Rules of the API server's own subnet (API server VNet integration)."""
    return (
        _inbound(
            "AllowClientsInbound",
            100,
            client_ranges,
            ["443", "4443"],
            "Nodes, jump box and on-premises reach the API server.",
        ),
        _inbound(
            "AllowLoadBalancerInbound",
            110,
            ["AzureLoadBalancer"],
            ["9988"],
            "Health probes of the API server's load balancer.",
        ),
        _deny_the_rest(),
    )


def application_gateway() -> tuple[Rule, ...]:
    """Rules of the Application Gateway v2 subnet.

    Without the GatewayManager rule Azure refuses the gateway
    (ApplicationGatewaySubnetInboundTrafficBlockedByNetworkSecurityGroup).
    """
    return (
        _inbound(
            "AllowGatewayManagerInbound",
            100,
            ["GatewayManager"],
            ["65200-65535"],
            "Azure manages the gateway's instances.",
        ),
        _inbound(
            "AllowLoadBalancerInbound",
            110,
            ["AzureLoadBalancer"],
            ["*"],
            "Health probes of the gateway's load balancer.",
            protocol="*",
        ),
        _inbound("AllowWebInbound", 120, ["Internet"], WEB, "Clients reach the firewall."),
        _deny_the_rest(),
    )


def jump_box(*, sources: Sequence[str], on_premises: Sequence[str] = ()) -> tuple[Rule, ...]:
    """Rules of the jump box's subnet: from Bastion's ranges, and SSH from on-premises, if given."""
    rules = [
        _inbound("AllowBastionInbound", 100, sources, [SSH, RDP], "Operators come through Bastion.")
    ]
    if on_premises:
        what = "Operators on-premises come through the gateway."
        rules.append(_inbound("AllowOnPremisesInbound", 110, on_premises, [SSH], what))
    return (*rules, _deny_the_rest())


def dns_resolver(*, client_ranges: Sequence[str]) -> tuple[Rule, ...]:
    """Rules of the private resolver's subnet: DNS from the given ranges."""
    what = "On-premises asks for the names in the private zones."
    allowed = _inbound("AllowDnsInbound", 100, client_ranges, [DNS], what, protocol="*")
    return ((allowed,) if client_ranges else ()) + (_deny_the_rest(),)


def bastion() -> tuple[Rule, ...]:
    """The complete set that Azure asks of a group on AzureBastionSubnet.

    Source: Azure Bastion, "Working with NSG access and Azure Bastion". With one of them missing
    Azure refuses the association (NetworkSecurityGroupNotCompliantForAzureBastionSubnet).
    """
    rows: tuple[tuple[str, Literal["Inbound", "Outbound"], str, str, str, str], ...] = (
        ("AllowHttpsInbound", "Inbound", "Internet", "*", "443", "Tcp"),
        ("AllowGatewayManagerInbound", "Inbound", "GatewayManager", "*", "443", "Tcp"),
        ("AllowLoadBalancerInbound", "Inbound", "AzureLoadBalancer", "*", "443", "Tcp"),
        (
            "AllowBastionHostCommunication",
            "Inbound",
            "VirtualNetwork",
            "VirtualNetwork",
            "8080,5701",
            "*",
        ),
        ("AllowSshRdpOutbound", "Outbound", "*", "VirtualNetwork", "22,3389", "*"),
        ("AllowAzureCloudOutbound", "Outbound", "*", "AzureCloud", "443", "Tcp"),
        (
            "AllowBastionCommunication",
            "Outbound",
            "VirtualNetwork",
            "VirtualNetwork",
            "8080,5701",
            "*",
        ),
        ("AllowHttpOutbound", "Outbound", "*", "Internet", "80", "*"),
    )
    first = {"Inbound": 100, "Outbound": 100}
    rules: list[Rule] = []
    for name, direction, source, destination, ports, protocol in rows:
        rules.append(
            Rule(
                name,
                direction,
                first[direction],
                "Allow",
                (source,),
                (destination,),
                tuple(ports.split(",")),
                "Tcp" if protocol == "Tcp" else "*",
                "Required by Azure Bastion.",
            )
        )
        first[direction] += 10
    return (*rules, _deny_other("Inbound"), _deny_other("Outbound"))


def _deny_other(direction: Literal["Inbound", "Outbound"]) -> Rule:
    """Azure's own default rules would let the whole virtual network in, and everything out."""
    name, anything = f"DenyOther{direction}", ("*",)
    description = "Nothing else comes in or goes out."
    return Rule(name, direction, 4096, "Deny", anything, anything, anything, "*", description)
