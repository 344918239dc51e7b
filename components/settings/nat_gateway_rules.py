"""Rules of the NAT gateways' SKU StandardV2 (nat-gateway/nat-sku, "Known limitations")."""

from __future__ import annotations

from collections.abc import Iterator

from components.problems import Problem
from components.settings.management import ManagementSettings
from components.settings.network import NatGatewaySettings, NatGatewaySku, NetworkSettings
from components.settings.partial import skips_unreadable
from components.settings.paths import MANAGEMENT, NETWORK
from components.settings.regions import WITHOUT_STANDARD_V2


@skips_unreadable
def of_cluster(location: str, network: NetworkSettings) -> Iterator[Problem]:
    """The NAT gateway of the cluster's network."""
    if network.has_nat_gateway:
        yield from _problems(f"{NETWORK}.natGateway", location, network.nat_gateway)


@skips_unreadable
def of_management(location: str, management: ManagementSettings) -> Iterator[Problem]:
    """The NAT gateway of the management network."""
    if management.nat_gateway is not None and management.existing is None:
        yield from _problems(f"{MANAGEMENT}.natGateway", location, management.nat_gateway)


def _problems(path: str, location: str, gateway: NatGatewaySettings) -> Iterator[Problem]:
    if gateway.sku != NatGatewaySku.STANDARD_V2:
        return
    if location in WITHOUT_STANDARD_V2:
        rule = f"must be Standard: {location} has no NAT gateways of the SKU StandardV2"
        yield Problem(f"{path}.sku", gateway.sku, rule, "use sku: Standard, or another region")
    if gateway.zones:
        rule = "must be empty: a NAT gateway of the SKU StandardV2 is in all zones"
        remedy = "remove zones, or use sku: Standard for a NAT gateway in one zone"
        yield Problem(f"{path}.zones", ", ".join(gateway.zones), rule, remedy)
