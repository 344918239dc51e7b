"""Azure's limits of networks that a list among the settings can exceed.

Source: azure-resource-manager/management/azure-subscription-service-limits.
"""

from __future__ import annotations

from collections.abc import Iterator

from components.problems import Problem
from components.settings.management import ManagementSettings, VpnGateway
from components.settings.partial import skips_unreadable

GATEWAY = "aks-network:management.gateway"

MOST_SITE_RANGES = 1_000
"""Address prefixes of a local network gateway ("VPN Gateway limits")."""
MOST_ON_PREMISES_RANGES = 1_900
"""A network security group allows 4,000 addresses and ranges as sources in all its rules
("Networking limits"). Two rules of the nodes' group name the ranges, and others need a few."""


@skips_unreadable
def on_premises(management: ManagementSettings) -> Iterator[Problem]:
    """The maximum number of ranges on-premises of a gateway and of the security groups."""
    gateway = management.gateway
    count = len(gateway.on_premises)
    if isinstance(gateway, VpnGateway):
        key, most, who = "site.addressSpace", MOST_SITE_RANGES, "a local network gateway"
    else:
        key, most, who = "onPremises", MOST_ON_PREMISES_RANGES, "a network security group"
    if count > most:
        rule = f"must be at most {most:,} ranges: {who} allows no more"
        yield Problem(f"{GATEWAY}.{key}", str(count), rule, "merge ranges")
