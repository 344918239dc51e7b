"""How many DNS zones, links and records there can be: a table of Microsoft's limits."""

from __future__ import annotations

from simulator.azure.model import Request
from simulator.azure.namespaces.counts import register_counts
from simulator.azure.rules import Refusal, rule
from support import arm_ids
from support.nested import at, is_list

_SOURCE = (
    "Microsoft Learn: azure-resource-manager/management/azure-subscription-service-limits#azure-dns"
)
_RECORDS = ("dns:RecordSet", "privatedns:PrivateRecordSet")
_LINK = "privatedns:VirtualNetworkLink"

# The maximum, by type and by what the resources are counted in.
MOST: dict[tuple[str, str], int] = {
    ("dns:Zone", "subscription"): 250,
    ("dns:RecordSet", "zone"): 10_000,
    ("privatedns:PrivateZone", "subscription"): 1_000,
    ("privatedns:PrivateRecordSet", "zone"): 25_000,
    (_LINK, "zone"): 1_000,
    (_LINK, "zone with registration"): 100,
    (_LINK, "virtual network"): 1_000,
}
MOST_RECORDS = 20
"""Records of one record set."""


def _scope(resource_id: str, inputs: object, scope: str) -> str | None:
    """What a resource is counted in; None where it does not count."""
    if scope == "subscription":
        return resource_id.lower().split("/")[2]
    if scope == "virtual network":
        return str(at(inputs, "virtualNetwork", "id")).lower()
    if scope == "zone" or at(inputs, "registrationEnabled"):
        return arm_ids.parent_of(resource_id).lower()
    return None


register_counts(MOST, _scope, _SOURCE, "dns_limits")


@rule("BadRequest", *_RECORDS, source=_SOURCE)
def a_record_set_has_at_most_twenty_records(request: Request) -> Refusal | None:
    """A record set has at most 20 records."""
    for key, value in request.inputs.items():
        if key.endswith("Records") and is_list(value) and len(value) > MOST_RECORDS:
            text = f"A record set can have at most {MOST_RECORDS} records, not {len(value)}."
            return Refusal(text, key)
    return None


TYPES = ()
