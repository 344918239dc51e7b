"""Rules of Kubernetes' own kinds, after its own validation."""

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

# Kinds whose names follow another pattern than a DNS subdomain.
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
    """A DNS subdomain for most kinds."""
    pattern, wanted = _NAMES.get(manifest["kind"], (checks.SUBDOMAIN, checks.SUBDOMAIN_WANTED))
    yield from checks.matches("metadata.name", at(manifest, "metadata", "name"), pattern, wanted)


@rule(source=_API)
def a_namespace_is_a_label(manifest: Manifest) -> Problems:
    """One label of a DNS name."""
    namespace = at(manifest, "metadata", "namespace")
    yield from checks.matches("metadata.namespace", namespace, checks.DNS_LABEL, "a DNS label")


@rule(source=_API)
def labels_can_be_selected(manifest: Manifest) -> Problems:
    """Short keys and values without spaces."""
    yield from checks.labels("metadata.labels", mapping(manifest, "metadata", "labels"))


@rule(source=_API)
def annotations_have_qualified_keys(manifest: Manifest) -> Problems:
    """A name with an optional DNS prefix, in any case."""
    for key in mapping(manifest, "metadata", "annotations"):
        yield from checks.qualified_name("metadata.annotations", str(key).lower())


@rule("Namespace", source=_SECURITY)
def pod_security_has_known_levels_and_versions(manifest: Manifest) -> Problems:
    """The admission plugin PodSecurity reads these labels."""
    for key, value in mapping(manifest, "metadata", "labels").items():
        if not str(key).startswith(_POD_SECURITY) or not isinstance(value, str):
            continue
        mode, _, suffix = str(key).removeprefix(_POD_SECURITY).partition("-")
        if mode in _MODES and not suffix and value not in _LEVELS:
            yield checks.bad(f"metadata.labels[{key}]", value, " or ".join(_LEVELS))
        version = suffix == "version" and mode in _MODES
        if version and not re.fullmatch(r"latest|v1\.(0|[1-9]\d*)", value):
            yield checks.bad(f"metadata.labels[{key}]", value, "'latest' or 'v1.x'")


@rule("Service", source=_CORE)
def a_service_has_a_known_type_and_selector(manifest: Manifest) -> Problems:
    """Types by name, labels that pods can have."""
    spec = mapping(manifest, "spec")
    types = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
    yield from checks.one_of("spec.type", spec.get("type"), *types)
    yield from checks.labels("spec.selector", mapping(spec, "selector"))


@rule("Service", source=_CORE)
def a_service_has_ports(manifest: Manifest) -> Problems:
    """Unless it is another name for a host, or has no address."""
    spec = mapping(manifest, "spec")
    if "ports" in spec or isinstance(manifest.get("spec"), Unknown):
        return
    if spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        yield Problem("spec.ports", "Required value")


@rule("Service", source=_CORE)
def a_services_ports_have_numbers_and_protocols(manifest: Manifest) -> Problems:
    """Both ends of a port, and what is spoken there."""
    for index, port in enumerate(items(manifest, "spec", "ports")):
        path = f"spec.ports[{index}]"
        yield from checks.port(f"{path}.port", at(port, "port"))
        yield from checks.port(f"{path}.targetPort", at(port, "targetPort"))
        yield from checks.one_of(f"{path}.protocol", at(port, "protocol"), *_PROTOCOLS)


@rule("Service", source=_CORE)
def a_services_ports_are_told_apart(manifest: Manifest) -> Problems:
    """By name where there are several, and by number and protocol."""
    ports = items(manifest, "spec", "ports")
    names: set[str] = set()
    taken: set[tuple[Any, Any]] = set()
    for index, port in enumerate(ports):
        path = f"spec.ports[{index}]"
        name, number = at(port, "name"), at(port, "port")
        protocol = at(port, "protocol") or "TCP"
        if name is None and len(ports) > 1:
            yield Problem(f"{path}.name", "Required value: several ports have names")
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
    """Each with its prefix length."""
    for index, block in enumerate(items(manifest, "spec", "loadBalancerSourceRanges")):
        yield from checks.block(f"spec.loadBalancerSourceRanges[{index}]", block)


@rule(_INGRESS, source=_NETWORKING)
def an_ingress_names_a_possible_class(manifest: Manifest) -> Problems:
    """Lower case, as the name of an IngressClass."""
    name = at(manifest, "spec", "ingressClassName")
    wanted = checks.SUBDOMAIN_WANTED
    yield from checks.matches("spec.ingressClassName", name, checks.SUBDOMAIN, wanted)


@rule(_INGRESS, source=_NETWORKING)
def an_ingress_leads_somewhere(manifest: Manifest) -> Problems:
    """By rules or by a default."""
    leads = {"rules", "defaultBackend"} & set(mapping(manifest, "spec"))
    if not leads and not isinstance(manifest.get("spec"), Unknown):
        yield Problem("spec", "Invalid value: either defaultBackend or rules must be given")


@rule(_INGRESS, source=_NETWORKING)
def an_ingress_is_for_hosts(manifest: Manifest) -> Problems:
    """In rules and for TLS: DNS names, which may begin with a wildcard."""
    for index, entry in enumerate(items(manifest, "spec", "rules")):
        path, name = f"spec.rules[{index}].host", at(entry, "host")
        yield from checks.host(path, name)
        yield from checks.no_address(path, name)
    for index, tls in enumerate(items(manifest, "spec", "tls")):
        for number, host in enumerate(items(tls, "hosts")):
            yield from checks.host(f"spec.tls[{index}].hosts[{number}]", host)


@rule(_INGRESS, source=_NETWORKING)
def an_ingress_paths_are_absolute_and_lead_to_one_backend(manifest: Manifest) -> Problems:
    """Each by a known type of path."""
    for index, entry in enumerate(items(manifest, "spec", "rules")):
        for number, path in enumerate(items(entry, "http", "paths")):
            yield from _path(f"spec.rules[{index}].http.paths[{number}]", path)


def _path(place: str, path: Any) -> Problems:
    kind, text = at(path, "pathType"), at(path, "path")
    types = ("Exact", "ImplementationSpecific", "Prefix")
    yield from checks.one_of(f"{place}.pathType", kind, *types)
    if kind in ("Exact", "Prefix") and (text is None or isinstance(text, str)):
        if not str(text or "").startswith("/"):
            yield checks.bad(f"{place}.path", text, "an absolute path")
        else:
            yield from checks.plain_path(f"{place}.path", str(text))
    backend = mapping(path, "backend")
    if ("service" in backend) == ("resource" in backend):
        yield Problem(f"{place}.backend", "Invalid value: give either service or resource")
    service = mapping(backend, "service")
    if service and ("name" in mapping(service, "port")) == ("number" in mapping(service, "port")):
        yield Problem(f"{place}.backend.service.port", "Invalid value: give either name or number")


@rule(_POLICY, source=_NETWORKING)
def a_policy_selects_pods_and_has_known_directions(manifest: Manifest) -> Problems:
    """Ingress, Egress or both."""
    yield from checks.selector("spec.podSelector", at(manifest, "spec", "podSelector"))
    for index, kind in enumerate(items(manifest, "spec", "policyTypes")):
        yield from checks.one_of(f"spec.policyTypes[{index}]", kind, "Ingress", "Egress")


@rule(_POLICY, source=_NETWORKING)
def a_policys_ports_are_ports(manifest: Manifest) -> Problems:
    """By number or name, a range by numbers."""
    for direction in ("ingress", "egress"):
        for index, entry in enumerate(items(manifest, "spec", direction)):
            for number, port in enumerate(items(entry, "ports")):
                yield from _policy_port(f"spec.{direction}[{index}].ports[{number}]", port)


@rule(_POLICY, source=_NETWORKING)
def a_policys_peers_are_pods_or_addresses(manifest: Manifest) -> Problems:
    """A selector, or an address block and what it leaves out."""
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
            yield Problem(f"{path}.endPort", "Invalid value: needs a port by its number")
        elif isinstance(port, int | float) and end < port:
            yield checks.bad(f"{path}.endPort", end, f"at least {port}")


def _peer(path: str, peer: Any) -> Problems:
    given = [key for key in ("podSelector", "namespaceSelector", "ipBlock") if key in mapping(peer)]
    if not given:
        yield Problem(path, "Required value: a peer has a selector or an address block")
    if "ipBlock" in given and len(given) > 1:
        yield Problem(path, "Forbidden: ipBlock stands alone")
    for key in ("podSelector", "namespaceSelector"):
        yield from checks.selector(f"{path}.{key}", at(peer, key))
    cidr = at(peer, "ipBlock", "cidr")
    yield from checks.block(f"{path}.ipBlock.cidr", cidr)
    for index, text in enumerate(items(peer, "ipBlock", "except")):
        place = f"{path}.ipBlock.except[{index}]"
        broken = list(checks.block(place, text))
        yield from broken
        if not broken and isinstance(cidr, str) and not _inside(text, cidr):
            yield checks.bad(place, text, f"a strict part of {cidr}")


def _inside(part: str, whole: str) -> bool:
    try:
        inner, outer = ip_network(part, strict=False), ip_network(whole, strict=False)
    except ValueError:
        return True  # Refused elsewhere.
    return inner != outer and inner.overlaps(outer) and inner.prefixlen > outer.prefixlen
