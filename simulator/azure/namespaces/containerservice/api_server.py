"""Access to a cluster's API server: private or public, host names, sign-in."""

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
    """Names have 1 to 63 letters, digits, - and _; DNS prefixes have 1 to 54 and no underscore."""
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
    """A name must not contain MICROSOFT or WINDOWS, nor begin with LOGIN or XBOX."""
    name = request.name.upper()
    reserved = any(word in name for word in ("MICROSOFT", "WINDOWS"))
    if reserved or name.startswith(("LOGIN", "XBOX")):
        return f"'{request.name}' is, or contains, a trademark or reserved word."
    return None


@rule("InvalidParameter", CLUSTER, source="github.com/aquasecurity/tfsec/issues/571")
def a_private_cluster_has_no_authorized_ranges(request: Request) -> Refusal | None:
    """A private cluster cannot have authorized IP ranges."""
    if _private(request) and _access(request).get("authorizedIPRanges"):
        return Refusal(
            "Private cluster cannot be enabled with AuthorizedIPRanges.",
            "apiServerAccessProfile.authorizedIPRanges",
        )
    return None


@rule("InvalidParameter", CLUSTER, source="github.com/Azure/terraform-azurerm-aks/issues/378")
def nobody_and_somebody_are_not_authorized_together(request: Request) -> Refusal | None:
    """0.0.0.0/32, which allows only the nodes, cannot be combined with other ranges."""
    ranges = items(request.inputs, "apiServerAccessProfile", "authorizedIPRanges")
    if "0.0.0.0/32" in ranges and len(ranges) > 1:
        return Refusal(
            "Setting the authorized range 0.0.0.0/32 is not allowed with other IP ranges.",
            "apiServerAccessProfile.authorizedIPRanges",
        )
    return None


@rule("InvalidPrivateDNSZoneResourceID", CLUSTER, source=_PRIVATE)
def a_custom_zone_has_the_prescribed_name(request: Request) -> Refusal | None:
    """`[<subzone>.]privatelink.<region>.azmk8s.io`, or `private.…` with VNet integration."""
    zone = custom_zone(request)
    if zone is None:
        return None
    head = "private" if _access(request).get("enableVnetIntegration") else "privatelink"
    wanted = rf"([a-z0-9-]{{1,32}}\.)?{head}\.{request.location}\.azmk8s\.io"
    name = zone.rsplit("/", 1)[-1]
    if "/privatednszones/" not in zone.lower() or not re.fullmatch(wanted, name.lower()):
        return Refusal(
            f"Private DNS zone '{name}' must be '{head}.{request.location}.azmk8s.io' or a"
            " subdomain of it.",
            "apiServerAccessProfile.privateDNSZone",
        )
    return None


@rule("InvalidPrivateDNSZoneMode", CLUSTER, source=_PRIVATE)
def the_zone_is_known_and_the_cluster_private(request: Request) -> Refusal | None:
    """The zone is `system`, `none` or an id, and requires a private cluster."""
    zone = _access(request).get("privateDNSZone")
    if not zone:
        return None
    target = "apiServerAccessProfile.privateDNSZone"
    if not _private(request) and not _access(request).get("enableVnetIntegration"):
        return Refusal("A private DNS zone requires a private cluster.", target)
    if not custom_zone(request) and str(zone).lower() not in ("system", "none"):
        return Refusal(
            f"The private DNS zone must be system, none or a zone's id, not '{zone}'.", target
        )
    return None


@rule("NonePrivateDNSZonePublicFQDNDisabledError", CLUSTER, source=_PRIVATE)
def the_api_server_has_some_name(request: Request) -> str | None:
    """Without a private zone the cluster needs its public host name."""
    access = _access(request)
    none = str(access.get("privateDNSZone") or "").lower() == "none"
    if none and access.get("enablePrivateClusterPublicFQDN") is False:
        return "privateDNSZone cannot be none while the public FQDN is disabled."
    return None


@rule("InvalidParameter", CLUSTER, source=f"{_PRIVATE}#configure-a-private-dns-zone")
def a_subdomain_goes_with_a_custom_zone(request: Request) -> Refusal | None:
    """`fqdnSubdomain` is the name in a custom private DNS zone."""
    subdomain = request.inputs.get("fqdnSubdomain")
    if subdomain and custom_zone(request) is None:
        return Refusal("fqdnSubdomain requires a custom private DNS zone.", "fqdnSubdomain")
    return None


@rule(
    "BadRequest",
    CLUSTER,
    source="Microsoft Learn: azure/aks/manage-local-accounts-managed-azure-ad",
)
def without_local_accounts_entra_signs_in(request: Request) -> Refusal | None:
    """Local accounts can be disabled only with Entra ID integration (since Kubernetes 1.25)."""
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
    """Entra ID integration requires Kubernetes RBAC."""
    if request.inputs.get("aadProfile") and request.inputs.get("enableRBAC") is False:
        return Refusal("Entra ID integration requires enableRBAC.", "enableRBAC")
    return None


@rule("BadRequest", CLUSTER, source="Microsoft Learn: azure/aks/workload-identity-deploy-cluster")
def workload_identity_needs_an_issuer(request: Request) -> Refusal | None:
    """Workload identity requires the OIDC issuer, which issues its tokens."""
    workload = at(request.inputs, "securityProfile", "workloadIdentity", "enabled")
    if workload and not at(request.inputs, "oidcIssuerProfile", "enabled"):
        return Refusal("Workload identity requires the OIDC issuer.", "oidcIssuerProfile.enabled")
    return None


@rule("BadRequest", CLUSTER, source="Microsoft Learn: azure/aks/auto-upgrade-cluster")
def the_node_image_channel_updates_node_images(request: Request) -> Refusal | None:
    """The upgrade channel node-image requires the node OS channel NodeImage."""
    profile = mapping(request.inputs, "autoUpgradeProfile")
    channel = str(profile.get("upgradeChannel") or "").lower()
    nodes = str(profile.get("nodeOSUpgradeChannel") or "NodeImage").lower()
    if channel == "node-image" and nodes != "nodeimage":
        return Refusal(
            f"Upgrade channel node-image requires node OS channel NodeImage, not {nodes}.",
            "autoUpgradeProfile.nodeOSUpgradeChannel",
        )
    return None


TYPES = ()
