"""How many DNS zones, links and records there can be: a table of Microsoft's limits."""

from __future__ import annotations

from functools import partial

from simulator.azure.model import Request
from simulator.azure.rules import Refusal, Rule, register, rule
from simulator.store import Resource
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


def rule_name(token: str, scope: str) -> str:
    """The name of the rule for a row."""
    return f"{token.split(':')[1]}_count_in_a_{scope.replace(' ', '_')}"


def _scope(resource_id: str, inputs: object, scope: str) -> str | None:
    """What a resource is counted in; None where it does not count."""
    if scope == "subscription":
        return resource_id.lower().split("/")[2]
    if scope == "virtual network":
        return str(at(inputs, "virtualNetwork", "id")).lower()
    if scope == "zone" or at(inputs, "registrationEnabled"):
        return arm_ids.parent_of(resource_id).lower()
    return None


def _is_one_too_many(request: Request, token: str, scope: str) -> str | None:
    mine = _scope(request.id, request.inputs, scope)
    if mine is None:
        return None
    others: list[Resource] = [
        item
        for item in request.cloud.store.of_type(token)
        if not arm_ids.same(item.id, request.id) and _scope(item.id, item.inputs, scope) == mine
    ]
    most = MOST[token, scope]
    if len(others) < most:
        return None
    return f"A {scope} can have at most {most} resources of the type {request.type.arm_type}."


for _token, _in in MOST:
    _check = partial(_is_one_too_many, token=_token, scope=_in)
    _name = rule_name(_token, _in)
    register(Rule(_name, "BadRequest", 400, _SOURCE, "dns_limits", (_token,), "put", _check))


@rule("BadRequest", *_RECORDS, source=_SOURCE)
def a_record_set_has_at_most_twenty_records(request: Request) -> Refusal | None:
    """A record set has at most 20 records."""
    for key, value in request.inputs.items():
        if key.endswith("Records") and is_list(value) and len(value) > MOST_RECORDS:
            text = f"A record set can have at most {MOST_RECORDS} records, not {len(value)}."
            return Refusal(text, key)
    return None


TYPES = ()
