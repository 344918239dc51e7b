"""Application Gateway for Containers: frontends, association, firewall policies, and Gateways.

Clients connect to a frontend of the traffic controller. The traffic controller connects to pods
from the subnet of its association. Sources: Microsoft Learn, application-gateway/for-containers:
application-gateway-for-containers-components (the association connects it to a network; for
associations since April 2026 the rules of the subnet's security group apply in both directions),
web-application-firewall (a security policy lists the firewall policies that may be used, a
`WebApplicationFirewallPolicy` says where).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analysis.reachability.addresses import service_tag
from analysis.reachability.endpoints import Destination, Endpoint, Kind, Origin, Proxy, RoutedPath
from analysis.reachability.gateway_api import Gateway, RouteAttachment, attachments, namespace_of
from analysis.reachability.intervals import union
from analysis.reachability.virtual_networks import Subnet, VirtualNetworks
from analysis.reachability.web_firewalls import prevention_policy
from analysis.stack_state import Resource, State, key, reference
from support import nested

GATEWAY_CLASS = "azure-alb-external"
NAME = "Application Gateway for Containers"
_ANNOTATION = "alb.networking.azure.io/alb-id"
_FRONTEND = "alb.networking.azure.io/alb-frontend"


@dataclass(frozen=True)
class TrafficController:
    """A traffic controller as an endpoint and as a proxy, and the routes through it."""

    endpoint: Endpoint
    proxy: Proxy
    routes: tuple[RoutedPath, ...]


def from_state(
    state: State, networks: VirtualNetworks, gateways: Sequence[Gateway]
) -> Iterator[TrafficController]:
    """All traffic controllers with an association; without one, nothing listens."""
    found = state.of_type("servicenetworking:TrafficControllerInterface")
    for item in found:
        subnets = [
            networks.subnet(reference(one.properties, "subnet"))
            for one in _children(state, item, "Associations")
        ]
        if subnets:
            name = NAME if len(found) == 1 else f"{NAME} {item.name}"
            yield _connected(state, name, item, subnets[0], gateways)


def skipped(state: State, gateways: Sequence[Gateway]) -> Iterator[str]:
    """Sentences about Gateways without a frontend in the state, and about Ingress objects."""
    frontends = {
        one.key
        for item in state.of_type("servicenetworking:TrafficControllerInterface")
        for one in _children(state, item, "Frontends")
    }
    for one in gateways:
        if one.class_name == GATEWAY_CLASS and not frontends & set(_frontends(one)):
            yield f"{one.title}: frontend not in the state; ingress paths through it are missing."
    for item in state.kubernetes("Ingress"):
        if item.mapping("spec").get("ingressClassName") == GATEWAY_CLASS:
            name = f"{namespace_of(item)}/{item.mapping('metadata')['name']}"
            yield f"Ingress {name} of {NAME}: not supported; ingress paths through it are missing."


def _connected(
    state: State, name: str, item: Resource, subnet: Subnet, gateways: Sequence[Gateway]
) -> TrafficController:
    frontends = {one.key for one in _children(state, item, "Frontends")}
    served = [
        one
        for one in gateways
        if one.class_name == GATEWAY_CLASS and frontends & set(_frontends(one))
    ]
    listens = union(one.services for one in served)
    # A frontend has a host name; its addresses belong to Azure.
    public = service_tag("AzureCloud")
    destination = Destination(
        public, label="public frontend", public=True, translated_to=subnet.addresses,
        filtered_by=subnet, services=listens,
    )  # fmt: skip
    origin = Origin(subnet, subnet.addresses, public_addresses=public)
    usable = {
        reference(one.properties, "wafPolicy") for one in _children(state, item, "SecurityPolicies")
    }
    return TrafficController(
        Endpoint(name, Kind.GATEWAY, (origin,), (destination,)),
        Proxy(name, serves=frozenset(one.title for one in served), services=listens),
        tuple(
            replace(found.path, waf_policy=_waf_policy(state, found, usable))
            for one in served
            for found in attachments(state, one)
        ),
    )


def _children(state: State, item: Resource, kind: str) -> list[Resource]:
    return [
        one
        for one in state.of_type(f"servicenetworking:{kind}Interface")
        if one.key.startswith(f"{item.key}/{kind.lower()}/")
    ]


def _frontends(gateway: Gateway) -> Iterator[str]:
    """The keys of the frontends that a Gateway uses."""
    annotations = nested.mapping(gateway.resource.mapping("metadata"), "annotations")
    for row in nested.items(gateway.spec, "addresses"):
        if row.get("type") == _FRONTEND and annotations.get(_ANNOTATION):
            yield key(f"{annotations[_ANNOTATION]}/frontends/{row['value']}")


def _waf_policy(state: State, attachment: RouteAttachment, usable: set[str]) -> str:
    """The firewall policy in prevention mode for a path; empty if there is none.

    If several target it, all must be in prevention mode: which one Azure applies is undocumented.
    """
    policies = [
        key(str(nested.mapping(item.mapping("spec"), "webApplicationFirewall").get("id") or ""))
        for item in state.kubernetes("WebApplicationFirewallPolicy")
        if _targets(item, attachment)
    ]
    names = [prevention_policy(state, one) if one in usable else "" for one in policies]
    return names[0] if names and all(names) else ""


def _targets(policy: Resource, attachment: RouteAttachment) -> bool:
    """Whether a policy targets the Gateway or the route of a path, or the section that it uses."""
    target = nested.mapping(policy.mapping("spec"), "targetRef")
    sections = target.get("sectionNames") or ()
    namespace = target.get("namespace") or namespace_of(policy)
    policy_target = (target.get("kind"), namespace, target.get("name"))
    gateway, route = attachment.gateway, attachment.route
    if policy_target == ("Gateway", gateway.namespace, gateway.name):
        return not sections or attachment.listener.name in sections
    if policy_target == ("HTTPRoute", namespace_of(route), route.mapping("metadata")["name"]):
        return not sections or attachment.rule in sections
    return False
