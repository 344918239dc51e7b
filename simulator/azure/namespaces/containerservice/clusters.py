"""AKS clusters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.azure import arm
from simulator.azure.catalog import ResourceType
from simulator.azure.namespaces import authorization
from simulator.azure.namespaces.containerservice.pools import patch_version, pool_outputs, pools_of
from simulator.azure.request import Request
from simulator.azure.rules import rule
from simulator.nested import at, items, mapping
from simulator.store import Resource

_JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"

# Add-ons that get an identity of their own in the node resource group: its name's stem.
_ADDON_IDENTITIES = {
    "ingressapplicationgateway": "ingressapplicationgateway",
    "azurekeyvaultsecretsprovider": "azurekeyvaultsecretsprovider",
    "azurepolicy": "azurepolicy",
    "omsagent": "omsagent",
}


def _subnets(request: Request) -> Iterator[str]:
    for _, pool in pools_of(request):
        for key in ("vnetSubnetID", "podSubnetID"):
            if pool.get(key):
                yield str(pool[key])


@rule(
    "LinkedAuthorizationFailed",
    "containerservice:ManagedCluster",
    source="Microsoft Learn: azure/aks/concepts-network-cni-overview#prerequisites",
    status=403,
)
def the_identity_may_join_its_subnets(request: Request) -> str | None:
    """A user-assigned identity holds subnets/join/action on each subnet beforehand."""
    for principal in _identity_principals(request):
        for subnet in _subnets(request):
            if not authorization.allows(request.cloud, principal, _JOIN, subnet):
                return (
                    f"The cluster's identity with object id '{principal}' does not have permission"
                    f" to perform action '{_JOIN}' on the linked scope '{subnet}'."
                )
    return None


def _identity_principals(request: Request) -> list[str]:
    assigned = items(request.inputs, "identity", "userAssignedIdentities")
    found = [request.find(item) for item in assigned]
    return [item.outputs["principalId"] for item in found if item]


def node_group(request: Request) -> str:
    """Name of the resource group that AKS makes for the nodes."""
    given = request.inputs.get("nodeResourceGroup")
    return str(given or f"MC_{request.group}_{request.name}_{request.location}")


def _identity_id(request: Request, name: str) -> str:
    return (
        f"/subscriptions/{request.cloud.subscription}/resourceGroups/{node_group(request)}"
        f"/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
    )


def _identity_of(request: Request, name: str) -> dict[str, str]:
    found = _identity_id(request, name)
    return {
        "resourceId": found,
        "clientId": arm.guid(found, "client"),
        "objectId": arm.guid(found, "principal"),
    }


def _identity_names(request: Request) -> dict[str, str]:
    """Identities that AKS makes in the node resource group, by purpose."""
    names = {"kubeletidentity": f"{request.name}-agentpool"}
    for addon, settings in mapping(request.inputs, "addonProfiles").items():
        stem = _ADDON_IDENTITIES.get(str(addon).lower())
        if stem and settings.get("enabled"):
            names[str(addon)] = f"{stem}-{request.name}"
    if _app_routing(request).get("enabled"):
        names["webAppRouting"] = f"webapprouting-{request.name}"
    return names


def _app_routing(request: Request) -> Mapping[str, Any]:
    return mapping(request.inputs, "ingressProfile", "webAppRouting")


def _names(request: Request) -> dict[str, Any]:
    """Host names of the API server, public and private."""
    access = mapping(request.inputs, "apiServerAccessProfile")
    subdomain = request.inputs.get("fqdnSubdomain")
    stem = subdomain or request.inputs.get("dnsPrefix") or request.name
    label = stem if subdomain else f"{stem}-{arm.digest(request.id)}"
    region = request.location
    result: dict[str, Any] = {"azurePortalFQDN": f"{label}.portal.hcp.{region}.azmk8s.io"}
    private = bool(access.get("enablePrivateCluster"))
    if private:
        zone = str(access.get("privateDNSZone") or "system")
        domain = zone.rsplit("/", 1)[-1] if zone.startswith("/") else None
        domain = domain or f"{arm.guid(request.id, 'zone')}.privatelink.{region}.azmk8s.io"
        result["privateFQDN"] = f"{label}.{domain}"
    if not private or access.get("enablePrivateClusterPublicFQDN", True):
        result["fqdn"] = f"{label}.hcp.{region}.azmk8s.io"
    return result


def _network_profile(request: Request) -> dict[str, Any]:
    given: dict[str, Any] = dict(mapping(request.inputs, "networkProfile"))
    if given.get("serviceCidr"):
        given.setdefault("serviceCidrs", [given["serviceCidr"]])
    if given.get("podCidr"):
        given.setdefault("podCidrs", [given["podCidr"]])
    given.setdefault("ipFamilies", ["IPv4"])
    given.setdefault("loadBalancerSku", "standard")
    if given.get("outboundType", "loadBalancer") == "loadBalancer":
        address = (
            f"{arm.group_of(_identity_id(request, ''))}/providers/Microsoft.Network"
            f"/publicIPAddresses/{arm.guid(request.id, 'egress')}"
        )
        profile: dict[str, Any] = dict(mapping(given, "loadBalancerProfile"))
        profile["effectiveOutboundIPs"] = [{"id": address}]
        given["loadBalancerProfile"] = profile
    return given


def _outputs(request: Request) -> dict[str, Any]:
    version = str(request.inputs.get("kubernetesVersion") or "1.35")
    result = _names(request) | {
        "kubernetesVersion": version,
        "currentKubernetesVersion": patch_version(version),
        "nodeResourceGroup": node_group(request),
        "powerState": {"code": "Running"},
        "maxAgentPools": 100,
        "resourceUID": arm.digest(request.id, "uid", length=24),
        "networkProfile": _network_profile(request),
        "enableRBAC": request.inputs.get("enableRBAC", True),
        "agentPoolProfiles": _pools(request, version),
        "identityProfile": {"kubeletidentity": _identity_of(request, f"{request.name}-agentpool")},
    }
    result.update(_addons(request))
    if at(request.inputs, "oidcIssuerProfile", "enabled"):
        url = (
            f"https://{request.location}.oic.prod-aks.azure.com/{request.cloud.tenant}"
            f"/{arm.guid(request.id, 'issuer')}/"
        )
        result["oidcIssuerProfile"] = {"enabled": True, "issuerURL": url}
    if "apiServerAccessProfile" in request.inputs:
        result["apiServerAccessProfile"] = dict(request.inputs["apiServerAccessProfile"])
    return result


def _pools(request: Request, version: str) -> list[dict[str, Any]]:
    return [
        {**pool, **pool_outputs(pool, version), "name": name, "eTag": arm.guid(request.id, name)}
        for name, pool in pools_of(request)
    ]


def _addons(request: Request) -> dict[str, Any]:
    """Add-on profiles and ingress profile, with the identities that AKS made for them."""
    names = _identity_names(request)
    result: dict[str, Any] = {}
    profiles = mapping(request.inputs, "addonProfiles")
    if profiles:
        result["addonProfiles"] = {
            addon: {**settings, "identity": _identity_of(request, names[addon])}
            if addon in names
            else dict(settings)
            for addon, settings in profiles.items()
        }
    routing = _app_routing(request)
    if routing:
        shown = dict(routing)
        if "webAppRouting" in names:
            shown["identity"] = _identity_of(request, names["webAppRouting"])
        result["ingressProfile"] = {"webAppRouting": shown}
    return result


def _make_node_group(request: Request) -> None:
    """The node resource group and the identities in it appear with the cluster."""
    store = request.cloud.store
    group = f"/subscriptions/{request.cloud.subscription}/resourceGroups/{node_group(request)}"
    location = str(request.inputs.get("location"))
    shown = {
        "id": group,
        "name": node_group(request),
        "location": location,
        "managedBy": request.id,
    }
    store.put(Resource(group, "resources:ResourceGroup", {"location": location}, shown))
    for name in _identity_names(request).values():
        made = _identity_of(request, name)
        details = {
            "id": made["resourceId"],
            "name": name,
            "location": location,
            "clientId": made["clientId"],
            "principalId": made["objectId"],
            "tenantId": request.cloud.tenant,
        }
        kind = "managedidentity:UserAssignedIdentity"
        store.put(Resource(made["resourceId"], kind, {"location": location}, details))


def _remove_node_group(request: Request) -> None:
    group = f"/subscriptions/{request.cloud.subscription}/resourceGroups/{node_group(request)}"
    for part in request.cloud.store.below(group):
        request.cloud.store.delete(part.id)
    request.cloud.store.delete(group)


TYPES = [
    ResourceType(
        "containerservice:ManagedCluster",
        "Microsoft.ContainerService/managedClusters/{resourceName}",
        "2025-09-01",
        replaces=(
            "location",
            "dnsPrefix",
            "fqdnSubdomain",
            "nodeResourceGroup",
            "diskEncryptionSetID",
            "linuxProfile",
            "windowsProfile",
            "networkProfile.networkPlugin",
            "networkProfile.networkPluginMode",
            "networkProfile.networkPolicy",
            "networkProfile.networkDataplane",
            "networkProfile.networkMode",
            "networkProfile.outboundType",
            "networkProfile.serviceCidr",
            "networkProfile.serviceCidrs",
            "networkProfile.podCidr",
            "networkProfile.podCidrs",
            "networkProfile.dnsServiceIP",
            "networkProfile.ipFamilies",
            "agentPoolProfiles[].networkProfile.nodePublicIPTags",
        ),
        seconds=300,
        outputs=_outputs,
        after_put=_make_node_group,
        after_delete=_remove_node_group,
    ),
]
