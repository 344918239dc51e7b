"""DNS records of the hosts: at the firewall or gateway in front, or at the controller itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import dns, privatedns

from components.azure.common import reference

_TTL_SECONDS = 3600
_MOST_ALIASES = 20
"""Alias record sets of one resource (azure-subscription-service-limits, "Azure DNS limits")."""


@dataclass(frozen=True)
class HostRecord:
    """A record set in a zone of this stack."""

    zone: str
    zone_name: pulumi.Input[str]
    relative_name: str
    """The name within the zone; `@` for the zone itself."""


def host_records(hosts: Sequence[str], zones: Mapping[str, pulumi.Input[str]]) -> list[HostRecord]:
    """A record for each host that is in one of the zones, in the zone with the longest name.

    `zones` has each zone's name as a key and as an output of the zone, so that records wait for it.
    """
    records: list[HostRecord] = []
    for host in dict.fromkeys(hosts):
        matching = [zone for zone in zones if host == zone or host.endswith(f".{zone}")]
        if matching:
            zone = max(matching, key=len)
            relative = host.removesuffix(zone).removesuffix(".") or "@"
            records.append(HostRecord(zone, zones[zone], relative))
    return records


def address_records(
    name: str,
    records: Sequence[HostRecord],
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
    records: Sequence[HostRecord],
    *,
    zone_group_name: pulumi.Input[str],
    target: pulumi.Input[str],
    parent: pulumi.Resource,
) -> None:
    """CNAME records of an FQDN that Azure assigns. A zone's apex cannot have one."""
    cname = {"record_type": "CNAME", "cname_record": dns.CnameRecordArgs(cname=target)}
    _record_sets(name, records, zone_group_name, parent, cname)


def private_records(
    name: str,
    records: Sequence[HostRecord],
    *,
    zone_group_name: pulumi.Input[str],
    address: pulumi.Input[str] | None = None,
    target: pulumi.Input[str] | None = None,
    parent: pulumi.Resource,
) -> None:
    """Records in private zones: A records of `address`, or CNAME records of `target`."""
    cname = privatedns.CnameRecordArgs(cname=target) if target is not None else None
    addresses = [privatedns.ARecordArgs(ipv4_address=address)] if address is not None else None
    for record in records:
        privatedns.PrivateRecordSet(
            _logical_name(f"{name}-private", record),
            relative_record_set_name=record.relative_name,
            record_type="CNAME" if cname else "A",
            private_zone_name=record.zone_name,
            resource_group_name=zone_group_name,
            ttl=_TTL_SECONDS,
            a_records=addresses,
            cname_record=cname,
            opts=pulumi.ResourceOptions(parent=parent),
        )


def _record_sets(
    name: str,
    records: Sequence[HostRecord],
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


def _logical_name(name: str, record: HostRecord) -> str:
    return f"{name}-record-{record.relative_name}-{record.zone}".replace("@", "apex")
