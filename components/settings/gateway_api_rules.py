"""Limits of the Gateway API's objects and of the DNS zones that application routing manages.

Hosts and zones beyond the limits can't be split among objects: there is one add-on, and one Gateway
for the one address of public applications, or of internal ones. Paths are split among HTTPRoutes
instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from components.problems import Problem
from components.settings.ingress import ExternalWaf, IngressSettings
from components.settings.kubernetes import Application, KubernetesSettings
from components.settings.partial import readable, skips_unreadable
from components.settings.paths import APPLICATIONS, INGRESS

MOST_HOSTS = 63
"""A Gateway has at most 64 listeners; one redirects HTTP to HTTPS (gateway.networking.k8s.io/v1,
v1.4.1: spec.listeners)."""
LONGEST_PATH = 1024
"""Of an HTTPRoute's match (same definitions)."""
LONGEST_ANNOTATION = 4096
"""Of a Gateway's infrastructure (same definitions)."""

_LONGEST_LABEL = 63
"""Of a label's value, in characters (kubernetes.io: "Labels and Selectors")."""

MOST_ZONES = 5
"""Of the add-on with NGINX, public and private together (aks/app-routing)."""
MOST_ZONES_OF_A_KIND = 7
"""Of a ClusterExternalDNS, which keeps zones of one kind (Azure/aks-app-routing-operator)."""


def longest_listener(gateway: str) -> int:
    """The length in characters that the name of a listener may have, given its Gateway's name.

    The add-on names what fetches a listener's certificate `kv-gw-cert-<gateway>-<listener>`, and
    this is also the value of a pod's label `app` (Azure/aks-app-routing-operator,
    pkg/controller/keyvault: spc/gateway.go, placeholderpod/placeholder_pod.go).
    """
    return _LONGEST_LABEL - len(f"kv-gw-cert-{gateway}-")


@skips_unreadable
def problems(ingress: IngressSettings, kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """The limits of the objects of one deployment."""
    yield from _zones(ingress)
    yield from _hosts(ingress, kubernetes)
    for position, application in enumerate(kubernetes.applications):
        yield from _paths(f"{APPLICATIONS}[{position}]", ingress, application)
    yield from _source_ranges(ingress)


@skips_unreadable
def _hosts(ingress: IngressSettings, kubernetes: KubernetesSettings) -> Iterator[Problem]:
    if not ingress.has_gateway_objects:
        return
    public = len(kubernetes.public_hosts)
    # The hosts of internal applications are on a Gateway of their own.
    counts = {"public": public, "internal": len(kubernetes.hosts) - public}
    for kind, count in counts.items():
        if count > MOST_HOSTS:
            most = f"{MOST_HOSTS} {kind} hosts"
            rule = f"must have at most {most}, not {count}: a Gateway allows no more"
            remedy = "use fewer hosts, with more paths each, or another controller"
            yield Problem(APPLICATIONS, "", rule, remedy)


@skips_unreadable
def _paths(path: str, ingress: IngressSettings, application: Application) -> Iterator[Problem]:
    if not ingress.has_gateway_objects:
        return
    for position, paths in readable(lambda each: each.paths, application.services):
        for text in paths:
            if len(text) > LONGEST_PATH:
                place = f"{path}.services[{position}].path"
                rule = f"must have at most {LONGEST_PATH} characters: an HTTPRoute allows no more"
                yield Problem(place, f"{text[:40]}…", rule, "use a shorter path")


@skips_unreadable
def _source_ranges(ingress: IngressSettings) -> Iterator[Problem]:
    if ingress.has_gateway_objects and isinstance(ingress.waf, ExternalWaf):
        ranges = ingress.waf.external.source_ranges
        length = len(",".join(ranges))
        if length > LONGEST_ANNOTATION:
            rule = f"must fit into an annotation of {LONGEST_ANNOTATION} characters, not {length}"
            remedy = "merge ranges, or use appRouting.implementation: nginx"
            yield Problem(f"{INGRESS}.waf.external.sourceRanges", str(len(ranges)), rule, remedy)


@skips_unreadable
def _zones(ingress: IngressSettings) -> Iterator[Problem]:
    """The zones whose records the add-on manages: not the public ones behind a firewall."""
    if ingress.controller != "app-routing":
        return
    public = ingress.public_dns_zones if ingress.addon_manages_public_zones else ()
    kinds = {"publicDnsZones": public, "privateDnsZones": ingress.private_dns_zones}
    count = sum(map(len, kinds.values()))
    if ingress.through_gateway:
        for key, zones in kinds.items():
            if len(zones) > MOST_ZONES_OF_A_KIND:
                rule = f"must be at most {MOST_ZONES_OF_A_KIND} zones: the add-on allows no more"
                remedy = f"remove {len(zones) - MOST_ZONES_OF_A_KIND}, and manage them elsewhere"
                yield Problem(f"{INGRESS}.{key}", str(len(zones)), rule, remedy)
    elif count > MOST_ZONES:
        key = next(key for key, zones in reversed(kinds.items()) if zones)
        rule = f"must be at most {MOST_ZONES} zones, public and private: the add-on allows no more"
        remedy = f"remove {count - MOST_ZONES}, or use appRouting.implementation: gateway-api"
        yield Problem(f"{INGRESS}.{key}", str(count), rule, remedy)
