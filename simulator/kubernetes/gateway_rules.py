"""Rules of the Gateway API's kinds: the CEL expressions of their definitions.

Source: kubernetes-sigs/gateway-api v1.4.1, config/crd/standard, x-kubernetes-validations.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from simulator.azure.schema import Problem
from simulator.kubernetes import checks
from simulator.kubernetes.rules import Manifest, Problems, rule
from simulator.wire import Unknown, has_unknown
from support.nested import at, is_mapping, items, mapping

_GATEWAY = "gateway.networking.k8s.io/Gateway"
_ROUTE = "gateway.networking.k8s.io/HTTPRoute"
_GATEWAYS = "gateway-api v1.4.1 gateway.networking.k8s.io_gateways.yaml"
_ROUTES = "gateway-api v1.4.1 gateway.networking.k8s.io_httproutes.yaml"

_MAX_MATCHES = 128
_NO_TLS = ("HTTP", "TCP", "UDP")
_PATH = re.compile(r"(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}

# A filter's type, and the property that goes with it.
_FILTERS = {
    "RequestHeaderModifier": "requestHeaderModifier",
    "ResponseHeaderModifier": "responseHeaderModifier",
    "RequestMirror": "requestMirror",
    "RequestRedirect": "requestRedirect",
    "URLRewrite": "urlRewrite",
    "ExtensionRef": "extensionRef",
}
_ONCE = ("RequestHeaderModifier", "ResponseHeaderModifier", "RequestRedirect", "URLRewrite")
_NEW_PATHS = {"ReplaceFullPath": "replaceFullPath", "ReplacePrefixMatch": "replacePrefixMatch"}


def _listeners(manifest: Manifest) -> Iterator[tuple[str, Any]]:
    for index, listener in enumerate(items(manifest, "spec", "listeners")):
        yield f"spec.listeners[{index}]", listener


@rule(_GATEWAY, source=_GATEWAYS)
def a_listeners_name_is_its_own(manifest: Manifest) -> Problems:
    """The listeners of a Gateway have different names."""
    names = Counter(str(at(listener, "name")) for _, listener in _listeners(manifest))
    for path, listener in _listeners(manifest):
        name = at(listener, "name")
        if isinstance(name, str) and names[name] > 1:
            yield Problem(f"{path}.name", f"Duplicate value: {name!r}")


@rule(_GATEWAY, source=_GATEWAYS)
def a_listeners_port_protocol_and_hostname_are_its_own(manifest: Manifest) -> Problems:
    """The listeners of a Gateway differ in port, protocol or hostname."""
    seen: set[tuple[Any, Any, Any]] = set()
    for path, listener in _listeners(manifest):
        key = (at(listener, "port"), at(listener, "protocol"), at(listener, "hostname"))
        if any(isinstance(part, Unknown) for part in key):
            continue
        if key in seen:
            yield Problem(
                path, "Invalid value: another listener has the same port, protocol and hostname"
            )
        seen.add(key)


@rule(_GATEWAY, source=_GATEWAYS)
def only_some_protocols_have_tls_or_a_hostname(manifest: Manifest) -> Problems:
    """HTTP has no TLS, TCP and UDP have neither TLS nor a hostname, HTTPS terminates TLS."""
    for path, listener in _listeners(manifest):
        protocol = at(listener, "protocol")
        if protocol in _NO_TLS and "tls" in mapping(listener):
            yield Problem(f"{path}.tls", f"Invalid value: must not be set for {protocol}")
        if protocol in ("TCP", "UDP") and at(listener, "hostname"):
            yield Problem(f"{path}.hostname", f"Invalid value: must not be set for {protocol}")
        if protocol == "HTTPS" and at(listener, "tls", "mode") == "Passthrough":
            yield Problem(f"{path}.tls.mode", "Invalid value: must be Terminate for HTTPS")


@rule(_GATEWAY, source=_GATEWAYS)
def where_tls_ends_there_is_a_certificate(manifest: Manifest) -> Problems:
    """A listener that terminates TLS needs certificate references or options."""
    for path, listener in _listeners(manifest):
        tls = at(listener, "tls")
        if not is_mapping(tls) or tls.get("mode", "Terminate") != "Terminate":
            continue
        if not (tls.get("certificateRefs") or tls.get("options")):
            reason = "Invalid value: requires certificateRefs or options to terminate TLS"
            yield Problem(f"{path}.tls", reason)


@rule(_GATEWAY, source=_GATEWAYS)
def the_addresses_of_a_gateway_are_distinct_names(manifest: Manifest) -> Problems:
    """Addresses and hostnames must differ, and hostnames must be valid."""
    seen: set[tuple[Any, Any]] = set()
    for index, address in enumerate(items(manifest, "spec", "addresses")):
        path = f"spec.addresses[{index}].value"
        kind, value = at(address, "type") or "IPAddress", at(address, "value")
        if kind not in ("IPAddress", "Hostname") or not isinstance(value, str):
            continue
        if (kind, value) in seen:
            yield Problem(path, f"Invalid value: duplicate {kind} {value!r}")
        seen.add((kind, value))
        if kind == "Hostname":
            yield from checks.host(path, value)


@rule(_GATEWAY, source=_GATEWAYS)
def what_is_put_on_a_gateways_objects_has_qualified_keys(manifest: Manifest) -> Problems:
    """Annotations and labels of generated objects have qualified keys."""
    for part in ("annotations", "labels"):
        path = f"spec.infrastructure.{part}"
        for key in mapping(manifest, "spec", "infrastructure", part):
            yield from checks.qualified_name(path, str(key))


def _rules(manifest: Manifest) -> Iterator[tuple[str, Any]]:
    for index, route_rule in enumerate(items(manifest, "spec", "rules")):
        yield f"spec.rules[{index}]", route_rule


def _filters(manifest: Manifest) -> Iterator[tuple[str, list[Any]]]:
    """Each list of filters: those of a rule and of its backends."""
    for path, route_rule in _rules(manifest):
        yield f"{path}.filters", items(route_rule, "filters")
        for index, backend in enumerate(items(route_rule, "backendRefs")):
            yield f"{path}.backendRefs[{index}].filters", items(backend, "filters")


@rule(_ROUTE, source=_ROUTES)
def a_route_has_so_many_matches(manifest: Manifest) -> Problems:
    """A route has at most 128 matches."""
    count = sum(len(items(route_rule, "matches")) for _, route_rule in _rules(manifest))
    if count > _MAX_MATCHES:
        reason = f"Invalid value: {count} matches in all rules, more than {_MAX_MATCHES}"
        yield Problem("spec.rules", reason)


@rule(_ROUTE, source=_ROUTES)
def a_routes_paths_are_absolute_and_plain(manifest: Manifest) -> Problems:
    """Paths are absolute and normalized, unless they are regular expressions."""
    for place, route_rule in _rules(manifest):
        for index, match in enumerate(items(route_rule, "matches")):
            path = f"{place}.matches[{index}].path.value"
            kind, value = at(match, "path", "type") or "PathPrefix", at(match, "path", "value")
            if kind not in ("Exact", "PathPrefix") or not isinstance(value, str):
                continue
            if not value.startswith("/") or not _PATH.fullmatch(value):
                yield checks.invalid(path, value, "an absolute path with valid URL characters")
            else:
                yield from checks.normalized_path(path, value)


@rule(_ROUTE, source=_ROUTES)
def a_redirect_goes_to_no_backend(manifest: Manifest) -> Problems:
    """A rule that redirects has no backends."""
    for path, route_rule in _rules(manifest):
        redirects = any("requestRedirect" in mapping(item) for item in items(route_rule, "filters"))
        if redirects and items(route_rule, "backendRefs"):
            reason = "Invalid value: a RequestRedirect filter excludes backendRefs"
            yield Problem(f"{path}.filters", reason)


@rule(_ROUTE, source=_ROUTES)
def a_filter_has_what_its_type_says(manifest: Manifest) -> Problems:
    """A filter has the property of its type only.

    Most types can occur once, and a redirect excludes a rewrite.
    """
    for path, filters in _filters(manifest):
        kinds = [at(filter_, "type") for filter_ in filters]
        for index, filter_ in enumerate(filters):
            for kind, key in _FILTERS.items():
                if isinstance(kinds[index], str) and (kind == kinds[index]) != (
                    key in mapping(filter_)
                ):
                    reason = f"Invalid value: {key} must be set for type {kind}, and only for it"
                    yield Problem(f"{path}[{index}].{key}", reason)
        for kind in _ONCE:
            if kinds.count(kind) > 1:
                yield Problem(path, f"Invalid value: {kind} cannot be repeated")
        if {"RequestRedirect", "URLRewrite"} <= {kind for kind in kinds if isinstance(kind, str)}:
            yield Problem(path, "Invalid value: either RequestRedirect or URLRewrite")


@rule(_ROUTE, source=_ROUTES)
def a_filters_new_path_is_of_its_type(manifest: Manifest) -> Problems:
    """A new path has the property of its type; replacing a prefix requires one PathPrefix match."""
    for place, filters in _filters(manifest):
        for index, filter_ in enumerate(filters):
            for key in ("requestRedirect", "urlRewrite"):
                path = f"{place}[{index}].{key}.path"
                new = mapping(filter_, key, "path")
                for kind, part in _NEW_PATHS.items():
                    if new and (new.get("type") == kind) != (part in new):
                        reason = (
                            f"Invalid value: {part} must be set for type {kind}, and only for it"
                        )
                        yield Problem(f"{path}.{part}", reason)
                if "replacePrefixMatch" in new and not _one_prefix(manifest, place):
                    reason = (
                        "Invalid value: replacePrefixMatch requires exactly one PathPrefix match"
                    )
                    yield Problem(path, reason)


def _one_prefix(manifest: Manifest, place: str) -> bool:
    matching_rule = next(
        route_rule for path, route_rule in _rules(manifest) if place.startswith(f"{path}.")
    )
    matches = items(matching_rule, "matches")
    kinds = [at(match, "path", "type") or "PathPrefix" for match in matches]
    # The default match is the prefix /.
    return "matches" not in mapping(matching_rule) or kinds == ["PathPrefix"]


@rule(_ROUTE, source=_ROUTES)
def a_service_is_named_with_its_port(manifest: Manifest) -> Problems:
    """A Service needs its port, as a backend and as the target of a mirror."""
    for path, route_rule in _rules(manifest):
        for index, backend in enumerate(items(route_rule, "backendRefs")):
            yield from _has_port(f"{path}.backendRefs[{index}]", backend)
    for path, filters in _filters(manifest):
        for index, filter_ in enumerate(filters):
            mirror = at(filter_, "requestMirror", "backendRef")
            if mirror is not None:
                yield from _has_port(f"{path}[{index}].requestMirror.backendRef", mirror)


def _has_port(path: str, reference: Any) -> Problems:
    service = (at(reference, "group") or "", at(reference, "kind") or "Service") == ("", "Service")
    if service and "port" not in mapping(reference):
        yield Problem(f"{path}.port", "Required value: a Service requires a port")


@rule(_ROUTE, source=_ROUTES)
def a_share_of_requests_is_mirrored_by_one_measure(manifest: Manifest) -> Problems:
    """A mirror has either a percentage or a fraction of at most 1."""
    for path, filters in _filters(manifest):
        for index, filter_ in enumerate(filters):
            place = f"{path}[{index}].requestMirror"
            mirror = mapping(filter_, "requestMirror")
            if "percent" in mirror and "fraction" in mirror:
                yield Problem(place, "Invalid value: either percent or fraction")
            part, whole = at(mirror, "fraction", "numerator"), at(mirror, "fraction", "denominator")
            if isinstance(part, int | float) and isinstance(whole, int | float) and part > whole:
                yield Problem(f"{place}.fraction", "Invalid value: numerator above denominator")


@rule(_ROUTE, source=_ROUTES)
def the_parents_of_a_route_are_distinct(manifest: Manifest) -> Problems:
    """Several references to a parent need different sections."""
    references = items(manifest, "spec", "parentRefs")
    if has_unknown(references):
        return
    parents = [
        tuple(at(reference, key) or "" for key in ("group", "kind", "namespace", "name"))
        for reference in references
    ]
    sections = [
        (at(reference, "sectionName") or "", at(reference, "port")) for reference in references
    ]
    for index, parent in enumerate(parents):
        of_parent = [sections[i] for i, other in enumerate(parents) if other == parent]
        if len(of_parent) > len(set(of_parent)):
            reason = "Invalid value: duplicate reference to the same section of a parent"
            yield Problem(f"spec.parentRefs[{index}]", reason)
        elif len(of_parent) > 1 and sections[index] == ("", None):
            reason = "Required value: several references to a parent need sectionName"
            yield Problem(f"spec.parentRefs[{index}].sectionName", reason)


@rule(_ROUTE, source=_ROUTES)
def a_backend_answers_within_the_requests_time(manifest: Manifest) -> Problems:
    """The backend timeout must not exceed the request timeout, if there is one."""
    for path, route_rule in _rules(manifest):
        request = _seconds(at(route_rule, "timeouts", "request"))
        backend = _seconds(at(route_rule, "timeouts", "backendRequest"))
        if request and backend and backend > request:
            place = f"{path}.timeouts.backendRequest"
            yield Problem(place, "Invalid value: longer than the request's timeout")


def _seconds(text: Any) -> float:
    """Seconds of a duration such as 1m30s; 0 if there is none."""
    if not isinstance(text, str):
        return 0
    return sum(float(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)(ms|h|m|s)", text))
