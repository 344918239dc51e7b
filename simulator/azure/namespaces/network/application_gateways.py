"""Application Gateway: size, SKU, TLS policy, and its outputs."""

from __future__ import annotations

from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.interfaces import with_addresses
from simulator.azure.namespaces.network.users import APPLICATION_GATEWAY
from simulator.azure.rules import Refusal, rule
from support.nested import at, items, mapping

_OVERVIEW = "Microsoft Learn: azure/application-gateway/overview-v2"
_SCALING = (
    "Microsoft Learn: azure/application-gateway/application-gateway-autoscaling-zone-redundant"
)
_RETIREMENT = "Microsoft Learn: azure/application-gateway/v1-retirement"
_POLICIES = "Microsoft Learn: azure/application-gateway/application-gateway-ssl-policy-overview"
V2 = ("Standard_v2", "WAF_v2", "Basic")
WAF = "WAF_v2"
_OLDER_TLS = ("AppGwSslPolicy20150501", "AppGwSslPolicy20170401")


def sku(request: Request) -> str:
    """Name of the SKU, empty where there is none."""
    return str(at(request.inputs, "sku", "name") or "")


@rule("BadRequest", APPLICATION_GATEWAY, source=_RETIREMENT)
def a_gateway_is_of_the_second_generation(request: Request) -> Refusal | None:
    """V1 was retired on 2026-04-28."""
    if sku(request) in V2:
        return None
    return Refusal(f"SKU '{sku(request)}' is not available; use one of {', '.join(V2)}.", "sku")


@rule("BadRequest", APPLICATION_GATEWAY, source="REST: applicationGateways")
def tier_and_name_of_the_sku_agree(request: Request) -> Refusal | None:
    """They are written twice, and the same."""
    tier = at(request.inputs, "sku", "tier")
    if tier == sku(request):
        return None
    return Refusal(f"SKU {sku(request)} cannot have the tier {tier}.", "sku")


@rule(
    "ApplicationGatewayV2SkuMustSpecifyEitherCapacityOrAutoscaleConfiguration",
    APPLICATION_GATEWAY,
    source=_SCALING,
)
def a_gateway_has_a_capacity_or_scales(request: Request) -> Refusal | None:
    """Exactly one of the two."""
    fixed = at(request.inputs, "sku", "capacity") is not None
    scaled = bool(request.inputs.get("autoscaleConfiguration"))
    if fixed != scaled:
        return None
    return Refusal("Give either sku.capacity or autoscaleConfiguration.", "autoscaleConfiguration")


@rule("BadRequest", APPLICATION_GATEWAY, source=_OVERVIEW)
def the_least_capacity_is_below_the_most(request: Request) -> Refusal | None:
    """Of an autoscaled gateway."""
    scale = mapping(request.inputs, "autoscaleConfiguration")
    least, most = scale.get("minCapacity", 0), scale.get("maxCapacity", 10)
    if least > most:
        return Refusal(f"minCapacity {least} is above maxCapacity {most}.", "minCapacity")
    return None


@rule(
    "ApplicationGatewayDeprecatedTlsVersionUsedInSslPolicy",
    APPLICATION_GATEWAY,
    source="Microsoft Learn: azure/application-gateway/application-gateway-tls-version-retirement",
)
def tls_is_1_2_or_later(request: Request) -> Refusal | None:
    """TLS 1.0 and 1.1 were retired on 2025-08-31, with the policies that have them."""
    policy = mapping(request.inputs, "sslPolicy")
    old = policy.get("policyName") in _OLDER_TLS
    if old or policy.get("minProtocolVersion") in ("TLSv1_0", "TLSv1_1"):
        name = policy.get("policyName") or policy.get("minProtocolVersion")
        return Refusal(f"The TLS policy {name} uses a deprecated TLS version.", "sslPolicy")
    return None


@rule("BadRequest", APPLICATION_GATEWAY, source=_POLICIES)
def a_predefined_tls_policy_is_named(request: Request) -> Refusal | None:
    """`Predefined` comes with the policy's name."""
    policy = mapping(request.inputs, "sslPolicy")
    if policy.get("policyType") != "Predefined" or policy.get("policyName"):
        return None
    return Refusal("A predefined TLS policy needs policyName.", "sslPolicy")


@rule(
    "ApplicationGatewayFirewallCannotBeEnabledForSelectedSku",
    APPLICATION_GATEWAY,
    source="Microsoft Learn: azure/web-application-firewall/ag/ag-overview",
)
def a_firewall_needs_the_waf_sku(request: Request) -> Refusal | None:
    """A policy, or the older configuration, on a WAF SKU only."""
    inline = at(request.inputs, "webApplicationFirewallConfiguration", "enabled")
    if sku(request) == WAF or not (request.inputs.get("firewallPolicy") or inline):
        return None
    return Refusal(f"A firewall cannot be enabled for the SKU {sku(request)}.", "firewallPolicy")


@rule(
    "ApplicationGatewayFirewallNotConfiguredForSelectedSku",
    APPLICATION_GATEWAY,
    source="Microsoft Learn: azure/web-application-firewall/ag/create-waf-policy-ag",
)
def the_waf_sku_needs_a_firewall(request: Request) -> Refusal | None:
    """A policy, or the older configuration."""
    given = ("firewallPolicy", "webApplicationFirewallConfiguration")
    if sku(request) != WAF or any(request.inputs.get(key) for key in given):
        return None
    return Refusal(f"The SKU {WAF} needs a firewall policy.", "firewallPolicy")


@rule(
    "ApplicationGatewayFrontendIpPrivateIpAddressInvalidAllocationType",
    APPLICATION_GATEWAY,
    source="Microsoft Learn: azure/application-gateway/configuration-frontend-ip",
)
def a_private_frontend_is_static(request: Request) -> Refusal | None:
    """A gateway v2 does not take a private address as it comes."""
    for item in items(request.inputs, "frontendIPConfigurations"):
        method = str(item.get("privateIPAllocationMethod", "Dynamic")).lower()
        if at(item, "subnet", "id") and method != "static":
            text = f"Frontend {item.get('name')} must have a static private address."
            return Refusal(text, "frontendIPConfigurations")
    return None


def _outputs(request: Request) -> dict[str, Any]:
    return {
        "operationalState": "Running",
        "frontendIPConfigurations": with_addresses(request, "frontendIPConfigurations"),
        "defaultPredefinedSslPolicy": "AppGwSslPolicy20220101",
    }


TYPES = [
    ResourceType(
        APPLICATION_GATEWAY,
        "2024-05-01",
        seconds=420,
        outputs=_outputs,
    ),
]
