"""The address planner's request that follows from the settings. Pure: no Pulumi, no cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from components.addressing import (
    NetworkModel,
    PlanRequest,
    PoolRequest,
    RangeRequest,
    SubnetKey,
    VnetRequest,
)
from components.settings.cluster import ClusterSettings, NodePool
from components.settings.ingress import GatewayWaf, IngressSettings
from components.settings.management import ManagementSettings, VpnGateway
from components.settings.network import NetworkSettings
from components.settings.values import UnreadableSettingError

VAULT_ENDPOINTS = 1
"""The key vault's private endpoint has one address."""
REGISTRY_ENDPOINT_ADDRESSES = 2
"""A registry's endpoint has an address for the registry and one for the data
(container-registry/container-registry-private-link)."""

_CLUSTER = VnetRequest("cluster", (), "aks-network:network")
_MANAGEMENT = VnetRequest("management", (), "aks-network:management")

_Value = TypeVar("_Value")


def plan_request(
    network: NetworkSettings,
    management: ManagementSettings,
    cluster: ClusterSettings,
    ingress: IngressSettings,
) -> PlanRequest:
    """The whole plan that a stack's settings ask for.

    Where one of them can't be read, only the parts that are checked without a plan: see
    `PlanRequest.unknown`.
    """
    try:
        return _whole(network, management, cluster, ingress)
    except UnreadableSettingError:
        return _parts(network, management, cluster)


def _whole(
    network: NetworkSettings,
    management: ManagementSettings,
    cluster: ClusterSettings,
    ingress: IngressSettings,
) -> PlanRequest:
    waf = None
    if isinstance(ingress.waf, GatewayWaf) and ingress.has_application_gateway:
        waf = ingress.waf
    numbers = ingress.address_numbers
    return PlanRequest(
        model=network.model,
        dataplane=network.dataplane,
        policy=network.policy,
        cluster=_network(_CLUSTER, network),
        management=_network(_MANAGEMENT, management),
        pools=tuple(_pool(position, pool) for position, pool in enumerate(cluster.node_pools)),
        pod_cidr=network.pod_cidr,
        pod_allocation=network.pod_allocation,
        service_cidr=network.service_cidr,
        dns_service_ip=network.dns_service_ip,
        reserved=(*_reserved(network), *_on_premises(management)),
        private_cluster=cluster.private and not cluster.api_server_vnet_integration,
        api_server_vnet_integration=cluster.api_server_vnet_integration,
        ingress_frontends=len(numbers),
        reserved_ingress_addresses=max(numbers, default=0) - len(numbers),
        private_endpoints=VAULT_ENDPOINTS
        + (REGISTRY_ENDPOINT_ADDRESSES if cluster.own_registry else 0),
        application_gateway_max_capacity=waf.max_capacity if waf else None,
        traffic_controller=ingress.uses_alb,
        bastion_scale_units=management.bastion.scale_units,
        jump_boxes=1,
        firewall=network.egress == "firewall",
        firewall_management=network.egress == "firewall" and network.firewall.tier == "Basic",
        vpn_gateway=management.gateway.kind == "vpn",
        express_route_gateway=management.gateway.kind == "expressRoute",
        dns_resolver=management.dns_resolver,
        # No setting holds their number, so a problem is reported at the address space.
        paths={SubnetKey.PRIVATE_ENDPOINTS: "aks-network:network.addressSpace"},
    )


def _parts(
    network: NetworkSettings, management: ManagementSettings, cluster: ClusterSettings
) -> PlanRequest:
    known = _Known({"features"})
    given = known("pools", lambda: cluster.node_pools, None)
    pools = tuple(_parts_of_pool(position, pool) for position, pool in enumerate(given or ()))
    if not all(pool.knows("max_count", "max_pods", "max_surge", "spot") for pool in pools):
        known.unknown.add("pools")
    if given is None or not all(pool.knows("subnet") for pool in pools):
        known.unknown.add("pool_subnets")
    return PlanRequest(
        model=known("model", lambda: network.model, NetworkModel.OVERLAY),
        dataplane=known("dataplane", lambda: network.dataplane, "azure"),
        cluster=known("cluster", lambda: _parts_of_network(_CLUSTER, network), _CLUSTER),
        management=known(
            "management", lambda: _parts_of_network(_MANAGEMENT, management), _MANAGEMENT
        ),
        pools=pools,
        pod_cidr=known("pod_cidr", lambda: network.pod_cidr, None),
        service_cidr=known("service_cidr", lambda: network.service_cidr, ""),
        dns_service_ip=known("dns_service_ip", lambda: network.dns_service_ip, ""),
        reserved=(
            *known("reserved", lambda: tuple(_reserved(network)), ()),
            *known("reserved", lambda: tuple(_on_premises(management)), ()),
        ),
        unknown=frozenset(known.unknown),
    )


@dataclass
class _Known:
    """Reads settings, and notes in `unknown` those that can't be read."""

    unknown: set[str] = field(default_factory=set[str])

    def __call__(self, name: str, read: Callable[[], _Value], otherwise: _Value) -> _Value:
        try:
            return read()
        except UnreadableSettingError:
            self.unknown.add(name)
            return otherwise


def _network(request: VnetRequest, settings: NetworkSettings | ManagementSettings) -> VnetRequest:
    return replace(
        request,
        address_space=settings.address_space,
        fixed=settings.subnets,
        existing=settings.existing is not None,
    )


def _parts_of_network(
    request: VnetRequest, settings: NetworkSettings | ManagementSettings
) -> VnetRequest:
    """Without the fixed prefixes, if one of them can't be read."""
    return replace(
        request,
        address_space=settings.address_space,
        fixed=_Known()("fixed", lambda: settings.subnets, {}),
        existing=settings.existing is not None,
    )


def _pool(position: int, pool: NodePool) -> PoolRequest:
    return PoolRequest(
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


def _parts_of_pool(position: int, pool: NodePool) -> PoolRequest:
    known = _Known()
    return PoolRequest(
        name=known("name", lambda: pool.name, ""),
        os=known("os", lambda: pool.os, "Linux"),
        mode=known("mode", lambda: pool.mode, "User"),
        min_count=known("min_count", lambda: pool.min_count, 0),
        max_count=known("max_count", lambda: pool.max_count, 0),
        max_pods=known("max_pods", lambda: pool.max_pods, 0),
        max_surge=known("max_surge", lambda: pool.max_surge, 1),
        spot=known("spot", lambda: pool.spot, otherwise=False),
        zones=known("zones", lambda: pool.zones, ()),
        subnet=known("subnet", lambda: pool.subnet, ""),
        path=f"aks-network:cluster.nodePools[{position}]",
        unknown=frozenset(known.unknown),
    )


def _reserved(network: NetworkSettings) -> Iterator[RangeRequest]:
    for position, reserved in enumerate(network.reserved):
        path = f"aks-network:network.reserved[{position}].cidr"
        yield RangeRequest(name=reserved.name, cidr=reserved.cidr, path=path)


def _on_premises(management: ManagementSettings) -> Iterator[RangeRequest]:
    """The ranges behind the gateway, to which routes lead: the stack's must not overlap them."""
    gateway = management.gateway
    key = "site.addressSpace" if isinstance(gateway, VpnGateway) else "onPremises"
    for position, cidr in enumerate(gateway.on_premises):
        place = f"[{position}]" if len(gateway.on_premises) > 1 else ""
        path = f"aks-network:management.gateway.{key}{place}"
        yield RangeRequest(name="on-premises", cidr=cidr, path=path)
