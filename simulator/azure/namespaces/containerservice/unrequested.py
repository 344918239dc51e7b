"""What AKS adds to a cluster without being asked.

Sources: REST: managedClusters; what the Azure CLI printed after `az aks create` with Kubernetes
1.32 and 1.35, in public notes of 2025 and 2026. Older clusters had a `windowsProfile`, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.view import view
from support.nested import is_mapping

_ADDED: Mapping[str, Any] = {
    "autoUpgradeProfile": {"nodeOSUpgradeChannel": "NodeImage"},
    "bootstrapProfile": {"artifactSource": "Direct"},
    "disableLocalAccounts": False,
    "metricsProfile": {"costAnalysis": {"enabled": False}},
    "nodeProvisioningProfile": {"mode": "Manual"},
    "securityProfile": {},
    "storageProfile": {
        "diskCSIDriver": {"enabled": True},
        "fileCSIDriver": {"enabled": True},
        "snapshotController": {"enabled": True},
    },
    "supportPlan": "KubernetesOfficial",
    "workloadAutoScalerProfile": {},
}


def unrequested(request: Request) -> dict[str, Any]:
    """The properties of the answer that the request leaves out, whole or in part."""
    added = dict(_ADDED)
    if view(request).managed_identity:
        added["servicePrincipalProfile"] = {"clientId": "msi"}
    return {
        name: _completed(value, request.inputs.get(name))
        for name, value in added.items()
        if name in request.type.shape["outputs"]
    }


def _completed(default: Any, given: Any) -> Any:
    if not (is_mapping(default) and is_mapping(given)):
        return default if given is None else given
    both = {name: _completed(value, given.get(name)) for name, value in default.items()}
    return {**given, **both}
