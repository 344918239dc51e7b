"""The paths of the settings' sections, as problems name them."""

from __future__ import annotations

NETWORK = "aks-network:network"
CLUSTER = "aks-network:cluster"
INGRESS = "aks-network:ingress"
APP_ROUTING = f"{INGRESS}.appRouting"
MANAGEMENT = "aks-network:management"
KUBERNETES = "aks-network:kubernetes"
APPLICATIONS = f"{KUBERNETES}.applications"
OBSERVABILITY = "aks-network:observability"
