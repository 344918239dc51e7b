"""Rules for ingress and the API server if the default route leads through a firewall."""

from __future__ import annotations

from collections.abc import Iterator

from components.problems import Problem
from components.settings.cluster import ClusterSettings
from components.settings.ingress import IngressSettings
from components.settings.network import NatGatewaySku, NetworkSettings
from components.settings.partial import skips_unreadable
from components.settings.paths import INGRESS, NETWORK
from components.settings.waf import ExternalWaf

ADVISED_FIREWALL_ADDRESSES = 20
"""Public addresses of a firewall in production, each with 2,496 source ports per instance
(aks/limit-egress-traffic)."""

_BY_ROUTE = {"firewall": "Azure Firewall", "appliance": "the appliance"}
"""The egress that a route on the subnets of nodes and pods leads to."""


def leads_to(network: NetworkSettings) -> str | None:
    """What the default route of nodes and pods leads to; None without such a route."""
    return _BY_ROUTE.get(network.egress)


@skips_unreadable
def answers(network: NetworkSettings, ingress: IngressSettings) -> Iterator[Problem]:
    """Answers take the path of the requests (aks/limit-egress-traffic, "Add a DNAT rule").

    A request to a public load balancer goes straight to a node. The answer follows the default
    route to the firewall, which drops it, because it did not see the request.
    """
    hop = leads_to(network)
    if hop is None or not ingress.has_load_balancer:
        return
    reason = (
        f"requests reach a public load balancer directly, but the default route sends the answers "
        f"to {hop}, which drops them"
    )
    if isinstance(ingress.waf, ExternalWaf):
        rule = f"must not be {network.egress} with waf.external: {reason}"
        remedy = f"use egress: nat-gateway, or an Application Gateway as {INGRESS}.waf"
        yield Problem(f"{NETWORK}.egress", network.egress, rule, remedy)
    elif ingress.exposure == "external":
        yield _exposure(network, ingress, reason)


def _exposure(network: NetworkSettings, ingress: IngressSettings, reason: str) -> Problem:
    rule = f"must be internal with egress: {network.egress}: {reason}"
    remedy = "use exposure: internal with an Application Gateway as waf, or egress: nat-gateway"
    if network.egress == "appliance":
        remedy = f"{remedy}, or let the appliance translate (DNAT) to the internal address"
    return Problem(f"{INGRESS}.exposure", ingress.exposure, rule, remedy)


def advice(
    network: NetworkSettings, cluster: ClusterSettings, ingress: IngressSettings, *, protect: bool
) -> Iterator[str]:
    """Warnings about settings that work. `protect` says that the stack is in production."""
    yield from _zones(network, cluster)
    hop = leads_to(network)
    count = network.firewall.public_ip_count
    if protect and network.egress == "firewall" and count < ADVISED_FIREWALL_ADDRESSES:
        yield (
            f"{NETWORK}.firewall.publicIpCount is {count}: Microsoft advises at least "
            f"{ADVISED_FIREWALL_ADDRESSES} public IP addresses in production, because each "
            "connection to the Internet needs a source port of one of them "
            "(aks/limit-egress-traffic)"
        )
    public = not cluster.private and not cluster.api_server_vnet_integration
    if network.egress == "firewall" and network.firewall.tier == "Basic" and public:
        yield (
            "the firewall allows TCP 443 to all of Azure in the region: pods dial the public API "
            "server by its address, which the tier Basic cannot name; use "
            f"{NETWORK}.firewall.tier: Standard, or aks-network:cluster.private: true"
        )
    if network.egress == "appliance" and public:
        yield (
            "the appliance must allow TCP 443 to the address of the API server: pods dial it by "
            "its address, so that a rule by name does not apply "
            "(aks/outbound-rules-control-egress)"
        )
    if hop is not None and ingress.controller == "none" and ingress.controller_namespace:
        yield (
            f"the controller in {ingress.controller_namespace} must have an internal load "
            f"balancer: the default route sends the answers of a public one to {hop}, which drops "
            "them"
        )


def _zones(network: NetworkSettings, cluster: ClusterSettings) -> Iterator[str]:
    """A Standard NAT gateway is in one zone, StandardV2 in all (nat-gateway/nat-sku)."""
    zones = sorted({zone for pool in cluster.node_pools for zone in pool.zones})
    own = network.nat_gateway.zones
    if not network.has_nat_gateway or not zones:
        return
    if network.nat_gateway.sku == NatGatewaySku.STANDARD_V2:
        return
    if len(zones) > 1:
        where = f"in zone {own[0]}" if own else "in one zone, which Azure chooses"
        yield (
            f"the egress of the nodes in the zones {', '.join(zones)} depends on one zone: a NAT "
            f"gateway of the SKU Standard is {where}; use {NETWORK}.natGateway.sku: StandardV2, "
            "which is in all zones (docs/egress.md, Zones)"
        )
    elif own != tuple(zones):
        where = f"zone {own[0]}" if own else "the zone that Azure chooses for the NAT gateway"
        yield (
            f"the nodes are in zone {zones[0]}, and their egress depends on {where}; use "
            f'{NETWORK}.natGateway.zones: ["{zones[0]}"]'
        )
