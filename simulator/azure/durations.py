"""How long operations take, in seconds.

The duration of a creation is `seconds` of its `ResourceType`. This table has the durations of
updates and deletions. A type without a row takes as long as a creation, but at most
`MAX_DEFAULT_SECONDS`. The durations are means of public reports, or estimates where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.azure import catalog
from simulator.timeline import Kind

MAX_DEFAULT_SECONDS = 15.0


@dataclass(frozen=True)
class Durations:
    """Seconds of an update and of a deletion."""

    update: float
    delete: float
    source: str


_DURATIONS = {
    "resources:ResourceGroup": Durations(1, 15, "Azure/terraform-azurerm-aks#74: 20 s and more"),
    "network:VirtualNetwork": Durations(6, 11, "Azure/terraform-azurerm-aks#74: 11 s"),
    "network:Subnet": Durations(6, 10, "jenkins-infra/azure#123: 10 s"),
    "network:PublicIPAddress": Durations(4, 15, "jenkins-infra/azure#123: over 10 s"),
    "network:ApplicationGateway": Durations(
        120, 220, "deletion: aztfmod/terraform-azurerm-caf#1067, 3 min 41 s; update: estimate"
    ),
    "network:BastionHost": Durations(
        600, 300, "update: Microsoft Learn, bastion/upgrade-sku, 10 min; deletion: estimate"
    ),
    "network:AzureFirewall": Durations(
        300, 300, "update: Microsoft Learn, firewall/firewall-faq, 5 min; deletion: estimate"
    ),
    "network:VirtualNetworkGateway": Durations(300, 600, "estimate"),
    "containerservice:ManagedCluster": Durations(
        180, 480, "deletion: Azure/terraform-azurerm-aks#74, 8 min; update: estimate"
    ),
    "containerservice:AgentPool": Durations(120, 180, "estimate"),
    "keyvault:Vault": Durations(10, 15, "estimate"),
    "privatedns:VirtualNetworkLink": Durations(20, 45, "estimate"),
    "compute:VirtualMachine": Durations(30, 45, "estimate"),
}


def seconds(kind: Kind, token: str) -> float:
    """The typical duration of an operation; `token` without the package."""
    known = catalog.by_token().get(token)
    if kind == "read" or known is None:
        return 0
    if kind == "create":
        return known.seconds
    own = _DURATIONS.get(token)
    if own is None:
        return min(known.seconds, MAX_DEFAULT_SECONDS)
    return own.update if kind == "update" else own.delete
