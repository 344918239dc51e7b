"""ARM resource ids, and values that are made up but always the same for the same resource."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
TENANT = "22222222-2222-4222-8222-222222222222"
OPERATOR = "33333333-3333-4333-8333-333333333333"
"""Object id of whoever runs the deployment."""
_NAMESPACE = uuid.UUID("5f0d3a42-6b8e-4d0a-9f5c-3a52d0c7a1de")

_PARAMETER = re.compile(r"\{(\w+)\}")


def parameters(path: str) -> list[str]:
    """Names of the parameters of a path template, in their order."""
    return _PARAMETER.findall(path)


def fill(path: str, values: Mapping[str, Any]) -> str:
    """The id that a path template gives for these values; a scope may begin with a slash or not."""
    filled = _PARAMETER.sub(lambda match: str(values[match.group(1)]).strip("/"), path)
    return "/" + filled.strip("/")


@dataclass(frozen=True)
class ArmId:
    """An id taken apart: the `scope` before its last provider, its `type` and its `names`."""

    scope: str
    type: str
    names: tuple[str, ...]

    def prefixes(self) -> list[tuple[str, str]]:
        """(type, id) of the resource and of each of its ancestors below `scope`, longest first."""
        provider, *kinds = self.type.split("/")
        found: list[tuple[str, str]] = []
        for length in range(len(self.names), 0, -1):
            pairs = "/".join(f"{kinds[i]}/{self.names[i]}" for i in range(length))
            kind = "/".join([provider, *kinds[:length]])
            found.append((kind, f"{self.scope}/providers/{provider}/{pairs}"))
        return found


def parse(resource_id: str) -> ArmId | None:
    """Take an id apart, or None where it names no provider (a subscription or a resource group)."""
    lowered = resource_id.lower()
    at = lowered.rfind("/providers/")
    if at < 0:
        return None
    scope = resource_id[:at]
    provider, *pairs = resource_id[at + len("/providers/") :].strip("/").split("/")
    kinds, names = pairs[0::2], pairs[1::2]
    if not names:
        return None
    return ArmId(scope, "/".join([provider, *kinds[: len(names)]]), tuple(names))


def group_of(resource_id: str) -> str | None:
    """The id of the resource group that an id lies in."""
    match = re.match(r"^/subscriptions/[^/]+/resourcegroups/[^/]+", resource_id, re.IGNORECASE)
    return match.group(0) if match else None


def same(left: str, right: str) -> bool:
    """Whether two ids or locations mean the same: Azure compares without case and blanks."""
    return left.replace(" ", "").lower() == right.replace(" ", "").lower()


def guid(*parts: str) -> str:
    """A GUID that depends on the parts only, without case."""
    return str(uuid.uuid5(_NAMESPACE, "|".join(part.lower() for part in parts)))


def digest(*parts: str, length: int = 8) -> str:
    """Lower-case hexadecimal characters that depend on the parts only."""
    return hashlib.sha256("|".join(part.lower() for part in parts).encode()).hexdigest()[:length]


def public_address(*parts: str) -> str:
    """A public IPv4 address out of 20.0.0.0/8, one of Azure's own ranges."""
    number = int(digest(*parts, length=6), 16)
    return str(ipaddress.IPv4Address((20 << 24) | max(1, number)))
