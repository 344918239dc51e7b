"""Public DNS records that point to the firewall or gateway in front of the applications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import dns

from components.azure.common import reference

_TTL_SECONDS = 3600
_MOST_ALIASES = 20
"""Alias record sets of one resource (azure-subscription-service-limits, "Azure DNS limits")."""


@dataclass(frozen=True)
class PublicRecord:
    """A record set in a public zone."""

    zone: str
    zone_name: pulumi.Input[str]
    relative_name: str
    """The name within the zone; `@` for the zone itself."""


def public_records(
    hosts: Sequence[str], zones: Mapping[str, pulumi.Input[str]]
) -> list[PublicRecord]:
    """A record for each host that is in one of the public zones, in the zone with the longest name.

    `zones` has each zone's name as a key and as an output of the zone, so that records wait for it.
    """
    records: list[PublicRecord] = []
    for host in dict.fromkeys(hosts):
        matching = [zone for zone in zones if host == zone or host.endswith(f".{zone}")]
        if matching:
            zone = max(matching, key=len)
            relative = host.removesuffix(zone).removesuffix(".") or "@"
            records.append(PublicRecord(zone, zones[zone], relative))
    return records


def address_records(
    name: str,
    records: Sequence[PublicRecord],
    *,
    zone_group_name: pulumi.Input[str],
    address_id: pulumi.Input[str],
    address: pulumi.Input[str],
    parent: pulumi.Resource,
) -> None:
    """Records of a static public address.

    They are alias records, which Azure updates with the address, unless there are more than Azure
    allows for one address. Then all of them are ordinary records: converting only some would exceed
    the limit for a moment, whenever a host is added before others.
    """
    target: dict[str, Any] = {"record_type": "A"}
    if len(records) > _MOST_ALIASES:
        target["a_records"] = [dns.ARecordArgs(ipv4_address=address)]
    else:
        target["target_resource"] = reference(address_id)
    _record_sets(name, records, zone_group_name, parent, target)


def cname_records(
    name: str,
    records: Sequence[PublicRecord],
    *,
    zone_group_name: pulumi.Input[str],
    target: pulumi.Input[str],
    parent: pulumi.Resource,
) -> None:
    """CNAME records of an FQDN that Azure assigns. A zone's apex cannot have one."""
    cname = {"record_type": "CNAME", "cname_record": dns.CnameRecordArgs(cname=target)}
    _record_sets(name, records, zone_group_name, parent, cname)


def _record_sets(
    name: str,
    records: Sequence[PublicRecord],
    zone_group_name: pulumi.Input[str],
    parent: pulumi.Resource,
    target: Mapping[str, Any],
) -> None:
    for record in records:
        dns.RecordSet(
            _logical_name(name, record),
            relative_record_set_name=record.relative_name,
            zone_name=record.zone_name,
            resource_group_name=zone_group_name,
            ttl=_TTL_SECONDS,
            opts=pulumi.ResourceOptions(parent=parent),
            **target,
        )


def _logical_name(name: str, record: PublicRecord) -> str:
    return f"{name}-record-{record.relative_name}-{record.zone}".replace("@", "apex")
