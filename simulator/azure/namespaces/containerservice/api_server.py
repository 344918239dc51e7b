"""Access to a cluster's API server: private or public, by which name, and who signs in."""

from __future__ import annotations

import re

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.permissions import custom_zone
from simulator.azure.namespaces.containerservice.view import CLUSTER
from simulator.azure.rules import Refusal, rule
from support.nested import at, items, mapping

_PRIVATE = "Microsoft Learn: azure/aks/private-clusters"
_NAME = re.compile(r"[a-zA-Z0-9]|[a-zA-Z0-9][-_a-zA-Z0-9]{0,61}[a-zA-Z0-9]")
_PREFIX = re.compile(r"[a-zA-Z\d]|[a-zA-Z\d][-a-zA-Z\d]{0,52}[a-zA-Z\d]")


def _access(request: Request) -> dict[str, object]:
    return dict(mapping(request.inputs, "apiServerAccessProfile"))


def _private(request: Request) -> bool:
    return bool(_access(request).get("enablePrivateCluster"))


@rule("InvalidParameter", CLUSTER, source="aka.ms/aks-naming-rules")
def names_are_those_of_a_host(request: Request) -> Refusal | None:
    """Cluster: 1 to 63 letters, digits, dashes, underscores; DNS prefix: 1 to 54, no underscore."""
    prefix = request.inputs.get("dnsPrefix")
    if not _NAME.fullmatch(request.name):
        return Refusal(f"The value of parameter name is invalid: {request.name}.", "name")
    if prefix and not _PREFIX.fullmatch(str(prefix)):
        return Refusal(f"The value of parameter dnsPrefix is invalid: {prefix}.", "dnsPrefix")
    return None


@rule(
    "ReservedResourceName",
    CLUSTER,
    source="Microsoft Learn: azure-resource-manager/templates/error-reserved-resource-name",
)
def names_are_not_trademarks(request: Request) -> str | None:
    """MICROSOFT and WINDOWS nowhere, LOGIN and XBOX not at the beginning."""
    name = request.name.upper()
    reserved = any(word in name for word in ("MICROSOFT", "WINDOWS"))
    if reserved or name.startswith(("LOGIN", "XBOX")):
        return f"'{request.name}' is, or contains, a trademark or reserved word."
    return None


@rule("InvalidParameter", CLUSTER, source="github.com/aquasecurity/tfsec/issues/571")
def a_private_cluster_has_no_authorized_ranges(request: Request) -> Refusal | None:
    """Nobody outside reaches it anyway."""
    if _private(request) and _access(request).get("authorizedIPRanges"):
        return Refusal(
            "Private cluster cannot be enabled with AuthorizedIPRanges.",
            "apiServerAccessProfile.authorizedIPRanges",
        )
    return None


@rule("InvalidParameter", CLUSTER, source="github.com/Azure/terraform-azurerm-aks/issues/378")
def nobody_and_somebody_are_not_authorized_together(request: Request) -> Refusal | None:
    """0.0.0.0/32 stands for nobody but the nodes and stands alone."""
    ranges = items(request.inputs, "apiServerAccessProfile", "authorizedIPRanges")
    if "0.0.0.0/32" in ranges and len(ranges) > 1:
        return Refusal(
            "Setting the authorized range 0.0.0.0/32 is not allowed with other IP ranges.",
            "apiServerAccessProfile.authorizedIPRanges",
        )
    return None


@rule("InvalidPrivateDNSZoneResourceID", CLUSTER, source=_PRIVATE)
def a_custom_zone_has_the_prescribed_name(request: Request) -> Refusal | None:
    """`[<subzone>.]privatelink.<region>.azmk8s.io`, `private.…` with the API server in the VNet."""
    zone = custom_zone(request)
    if zone is None:
        return None
    head = "private" if _access(request).get("enableVnetIntegration") else "privatelink"
    wanted = rf"([a-z0-9-]{{1,32}}\.)?{head}\.{request.location}\.azmk8s\.io"
    name = zone.rsplit("/", 1)[-1]
    if "/privatednszones/" not in zone.lower() or not re.fullmatch(wanted, name.lower()):
        return Refusal(
            f"Private DNS zone '{name}' should be '{head}.{request.location}.azmk8s.io' or one"
            " subdomain of it.",
            "apiServerAccessProfile.privateDNSZone",
        )
    return None


@rule("InvalidPrivateDNSZoneMode", CLUSTER, source=_PRIVATE)
def the_zone_is_known_and_the_cluster_private(request: Request) -> Refusal | None:
    """`system`, `none` or a zone's id, and for a private cluster only."""
    zone = _access(request).get("privateDNSZone")
    if not zone:
        return None
    target = "apiServerAccessProfile.privateDNSZone"
    if not _private(request) and not _access(request).get("enableVnetIntegration"):
        return Refusal("A private DNS zone needs a private cluster.", target)
    if not custom_zone(request) and str(zone).lower() not in ("system", "none"):
        return Refusal(f"'{zone}' is neither system nor none nor a zone's id.", target)
    return None


@rule("NonePrivateDNSZonePublicFQDNDisabledError", CLUSTER, source=_PRIVATE)
def the_api_server_has_some_name(request: Request) -> str | None:
    """Without a private zone the public name is the only one."""
    access = _access(request)
    none = str(access.get("privateDNSZone") or "").lower() == "none"
    if none and access.get("enablePrivateClusterPublicFQDN") is False:
        return "privateDNSZone none cannot go with a disabled public FQDN."
    return None


@rule("InvalidParameter", CLUSTER, source=f"{_PRIVATE}#configure-a-private-dns-zone")
def a_subdomain_goes_with_a_custom_zone(request: Request) -> Refusal | None:
    """`fqdnSubdomain` is the name within a zone that was brought along."""
    subdomain = request.inputs.get("fqdnSubdomain")
    if subdomain and custom_zone(request) is None:
        return Refusal("fqdnSubdomain needs a custom private DNS zone.", "fqdnSubdomain")
    return None


@rule(
    "BadRequest",
    CLUSTER,
    source="Microsoft Learn: azure/aks/manage-local-accounts-managed-azure-ad",
)
def without_local_accounts_entra_signs_in(request: Request) -> Refusal | None:
    """Since Kubernetes 1.25 local accounts go only where Entra ID takes their place."""
    if request.inputs.get("disableLocalAccounts") and not request.inputs.get("aadProfile"):
        return Refusal(
            "disableLocalAccounts can only be set on a cluster that is integrated with Microsoft"
            " Entra ID (aadProfile).",
            "disableLocalAccounts",
        )
    return None


@rule(
    "RBACNotEnabledForAAD",
    CLUSTER,
    source="Microsoft Learn: azure/aks/enable-authentication-microsoft-entra-id",
)
def entra_needs_kubernetes_rbac(request: Request) -> Refusal | None:
    """Who signs in needs something to be allowed by."""
    if request.inputs.get("aadProfile") and request.inputs.get("enableRBAC") is False:
        return Refusal("Entra ID integration needs enableRBAC.", "enableRBAC")
    return None


@rule("BadRequest", CLUSTER, source="Microsoft Learn: azure/aks/workload-identity-deploy-cluster")
def workload_identity_needs_an_issuer(request: Request) -> Refusal | None:
    """Its tokens are the OIDC issuer's."""
    workload = at(request.inputs, "securityProfile", "workloadIdentity", "enabled")
    if workload and not at(request.inputs, "oidcIssuerProfile", "enabled"):
        return Refusal("Workload identity needs the OIDC issuer.", "oidcIssuerProfile.enabled")
    return None


@rule("BadRequest", CLUSTER, source="Microsoft Learn: azure/aks/auto-upgrade-cluster")
def the_node_image_channel_updates_node_images(request: Request) -> Refusal | None:
    """The upgrade channel node-image is the node OS channel NodeImage."""
    profile = mapping(request.inputs, "autoUpgradeProfile")
    channel = str(profile.get("upgradeChannel") or "").lower()
    nodes = str(profile.get("nodeOSUpgradeChannel") or "NodeImage").lower()
    if channel == "node-image" and nodes != "nodeimage":
        return Refusal(
            f"Upgrade channel node-image cannot go with node OS channel {nodes}.",
            "autoUpgradeProfile.nodeOSUpgradeChannel",
        )
    return None


TYPES = ()
