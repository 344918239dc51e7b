"""Names in public zones that lead to whatever stands in front of the applications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import dns

from components.azure.common import reference

_TTL_SECONDS = 3600


@dataclass(frozen=True)
class PublicRecord:
    """A name in a public zone."""

    zone: str
    zone_name: pulumi.Input[str]
    relative_name: str
    """`@` for the zone itself."""


def public_records(
    hosts: Sequence[str], zones: Mapping[str, pulumi.Input[str]]
) -> list[PublicRecord]:
    """A record for each host that lies in one of the public zones, in the closest one.

    `zones` are the zones' names by name, as what the record is to wait for.
    """
    records: list[PublicRecord] = []
    for host in dict.fromkeys(hosts):
        around = [zone for zone in zones if host == zone or host.endswith(f".{zone}")]
        if around:
            zone = max(around, key=len)
            relative = host.removesuffix(zone).removesuffix(".") or "@"
            records.append(PublicRecord(zone, zones[zone], relative))
    return records


def alias_records(
    name: str,
    records: Sequence[PublicRecord],
    *,
    zone_group_name: pulumi.Input[str],
    address_id: pulumi.Input[str],
    parent: pulumi.Resource,
) -> None:
    """Aliases of a public address: they follow it, and are empty once it is deleted."""
    alias = {"record_type": "A", "target_resource": reference(address_id)}
    _record_sets(name, records, zone_group_name, parent, alias)


def cname_records(
    name: str,
    records: Sequence[PublicRecord],
    *,
    zone_group_name: pulumi.Input[str],
    target: pulumi.Input[str],
    parent: pulumi.Resource,
) -> None:
    """CNAMEs of a name of Azure's; a zone's apex can't have one."""
    cname = {"record_type": "CNAME", "cname_record": dns.CnameRecordArgs(cname=target)}
    _record_sets(name, records, zone_group_name, parent, cname)


def _record_sets(
    name: str,
    records: Sequence[PublicRecord],
    zone_group_name: pulumi.Input[str],
    parent: pulumi.Resource,
    leads_to: Mapping[str, Any],
) -> None:
    for record in records:
        dns.RecordSet(
            _logical_name(name, record),
            relative_record_set_name=record.relative_name,
            zone_name=record.zone_name,
            resource_group_name=zone_group_name,
            ttl=_TTL_SECONDS,
            opts=pulumi.ResourceOptions(parent=parent),
            **leads_to,
        )


def _logical_name(name: str, record: PublicRecord) -> str:
    return f"{name}-record-{record.relative_name}-{record.zone}".replace("@", "apex")
