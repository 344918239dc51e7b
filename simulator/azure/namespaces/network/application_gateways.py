"""Application Gateway: SKU, capacity, TLS policy, firewall, and outputs."""

from __future__ import annotations

from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.interfaces import with_addresses
from simulator.azure.namespaces.network.tokens import APPLICATION_GATEWAY
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
    """Name of the SKU; empty if there is none."""
    return str(at(request.inputs, "sku", "name") or "")


@rule("BadRequest", APPLICATION_GATEWAY, source=_RETIREMENT)
def a_gateway_is_of_the_second_generation(request: Request) -> Refusal | None:
    """The v1 SKUs were retired on 2026-04-28."""
    if sku(request) in V2:
        return None
    return Refusal(f"SKU '{sku(request)}' is not available; use one of {', '.join(V2)}.", "sku")


@rule("BadRequest", APPLICATION_GATEWAY, source="REST: applicationGateways")
def tier_and_name_of_the_sku_agree(request: Request) -> Refusal | None:
    """The tier of the SKU must equal its name."""
    tier = at(request.inputs, "sku", "tier")
    if tier == sku(request):
        return None
    return Refusal(f"SKU {sku(request)} cannot have tier {tier}.", "sku")


@rule(
    "ApplicationGatewayV2SkuMustSpecifyEitherCapacityOrAutoscaleConfiguration",
    APPLICATION_GATEWAY,
    source=_SCALING,
)
def a_gateway_has_a_capacity_or_scales(request: Request) -> Refusal | None:
    """A gateway has either a fixed capacity or autoscaling."""
    fixed = at(request.inputs, "sku", "capacity") is not None
    scaled = bool(request.inputs.get("autoscaleConfiguration"))
    if fixed != scaled:
        return None
    return Refusal("Set either sku.capacity or autoscaleConfiguration.", "autoscaleConfiguration")


@rule("BadRequest", APPLICATION_GATEWAY, source=_OVERVIEW)
def the_least_capacity_is_below_the_most(request: Request) -> Refusal | None:
    """The minimum capacity must not exceed the maximum."""
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
    """TLS 1.0 and 1.1 were retired on 2025-08-31, with the policies that allow them.

    The policy of a listener's own profile replaces that of the gateway.
    """
    profiles = [mapping(item, "sslPolicy") for item in items(request.inputs, "sslProfiles")]
    policies = [("sslPolicy", mapping(request.inputs, "sslPolicy"))]
    policies += [("sslProfiles", policy) for policy in profiles]
    for target, policy in policies:
        old = policy.get("policyName") in _OLDER_TLS
        if old or policy.get("minProtocolVersion") in ("TLSv1_0", "TLSv1_1"):
            name = policy.get("policyName") or policy.get("minProtocolVersion")
            return Refusal(f"The TLS policy {name} uses a deprecated TLS version.", target)
    return None


@rule("BadRequest", APPLICATION_GATEWAY, source=_POLICIES)
def a_predefined_tls_policy_is_named(request: Request) -> Refusal | None:
    """A predefined TLS policy needs its name."""
    policy = mapping(request.inputs, "sslPolicy")
    if policy.get("policyType") != "Predefined" or policy.get("policyName"):
        return None
    return Refusal("A predefined TLS policy requires policyName.", "sslPolicy")


@rule(
    "ApplicationGatewayFirewallCannotBeEnabledForSelectedSku",
    APPLICATION_GATEWAY,
    source="Microsoft Learn: azure/web-application-firewall/ag/ag-overview",
)
def a_firewall_needs_the_waf_sku(request: Request) -> Refusal | None:
    """A firewall policy or configuration requires the WAF SKU."""
    inline = at(request.inputs, "webApplicationFirewallConfiguration", "enabled")
    own = any(item.get("firewallPolicy") for item in items(request.inputs, "httpListeners"))
    if sku(request) == WAF or not (request.inputs.get("firewallPolicy") or inline or own):
        return None
    return Refusal(f"A firewall cannot be enabled for the SKU {sku(request)}.", "firewallPolicy")


@rule(
    "ApplicationGatewayFirewallNotConfiguredForSelectedSku",
    APPLICATION_GATEWAY,
    source="Microsoft Learn: azure/web-application-firewall/ag/create-waf-policy-ag",
)
def the_waf_sku_needs_a_firewall(request: Request) -> Refusal | None:
    """The WAF SKU requires a firewall policy or configuration."""
    keys = ("firewallPolicy", "webApplicationFirewallConfiguration")
    if sku(request) != WAF or any(request.inputs.get(key) for key in keys):
        return None
    return Refusal(f"The SKU {WAF} requires a firewall policy.", "firewallPolicy")


@rule(
    "ApplicationGatewayFrontendIpPrivateIpAddressInvalidAllocationType",
    APPLICATION_GATEWAY,
    source="Microsoft Learn: azure/application-gateway/configuration-frontend-ip",
)
def a_private_frontend_is_static(request: Request) -> Refusal | None:
    """The private frontend address of a v2 gateway must be static."""
    for item in items(request.inputs, "frontendIPConfigurations"):
        method = str(item.get("privateIPAllocationMethod", "Dynamic")).lower()
        if at(item, "subnet", "id") and method != "static":
            text = f"Frontend {item.get('name')} must have a static private IP address."
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
