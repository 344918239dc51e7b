"""Sections that have faults, with values standing in for the settings that can't be read.

So that a fault hides no other: the rules between settings run on several such sections, and what is
wrong whatever stands in is wrong with the rest of the configuration.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, Literal, TypeVar, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from components.settings import explain

Model = TypeVar("Model", bound=BaseModel)

VARIANTS = 7
"""How many different values stand in for one setting, at most: as many as the longest list of
choices holds."""

_ROUNDS = 4
"""Mending one fault may show another: without its kind nothing below a setting is read."""

_DROPPED: Any = object()
"""Leaving the setting out, which gives it its default."""

_GUID = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
_NETWORK = f"/subscriptions/{_GUID}/resourceGroups/rg/providers/Microsoft.Network"
_WORKSPACE = (
    f"/subscriptions/{_GUID}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/w"
)


def _pool(name: str, operating_system: str = "Linux") -> dict[str, Any]:
    return {
        "name": name,
        "mode": "System" if operating_system == "Linux" else "User",
        "os": operating_system,
        "vmSize": "Standard_D4ds_v5",
        "minCount": 1,
        "maxCount": 1,
        "maxPods": 30,
    }


EXAMPLES: Mapping[str, Sequence[Any]] = {
    "workload": ("shop",),
    "environment": ("dev",),
    "addressSpace": ("10.213.0.0/16", "172.21.0.0/16", "10.87.0.0/17"),
    "podCidr": (_DROPPED, "10.214.0.0/16", "172.24.0.0/16"),
    "serviceCidr": (_DROPPED, "10.217.0.0/16", "172.25.0.0/16"),
    "dnsServiceIp": (_DROPPED, "10.217.0.10", "172.25.0.10"),
    "applianceIp": (_DROPPED, "10.217.0.10", "172.25.0.10"),
    "cidr": ("192.168.214.0/24", "172.22.6.0/24"),
    "virtualNetworkId": (f"{_NETWORK}/virtualNetworks/a", f"{_NETWORK}/virtualNetworks/b"),
    "existing": (),
    "WorkspaceSettings.existing": (_DROPPED, _WORKSPACE),
    "sshPublicKey": ("ssh-ed25519 AAAA",),
    "gateway": (
        _DROPPED,
        {"kind": "expressRoute", "circuitId": f"{_NETWORK}/c/c", "onPremises": "192.168.213.0/24"},
        {
            "kind": "vpn",
            "sharedKey": "standin",
            "site": {"publicIp": "203.0.113.9", "addressSpace": "172.22.5.0/24"},
        },
    ),
    "site": ({"publicIp": "203.0.113.9", "addressSpace": "172.22.5.0/24"},),
    "publicIp": ("203.0.113.9", "198.51.100.9"),
    "Site.addressSpace": ("192.168.213.0/24", "172.22.5.0/24"),
    "onPremises": ("192.168.213.0/24", "172.22.5.0/24"),
    "sharedKey": ("standin",),
    "circuitId": (f"{_NETWORK}/expressRouteCircuits/standin",),
    "peerAddress": ("192.168.213.1", "172.22.5.1"),
    "asn": (65010, 65011),
    "kubernetesVersion": ("1.35", "1.34"),
    "nodePools": (
        [_pool("standin")],
        [_pool("stand2"), _pool("win", "Windows")],
        [_pool("stand3") | {"subnet": "nodes-9"}],
    ),
    "vmSize": ("Standard_D4ds_v5",),
    "minCount": (1, 2, 3),
    "maxCount": (1, 1000, 3),
    "maxPods": (30, 31),
    "clientId": (_GUID,),
    "objectId": (_GUID,),
    "clientSecret": ("standin",),
    "adminPassword": ("Stand-in-1", "Stand-in-2"),
    "windows": (_DROPPED, {"adminPassword": "Stand-in-1"}),
    "servicePrincipal": (
        _DROPPED,
        {"clientId": _GUID, "objectId": _GUID, "clientSecret": "standin"},
    ),
    "waf": (
        _DROPPED,
        {"certificate": {"pfx": "TUlJ"}},
        {"external": {"sourceRanges": "203.0.113.0/24"}},
    ),
    "certificate": (_DROPPED, {"pfx": "TUlJ"}),
    "pfx": (_DROPPED, "TUlJ"),
    "secretId": (_DROPPED, "https://standin.vault.azure.net/secrets/standin"),
    "certificateId": (_DROPPED, "https://standin.vault.azure.net/certificates/standin"),
    "certificateName": (_DROPPED, "standin"),
    "secretName": (_DROPPED, "standin"),
    "external": ({"sourceRanges": "203.0.113.0/24"},),
    "sourceRanges": ("203.0.113.0/24", "198.51.100.0/24"),
    "name": ("standin", "stand2"),
    "app": ("standin", "stand2"),
    "from": ("standin", "stand2"),
    "Conversation.to": ("standin", "stand2"),
    "Egress.to": (["internet"], ["203.0.113.0/24"]),
    "Egress.ports": (["443"],),
    "host": (_DROPPED, "standin.example.com"),
    "image": ("standin:1",),
}
"""What may stand in for a setting, by its key or by model and key.

For a setting that is not in here one of its choices stands in, or its default.
"""


@dataclass(frozen=True)
class Mended(Generic[Model]):
    """A section that could be read, and which settings something stands in for."""

    section: Model
    unreadable: frozenset[explain.Keys]


def mend(model: type[Model], data: Any, number: int) -> Mended[Model] | None:
    """The section with the `number`-th value in each setting that can't be read.

    None where nothing can stand in. `data` is not changed.
    """
    data = copy.deepcopy(data)
    unreadable: set[explain.Keys] = set()
    for _ in range(_ROUNDS):
        try:
            return Mended(model.model_validate_json(json.dumps(data)), frozenset(unreadable))
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                way = explain.steps(model, detail["loc"])
                if not way or not _put(data, way, detail, number, unreadable):
                    return None
    return None


def _put(
    data: Any,
    way: explain.Steps,
    detail: ErrorDetails,
    number: int,
    unreadable: set[explain.Keys],
) -> bool:
    """Replace what one complaint is about; False where nothing can stand in for it."""
    if detail["type"] == "extra_forbidden":
        _drop(data, explain.keys(way))
        return True
    while way and way[-1].field is None:
        if isinstance(way[-1].key, str):  # an entry of an object such as tags: without it, then
            _drop(data, explain.keys(way))
            unreadable.add(explain.keys(way))
            return True
        way = way[:-1]
    if not way:
        return False
    keys = explain.keys(way)
    choices = _choices(way[-1])
    parent = _follow(data, keys[:-1])
    if not choices or not isinstance(parent, dict):
        return False
    unreadable.add(keys)
    value = choices[number % len(choices)]
    entries = cast("dict[Any, Any]", parent)
    if value is _DROPPED:
        entries.pop(keys[-1], None)
    else:
        entries[keys[-1]] = value
    return True


def _choices(step: explain.Step) -> Sequence[Any]:
    if step.owner is None or step.field is None:
        return ()
    for key in (f"{step.owner.__name__}.{step.key}", str(step.key)):
        if key in EXAMPLES:
            return EXAMPLES[key]
    if choices := _listed(step.field.annotation):
        return choices
    return () if step.field.is_required() else (_DROPPED,)


def _listed(annotation: Any) -> list[Any]:
    """The choices that an annotation lists: those of a Literal, an enum, or true and false."""
    if annotation is bool:
        return [False, True]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [member.value for member in annotation]
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return []


def _follow(data: Any, keys: explain.Keys) -> Any:
    for key in keys:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _drop(data: Any, keys: explain.Keys) -> None:
    parent = _follow(data, keys[:-1])
    if isinstance(parent, dict):
        cast("dict[Any, Any]", parent).pop(keys[-1], None)
