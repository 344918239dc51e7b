"""Application Gateway for Containers: frontend, association, firewall, and the Gateway it serves.

Requests come in to a frontend of the traffic controller, which stands in the subnet of its
association and speaks to the pods from there. Sources: Microsoft Learn,
application-gateway/for-containers: application-gateway-for-containers-components (the association
is what connects it; inbound and outbound rules of its subnet's security group are honoured, with
associations since April 2026), web-application-firewall (a security policy says which firewall
policies may be used, a `WebApplicationFirewallPolicy` where).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analysis.reachability.addresses import stretch_of
from analysis.reachability.endpoints import Arrival, Endpoint, Kind, Place, Relay, RoutedPath
from analysis.reachability.gateway_api import Attachment, Gateway, attachments, namespace_of
from analysis.reachability.intervals import union
from analysis.reachability.virtual_networks import Networks, Subnet
from analysis.reachability.web_firewalls import preventing
from analysis.stack_state import Resource, State, key, reference
from support import nested

CLASS = "azure-alb-external"
NAME = "Application Gateway for Containers"
_ANNOTATION = "alb.networking.azure.io/alb-id"
_FRONTEND = "alb.networking.azure.io/alb-frontend"


@dataclass(frozen=True)
class TrafficController:
    """What it is on the network, what it passes on, and the paths that lead through it."""

    endpoint: Endpoint
    relay: Relay
    paths: tuple[RoutedPath, ...]


def from_state(
    state: State, networks: Networks, gateways: Sequence[Gateway]
) -> Iterator[TrafficController]:
    """All that are connected to a network: without an association there is nothing that listens."""
    found = state.of_type("servicenetworking:TrafficControllerInterface")
    for item in found:
        subnets = [
            networks.subnet(reference(one.properties, "subnet"))
            for one in _children(state, item, "Associations")
        ]
        if subnets:
            name = NAME if len(found) == 1 else f"{NAME} {item.name}"
            yield _connected(state, name, item, subnets[0], gateways)


def left_out(state: State, gateways: Sequence[Gateway]) -> Iterator[str]:
    """Gateways of its class whose frontend the state does not hold, and Ingress objects of it."""
    frontends = {
        one.key
        for item in state.of_type("servicenetworking:TrafficControllerInterface")
        for one in _children(state, item, "Frontends")
    }
    for one in gateways:
        if one.class_name == CLASS and not frontends & set(_frontends(one)):
            yield f"{one.title}: its frontend is not in the state, ways in by it are missing here."
    for item in state.kubernetes("Ingress"):
        if item.mapping("spec").get("ingressClassName") == CLASS:
            name = f"{namespace_of(item)}/{item.mapping('metadata')['name']}"
            yield f"Ingress {name} of {NAME} is not followed: ways in by it are missing here."


def _connected(
    state: State, name: str, item: Resource, subnet: Subnet, gateways: Sequence[Gateway]
) -> TrafficController:
    frontends = {one.key for one in _children(state, item, "Frontends")}
    taking = [
        one for one in gateways if one.class_name == CLASS and frontends & set(_frontends(one))
    ]
    listens = union(one.entries for one in taking)
    # A frontend has a name; the addresses behind it are Azure's.
    public = stretch_of("AzureCloud")
    arrival = Arrival(
        public, label="public frontend", public=True, inside=subnet.addresses, guard=subnet,
        listens=listens,
    )  # fmt: skip
    place = Place(subnet, subnet.addresses, public=public)
    usable = {
        reference(one.properties, "wafPolicy") for one in _children(state, item, "SecurityPolicies")
    }
    return TrafficController(
        Endpoint(name, Kind.GATEWAY, (place,), (arrival,)),
        Relay(name, serves=frozenset(one.title for one in taking), entries=listens),
        tuple(
            replace(found.path, inspects=_inspects(state, found, usable))
            for one in taking
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
    """The keys of the frontends that a Gateway takes."""
    annotations = nested.mapping(gateway.resource.mapping("metadata"), "annotations")
    for row in nested.items(gateway.spec, "addresses"):
        if row.get("type") == _FRONTEND and annotations.get(_ANNOTATION):
            yield key(f"{annotations[_ANNOTATION]}/frontends/{row['value']}")


def _inspects(state: State, found: Attachment, usable: set[str]) -> str:
    """The firewall policy that stops requests on a path; empty where there is none.

    Where several are meant for it, all of them have to: which one Azure takes is not documented.
    """
    policies = [
        key(str(nested.mapping(item.mapping("spec"), "webApplicationFirewall").get("id") or ""))
        for item in state.kubernetes("WebApplicationFirewallPolicy")
        if _meant(item, found)
    ]
    names = [preventing(state, one) if one in usable else "" for one in policies]
    return names[0] if names and all(names) else ""


def _meant(policy: Resource, found: Attachment) -> bool:
    """Whether a policy's target is a path's Gateway or route, or the section of it that counts."""
    target = nested.mapping(policy.mapping("spec"), "targetRef")
    sections = target.get("sectionNames") or ()
    namespace = target.get("namespace") or namespace_of(policy)
    aimed = (target.get("kind"), namespace, target.get("name"))
    gateway, route = found.gateway, found.route
    if aimed == ("Gateway", gateway.namespace, gateway.name):
        return not sections or found.listener.name in sections
    if aimed == ("HTTPRoute", namespace_of(route), route.mapping("metadata")["name"]):
        return not sections or found.rule in sections
    return False
