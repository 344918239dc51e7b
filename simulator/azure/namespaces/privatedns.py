"""Private DNS zones, their links to networks, and records (Microsoft.Network/privateDnsZones)."""

from __future__ import annotations

from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Cloud, Request, ResourceType
from simulator.azure.namespaces.dns import PRIVATE_RECORD_TYPES, record_outputs
from simulator.azure.rules import Refusal, rule
from support import arm_ids
from support.nested import at

_LINK = "privatedns:VirtualNetworkLink"
_LINKS = "Microsoft Learn: azure/dns/private-dns-virtual-network-links"


def _network_of(inputs: Any) -> str:
    return str(at(inputs, "virtualNetwork", "id") or "")


@rule(
    "Conflict",
    _LINK,
    source=_LINKS,
    status=409,
)
def a_network_is_linked_once_to_a_zone(request: Request) -> str | None:
    """A network has at most one link to a zone."""
    for other in request.siblings():
        if arm_ids.same(_network_of(other.inputs), _network_of(request.inputs)):
            return f"The network is already linked to this zone, by {other.name}."
    return None


def overlapping_zone(cloud: Cloud, zone: str, network: str) -> str | None:
    """Id of another zone with the name of `zone` that the network is linked to already.

    Only equal names overlap: a zone and its subdomain can both be linked.
    """
    name = arm_ids.name_of(zone)
    for link in cloud.store.of_type(_LINK):
        other = arm_ids.parent_of(link.id)
        if (
            arm_ids.name_of(other).lower() == name.lower()
            and not arm_ids.same(other, zone)
            and arm_ids.same(_network_of(link.inputs), network)
        ):
            return other
    return None


def overlap(network: str, zone: str) -> str:
    """Azure's message about a second zone of a name that a network is linked to."""
    name = arm_ids.name_of(zone)
    return (
        "A virtual network cannot be linked to multiple zones with overlapping namespaces. You"
        f" tried to link virtual network '{network}' with '{name}' and '{name}' zones."
    )


@rule(
    "BadRequest",
    _LINK,
    source="github.com/MicrosoftDocs/azure-aks-docs/issues/212;"
    " github.com/microsoft-foundry/foundry-samples/pull/214",
)
def a_network_is_linked_to_one_zone_of_a_name(request: Request) -> Refusal | None:
    """A network cannot be linked to two zones of the same name, even of different owners."""
    network = _network_of(request.inputs)
    zone = arm_ids.parent_of(request.id)
    if overlapping_zone(request.cloud, zone, network):
        return Refusal(overlap(network, zone), "virtualNetwork")
    return None


@rule(
    "Conflict", _LINK, source="Microsoft Learn: azure/dns/private-dns-autoregistration", status=409
)
def a_network_registers_in_one_zone(request: Request) -> Refusal | None:
    """At most one link of a network has `registrationEnabled`."""
    if not request.inputs.get("registrationEnabled"):
        return None
    for item in request.cloud.store.of_type(_LINK):
        same = arm_ids.same(_network_of(item.inputs), _network_of(request.inputs))
        other = item.id.lower() != request.id.lower()
        if same and other and item.inputs.get("registrationEnabled"):
            text = f"The network already registers its VMs through {item.id}."
            return Refusal(text, "registrationEnabled")
    return None


@rule("BadRequest", _LINK, source=_LINKS)
def a_link_keeps_its_network(request: Request) -> Refusal | None:
    """The network of a link cannot change."""
    if request.old and not arm_ids.same(
        _network_of(request.old.inputs), _network_of(request.inputs)
    ):
        return Refusal("The virtual network of a link cannot change.", "virtualNetwork")
    return None


@rule(
    "CannotDeleteResource",
    "privatedns:PrivateZone",
    source=_LINKS,
    on="delete",
    status=409,
)
def a_zone_with_links_stays(request: Request) -> str | None:
    """A zone can be deleted only after its links, or together with them in its resource group."""
    group = arm_ids.group_of(request.id)
    if group and group.lower() in request.deleted_ids:
        return None
    links = [item.id for item in request.cloud.store.below(request.id, _LINK)]
    if not links:
        return None
    return f"Cannot delete resource while nested resources exist: {', '.join(links)}."


@rule(
    "BadRequest",
    "privatedns:PrivateRecordSet",
    source="Microsoft Learn: azure/dns/private-dns-privatednszone",
)
def a_private_record_has_a_private_type(request: Request) -> Refusal | None:
    """Private zones have fewer record types than public ones: no NS and no CAA, for example."""
    kind = str(request.inputs.get("recordType"))
    if kind in PRIVATE_RECORD_TYPES:
        return None
    return Refusal(f"A private zone cannot have records of type {kind}.", "recordType")


def _zone_outputs(request: Request) -> dict[str, Any]:
    return {
        "internalId": identifiers.guid(request.id, "internal"),
        "numberOfRecordSets": 1,
        "numberOfVirtualNetworkLinks": 0,
        "numberOfVirtualNetworkLinksWithRegistration": 0,
        "maxNumberOfRecordSets": 25000,
        "maxNumberOfVirtualNetworkLinks": 1000,
        "maxNumberOfVirtualNetworkLinksWithRegistration": 100,
    }


def _link_outputs(request: Request) -> dict[str, Any]:
    del request
    return {"virtualNetworkLinkState": "Completed"}


TYPES = [
    ResourceType(
        "privatedns:PrivateZone",
        "2024-06-01",
        replaces=("location",),
        seconds=35,
        outputs=_zone_outputs,
    ),
    ResourceType(
        _LINK,
        "2024-06-01",
        replaces=("location", "virtualNetwork"),
        seconds=45,
        outputs=_link_outputs,
    ),
    ResourceType(
        "privatedns:PrivateRecordSet",
        "2024-06-01",
        seconds=2,
        outputs=record_outputs,
    ),
]
