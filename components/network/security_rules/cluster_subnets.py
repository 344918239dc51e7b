"""Rules of the security groups in the cluster's network."""

from __future__ import annotations

from collections.abc import Sequence

from components.network.security_rules.rule import (
    RDP,
    SSH,
    WEB,
    Rule,
    deny_virtual_network,
    inbound,
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
    - `internal_sources` reach `internal_addresses`, those of internal Gateways or ingress classes.
    - `pod_gateway` is the range of a gateway that connects to pods directly, on `exposed_ports`.
    """
    return (
        *_operators_and_cluster(operator_ranges, cluster_ranges, node_ranges),
        *_other_parts_of_aks(api_server_ranges),
        *_ingress_controller(300, ingress_sources, ingress_destinations),
        *_internal_class(301, internal_sources, internal_addresses),
        *_pod_gateway(310, pod_gateway, exposed_ports),
        deny_virtual_network(),
    )


def _operators_and_cluster(
    operator_ranges: Sequence[str], cluster_ranges: Sequence[str], node_ranges: Sequence[str]
) -> tuple[Rule, ...]:
    return (
        inbound(
            "AllowOperatorsInbound",
            100,
            operator_ranges,
            [SSH, RDP],
            "Operators reach nodes by SSH and RDP from Bastion and the jump box.",
        ),
        inbound(
            "AllowClusterInbound",
            200,
            cluster_ranges,
            ["*"],
            "Nodes and pods of this cluster talk to each other, as AKS requires.",
            protocol="*",
        ),
        inbound(
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
    probes = inbound(
        "AllowLoadBalancerInbound",
        210,
        ["AzureLoadBalancer"],
        ["*"],
        "Health probes of the cluster's load balancers.",
        protocol="*",
    )
    if not api_server_ranges:
        return (probes,)
    api_server_inside = inbound(
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
        inbound(
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
        inbound(
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
    """The rule for clients of the second, internal controller; none without addresses."""
    if not addresses:
        return ()
    return (
        inbound(
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
        deny_virtual_network(),
    )


def private_endpoints(*, client_ranges: Sequence[str]) -> tuple[Rule, ...]:
    """Rules of the subnet with the private endpoints: HTTPS from `client_ranges` only."""
    return (
        inbound("AllowClientsInbound", 100, client_ranges, ["443"], "HTTPS to private endpoints."),
        deny_virtual_network(),
    )


def api_server(*, client_ranges: Sequence[str]) -> tuple[Rule, ...]:
    """Rules of the API server's subnet, with API Server VNet Integration."""
    return (
        inbound(
            "AllowClientsInbound",
            100,
            client_ranges,
            ["443", "4443"],
            "Nodes and operators reach the API server.",
        ),
        inbound(
            "AllowLoadBalancerInbound",
            110,
            ["AzureLoadBalancer"],
            ["9988"],
            "Health probes of the API server's load balancer.",
        ),
        deny_virtual_network(),
    )


def application_gateway(*, clients: str = "Internet") -> tuple[Rule, ...]:
    """Rules of the subnet of an Application Gateway v2.

    `clients` is the service tag of what may connect by HTTP and HTTPS.
    Azure refuses the gateway without the rule for GatewayManager
    (ApplicationGatewaySubnetInboundTrafficBlockedByNetworkSecurityGroup).
    """
    return (
        inbound(
            "AllowGatewayManagerInbound",
            100,
            ["GatewayManager"],
            ["65200-65535"],
            "Azure manages the gateway's instances.",
        ),
        inbound(
            "AllowLoadBalancerInbound",
            110,
            ["AzureLoadBalancer"],
            ["*"],
            "Health probes of the gateway's load balancer.",
            protocol="*",
        ),
        inbound("AllowWebInbound", 120, [clients], WEB, "Clients reach the firewall."),
        deny_virtual_network(),
    )


def traffic_controller(
    *, own_ranges: Sequence[str], cluster_ranges: Sequence[str], clients: str = "Internet"
) -> tuple[Rule, ...]:
    """Rules of the subnet of Application Gateway for Containers.

    `own_ranges` are those of its instances, and `cluster_ranges` those of the pods that they
    connect to. `clients` is the service tag of what may connect by HTTP and HTTPS. Without a rule
    for clients, the frontend answers no one. Source:
    application-gateway-for-containers-components, "Network security groups on the association
    subnet"; Azure/AKS#5837.
    """
    return (
        inbound("AllowWebInbound", 100, [clients], WEB, "Clients reach the frontend."),
        inbound(
            "AllowLoadBalancerInbound",
            110,
            ["AzureLoadBalancer"],
            ["*"],
            "Health probes of the gateway's load balancer.",
            protocol="*",
        ),
        inbound(
            "AllowInstancesInbound",
            120,
            own_ranges,
            ["*"],
            "The gateway's instances connect to each other.",
            protocol="*",
        ),
        deny_virtual_network(),
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
            "The gateway connects to the pods of applications.",
        ),
    )
