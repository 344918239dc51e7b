"""Rules of the built-in kinds, which follow Kubernetes' own validation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

from simulator.azure.schema import Problem
from simulator.kubernetes import checks
from simulator.kubernetes.rules import Manifest, Problems, rule
from simulator.wire import Unknown
from support.nested import at, items, mapping

_API = "k8s.io/apimachinery pkg/api/validation"
_CORE = "k8s.io/kubernetes pkg/apis/core/validation"
_NETWORKING = "k8s.io/kubernetes pkg/apis/networking/validation"
_SECURITY = "k8s.io/pod-security-admission api"

_INGRESS = "networking.k8s.io/Ingress"
_POLICY = "networking.k8s.io/NetworkPolicy"
_PROTOCOLS = ("TCP", "UDP", "SCTP")

# Kinds whose names have another pattern than a DNS subdomain.
_NAMES: Mapping[str, tuple[re.Pattern[str], str]] = {
    "Namespace": (checks.DNS_LABEL, "a DNS label"),
    "Service": (checks.SERVICE, "a DNS label that begins with a letter"),
    "Role": (checks.SEGMENT, "a path segment"),
    "ClusterRole": (checks.SEGMENT, "a path segment"),
    "RoleBinding": (checks.SEGMENT, "a path segment"),
    "ClusterRoleBinding": (checks.SEGMENT, "a path segment"),
}

_POD_SECURITY = "pod-security.kubernetes.io/"
_LEVELS = ("privileged", "baseline", "restricted")
_MODES = ("enforce", "audit", "warn")


@rule(source=_API)
def names_are_those_of_their_kind(manifest: Manifest) -> Problems:
    """The name must match the pattern of its kind, for most kinds a DNS subdomain."""
    pattern, expected = _NAMES.get(
        manifest["kind"], (checks.SUBDOMAIN, checks.SUBDOMAIN_DESCRIPTION)
    )
    yield from checks.matches("metadata.name", at(manifest, "metadata", "name"), pattern, expected)


@rule(source=_API)
def a_namespace_is_a_label(manifest: Manifest) -> Problems:
    """The namespace must be a DNS label."""
    namespace = at(manifest, "metadata", "namespace")
    yield from checks.matches("metadata.namespace", namespace, checks.DNS_LABEL, "a DNS label")


@rule(source=_API)
def labels_can_be_selected(manifest: Manifest) -> Problems:
    """The keys and values of labels must be valid."""
    yield from checks.labels("metadata.labels", mapping(manifest, "metadata", "labels"))


@rule(source=_API)
def annotations_have_qualified_keys(manifest: Manifest) -> Problems:
    """The key of an annotation is a name with an optional DNS prefix; case does not matter."""
    for key in mapping(manifest, "metadata", "annotations"):
        yield from checks.qualified_name("metadata.annotations", str(key).lower())


@rule("Namespace", source=_SECURITY)
def pod_security_has_known_levels_and_versions(manifest: Manifest) -> Problems:
    """The labels of the admission plugin PodSecurity must have known levels and versions."""
    for key, value in mapping(manifest, "metadata", "labels").items():
        if not str(key).startswith(_POD_SECURITY) or not isinstance(value, str):
            continue
        mode, _, suffix = str(key).removeprefix(_POD_SECURITY).partition("-")
        if mode in _MODES and not suffix and value not in _LEVELS:
            yield checks.invalid(f"metadata.labels[{key}]", value, " or ".join(_LEVELS))
        version = suffix == "version" and mode in _MODES
        if version and not re.fullmatch(r"latest|v1\.(0|[1-9]\d*)", value):
            yield checks.invalid(f"metadata.labels[{key}]", value, "'latest' or 'v1.x'")


@rule("Service", source=_CORE)
def a_service_has_a_known_type_and_selector(manifest: Manifest) -> Problems:
    """The type must be known, and the selector must consist of valid labels."""
    spec = mapping(manifest, "spec")
    types = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
    yield from checks.one_of("spec.type", spec.get("type"), *types)
    yield from checks.labels("spec.selector", mapping(spec, "selector"))


@rule("Service", source=_CORE)
def a_service_has_ports(manifest: Manifest) -> Problems:
    """A Service needs ports unless it is headless or an ExternalName."""
    spec = mapping(manifest, "spec")
    if "ports" in spec or isinstance(manifest.get("spec"), Unknown):
        return
    if spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        yield Problem("spec.ports", "Required value")


@rule("Service", source=_CORE)
def a_services_ports_have_numbers_and_protocols(manifest: Manifest) -> Problems:
    """Ports, target ports and protocols must be valid."""
    for index, port in enumerate(items(manifest, "spec", "ports")):
        path = f"spec.ports[{index}]"
        yield from checks.port(f"{path}.port", at(port, "port"))
        yield from checks.port(f"{path}.targetPort", at(port, "targetPort"))
        yield from checks.one_of(f"{path}.protocol", at(port, "protocol"), *_PROTOCOLS)


@rule("Service", source=_CORE)
def the_ports_of_a_service_are_distinct(manifest: Manifest) -> Problems:
    """Several ports need different names, and different pairs of number and protocol."""
    ports = items(manifest, "spec", "ports")
    names: set[str] = set()
    taken: set[tuple[Any, Any]] = set()
    for index, port in enumerate(ports):
        path = f"spec.ports[{index}]"
        name, number = at(port, "name"), at(port, "port")
        protocol = at(port, "protocol") or "TCP"
        if name is None and len(ports) > 1:
            yield Problem(f"{path}.name", "Required value: several ports need names")
        if isinstance(name, str):
            yield from checks.matches(f"{path}.name", name, checks.DNS_LABEL, "a DNS label")
            if name in names:
                yield Problem(f"{path}.name", f"Duplicate value: {name!r}")
            names.add(name)
        if isinstance(number, int | float) and isinstance(protocol, str):
            if (protocol, number) in taken:
                yield Problem(path, f"Duplicate value: {protocol} {number}")
            taken.add((protocol, number))


@rule("Service", source=_CORE)
def a_load_balancers_sources_are_blocks(manifest: Manifest) -> Problems:
    """Source ranges must be CIDR blocks."""
    for index, block in enumerate(items(manifest, "spec", "loadBalancerSourceRanges")):
        yield from checks.cidr_block(f"spec.loadBalancerSourceRanges[{index}]", block)


@rule(_INGRESS, source=_NETWORKING)
def an_ingress_names_a_possible_class(manifest: Manifest) -> Problems:
    """The class must be a valid name of an IngressClass."""
    name = at(manifest, "spec", "ingressClassName")
    expected = checks.SUBDOMAIN_DESCRIPTION
    yield from checks.matches("spec.ingressClassName", name, checks.SUBDOMAIN, expected)


@rule(_INGRESS, source=_NETWORKING)
def an_ingress_leads_somewhere(manifest: Manifest) -> Problems:
    """An Ingress needs rules or a default backend."""
    targets = {"rules", "defaultBackend"} & set(mapping(manifest, "spec"))
    if not targets and not isinstance(manifest.get("spec"), Unknown):
        yield Problem("spec", "Invalid value: either defaultBackend or rules must be set")


@rule(_INGRESS, source=_NETWORKING)
def an_ingress_is_for_hosts(manifest: Manifest) -> Problems:
    """Hosts of rules and of TLS are DNS names, which can begin with a wildcard."""
    for index, entry in enumerate(items(manifest, "spec", "rules")):
        path, name = f"spec.rules[{index}].host", at(entry, "host")
        yield from checks.host(path, name)
        yield from checks.not_ip_address(path, name)
    for index, tls in enumerate(items(manifest, "spec", "tls")):
        for number, host in enumerate(items(tls, "hosts")):
            yield from checks.host(f"spec.tls[{index}].hosts[{number}]", host)


@rule(_INGRESS, source=_NETWORKING)
def an_ingress_paths_are_absolute_and_lead_to_one_backend(manifest: Manifest) -> Problems:
    """A path needs a known type, must be absolute, and has one kind of backend."""
    for index, entry in enumerate(items(manifest, "spec", "rules")):
        for number, path in enumerate(items(entry, "http", "paths")):
            yield from _path(f"spec.rules[{index}].http.paths[{number}]", path)


def _path(place: str, path: Any) -> Problems:
    kind, text = at(path, "pathType"), at(path, "path")
    types = ("Exact", "ImplementationSpecific", "Prefix")
    yield from checks.one_of(f"{place}.pathType", kind, *types)
    if kind in ("Exact", "Prefix") and (text is None or isinstance(text, str)):
        if not str(text or "").startswith("/"):
            yield checks.invalid(f"{place}.path", text, "an absolute path")
        else:
            yield from checks.normalized_path(f"{place}.path", str(text))
    backend = mapping(path, "backend")
    if ("service" in backend) == ("resource" in backend):
        yield Problem(f"{place}.backend", "Invalid value: set either service or resource")
    service = mapping(backend, "service")
    if service and ("name" in mapping(service, "port")) == ("number" in mapping(service, "port")):
        yield Problem(f"{place}.backend.service.port", "Invalid value: set either name or number")


@rule(_POLICY, source=_NETWORKING)
def a_policy_selects_pods_and_has_known_directions(manifest: Manifest) -> Problems:
    """The pod selector must be valid, and the policy types must be Ingress or Egress."""
    yield from checks.selector("spec.podSelector", at(manifest, "spec", "podSelector"))
    for index, kind in enumerate(items(manifest, "spec", "policyTypes")):
        yield from checks.one_of(f"spec.policyTypes[{index}]", kind, "Ingress", "Egress")


@rule(_POLICY, source=_NETWORKING)
def a_policys_ports_are_ports(manifest: Manifest) -> Problems:
    """A port is a number or a name; a range needs numbers."""
    for direction in ("ingress", "egress"):
        for index, entry in enumerate(items(manifest, "spec", direction)):
            for number, port in enumerate(items(entry, "ports")):
                yield from _policy_port(f"spec.{direction}[{index}].ports[{number}]", port)


@rule(_POLICY, source=_NETWORKING)
def a_policys_peers_are_pods_or_addresses(manifest: Manifest) -> Problems:
    """A peer has selectors, or a CIDR block with exceptions."""
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for index, entry in enumerate(items(manifest, "spec", direction)):
            for number, peer in enumerate(items(entry, side)):
                yield from _peer(f"spec.{direction}[{index}].{side}[{number}]", peer)


def _policy_port(path: str, entry: Any) -> Problems:
    port, end = at(entry, "port"), at(entry, "endPort")
    yield from checks.port(f"{path}.port", port)
    yield from checks.one_of(f"{path}.protocol", at(entry, "protocol"), *_PROTOCOLS)
    if isinstance(end, int | float):
        if isinstance(port, str) or port is None:
            yield Problem(f"{path}.endPort", "Invalid value: requires a port number")
        elif isinstance(port, int | float) and end < port:
            yield checks.invalid(f"{path}.endPort", end, f"at least {port}")


def _peer(path: str, peer: Any) -> Problems:
    keys = [key for key in ("podSelector", "namespaceSelector", "ipBlock") if key in mapping(peer)]
    if not keys:
        yield Problem(path, "Required value: a peer needs a selector or an ipBlock")
    if "ipBlock" in keys and len(keys) > 1:
        yield Problem(path, "Forbidden: ipBlock cannot be combined with selectors")
    for key in ("podSelector", "namespaceSelector"):
        yield from checks.selector(f"{path}.{key}", at(peer, key))
    cidr = at(peer, "ipBlock", "cidr")
    yield from checks.cidr_block(f"{path}.ipBlock.cidr", cidr)
    for index, text in enumerate(items(peer, "ipBlock", "except")):
        place = f"{path}.ipBlock.except[{index}]"
        problems = list(checks.cidr_block(place, text))
        yield from problems
        if not problems and isinstance(cidr, str) and not _inside(text, cidr):
            yield checks.invalid(place, text, f"a strict part of {cidr}")


def _inside(part: str, whole: str) -> bool:
    try:
        inner, outer = ip_network(part, strict=False), ip_network(whole, strict=False)
    except ValueError:
        return True  # Another check refuses it.
    return inner != outer and inner.overlaps(outer) and inner.prefixlen > outer.prefixlen
