"""Public DNS zones and records (Microsoft.Network/dnsZones)."""

from __future__ import annotations

import re
from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType
from simulator.azure.rules import Refusal, rule
from simulator.store import Resource
from support import arm_ids
from support.nested import at

_ZONES = ("dns:Zone", "privatedns:PrivateZone")
_RECORDS = ("dns:RecordSet", "privatedns:PrivateRecordSet")
_LIMITS = "Microsoft Learn: azure/dns/dns-zones-records"
_ALIAS = "Microsoft Learn: azure/dns/dns-alias"
_MOST_ALIASES = 20
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
PRIVATE_RECORD_TYPES = ("A", "AAAA", "CNAME", "MX", "PTR", "SOA", "SRV", "TXT")
RECORD_TYPES = (*PRIVATE_RECORD_TYPES, "CAA", "DS", "NAPTR", "NS", "TLSA")
# Resource types that an alias record can target, by record type (the end of lower-case ARM types).
ALIAS_TARGETS = {
    "A": ("publicipaddresses", "trafficmanagerprofiles", "frontdoors", "dnszones/a"),
    "AAAA": ("publicipaddresses", "trafficmanagerprofiles", "frontdoors", "dnszones/aaaa"),
    "CNAME": ("trafficmanagerprofiles", "endpoints", "afdendpoints", "dnszones/cname"),
}


@rule(
    "LocationNotAvailableForResourceType",
    "dns:Zone",
    "privatedns:PrivateZone",
    "privatedns:VirtualNetworkLink",
    source="Microsoft Learn: azure-resource-manager/troubleshooting/error-codes",
)
def zones_are_global(request: Request) -> str | Refusal | None:
    """DNS zones and links have the location `global`."""
    if request.location != "global":
        return Refusal(
            f"Location '{request.inputs.get('location')}' is not available for"
            f" {request.type.arm_type}; use 'global'.",
            "location",
        )
    return None


@rule("BadRequest", *_ZONES, source=_LIMITS)
def a_zone_is_a_domain_name(request: Request) -> str | None:
    """A zone name has 2 to 34 labels of 1 to 63 characters, and no dot at the end."""
    labels = request.name.split(".")
    if 2 <= len(labels) <= 34 and all(_LABEL.fullmatch(label) for label in labels):
        return None
    return f"'{request.name}' is not a valid DNS zone name."


@rule("BadRequest", *_RECORDS, source=_LIMITS)
def a_record_has_a_domain_name(request: Request) -> str | None:
    """A record name has labels as above. `@` is the zone itself; the first label can be `*`."""
    labels = request.name.split(".")
    if labels[0] in ("*", "@"):
        labels = labels[1:]
    if all(_LABEL.fullmatch(label) for label in labels):
        return None
    return f"'{request.name}' is not a valid record set name."


@rule("BadRequest", "dns:RecordSet", source=_LIMITS)
def a_record_has_a_type_that_exists(request: Request) -> Refusal | None:
    """Record types are written in upper case."""
    kind = str(request.inputs.get("recordType"))
    if kind in RECORD_TYPES:
        return None
    return Refusal(f"The record type {kind} does not exist.", "recordType")


def _content(inputs: Any) -> list[str]:
    """Names of the properties that contain records."""
    return [key for key in inputs if key.endswith(("Record", "Records")) and inputs[key]]


@rule("BadRequest", "dns:RecordSet", source=_ALIAS)
def an_alias_has_no_records_of_its_own(request: Request) -> Refusal | None:
    """A record set is either an alias or has records."""
    if at(request.inputs, "targetResource", "id") and _content(request.inputs):
        return Refusal(f"{request.name} cannot be an alias and have records.", "targetResource")
    return None


@rule("BadRequest", "dns:RecordSet", source=_ALIAS)
def an_alias_stands_for_what_it_can(request: Request) -> Refusal | None:
    """A and AAAA can target an address, CNAME a host name, all three a record of their own type."""
    target, kind = at(request.inputs, "targetResource", "id"), request.inputs.get("recordType")
    if not target:
        return None
    parsed = arm_ids.parse(str(target))
    suffix = parsed.type.lower().split("/", 1)[1] if parsed else ""
    if suffix in ALIAS_TARGETS.get(str(kind), ()):
        return None
    return Refusal(f"A {kind} record cannot be an alias of {target}.", "targetResource")


@rule(
    "BadRequest",
    "dns:RecordSet",
    source=(
        "Microsoft Learn: azure-resource-manager/management/azure-subscription-service-limits"
        "#azure-dns-limits"
    ),
)
def a_resource_has_at_most_twenty_aliases(request: Request) -> Refusal | None:
    """A resource can be the target of at most 20 alias record sets."""
    target = str(at(request.inputs, "targetResource", "id") or "")
    others = [
        item
        for item in request.cloud.store.referrers(target)
        if item.token == "dns:RecordSet" and not arm_ids.same(item.id, request.id)
    ]
    if target and len(others) >= _MOST_ALIASES:
        text = f"{target} can have at most {_MOST_ALIASES} alias record sets."
        return Refusal(text, "targetResource")
    return None


@rule("BadRequest", *_RECORDS, source=f"{_LIMITS}#cname-records")
def a_canonical_name_is_alone(request: Request) -> str | None:
    """A CNAME record cannot be at the zone itself, nor beside other records of its name."""
    kind = str(request.inputs.get("recordType"))
    if kind == "CNAME" and request.name == "@":
        return "A CNAME record cannot be at the zone itself ('@')."
    zone = request.id.rsplit("/", 2)[0]
    for item in request.cloud.store.below(zone, request.type.token):
        other_kind = str(item.inputs.get("recordType"))
        same = item.name.lower() == request.name.lower() and item.id.lower() != request.id.lower()
        if same and "CNAME" in (kind, other_kind):
            return f"{request.name} already has a {other_kind} record; a CNAME cannot be beside it."
    return None


def clear_aliases(request: Request) -> None:
    """Make the aliases of a deleted resource empty record sets (azure/dns/dns-alias)."""
    for item in request.cloud.store.referrers(request.id):
        if item.token == "dns:RecordSet":
            inputs = {key: value for key, value in item.inputs.items() if key != "targetResource"}
            outputs: dict[str, Any] = {**item.outputs, "targetResource": {}}
            request.cloud.store.put(Resource(item.id, item.token, inputs, outputs))


def _zone_outputs(request: Request) -> dict[str, Any]:
    number = int(identifiers.digest(request.id, length=4), 16) % 90 + 10
    return {
        "nameServers": [
            f"ns{index}-{number:02d}.azure-dns.{domain}."
            for index, domain in enumerate(("com", "net", "org", "info"), start=1)
        ],
        "numberOfRecordSets": 2,
        "maxNumberOfRecordSets": 10000,
    }


def record_outputs(request: Request) -> dict[str, Any]:
    """The full name and the type of a record set."""
    zone = str(request.inputs.get("zoneName") or request.inputs.get("privateZoneName"))
    name = request.name
    kind = str(request.inputs.get("recordType"))
    return {
        "fqdn": f"{zone}." if name == "@" else f"{name}.{zone}.",
        "type": f"{request.type.arm_type.rsplit('/', 1)[0]}/{kind}",
    }


TYPES = [
    ResourceType(
        "dns:Zone",
        "2023-07-01-preview",
        replaces=("location",),
        seconds=35,
        outputs=_zone_outputs,
    ),
    ResourceType(
        "dns:RecordSet",
        "2023-07-01-preview",
        seconds=2,
        outputs=record_outputs,
    ),
]
