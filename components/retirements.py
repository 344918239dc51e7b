"""What Azure retires, when, and the successor: one table for all warnings.

Dates are the ones Microsoft has published for the feature, on the page named as its source.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Retirement:
    """A feature that still works, but that Azure retires."""

    feature: str
    on: date
    successor: str
    source: str
    """Where Microsoft says so: a page under learn.microsoft.com/azure, or an announcement."""

    def __str__(self) -> str:
        return f"{self.feature} retires on {self.on.isoformat()}; migrate to {self.successor}"


KUBENET = Retirement(
    "kubenet",
    date(2028, 3, 31),
    "Azure CNI overlay (model: azure-cni-overlay)",
    "aks/concepts-network-legacy-cni",
)
AZURE_NPM = Retirement(
    "Azure Network Policy Manager on Linux (policy: azure)",
    date(2028, 9, 30),
    "Cilium (dataplane: cilium, policy: cilium)",
    "aks/use-network-policies",
)
MANAGED_NGINX = Retirement(
    "support for the application routing add-on's managed NGINX",
    date(2026, 11, 30),
    "the add-on's Gateway API implementation (ingress.appRouting.implementation: gateway-api) or "
    "Application Gateway for Containers (ingress.controller: application-gateway-for-containers)",
    "aks/app-routing",
)
WINDOWS_2022 = Retirement(
    "Windows Server 2022 on AKS",
    date(2028, 6, 30),
    "a new pool with osSku: Windows2025 (docs/changing.md); Kubernetes 1.36 is the last version "
    "that runs Windows Server 2022",
    "aks/upgrade-windows-os",
)
NSG_FLOW_LOGS = Retirement(
    "flow logs of network security groups",
    date(2027, 9, 30),
    "flow logs of virtual networks",
    "network-watcher/nsg-flow-logs-overview",
)
