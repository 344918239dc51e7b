"""A cluster's add-ons: the identities that AKS creates for them, and their requirements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.view import CLUSTER
from simulator.azure.rules import Refusal, advice, rule
from support import arm_ids
from support.nested import at, items, mapping

_ROUTING = "Microsoft Learn: azure/aks/app-routing"
_AGIC = "Microsoft Learn: azure/application-gateway/tutorial-ingress-controller-add-on-existing"
_GATEWAY_API = "Microsoft Learn: azure/aks/app-routing-gateway-api"
_GATEWAY = "ingressapplicationgateway"
_MAX_ZONES = 5

# Prefix of the identity that AKS creates for an add-on in the node resource group.
_IDENTITIES = {
    _GATEWAY: "ingressapplicationgateway",
    "azurekeyvaultsecretsprovider": "azurekeyvaultsecretsprovider",
    "azurepolicy": "azurepolicy",
    "omsagent": "omsagent",
}


def app_routing(request: Request) -> Mapping[str, Any]:
    """Settings of the application routing add-on."""
    return mapping(request.inputs, "ingressProfile", "webAppRouting")


def runs_app_routing_istio(cluster: Mapping[str, Any]) -> bool:
    """Whether a cluster's settings (its inputs) enable application routing's Gateways."""
    implementations = mapping(
        cluster, "ingressProfile", "webAppRouting", "gatewayAPIImplementations"
    )
    return at(implementations, "appRoutingIstio", "mode") == "Enabled"


def has_managed_gateway_api(cluster: Mapping[str, Any]) -> bool:
    """Whether AKS installs the Gateway API's definitions in a cluster with these inputs."""
    return at(cluster, "ingressProfile", "gatewayAPI", "installation") == "Standard"


def enabled_addons(request: Request) -> dict[str, Mapping[str, Any]]:
    """Profiles of the enabled add-ons, by their lower-case name."""
    profiles = mapping(request.inputs, "addonProfiles")
    return {str(k).lower(): v for k, v in profiles.items() if at(v, "enabled")}


def identity_names(request: Request) -> dict[str, str]:
    """Names of the identities that AKS creates in the node resource group, by purpose."""
    names = {"kubeletidentity": f"{request.name}-agentpool"}
    for addon, settings in mapping(request.inputs, "addonProfiles").items():
        prefix = _IDENTITIES.get(str(addon).lower())
        if prefix and settings.get("enabled"):
            names[str(addon)] = f"{prefix}-{request.name}"
    if app_routing(request).get("enabled"):
        names["webAppRouting"] = f"webapprouting-{request.name}"
    return names


@rule("BadRequest", CLUSTER, source=_ROUTING)
def app_routing_needs_a_managed_identity(request: Request) -> Refusal | None:
    """The add-on's identity needs a cluster with a managed identity, not a service principal."""
    client = at(request.inputs, "servicePrincipalProfile", "clientId")
    principal = client and str(client).lower() != "msi"
    if app_routing(request).get("enabled") and principal:
        return Refusal(
            "The application routing add-on requires a cluster with a managed identity.",
            "ingressProfile.webAppRouting",
        )
    return None


@rule("BadRequest", CLUSTER, source=_ROUTING)
def app_routing_has_at_most_five_zones(request: Request) -> Refusal | None:
    """At most five zones: the public ones in one resource group, the private ones in one."""
    zones = [str(zone) for zone in items(app_routing(request), "dnsZoneResourceIds")]
    target = "ingressProfile.webAppRouting.dnsZoneResourceIds"
    if len(zones) > _MAX_ZONES:
        return Refusal(f"At most {_MAX_ZONES} DNS zones are allowed, not {len(zones)}.", target)
    for kind in ("/dnszones/", "/privatednszones/"):
        groups = {arm_ids.group_of(zone.lower()) for zone in zones if kind in zone.lower()}
        if len(groups) > 1:
            return Refusal(
                "All public DNS zones, and all private ones, must be in the same resource group.",
                target,
            )
    return None


@rule("BadRequest", CLUSTER, source=_GATEWAY_API)
def app_routing_istio_excludes_the_service_mesh(request: Request) -> Refusal | None:
    """The Istio add-on must be off, and turned off in an operation of its own."""
    if not runs_app_routing_istio(request.inputs):
        return None
    target = "ingressProfile.webAppRouting.gatewayAPIImplementations.appRoutingIstio.mode"
    if at(request.inputs, "serviceMeshProfile", "mode") == "Istio":
        return Refusal("The Istio service mesh add-on must be disabled first.", target)
    if request.old and at(request.old.inputs, "serviceMeshProfile", "mode") == "Istio":
        return Refusal("Disable the Istio service mesh add-on in a separate operation.", target)
    return None


@advice(CLUSTER, source=f"{_GATEWAY_API}; Azure/AKS issue 5914")
def app_routing_istio_uses_the_managed_definitions(request: Request) -> Refusal | None:
    """Only the managed definitions of the Gateway API are supported with application routing."""
    if runs_app_routing_istio(request.inputs) and not has_managed_gateway_api(request.inputs):
        return Refusal(
            "Application routing's Gateway API implementation requires the managed Gateway API"
            " installation: without the definitions its operator does not start.",
            "ingressProfile.gatewayAPI.installation",
        )
    return None


def _gateway(request: Request) -> Mapping[str, Any] | None:
    profile = enabled_addons(request).get(_GATEWAY)
    if profile is None:
        return None
    return {str(key).lower(): value for key, value in mapping(profile, "config").items() if value}


def _config(key: str) -> str:
    return f"addonProfiles.ingressApplicationGateway.config.{key}"


@rule("IngressAppGwAddonConfigInvalid", CLUSTER, source=_AGIC)
def the_gateway_is_named_or_made(request: Request) -> Refusal | None:
    """The add-on needs the id of an existing gateway, or a subnet for a new one."""
    config = _gateway(request)
    if config is None or "applicationgatewayid" in config:
        return None
    if not ("subnetid" in config or "subnetcidr" in config):
        return Refusal(
            "Set applicationGatewayId, or subnetCIDR or subnetId for a new gateway.",
            _config("applicationGatewayId"),
        )
    return None


@rule("IngressAppGwAddonConfigProvideEitherSubnetCIDROrSubnetId", CLUSTER, source=_AGIC)
def a_new_gateway_has_one_subnet(request: Request) -> Refusal | None:
    """A new gateway has `subnetCIDR` for a new subnet, or `subnetId` for an existing one."""
    config = _gateway(request) or {}
    if "subnetid" in config and "subnetcidr" in config:
        return Refusal("Set subnetCIDR or subnetId, not both.", _config("subnetCIDR"))
    return None


@rule("IngressAppGwAddonConfigSubnetNotAllowedWhenUsingExistingGateway", CLUSTER, source=_AGIC)
def an_existing_gateway_has_its_subnet(request: Request) -> Refusal | None:
    """An existing gateway has its subnet already."""
    config = _gateway(request) or {}
    if "applicationgatewayid" in config and ("subnetid" in config or "subnetcidr" in config):
        return Refusal(
            "With applicationGatewayId, subnetCIDR and subnetId must not be set.",
            _config("applicationGatewayId"),
        )
    return None


@rule("IngressAppGwAddonConfigUnsupportedApplicationGatewaySku", CLUSTER, source=_AGIC)
def the_gateway_is_of_the_second_generation(request: Request) -> Refusal | None:
    """The add-on requires a gateway with SKU Standard_v2 or WAF_v2."""
    gateway = request.find((_gateway(request) or {}).get("applicationgatewayid"))
    tier = str(at(gateway.inputs, "sku", "tier") or "") if gateway else ""
    if gateway and not tier.lower().endswith("_v2"):
        return Refusal(
            f"Application gateway {gateway.id} has tier {tier or '(none)'}; the add-on requires"
            " Standard_v2 or WAF_v2.",
            _config("applicationGatewayId"),
        )
    return None


@rule(
    "LogAnalyticsWorkspaceNotSet", CLUSTER, source="Microsoft Learn: azure/azure-monitor/containers"
)
def container_insights_has_a_workspace(request: Request) -> Refusal | None:
    """The add-on omsagent requires a Log Analytics workspace."""
    profile = enabled_addons(request).get("omsagent")
    if profile is None:
        return None
    config = {str(key).lower(): value for key, value in mapping(profile, "config").items()}
    if not config.get("loganalyticsworkspaceresourceid"):
        return Refusal(
            "The add-on omsagent requires logAnalyticsWorkspaceResourceID.",
            "addonProfiles.omsagent.config",
        )
    return None


TYPES = ()
