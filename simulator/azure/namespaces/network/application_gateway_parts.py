"""The parts of an Application Gateway: listeners, rules, pools, settings, probes, certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.azure.model import Request
from simulator.azure.namespaces.network.tokens import APPLICATION_GATEWAY
from simulator.azure.rules import Refusal, rule
from support.nested import at, is_mapping, items

_LISTENERS = "Microsoft Learn: azure/application-gateway/configuration-listeners"
_RULES = "Microsoft Learn: azure/application-gateway/configuration-request-routing-rules"
_PROBES = "Microsoft Learn: azure/application-gateway/application-gateway-probe-overview"
_REST = "REST: applicationGateways"
_HIGHEST_PORT = 64999

# (collection, property of its items, collection that the property refers to)
_REFERENCES = (
    ("httpListeners", "frontendIPConfiguration", "frontendIPConfigurations"),
    ("httpListeners", "frontendPort", "frontendPorts"),
    ("httpListeners", "sslCertificate", "sslCertificates"),
    ("requestRoutingRules", "httpListener", "httpListeners"),
    ("requestRoutingRules", "backendAddressPool", "backendAddressPools"),
    ("requestRoutingRules", "backendHttpSettings", "backendHttpSettingsCollection"),
    ("requestRoutingRules", "redirectConfiguration", "redirectConfigurations"),
    ("requestRoutingRules", "urlPathMap", "urlPathMaps"),
    ("requestRoutingRules", "rewriteRuleSet", "rewriteRuleSets"),
    ("urlPathMaps", "defaultBackendAddressPool", "backendAddressPools"),
    ("urlPathMaps", "defaultBackendHttpSettings", "backendHttpSettingsCollection"),
    ("urlPathMaps", "defaultRewriteRuleSet", "rewriteRuleSets"),
    ("backendHttpSettingsCollection", "probe", "probes"),
    ("redirectConfigurations", "targetListener", "httpListeners"),
)
_REQUIRED = {
    "gatewayIPConfigurations": ("subnet",),
    "httpListeners": ("frontendIPConfiguration", "frontendPort"),
    "requestRoutingRules": ("httpListener",),
}
# Types of a rule, each with the alternative sets of properties, one of which it requires.
_TARGETS = {
    "basic": (("backendAddressPool", "backendHttpSettings"), ("redirectConfiguration",)),
    "pathbasedrouting": (("urlPathMap",),),
}
# Required collections; the second is that of the TCP and TLS proxy.
_COLLECTIONS = (
    ("gatewayIPConfigurations",),
    ("frontendIPConfigurations",),
    ("frontendPorts",),
    ("backendAddressPools",),
    ("backendHttpSettingsCollection", "backendSettingsCollection"),
    ("httpListeners", "listeners"),
    ("requestRoutingRules", "routingRules"),
)


def _parts(request: Request, collection: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for item in items(request.inputs, collection):
        if is_mapping(item):
            yield str(item.get("name")), item


@rule("BadRequest", APPLICATION_GATEWAY, source=_REST)
def a_gateway_has_all_its_parts(request: Request) -> Refusal | None:
    """A gateway needs at least one item in each required collection."""
    for collections in _COLLECTIONS:
        if not any(items(request.inputs, collection) for collection in collections):
            required = " or ".join(collections)
            return Refusal(f"An Application Gateway requires {required}.", collections[0])
    return None


@rule("InvalidResourceReference", APPLICATION_GATEWAY, source=_REST)
def parts_refer_to_parts_of_the_right_kind(request: Request) -> Refusal | None:
    """References between parts lead to the right collection, such as `frontendPorts`."""
    for collection, key, target in _REFERENCES:
        for name, item in _parts(request, collection):
            reference = at(item, key, "id")
            if reference and f"/{target}/".lower() not in str(reference).lower():
                text = f"{key} of {name} refers to {reference}, which is not in {target}."
                return Refusal(text, collection)
    return None


@rule("DuplicateResourceName", APPLICATION_GATEWAY, source="aka.ms/arm-resource-names")
def parts_of_a_collection_have_different_names(request: Request) -> str | None:
    """Names in a collection must differ, ignoring case."""
    for collection in request.inputs:
        names = [name.lower() for name, item in _parts(request, collection) if item.get("name")]
        for name in names:
            if names.count(name) > 1:
                return f"{request.id} has two child resources with the same name ({name})."
    return None


@rule("BadRequest", APPLICATION_GATEWAY, source=_REST)
def parts_have_what_they_need(request: Request) -> Refusal | None:
    """A listener needs an address and a port, a rule needs a listener."""
    for collection, keys in _REQUIRED.items():
        for name, item in _parts(request, collection):
            for key in keys:
                if not at(item, key, "id"):
                    return Refusal(f"{name} of {collection} requires {key}.", collection)
    return None


@rule("BadRequest", APPLICATION_GATEWAY, source=_RULES)
def a_rule_leads_somewhere(request: Request) -> Refusal | None:
    """A rule needs a pool with settings, a redirect, or a URL path map."""
    for name, item in _parts(request, "requestRoutingRules"):
        choices = _TARGETS.get(str(item.get("ruleType", "Basic")).lower(), ())
        if not any(all(at(item, key, "id") for key in keys) for keys in choices):
            required = " or ".join(" with ".join(keys) for keys in choices)
            return Refusal(f"Rule {name} requires {required}.", "requestRoutingRules")
    return None


@rule(
    "ApplicationGatewayRequestRoutingRulePriorityCannotBeEmpty",
    APPLICATION_GATEWAY,
    source=f"{_RULES}#priority",
)
def rules_have_a_priority(request: Request) -> Refusal | None:
    """Priorities are required since API version 2021-08-01."""
    for name, item in _parts(request, "requestRoutingRules"):
        if item.get("priority") is None:
            return Refusal(f"Priority for rule {name} cannot be empty.", "requestRoutingRules")
    return None


@rule("BadRequest", APPLICATION_GATEWAY, source=f"{_RULES}#priority")
def priorities_of_rules_differ(request: Request) -> Refusal | None:
    """The priorities of rules must differ."""
    seen: dict[Any, str] = {}
    for name, item in _parts(request, "requestRoutingRules"):
        priority = item.get("priority")
        if priority in seen:
            text = f"Rules {seen[priority]} and {name} have the same priority {priority}."
            return Refusal(text, "requestRoutingRules")
        seen[priority] = name
    return None


@rule("BadRequest", APPLICATION_GATEWAY, source=f"{_RULES}#associated-listener")
def a_listener_has_one_rule(request: Request) -> Refusal | None:
    """A listener can have one rule only."""
    seen: dict[str, str] = {}
    for name, item in _parts(request, "requestRoutingRules"):
        listener = str(at(item, "httpListener", "id")).lower()
        if listener in seen:
            text = f"Rules {seen[listener]} and {name} have the same listener."
            return Refusal(text, "requestRoutingRules")
        seen[listener] = name
    return None


def _hosts(listener: Mapping[str, Any]) -> list[str]:
    single = listener.get("hostName")
    return [str(host).lower() for host in (items(listener, "hostNames") or [single or ""])]


@rule(
    "ApplicationGatewayHttpListenersUsingSameFrontendPort",
    APPLICATION_GATEWAY,
    source=f"{_LISTENERS}#listener-type",
)
def listeners_of_a_port_differ_by_host(request: Request) -> Refusal | None:
    """Listeners with the same address and port must have different host names."""
    seen: dict[tuple[str, str, str], str] = {}
    for name, item in _parts(request, "httpListeners"):
        keys = ("frontendIPConfiguration", "frontendPort")
        address, port = (str(at(item, key, "id")).lower() for key in keys)
        for host in _hosts(item):
            if (address, port, host) in seen:
                other = seen[address, port, host]
                text = f"Listeners {other} and {name} use the same port for '{host or 'any host'}'."
                return Refusal(text, "httpListeners")
            seen[address, port, host] = name
    return None


@rule("BadRequest", APPLICATION_GATEWAY, source=f"{_LISTENERS}#protocol")
def an_https_listener_has_a_certificate(request: Request) -> Refusal | None:
    """An HTTPS listener needs `sslCertificate`."""
    for name, item in _parts(request, "httpListeners"):
        secure = str(item.get("protocol")).lower() == "https"
        if secure and not at(item, "sslCertificate", "id"):
            return Refusal(f"HTTPS listener {name} requires a certificate.", "httpListeners")
    return None


@rule(
    "ApplicationGatewayFrontendPortInvalidPortNumber",
    APPLICATION_GATEWAY,
    source=f"{_LISTENERS}#frontend-port",
)
def frontend_ports_are_1_to_64999(request: Request) -> Refusal | None:
    """Ports above 64999 are reserved for Azure's management."""
    for name, item in _parts(request, "frontendPorts"):
        if not 1 <= (item.get("port") or 0) <= _HIGHEST_PORT:
            text = f"Port {item.get('port')} of {name} is not in 1-{_HIGHEST_PORT}."
            return Refusal(text, "frontendPorts")
    return None


@rule("ApplicationGatewayProbePathIsInvalid", APPLICATION_GATEWAY, source=_PROBES)
def paths_of_probes_begin_with_a_slash(request: Request) -> Refusal | None:
    """The path of a probe begins with a slash, such as `/healthz`."""
    for name, item in _parts(request, "probes"):
        path = str(item.get("path") or "/")
        if not path.startswith("/"):
            return Refusal(f"Path '{path}' of probe {name} must start with '/'.", "probes")
    return None


@rule("ApplicationGatewayProbeHostIsNull", APPLICATION_GATEWAY, source=_PROBES)
def a_probe_knows_its_host(request: Request) -> Refusal | None:
    """A probe has a host, or takes it from the backend settings."""
    for name, item in _parts(request, "probes"):
        if not item.get("host") and not item.get("pickHostNameFromBackendHttpSettings"):
            text = (
                f"Host of probe {name} can only be null with pickHostNameFromBackendHttpSettings."
            )
            return Refusal(text, "probes")
    return None


TYPES = ()
