"""What the API server checks beyond the schema: names, labels, ports, address blocks.

After Kubernetes' own validation (k8s.io/kubernetes, pkg/apis/*/validation, and
k8s.io/apimachinery/pkg/util/validation); for application routing's controllers after the patterns
of their definition (Azure/aks-app-routing-operator, api/v1alpha1). Unknown values always pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from simulator.azure.schema import Problem
from simulator.nested import at, items, mapping
from simulator.wire import Unknown

Problems = Iterator[Problem]

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
_DNS_LABEL = re.compile(rf"(?=.{{1,63}}$){_LABEL}")
_SERVICE = re.compile(r"(?=.{1,63}$)[a-z]([-a-z0-9]*[a-z0-9])?")
_SEGMENT = re.compile(r"(?!\.{1,2}$)[^/%]+")
_WILDCARD = re.compile(rf"(?=.{{1,253}}$)\*(\.{_LABEL})+")
_QUALIFIED = re.compile(r"(?=.{1,63}$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_VALUE = re.compile(r"(?=.{0,63}$)([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
_PORT_NAME = re.compile(r"(?=.{1,15}$)(?=.*[a-z])(?!.*--)[a-z0-9]([a-z0-9-]*[a-z0-9])?")

# Kinds whose names follow another pattern than a DNS subdomain.
_NAMES: Mapping[str, tuple[re.Pattern[str], str]] = {
    "Namespace": (_DNS_LABEL, "a DNS label"),
    "Service": (_SERVICE, "a DNS label that begins with a letter"),
    "Role": (_SEGMENT, "a path segment"),
    "ClusterRole": (_SEGMENT, "a path segment"),
    "RoleBinding": (_SEGMENT, "a path segment"),
    "ClusterRoleBinding": (_SEGMENT, "a path segment"),
}
_SUBDOMAIN_WANTED = (
    "a lower-case DNS subdomain: letters, digits, '-' and '.', such as 'example.com'"
)

_POD_SECURITY = "pod-security.kubernetes.io/"
_LEVELS = ("privileged", "baseline", "restricted")
_MODES = ("enforce", "audit", "warn")


def problems(manifest: Mapping[str, Any]) -> Problems:
    """What the API server refuses in an object of any kind."""
    kind = str(manifest["kind"])
    yield from _metadata(kind, mapping(manifest, "metadata"))
    check = _KINDS.get(kind)
    if check and not isinstance(manifest.get("spec"), Unknown):
        yield from check(manifest)


def _bad(path: str, value: Any, wanted: str) -> Problem:
    return Problem(path, f"Invalid value: {value!r}: must be {wanted}")


def _matches(path: str, value: Any, pattern: re.Pattern[str], wanted: str) -> Problems:
    if isinstance(value, str) and not pattern.fullmatch(value):
        yield _bad(path, value, wanted)


def _metadata(kind: str, data: Mapping[str, Any]) -> Problems:
    pattern, wanted = _NAMES.get(kind, (_SUBDOMAIN, _SUBDOMAIN_WANTED))
    yield from _matches("metadata.name", data.get("name"), pattern, wanted)
    yield from _matches("metadata.namespace", data.get("namespace"), _DNS_LABEL, "a DNS label")
    yield from _labels("metadata.labels", mapping(data, "labels"))
    for key in mapping(data, "annotations"):
        yield from _key("metadata.annotations", str(key).lower())


def _key(path: str, key: str) -> Problems:
    prefix, _, name = key.rpartition("/")
    if not _QUALIFIED.fullmatch(name) or (prefix and not _SUBDOMAIN.fullmatch(prefix)):
        yield _bad(path, key, "a name of up to 63 characters, with an optional DNS prefix and '/'")


def _labels(path: str, labels: Mapping[str, Any]) -> Problems:
    for key, value in labels.items():
        yield from _key(path, str(key))
        yield from _matches(
            f"{path}[{key}]", value, _VALUE, "letters, digits, '-', '_', '.', up to 63 characters"
        )


def _selector(path: str, selector: Any) -> Problems:
    yield from _labels(f"{path}.matchLabels", mapping(selector, "matchLabels"))
    for index, entry in enumerate(items(selector, "matchExpressions")):
        place = f"{path}.matchExpressions[{index}]"
        operator, values = at(entry, "operator"), items(entry, "values")
        if operator in ("In", "NotIn") and not values and "values" not in mapping(entry):
            yield Problem(f"{place}.values", f"Required value: must be given with {operator}")
        if operator in ("Exists", "DoesNotExist") and values:
            yield Problem(f"{place}.values", f"Forbidden: must not be given with {operator}")
        if isinstance(operator, str) and operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
            yield _bad(f"{place}.operator", operator, "In, NotIn, Exists or DoesNotExist")


def _port(path: str, value: Any) -> Problems:
    """A port by number, or by the name of a container's port."""
    if isinstance(value, int | float) and not 1 <= value <= 65535:
        yield _bad(path, value, "between 1 and 65535")
    yield from _matches(path, value, _PORT_NAME, "up to 15 lower-case letters, digits and '-'")


def _one_of(path: str, value: Any, *allowed: str) -> Problems:
    if isinstance(value, str) and value not in allowed:
        yield Problem(path, f"Unsupported value: {value!r}: supported: {', '.join(allowed)}")


def _namespace(manifest: Mapping[str, Any]) -> Problems:
    """The admission plugin PodSecurity reads these labels."""
    for key, value in mapping(manifest, "metadata", "labels").items():
        if not str(key).startswith(_POD_SECURITY) or not isinstance(value, str):
            continue
        mode, _, suffix = str(key).removeprefix(_POD_SECURITY).partition("-")
        if mode in _MODES and not suffix and value not in _LEVELS:
            yield _bad(f"metadata.labels[{key}]", value, " or ".join(_LEVELS))
        version = suffix == "version" and mode in _MODES
        if version and not re.fullmatch(r"latest|v1\.(0|[1-9]\d*)", value):
            yield _bad(f"metadata.labels[{key}]", value, "'latest' or 'v1.x'")


def _service(manifest: Mapping[str, Any]) -> Problems:
    spec = mapping(manifest, "spec")
    ports = items(spec, "ports")
    headless = spec.get("clusterIP") == "None"
    if "ports" not in spec and spec.get("type") != "ExternalName" and not headless:
        yield Problem("spec.ports", "Required value")
    yield from _one_of(
        "spec.type", spec.get("type"), "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"
    )
    yield from _labels("spec.selector", mapping(spec, "selector"))
    names: set[str] = set()
    taken: set[tuple[Any, Any]] = set()
    for index, port in enumerate(ports):
        path = f"spec.ports[{index}]"
        name, number = at(port, "name"), at(port, "port")
        protocol = at(port, "protocol") or "TCP"
        if name is None and len(ports) > 1:
            yield Problem(f"{path}.name", "Required value: several ports have names")
        if isinstance(name, str):
            yield from _matches(f"{path}.name", name, _DNS_LABEL, "a DNS label")
            if name in names:
                yield Problem(f"{path}.name", f"Duplicate value: {name!r}")
            names.add(name)
        yield from _port(f"{path}.port", number)
        yield from _port(f"{path}.targetPort", at(port, "targetPort"))
        yield from _one_of(f"{path}.protocol", protocol, "TCP", "UDP", "SCTP")
        if isinstance(number, int | float) and isinstance(protocol, str):
            if (protocol, number) in taken:
                yield Problem(path, f"Duplicate value: {protocol} {number}")
            taken.add((protocol, number))
    for index, block in enumerate(items(spec, "loadBalancerSourceRanges")):
        yield from _block(f"spec.loadBalancerSourceRanges[{index}]", block)


def _block(path: str, text: Any) -> Problems:
    if not isinstance(text, str):
        return
    try:
        ip_network(text, strict=False)
    except ValueError:
        yield _bad(path, text, "an address block such as 10.9.8.0/24")
        return
    if "/" not in text:
        yield _bad(path, text, "an address block such as 10.9.8.0/24")


def _ingress(manifest: Mapping[str, Any]) -> Problems:
    spec = mapping(manifest, "spec")
    yield from _matches(
        "spec.ingressClassName", spec.get("ingressClassName"), _SUBDOMAIN, _SUBDOMAIN_WANTED
    )
    if "rules" not in spec and "defaultBackend" not in spec:
        yield Problem("spec", "Invalid value: either defaultBackend or rules must be given")
    for index, rule in enumerate(items(spec, "rules")):
        place = f"spec.rules[{index}]"
        yield from _host(f"{place}.host", at(rule, "host"))
        for number, path in enumerate(items(rule, "http", "paths")):
            yield from _path(f"{place}.http.paths[{number}]", path)
    for index, tls in enumerate(items(spec, "tls")):
        for number, host in enumerate(items(tls, "hosts")):
            yield from _host(f"spec.tls[{index}].hosts[{number}]", host)


def _host(path: str, host: Any) -> Problems:
    if isinstance(host, str) and host and not _WILDCARD.fullmatch(host):
        yield from _matches(path, host, _SUBDOMAIN, _SUBDOMAIN_WANTED)


def _path(place: str, path: Any) -> Problems:
    kind, text = at(path, "pathType"), at(path, "path")
    yield from _one_of(f"{place}.pathType", kind, "Exact", "ImplementationSpecific", "Prefix")
    if kind in ("Exact", "Prefix") and (text is None or isinstance(text, str)):
        if not str(text or "").startswith("/"):
            yield _bad(f"{place}.path", text, "an absolute path")
        elif any(part in str(text) for part in ("//", "/./", "/../", "%2f", "%2F")):
            yield _bad(f"{place}.path", text, "a path without '//', '/./', '/../' and '%2f'")
    backend = mapping(path, "backend")
    if ("service" in backend) == ("resource" in backend):
        yield Problem(f"{place}.backend", "Invalid value: give either service or resource")
    service = mapping(backend, "service")
    if service and ("name" in mapping(service, "port")) == ("number" in mapping(service, "port")):
        yield Problem(f"{place}.backend.service.port", "Invalid value: give either name or number")


def _network_policy(manifest: Mapping[str, Any]) -> Problems:
    spec = mapping(manifest, "spec")
    yield from _selector("spec.podSelector", spec.get("podSelector"))
    for index, kind in enumerate(items(spec, "policyTypes")):
        yield from _one_of(f"spec.policyTypes[{index}]", kind, "Ingress", "Egress")
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(items(spec, direction)):
            place = f"spec.{direction}[{index}]"
            for number, port in enumerate(items(rule, "ports")):
                yield from _policy_port(f"{place}.ports[{number}]", port)
            for number, peer in enumerate(items(rule, side)):
                yield from _peer(f"{place}.{side}[{number}]", peer)


def _policy_port(path: str, entry: Any) -> Problems:
    port, end = at(entry, "port"), at(entry, "endPort")
    yield from _port(f"{path}.port", port)
    yield from _one_of(f"{path}.protocol", at(entry, "protocol"), "TCP", "UDP", "SCTP")
    if isinstance(end, int | float):
        if isinstance(port, str) or port is None:
            yield Problem(f"{path}.endPort", "Invalid value: needs a port by its number")
        elif isinstance(port, int | float) and end < port:
            yield _bad(f"{path}.endPort", end, f"at least {port}")


def _peer(path: str, peer: Any) -> Problems:
    given = [key for key in ("podSelector", "namespaceSelector", "ipBlock") if key in mapping(peer)]
    if not given:
        yield Problem(path, "Required value: a peer has a selector or an address block")
    if "ipBlock" in given and len(given) > 1:
        yield Problem(path, "Forbidden: ipBlock stands alone")
    for key in ("podSelector", "namespaceSelector"):
        yield from _selector(f"{path}.{key}", at(peer, key))
    cidr = at(peer, "ipBlock", "cidr")
    yield from _block(f"{path}.ipBlock.cidr", cidr)
    for index, text in enumerate(items(peer, "ipBlock", "except")):
        place = f"{path}.ipBlock.except[{index}]"
        broken = list(_block(place, text))
        yield from broken
        if not broken and isinstance(cidr, str) and not _inside(text, cidr):
            yield _bad(place, text, f"a strict part of {cidr}")


def _inside(part: str, whole: str) -> bool:
    try:
        inner, outer = ip_network(part, strict=False), ip_network(whole, strict=False)
    except ValueError:
        return True  # Refused elsewhere.
    return inner != outer and inner.overlaps(outer) and inner.prefixlen > outer.prefixlen


_CONTROLLER_FIELDS = {
    "ingressClassName": re.compile(r"(?=.{1,253}$)[a-z0-9][-a-z0-9.]*[a-z0-9]"),
    "controllerNamePrefix": re.compile(r"(?=.{1,60}$)[a-z0-9][-a-z0-9]*[a-z0-9]"),
}


def _nginx(manifest: Mapping[str, Any]) -> Problems:
    for key, pattern in _CONTROLLER_FIELDS.items():
        value = at(manifest, "spec", key)
        yield from _matches(f"spec.{key}", value, pattern, f"a match of {pattern.pattern}")


_KINDS: Mapping[str, Callable[[Mapping[str, Any]], Problems]] = {
    "Ingress": _ingress,
    "Namespace": _namespace,
    "NetworkPolicy": _network_policy,
    "NginxIngressController": _nginx,
    "Service": _service,
}
