"""From settings to what the address planner is asked for. Pure: no Pulumi, no cloud."""

from __future__ import annotations

from collections.abc import Iterator

from components.addressing import (
    PlanRequest,
    PoolRequest,
    RangeRequest,
    SubnetKey,
    VnetRequest,
)
from components.settings.cluster import ClusterSettings
from components.settings.ingress import GatewayWaf, IngressSettings
from components.settings.management import ManagementSettings, VpnGateway
from components.settings.network import NetworkSettings

VAULT_ENDPOINTS = 1
"""Private endpoints that this program itself makes: the key vault's."""


def plan_request(
    network: NetworkSettings,
    management: ManagementSettings,
    cluster: ClusterSettings,
    ingress: IngressSettings,
) -> PlanRequest:
    """The whole plan that a stack's settings ask for."""
    waf = None
    if isinstance(ingress.waf, GatewayWaf) and ingress.has_application_gateway:
        waf = ingress.waf
    return PlanRequest(
        model=network.model,
        dataplane=network.dataplane,
        policy=network.policy,
        cluster=VnetRequest(
            name="cluster",
            address_space=network.address_space,
            path="aks-network:network",
            fixed=network.subnets,
            existing=network.existing is not None,
        ),
        management=VnetRequest(
            name="management",
            address_space=management.address_space,
            path="aks-network:management",
            fixed=management.subnets,
            existing=management.existing is not None,
        ),
        pools=tuple(_pools(cluster)),
        pod_cidr=network.pod_cidr,
        pod_allocation=network.pod_allocation,
        service_cidr=network.service_cidr,
        dns_service_ip=network.dns_service_ip,
        reserved=(*_reserved(network), *_on_premises(management)),
        private_cluster=cluster.private and not cluster.api_server_vnet_integration,
        api_server_vnet_integration=cluster.api_server_vnet_integration,
        ingress_frontends=ingress.internal_addresses,
        private_endpoints=VAULT_ENDPOINTS,
        application_gateway_max_capacity=waf.max_capacity if waf else None,
        traffic_controller=ingress.controller == "application-gateway-for-containers",
        bastion_scale_units=management.bastion.scale_units,
        jump_boxes=1,
        firewall=network.egress == "firewall",
        firewall_management=network.egress == "firewall" and network.firewall.tier == "Basic",
        vpn_gateway=management.gateway.kind == "vpn",
        express_route_gateway=management.gateway.kind == "expressRoute",
        dns_resolver=management.dns_resolver,
        # Nobody sets how many there are; what gives is the space.
        paths={SubnetKey.PRIVATE_ENDPOINTS: "aks-network:network.addressSpace"},
    )


def _pools(cluster: ClusterSettings) -> Iterator[PoolRequest]:
    for position, pool in enumerate(cluster.node_pools):
        yield PoolRequest(
            name=pool.name,
            os=pool.os,
            mode=pool.mode,
            min_count=pool.min_count,
            max_count=pool.max_count,
            max_pods=pool.max_pods,
            max_surge=pool.max_surge,
            spot=pool.spot,
            zones=pool.zones,
            subnet=pool.subnet,
            path=f"aks-network:cluster.nodePools[{position}]",
        )


def _reserved(network: NetworkSettings) -> Iterator[RangeRequest]:
    for position, reserved in enumerate(network.reserved):
        path = f"aks-network:network.reserved[{position}].cidr"
        yield RangeRequest(name=reserved.name, cidr=reserved.cidr, path=path)


def _on_premises(management: ManagementSettings) -> Iterator[RangeRequest]:
    """The ranges behind the gateway: routes lead there, so nothing here may overlap them."""
    gateway = management.gateway
    key = "site.addressSpace" if isinstance(gateway, VpnGateway) else "onPremises"
    for position, cidr in enumerate(gateway.on_premises):
        place = f"[{position}]" if len(gateway.on_premises) > 1 else ""
        path = f"aks-network:management.gateway.{key}{place}"
        yield RangeRequest(name="on-premises", cidr=cidr, path=path)
