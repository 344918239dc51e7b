"""Changes of the network model, the data plane and the IP families of an existing cluster.

azure-native replaces the cluster for the network model and the data plane. `az aks update` and
other clients ask AKS for these changes in place.
"""

from __future__ import annotations

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.view import CLUSTER, View, view
from simulator.azure.rules import Refusal, rule
from support.nested import items

_UPDATE = "Microsoft Learn: azure/aks/update-azure-cni"
_ENGINES = {"azure", "calico"}


def _before(request: Request) -> View | None:
    """The cluster before the request; None for a new cluster."""
    if request.old is None:
        return None
    return View(request, request.id, request.old.inputs, ())


def _cilium(cluster: View) -> bool:
    return cluster.setting("networkDataplane") == "cilium"


@rule("BadRequest", CLUSTER, source=_UPDATE)
def an_overlay_stays_an_overlay(request: Request) -> Refusal | None:
    """The migration to the overlay is irreversible."""
    old, new = _before(request), view(request)
    if old is None or not old.overlay or new.overlay:
        return None
    return Refusal(
        "A cluster with Azure CNI Overlay cannot change to another network plugin mode.",
        "networkProfile.networkPluginMode",
    )


@rule(
    "ValidationError",
    CLUSTER,
    source="github.com/Azure/AKS/issues/4006, github.com/MicrosoftDocs/azure-aks-docs/issues/264",
)
def a_policy_engine_is_off_for_the_overlay(request: Request) -> str | None:
    """A cluster moves to the overlay only while Azure's or Calico's policy engine is off."""
    old, new = _before(request), view(request)
    if old is None or old.overlay or not new.overlay:
        return None
    engines = {old.setting("networkPolicy"), new.setting("networkPolicy")}
    if not engines & _ENGINES:
        return None
    return "Cannot update cluster to Azure CNI Overlay while using network policies with Azure CNI."


@rule("BadRequest", CLUSTER, source=_UPDATE)
def a_pod_subnet_does_not_become_an_overlay(request: Request) -> str | None:
    """Only node subnets and kubenet lead to the overlay, not a subnet of pods."""
    old, new = _before(request), view(request)
    if old is None or old.overlay or not new.overlay:
        return None
    pools = [pool.name for pool in new.pools if pool.pod_subnet]
    return f"Pool {pools[0]} has a pod subnet: it cannot move to the overlay." if pools else None


@rule("BadRequest", CLUSTER, source=_UPDATE)
def model_and_data_plane_change_one_by_one(request: Request) -> Refusal | None:
    """The network model and the data plane cannot change in one operation."""
    old, new = _before(request), view(request)
    if old is None or old.overlay == new.overlay or _cilium(old) == _cilium(new):
        return None
    return Refusal(
        "The network plugin mode and the network data plane cannot change in one operation.",
        "networkProfile.networkDataplane",
    )


@rule("BadRequest", CLUSTER, source=_UPDATE)
def cilium_replaces_azure_cni_on_linux_only(request: Request) -> Refusal | None:
    """A cluster with kubenet or with Windows pools cannot change its data plane to Cilium."""
    old, new = _before(request), view(request)
    if old is None or _cilium(old) or not _cilium(new):
        return None
    windows = [pool.name for pool in new.pools if pool.windows]
    if old.plugin != "kubenet" and not windows:
        return None
    why = f"pool {windows[0]} runs Windows" if windows else "the network plugin is kubenet"
    return Refusal(
        f"The network data plane cannot change to cilium: {why}.",
        "networkProfile.networkDataplane",
    )


def _families(cluster: View) -> list[str]:
    return items(cluster.network, "ipFamilies") or ["IPv4"]


@rule(
    "BadRequest",
    CLUSTER,
    source="github.com/Azure/AKS/pull/5948, hashicorp/terraform-provider-azurerm/issues/32814",
)
def a_cluster_keeps_its_ip_families(request: Request) -> Refusal | None:
    """IPv6 can be added to a cluster, but no IP family can be removed."""
    old, new = _before(request), view(request)
    if old is None or not items(new.network, "ipFamilies"):
        return None
    removed = [family for family in _families(old) if family not in _families(new)]
    if not removed:
        return None
    return Refusal(
        f"The IP family {removed[0]} of a cluster cannot be removed.", "networkProfile.ipFamilies"
    )


TYPES = ()
