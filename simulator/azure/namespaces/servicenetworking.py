"""Microsoft.ServiceNetworking: Application Gateway for Containers."""

from __future__ import annotations

from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.prefixes import networks, prefixes
from simulator.azure.namespaces.network.subnets import delegations
from simulator.azure.rules import Refusal, rule
from support.nested import at

_API = "2025-01-01"
_ASSOCIATION = "servicenetworking:AssociationsInterface"
_COMPONENTS = (
    "Microsoft Learn: azure/application-gateway/for-containers/application-gateway-for-containers"
    "-components"
)
_SERVICE = "Microsoft.ServiceNetworking/trafficControllers"
_MAX_PREFIX_LENGTH = 24


@rule("BadRequest", _ASSOCIATION, source=_COMPONENTS)
def a_controller_has_one_association(request: Request) -> str | None:
    """An Application Gateway for Containers has at most one association."""
    for item in request.siblings():
        return f"The traffic controller already has the association {item.name}."
    return None


@rule("BadRequest", _ASSOCIATION, source=_COMPONENTS)
def an_associated_subnet_is_delegated(request: Request) -> Refusal | None:
    """The subnet of an association must be delegated to the traffic controllers."""
    subnet = request.find(request.inputs.get("subnet"))
    if subnet is None or delegations(subnet.inputs) == [_SERVICE]:
        return None
    return Refusal(f"Subnet {subnet.id} must be delegated to {_SERVICE}.", "subnet")


@rule("BadRequest", _ASSOCIATION, source=_COMPONENTS)
def an_associated_subnet_has_250_addresses(request: Request) -> Refusal | None:
    """The subnet of an association must be /24 or larger."""
    subnet = request.find(request.inputs.get("subnet"))
    for block in networks(prefixes(subnet.inputs)) if subnet else ():
        if block.version == 4 and block.prefixlen > _MAX_PREFIX_LENGTH:
            return Refusal(f"Subnet {block} must be /{_MAX_PREFIX_LENGTH} or larger.", "subnet")
    return None


@rule("BadRequest", _ASSOCIATION, source=_COMPONENTS)
def an_association_is_in_the_region_of_its_subnet(request: Request) -> Refusal | None:
    """An association must be in the region of its virtual network."""
    subnet = request.find(at(request.inputs, "subnet", "id"))
    network = request.find(subnet.id.rsplit("/", 2)[0]) if subnet else None
    there = str(network.inputs.get("location")).replace(" ", "").lower() if network else ""
    if network and there != request.location:
        return Refusal(f"{network.id} is in {there}, not in {request.location}.", "location")
    return None


def _frontend_outputs(request: Request) -> dict[str, Any]:
    name = identifiers.digest(request.id, length=16)
    return {"fqdn": f"{name}.fz{int(name[:2], 16) % 100:02d}.alb.azure.com"}


TYPES = [
    ResourceType(
        "servicenetworking:TrafficControllerInterface",
        _API,
        replaces=("location",),
        seconds=30,
    ),
    ResourceType(
        "servicenetworking:FrontendsInterface",
        _API,
        replaces=("location",),
        seconds=10,
        outputs=_frontend_outputs,
    ),
    ResourceType(
        _ASSOCIATION,
        _API,
        replaces=("location",),
        seconds=120,
    ),
    ResourceType(
        "servicenetworking:SecurityPoliciesInterface",
        _API,
        replaces=("location",),
        seconds=10,
    ),
]
