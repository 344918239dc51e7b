"""AKS clusters: their outputs, and the node resource group that AKS creates."""

from __future__ import annotations

from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.containerservice import api_server_endpoint
from simulator.azure.namespaces.containerservice.addons import (
    app_routing,
    has_managed_gateway_api,
    identity_names,
)
from simulator.azure.namespaces.containerservice.permissions import custom_zone
from simulator.azure.namespaces.containerservice.pools import (
    agent_pool_profile,
    patch_version,
    write_pools,
)
from simulator.azure.namespaces.containerservice.unrequested import unrequested
from simulator.azure.namespaces.containerservice.versions import DEFAULT
from simulator.azure.namespaces.containerservice.view import CLUSTER, view
from simulator.azure.rules import rule
from simulator.store import Resource
from support import arm_ids
from support.nested import at, mapping

_GATEWAY_API_GROUP = "gateway.networking.k8s.io"


def node_resource_group(request: Request) -> str:
    """Name of the resource group that AKS creates for the nodes."""
    name = request.inputs.get("nodeResourceGroup")
    return str(name or f"MC_{request.group}_{request.name}_{request.location}")


def _identity_id(request: Request, name: str) -> str:
    return (
        f"/subscriptions/{request.cloud.subscription}/resourceGroups/{node_resource_group(request)}"
        f"/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
    )


def _identity_of(request: Request, name: str) -> dict[str, str]:
    identity_id = _identity_id(request, name)
    return {
        "resourceId": identity_id,
        "clientId": identifiers.guid(identity_id, "client"),
        "objectId": identifiers.guid(identity_id, "principal"),
    }


def _identity_profile(request: Request) -> dict[str, Any]:
    """The kubelet identity: the user's own, or one that AKS creates."""
    own = at(request.inputs, "identityProfile", "kubeletidentity")
    return {"kubeletidentity": own or _identity_of(request, f"{request.name}-agentpool")}


def _names(request: Request) -> dict[str, Any]:
    """Host names of the API server, public and private."""
    access = mapping(request.inputs, "apiServerAccessProfile")
    subdomain = request.inputs.get("fqdnSubdomain")
    prefix = subdomain or request.inputs.get("dnsPrefix") or request.name
    label = prefix if subdomain else f"{prefix}-{identifiers.digest(request.id)}"
    region = request.location
    result: dict[str, Any] = {"azurePortalFQDN": f"{label}.portal.hcp.{region}.azmk8s.io"}
    private = bool(access.get("enablePrivateCluster"))
    if private:
        zone = str(access.get("privateDNSZone") or "system")
        domain = zone.rsplit("/", 1)[-1] if zone.startswith("/") else None
        domain = domain or f"{identifiers.guid(request.id, 'zone')}.privatelink.{region}.azmk8s.io"
        result["privateFQDN"] = f"{label}.{domain}"
    if not private or access.get("enablePrivateClusterPublicFQDN", True):
        result["fqdn"] = f"{label}.hcp.{region}.azmk8s.io"
    return result


def _network_profile(request: Request) -> dict[str, Any]:
    settings: dict[str, Any] = dict(mapping(request.inputs, "networkProfile"))
    if settings.get("serviceCidr"):
        settings.setdefault("serviceCidrs", [settings["serviceCidr"]])
    if settings.get("podCidr"):
        settings.setdefault("podCidrs", [settings["podCidr"]])
    settings.setdefault("ipFamilies", ["IPv4"])
    settings.setdefault("loadBalancerSku", "standard")
    settings.setdefault("networkDataplane", "azure")
    if settings.get("outboundType", "loadBalancer") == "loadBalancer":
        address = (
            f"{arm_ids.group_of(_identity_id(request, ''))}/providers/Microsoft.Network"
            f"/publicIPAddresses/{identifiers.guid(request.id, 'egress')}"
        )
        profile: dict[str, Any] = dict(mapping(settings, "loadBalancerProfile"))
        profile["effectiveOutboundIPs"] = [{"id": address}]
        settings["loadBalancerProfile"] = profile
    return settings


def _outputs(request: Request) -> dict[str, Any]:
    cluster = view(request)
    version = str(request.inputs.get("kubernetesVersion") or DEFAULT)
    result = unrequested(request) | _names(request)
    result |= {
        "kubernetesVersion": version,
        "currentKubernetesVersion": patch_version(version),
        "nodeResourceGroup": node_resource_group(request),
        "powerState": {"code": "Running"},
        "maxAgentPools": 100,
        "resourceUID": identifiers.digest(request.id, "uid", length=24),
        "networkProfile": _network_profile(request),
        "enableRBAC": request.inputs.get("enableRBAC", True),
        "agentPoolProfiles": [agent_pool_profile(cluster, pool, version) for pool in cluster.pools],
        "identityProfile": _identity_profile(request),
    }
    result.update(_addons(request))
    if at(request.inputs, "oidcIssuerProfile", "enabled"):
        url = (
            f"https://{request.location}.oic.prod-aks.azure.com/{request.cloud.tenant}"
            f"/{identifiers.guid(request.id, 'issuer')}/"
        )
        result["oidcIssuerProfile"] = {"enabled": True, "issuerURL": url}
    if "apiServerAccessProfile" in request.inputs:
        result["apiServerAccessProfile"] = dict(request.inputs["apiServerAccessProfile"])
    return result


def _addons(request: Request) -> dict[str, Any]:
    """Add-on profiles and ingress profile, with the identities that AKS creates for them."""
    names = identity_names(request)
    result: dict[str, Any] = {}
    profiles = mapping(request.inputs, "addonProfiles")
    if profiles:
        result["addonProfiles"] = {
            addon: {**settings, "identity": _identity_of(request, names[addon])}
            if addon in names
            else dict(settings)
            for addon, settings in profiles.items()
        }
    routing = app_routing(request)
    if routing:
        answer: dict[str, Any] = dict(routing)
        if "webAppRouting" in names:
            answer["identity"] = _identity_of(request, names["webAppRouting"])
        given = mapping(request.inputs, "ingressProfile")
        result["ingressProfile"] = {**given, "webAppRouting": answer}
    return result


def _create_node_group(request: Request) -> None:
    """Create the node resource group, and in it the identities and a private endpoint."""
    store = request.cloud.store
    group = (
        f"/subscriptions/{request.cloud.subscription}/resourceGroups/{node_resource_group(request)}"
    )
    location = str(request.inputs.get("location"))
    details = {
        "id": group,
        "name": node_resource_group(request),
        "location": location,
        "managedBy": request.id,
    }
    store.put(Resource(group, "resources:ResourceGroup", {"location": location}, details))
    for name in identity_names(request).values():
        identity = _identity_of(request, name)
        details = {
            "id": identity["resourceId"],
            "name": name,
            "location": location,
            "clientId": identity["clientId"],
            "principalId": identity["objectId"],
            "tenantId": request.cloud.tenant,
        }
        kind = "managedidentity:UserAssignedIdentity"
        store.put(Resource(identity["resourceId"], kind, {"location": location}, details))
    api_server_endpoint.create(request, group)


def _link_zone(request: Request) -> None:
    """Link a custom private DNS zone to the nodes' network, unless it is linked already.

    The link belongs to the user: AKS does not delete it with the cluster. Azure/AKS#2711, #4998.
    """
    zone, network = custom_zone(request), view(request).network_id()
    if request.old or not zone or not network:
        return
    store = request.cloud.store
    links = store.below(zone, "privatedns:VirtualNetworkLink")
    if not any(
        arm_ids.same(str(at(link.inputs, "virtualNetwork", "id")), network) for link in links
    ):
        name = network.rsplit("/", 1)[-1]
        inputs = {"location": "global", "registrationEnabled": False}
        link = {**inputs, "virtualNetwork": {"id": network}}
        outputs = {"name": name, "virtualNetworkLinkState": "Completed", **link}
        link_id = f"{zone}/virtualNetworkLinks/{name}"
        store.put(Resource(link_id, "privatedns:VirtualNetworkLink", link, outputs))


def _uninstall_gateway_api(request: Request) -> None:
    """Definitions that AKS removes take their objects with them (aks/managed-gateway-api)."""
    if not request.old or not has_managed_gateway_api(request.old.inputs):
        return
    if not has_managed_gateway_api(request.inputs):
        for item in request.cloud.store.below(f"{request.id}/kubernetes/{_GATEWAY_API_GROUP}"):
            request.cloud.store.delete(item.id)


def _after_put(request: Request) -> None:
    write_pools(request)
    _uninstall_gateway_api(request)
    _create_node_group(request)
    _link_zone(request)


@rule(
    "BadRequest",
    CLUSTER,
    source="Microsoft Learn: azure/aks/faq (own name for the node resource group)",
)
def the_node_resource_group_is_new(request: Request) -> str | None:
    """AKS creates the node resource group and refuses an existing one."""
    group = (
        f"/subscriptions/{request.cloud.subscription}/resourceGroups/{node_resource_group(request)}"
    )
    if request.old is None and request.cloud.exists(group):
        return f"The node resource group '{node_resource_group(request)}' already exists."
    return None


def _remove_node_group(request: Request) -> None:
    group = (
        f"/subscriptions/{request.cloud.subscription}/resourceGroups/{node_resource_group(request)}"
    )
    for part in request.cloud.store.below(group):
        request.cloud.store.delete(part.id)
    request.cloud.store.delete(group)


TYPES = [
    ResourceType(
        CLUSTER,
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
            "networkProfile.dnsServiceIP",
            "agentPoolProfiles[].networkProfile.nodePublicIPTags",
        ),
        seconds=300,
        outputs=_outputs,
        after_put=_after_put,
        after_delete=_remove_node_group,
    ),
]
