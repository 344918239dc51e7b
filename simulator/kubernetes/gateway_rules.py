"""Rules of the Gateway API's kinds: what their definitions say by expressions (CEL).

Source of all: kubernetes-sigs/gateway-api v1.4.1, config/crd/standard, x-kubernetes-validations.
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

_MOST_MATCHES = 128
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
    """Routes attach to listeners by name."""
    names = Counter(str(at(one, "name")) for _, one in _listeners(manifest))
    for path, one in _listeners(manifest):
        name = at(one, "name")
        if isinstance(name, str) and names[name] > 1:
            yield Problem(f"{path}.name", f"Duplicate value: {name!r}")


@rule(_GATEWAY, source=_GATEWAYS)
def a_listeners_port_protocol_and_hostname_are_its_own(manifest: Manifest) -> Problems:
    """All three together."""
    seen: set[tuple[Any, Any, Any]] = set()
    for path, one in _listeners(manifest):
        key = (at(one, "port"), at(one, "protocol"), at(one, "hostname"))
        if any(isinstance(part, Unknown) for part in key):
            continue
        if key in seen:
            yield Problem(path, "Invalid value: port, protocol and hostname are another's already")
        seen.add(key)


@rule(_GATEWAY, source=_GATEWAYS)
def only_some_protocols_have_tls_or_a_hostname(manifest: Manifest) -> Problems:
    """HTTP has no TLS, TCP and UDP have no hostname either, HTTPS ends TLS at the Gateway."""
    for path, one in _listeners(manifest):
        protocol = at(one, "protocol")
        if protocol in _NO_TLS and "tls" in mapping(one):
            yield Problem(f"{path}.tls", f"Invalid value: must not be given for {protocol}")
        if protocol in ("TCP", "UDP") and at(one, "hostname"):
            yield Problem(f"{path}.hostname", f"Invalid value: must not be given for {protocol}")
        if protocol == "HTTPS" and at(one, "tls", "mode") == "Passthrough":
            yield Problem(f"{path}.tls.mode", "Invalid value: must be Terminate for HTTPS")


@rule(_GATEWAY, source=_GATEWAYS)
def where_tls_ends_there_is_a_certificate(manifest: Manifest) -> Problems:
    """By reference, or by what an implementation's options say."""
    for path, one in _listeners(manifest):
        tls = at(one, "tls")
        if not is_mapping(tls) or tls.get("mode", "Terminate") != "Terminate":
            continue
        if not (tls.get("certificateRefs") or tls.get("options")):
            reason = "Invalid value: needs certificateRefs or options where TLS ends"
            yield Problem(f"{path}.tls", reason)


@rule(_GATEWAY, source=_GATEWAYS)
def a_gateways_addresses_are_names_and_told_apart(manifest: Manifest) -> Problems:
    """No address and no hostname twice, and hostnames are such."""
    seen: set[tuple[Any, Any]] = set()
    for index, address in enumerate(items(manifest, "spec", "addresses")):
        path = f"spec.addresses[{index}].value"
        kind, value = at(address, "type") or "IPAddress", at(address, "value")
        if kind not in ("IPAddress", "Hostname") or not isinstance(value, str):
            continue
        if (kind, value) in seen:
            yield Problem(path, f"Invalid value: {kind} {value!r} stands twice")
        seen.add((kind, value))
        if kind == "Hostname":
            yield from checks.host(path, value)


@rule(_GATEWAY, source=_GATEWAYS)
def what_is_put_on_a_gateways_objects_has_qualified_keys(manifest: Manifest) -> Problems:
    """Annotations and labels of the Service and what else an implementation makes."""
    for part in ("annotations", "labels"):
        path = f"spec.infrastructure.{part}"
        for key in mapping(manifest, "spec", "infrastructure", part):
            yield from checks.qualified_name(path, str(key))


def _rules(manifest: Manifest) -> Iterator[tuple[str, Any]]:
    for index, one in enumerate(items(manifest, "spec", "rules")):
        yield f"spec.rules[{index}]", one


def _filters(manifest: Manifest) -> Iterator[tuple[str, list[Any]]]:
    """Each list of filters: a rule's, and those of its backends."""
    for path, one in _rules(manifest):
        yield f"{path}.filters", items(one, "filters")
        for index, backend in enumerate(items(one, "backendRefs")):
            yield f"{path}.backendRefs[{index}].filters", items(backend, "filters")


@rule(_ROUTE, source=_ROUTES)
def a_route_has_so_many_matches(manifest: Manifest) -> Problems:
    """All its rules together."""
    count = sum(len(items(one, "matches")) for _, one in _rules(manifest))
    if count > _MOST_MATCHES:
        reason = f"Invalid value: {count} matches in all rules, and at most {_MOST_MATCHES}"
        yield Problem("spec.rules", reason)


@rule(_ROUTE, source=_ROUTES)
def a_routes_paths_are_absolute_and_plain(manifest: Manifest) -> Problems:
    """Unless a path is a regular expression."""
    for place, one in _rules(manifest):
        for index, match in enumerate(items(one, "matches")):
            path = f"{place}.matches[{index}].path.value"
            kind, value = at(match, "path", "type") or "PathPrefix", at(match, "path", "value")
            if kind not in ("Exact", "PathPrefix") or not isinstance(value, str):
                continue
            if not value.startswith("/") or not _PATH.fullmatch(value):
                yield checks.bad(path, value, "an absolute path of a URL's signs")
            else:
                yield from checks.plain_path(path, value)


@rule(_ROUTE, source=_ROUTES)
def a_redirect_goes_to_no_backend(manifest: Manifest) -> Problems:
    """Who is sent elsewhere does not come here."""
    for path, one in _rules(manifest):
        redirects = any("requestRedirect" in mapping(item) for item in items(one, "filters"))
        if redirects and items(one, "backendRefs"):
            reason = "Invalid value: a RequestRedirect filter goes with no backendRefs"
            yield Problem(f"{path}.filters", reason)


@rule(_ROUTE, source=_ROUTES)
def a_filter_has_what_its_type_says(manifest: Manifest) -> Problems:
    """That and nothing else; of most types there is one, and a redirect rewrites nothing."""
    for path, filters in _filters(manifest):
        kinds = [at(one, "type") for one in filters]
        for index, one in enumerate(filters):
            for kind, key in _FILTERS.items():
                if isinstance(kinds[index], str) and (kind == kinds[index]) != (
                    key in mapping(one)
                ):
                    reason = f"Invalid value: {key} goes with type {kind}, and only with it"
                    yield Problem(f"{path}[{index}].{key}", reason)
        for kind in _ONCE:
            if kinds.count(kind) > 1:
                yield Problem(path, f"Invalid value: {kind} cannot be repeated")
        if {"RequestRedirect", "URLRewrite"} <= {kind for kind in kinds if isinstance(kind, str)}:
            yield Problem(path, "Invalid value: either RequestRedirect or URLRewrite")


@rule(_ROUTE, source=_ROUTES)
def a_filters_new_path_is_of_its_type(manifest: Manifest) -> Problems:
    """A prefix is replaced where exactly one prefix matches."""
    for place, filters in _filters(manifest):
        for index, one in enumerate(filters):
            for key in ("requestRedirect", "urlRewrite"):
                path = f"{place}[{index}].{key}.path"
                new = mapping(one, key, "path")
                for kind, part in _NEW_PATHS.items():
                    if new and (new.get("type") == kind) != (part in new):
                        reason = f"Invalid value: {part} goes with type {kind}, and only with it"
                        yield Problem(f"{path}.{part}", reason)
                if "replacePrefixMatch" in new and not _one_prefix(manifest, place):
                    reason = "Invalid value: replacePrefixMatch needs exactly one PathPrefix match"
                    yield Problem(path, reason)


def _one_prefix(manifest: Manifest, place: str) -> bool:
    rule_ = next(one for path, one in _rules(manifest) if place.startswith(f"{path}."))
    matches = items(rule_, "matches")
    kinds = [at(one, "path", "type") or "PathPrefix" for one in matches]
    # Without a match there is one by default: the prefix /.
    return "matches" not in mapping(rule_) or kinds == ["PathPrefix"]


@rule(_ROUTE, source=_ROUTES)
def a_service_is_named_with_its_port(manifest: Manifest) -> Problems:
    """As a backend, and where requests are mirrored to."""
    for path, one in _rules(manifest):
        for index, backend in enumerate(items(one, "backendRefs")):
            yield from _has_port(f"{path}.backendRefs[{index}]", backend)
    for path, filters in _filters(manifest):
        for index, one in enumerate(filters):
            mirror = at(one, "requestMirror", "backendRef")
            if mirror is not None:
                yield from _has_port(f"{path}[{index}].requestMirror.backendRef", mirror)


def _has_port(path: str, reference: Any) -> Problems:
    service = (at(reference, "group") or "", at(reference, "kind") or "Service") == ("", "Service")
    if service and "port" not in mapping(reference):
        yield Problem(f"{path}.port", "Required value: a Service is named with its port")


@rule(_ROUTE, source=_ROUTES)
def a_share_of_requests_is_mirrored_by_one_measure(manifest: Manifest) -> Problems:
    """In percent or as a fraction, which is no more than all."""
    for path, filters in _filters(manifest):
        for index, one in enumerate(filters):
            place = f"{path}[{index}].requestMirror"
            mirror = mapping(one, "requestMirror")
            if "percent" in mirror and "fraction" in mirror:
                yield Problem(place, "Invalid value: either percent or fraction")
            part, whole = at(mirror, "fraction", "numerator"), at(mirror, "fraction", "denominator")
            if isinstance(part, int | float) and isinstance(whole, int | float) and part > whole:
                yield Problem(f"{place}.fraction", "Invalid value: numerator above denominator")


@rule(_ROUTE, source=_ROUTES)
def a_routes_parents_are_told_apart(manifest: Manifest) -> Problems:
    """Whoever names one parent twice names different sections of it."""
    references = items(manifest, "spec", "parentRefs")
    if has_unknown(references):
        return
    parents = [
        tuple(at(one, key) or "" for key in ("group", "kind", "namespace", "name"))
        for one in references
    ]
    sections = [(at(one, "sectionName") or "", at(one, "port")) for one in references]
    for index, parent in enumerate(parents):
        same = [sections[i] for i, other in enumerate(parents) if other == parent]
        if len(same) > len(set(same)):
            reason = "Invalid value: names the same section of the same parent twice"
            yield Problem(f"spec.parentRefs[{index}]", reason)
        elif len(same) > 1 and sections[index] == ("", None):
            reason = "Required value: sectionName, where one parent is named twice"
            yield Problem(f"spec.parentRefs[{index}].sectionName", reason)


@rule(_ROUTE, source=_ROUTES)
def a_backend_answers_within_the_requests_time(manifest: Manifest) -> Problems:
    """Its timeout is no longer, unless the request has none."""
    for path, one in _rules(manifest):
        request = _seconds(at(one, "timeouts", "request"))
        backend = _seconds(at(one, "timeouts", "backendRequest"))
        if request and backend and backend > request:
            place = f"{path}.timeouts.backendRequest"
            yield Problem(place, "Invalid value: longer than the request's timeout")


def _seconds(text: Any) -> float:
    """A duration such as 1m30s; 0 where there is none."""
    if not isinstance(text, str):
        return 0
    return sum(float(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)(ms|h|m|s)", text))
