"""The rules of every network security group (NSG), as plain data: one function per subnet.

`nodes` has the rules of the subnets of nodes and pods. `subnet_specs` fills in the ranges.

Azure evaluates its default rules after these: 65000 allows traffic within the virtual network,
65001 allows the probes of load balancers, 65500 denies everything else. The service tag
`VirtualNetwork` includes peered networks and on-premises behind a gateway. A group that must be
stricter than rule 65000 therefore ends with a rule that denies `VirtualNetwork`.
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
    """One security rule.

    Sources and destinations are CIDR ranges or a single service tag. `*` is any range or port.
    """

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


def _deny_virtual_network() -> Rule:
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

    All ranges are in CIDR notation.

    - `cluster_ranges` are the ranges of nodes and pods. AKS requires all traffic between nodes,
      between pods, and between nodes and pods: a security group must not block any of it
      (aks/concepts-network, "Custom virtual network requirements"). Network policies do.
    - From outside the cluster, only `operator_ranges` reach SSH and RDP on `node_ranges`.
    - `api_server_ranges` is the range of an API server inside the network, which connects to
      kubelets and webhooks.
    - `ingress_sources` reach the ingress controller by HTTP and HTTPS. `ingress_destinations` are
      the addresses of its load balancer: AKS uses floating IP, so packets keep that destination at
      the nodes.
    - `internal_sources` reach `internal_addresses`, those of the second, internal ingress class.
    - `pod_gateway` is the range of a gateway that connects to pods directly, on `exposed_ports`.
    """
    return (
        *_operators_and_cluster(operator_ranges, cluster_ranges, node_ranges),
        *_other_parts_of_aks(api_server_ranges),
        *_ingress_controller(300, ingress_sources, ingress_destinations),
        *_internal_class(301, internal_sources, internal_addresses),
        *_pod_gateway(310, pod_gateway, exposed_ports),
        _deny_virtual_network(),
    )


def _operators_and_cluster(
    operator_ranges: Sequence[str], cluster_ranges: Sequence[str], node_ranges: Sequence[str]
) -> tuple[Rule, ...]:
    return (
        _inbound(
            "AllowOperatorsInbound",
            100,
            operator_ranges,
            [SSH, RDP],
            "Operators reach nodes by SSH and RDP from Bastion and the jump box.",
        ),
        _inbound(
            "AllowClusterInbound",
            200,
            cluster_ranges,
            ["*"],
            "Nodes and pods of this cluster talk to each other, as AKS requires.",
            protocol="*",
        ),
        _inbound(
            "DenyManagementInbound",
            205,
            ["*"],
            [SSH, RDP],
            "No one else reaches SSH or RDP.",
            destinations=node_ranges,
            access="Deny",
        ),
    )


def _other_parts_of_aks(api_server_ranges: Sequence[str]) -> tuple[Rule, ...]:
    # The tag VirtualNetwork, which the last rule denies, includes the address of the probes.
    probes = _inbound(
        "AllowLoadBalancerInbound",
        210,
        ["AzureLoadBalancer"],
        ["*"],
        "Health probes of the cluster's load balancers.",
        protocol="*",
    )
    if not api_server_ranges:
        return (probes,)
    api_server_inside = _inbound(
        "AllowApiServerInbound",
        220,
        api_server_ranges,
        ["*"],
        "The API server in the network speaks to kubelets and webhooks.",
    )
    return (probes, api_server_inside)


def _ingress_controller(
    priority: int, sources: Sequence[str], destinations: Sequence[str] = ("*",)
) -> tuple[Rule, ...]:
    """The rule for HTTP and HTTPS to the ingress controller; none without sources."""
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
    """The rule for a gateway that connects to pods directly; none without a gateway or ports."""
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
    """The rule for clients of the second, internal ingress class; none without addresses."""
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
    """Rules of the subnet with the addresses of the internal load balancers."""
    return (
        *_ingress_controller(100, ingress_sources),
        *_internal_class(101, internal_sources, internal_addresses),
        _deny_virtual_network(),
    )


def private_endpoints(*, client_ranges: Sequence[str]) -> tuple[Rule, ...]:
    """Rules of the subnet with the private endpoints: HTTPS from `client_ranges` only."""
    return (
        _inbound("AllowClientsInbound", 100, client_ranges, ["443"], "HTTPS to private endpoints."),
        _deny_virtual_network(),
    )


def api_server(*, client_ranges: Sequence[str]) -> tuple[Rule, ...]:
    """Rules of the API server's subnet, with API Server VNet Integration."""
    return (
        _inbound(
            "AllowClientsInbound",
            100,
            client_ranges,
            ["443", "4443"],
            "Nodes and operators reach the API server.",
        ),
        _inbound(
            "AllowLoadBalancerInbound",
            110,
            ["AzureLoadBalancer"],
            ["9988"],
            "Health probes of the API server's load balancer.",
        ),
        _deny_virtual_network(),
    )


def application_gateway(*, clients: str = "Internet") -> tuple[Rule, ...]:
    """Rules of the subnet of an Application Gateway v2.

    `clients` is the service tag of what may connect by HTTP and HTTPS.
    Azure refuses the gateway without the rule for GatewayManager
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
        _inbound("AllowWebInbound", 120, [clients], WEB, "Clients reach the firewall."),
        _deny_virtual_network(),
    )


def traffic_controller(
    *, own_ranges: Sequence[str], cluster_ranges: Sequence[str]
) -> tuple[Rule, ...]:
    """Rules of the subnet of Application Gateway for Containers.

    `own_ranges` are those of its instances, and `cluster_ranges` those of the pods that they
    connect to. Without a rule for the Internet, the frontend answers no one. Source:
    application-gateway-for-containers-components, "Network security groups on the association
    subnet"; Azure/AKS#5837.
    """
    return (
        _inbound("AllowWebInbound", 100, ["Internet"], WEB, "Clients reach the frontend."),
        _inbound(
            "AllowLoadBalancerInbound",
            110,
            ["AzureLoadBalancer"],
            ["*"],
            "Health probes of the gateway's load balancer.",
            protocol="*",
        ),
        _inbound(
            "AllowInstancesInbound",
            120,
            own_ranges,
            ["*"],
            "The gateway's instances speak to each other.",
            protocol="*",
        ),
        _deny_virtual_network(),
        # The tag VirtualNetwork does not cover the pods of an overlay.
        Rule(
            "AllowPodsOutbound",
            "Outbound",
            100,
            "Allow",
            ("*",),
            tuple(cluster_ranges),
            ("*",),
            "*",
            "The gateway speaks to the pods of applications.",
        ),
    )


def jump_box(*, sources: Sequence[str], on_premises: Sequence[str] = ()) -> tuple[Rule, ...]:
    """Rules of the jump box's subnet.

    `sources`, the range of Bastion, reaches SSH and RDP; the ranges `on_premises` reach SSH.
    """
    rules = [
        _inbound("AllowBastionInbound", 100, sources, [SSH, RDP], "Operators come through Bastion.")
    ]
    if on_premises:
        what = "Operators on-premises come through the gateway."
        rules.append(_inbound("AllowOnPremisesInbound", 110, on_premises, [SSH], what))
    return (*rules, _deny_virtual_network())


def dns_resolver(*, on_premises: Sequence[str], cluster_ranges: Sequence[str]) -> tuple[Rule, ...]:
    """Rules of the DNS private resolver's subnet: DNS from these ranges only.

    `cluster_ranges` are empty unless the resolver is a DNS server of the cluster's network.
    """
    clients = (
        (
            "AllowDnsInbound",
            100,
            on_premises,
            "On-premises asks for the names in the private zones.",
        ),
        (
            "AllowClusterDnsInbound",
            110,
            cluster_ranges,
            "The cluster's network resolves names here.",
        ),
    )
    allowed = [
        _inbound(name, priority, ranges, [DNS], what, protocol="*")
        for name, priority, ranges, what in clients
        if ranges
    ]
    return (*allowed, _deny_virtual_network())


def bastion(*, api_server_ranges: Sequence[str] = ()) -> tuple[Rule, ...]:
    """Rules of AzureBastionSubnet: all that Azure requires there, and the API server's tunnel.

    Source: Azure Bastion, "Working with NSG access and Azure Bastion". Azure refuses the group if
    one of them is missing (NetworkSecurityGroupNotCompliantForAzureBastionSubnet).
    `api_server_ranges` are the ranges of a private API server that tunnels lead to.
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
    next_priority = {"Inbound": 100, "Outbound": 100}
    rules: list[Rule] = []
    for name, direction, source, destination, ports, protocol in rows:
        rules.append(
            Rule(
                name,
                direction,
                next_priority[direction],
                "Allow",
                (source,),
                (destination,),
                tuple(ports.split(",")),
                "Tcp" if protocol == "Tcp" else "*",
                "Required by Azure Bastion.",
            )
        )
        next_priority[direction] += 10
    if api_server_ranges:
        tunnel = Rule(
            "AllowApiServerOutbound",
            "Outbound",
            next_priority["Outbound"],
            "Allow",
            ("*",),
            tuple(api_server_ranges),
            ("443",),
            "Tcp",
            "Tunnels of operators lead to the private API server.",
        )
        rules.append(tunnel)
    return (*rules, _deny_other("Inbound"), _deny_other("Outbound"))


def _deny_other(direction: Literal["Inbound", "Outbound"]) -> Rule:
    """Deny what Azure's default rules allow: the whole virtual network, and all egress."""
    name, any_value = f"DenyOther{direction}", ("*",)
    description = "Nothing else comes in or goes out."
    return Rule(name, direction, 4096, "Deny", any_value, any_value, any_value, "*", description)
