"""Properties of a cluster or a pool that cannot change after its creation."""

from __future__ import annotations

from typing import Any

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, view
from simulator.azure.rules import Refusal, rule
from support import arm_ids
from support.nested import at

_LEARN = "github.com/Azure/AKS/issues/695"

# Paths in the inputs of a cluster.
CLUSTER_IMMUTABLE = (
    "location",
    "dnsPrefix",
    "fqdnSubdomain",
    "nodeResourceGroup",
    "diskEncryptionSetID",
    "networkProfile.serviceCidr",
    "networkProfile.dnsServiceIP",
    "windowsProfile.adminUsername",
    "apiServerAccessProfile.privateDNSZone",
    "apiServerAccessProfile.subnetId",
)

# Properties of a pool.
POOL_IMMUTABLE = (
    "vmSize",
    "osType",
    "maxPods",
    "vnetSubnetID",
    "podSubnetID",
    "podIPAllocationMode",
    "osDiskSizeGB",
    "osDiskType",
    "availabilityZones",
    "scaleSetPriority",
    "scaleSetEvictionPolicy",
    "enableFIPS",
    "enableEncryptionAtHost",
    "enableNodePublicIP",
    "kubeletConfig",
    "linuxOSConfig",
    "proximityPlacementGroupID",
    "hostGroupID",
)


def _changed(old: Any, new: Any) -> bool:
    """Whether a value changes; a write that omits it leaves it as it is."""
    if new is None:
        return False
    if isinstance(old, str) and isinstance(new, str):
        return not arm_ids.same(old, new)
    return bool(old != new)


def _not_allowed(path: str) -> Refusal:
    return Refusal(f"Changing property '{path}' is not allowed.", path)


@rule("PropertyChangeNotAllowed", CLUSTER, source=_LEARN)
def a_cluster_keeps_what_it_was_created_with(request: Request) -> Refusal | None:
    """The properties in `CLUSTER_IMMUTABLE` cannot change, and no Windows profile can be added."""
    if request.old is None:
        return None
    for path in CLUSTER_IMMUTABLE:
        keys = path.split(".")
        old = at(request.old.inputs, *keys)
        added = old is None and path not in ("windowsProfile.adminUsername", "location")
        if not added and _changed(old, at(request.inputs, *keys)):
            return _not_allowed(path)
    return None


@rule("PropertyChangeNotAllowed", CLUSTER, POOL, source=_LEARN)
def a_pool_keeps_what_it_was_created_with(request: Request) -> Refusal | None:
    """The properties in `POOL_IMMUTABLE` cannot change, neither in a pool nor in the cluster."""
    cluster = view(request)
    for pool in cluster.written_pools:
        stored = cluster.stored_pools.get(pool.name)
        if stored is None:
            continue
        for key in POOL_IMMUTABLE:
            default = stored.outputs.get(key)
            old = stored.inputs.get(key, default)
            if _changed(old, pool.settings.get(key)):
                return _not_allowed(f"agentPoolProfile.{key}")
    return None


def _private(inputs: Any) -> bool:
    return bool(at(inputs, "apiServerAccessProfile", "enablePrivateCluster"))


def _integrated(inputs: Any) -> bool:
    return bool(at(inputs, "apiServerAccessProfile", "enableVnetIntegration"))


@rule(
    "PropertyChangeNotAllowed",
    CLUSTER,
    source="Microsoft Learn: azure/aks/private-clusters, api-server-vnet-integration",
)
def the_api_server_stays_where_it_is(request: Request) -> Refusal | None:
    """Private or public access can change only with VNet integration, which cannot be disabled."""
    if request.old is None:
        return None
    old, new = request.old.inputs, request.inputs
    if _integrated(old) and not _integrated(new):
        return _not_allowed("apiServerAccessProfile.enableVnetIntegration")
    if _private(old) != _private(new) and not _integrated(new):
        return _not_allowed("apiServerAccessProfile.enablePrivateCluster")
    return None


@rule("OIDCIssuerCannotBeDisabled", CLUSTER, source="Microsoft Learn: azure/aks/use-oidc-issuer")
def the_oidc_issuer_stays_on(request: Request) -> str | None:
    """The OIDC issuer cannot be disabled."""
    was = at(request.old.inputs, "oidcIssuerProfile", "enabled") if request.old else None
    if was and at(request.inputs, "oidcIssuerProfile", "enabled") is False:
        return "The OIDC issuer cannot be disabled."
    return None


@rule("PropertyChangeNotAllowed", CLUSTER, source="Microsoft Learn: azure/aks/use-managed-identity")
def a_cluster_does_not_go_back_to_a_service_principal(request: Request) -> Refusal | None:
    """A managed identity cannot be replaced by a service principal."""
    if request.old is None or not at(request.old.inputs, "identity", "type"):
        return None
    client = at(request.inputs, "servicePrincipalProfile", "clientId")
    if client and str(client).lower() != "msi":
        return _not_allowed("servicePrincipalProfile.clientId")
    return None


TYPES = ()
