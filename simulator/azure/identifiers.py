"""Identifiers and addresses that the simulated Azure generates.

They depend on the resource only, so that every run gets the same ones.
"""

from __future__ import annotations

import hashlib
import ipaddress
import uuid

SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
TENANT = "22222222-2222-4222-8222-222222222222"
OPERATOR = "33333333-3333-4333-8333-333333333333"
"""Object id of the user or service principal that runs the deployment."""

_NAMESPACE = uuid.UUID("5f0d3a42-6b8e-4d0a-9f5c-3a52d0c7a1de")


def guid(*parts: str) -> str:
    """A GUID that depends on the parts only, ignoring case."""
    return str(uuid.uuid5(_NAMESPACE, "|".join(part.lower() for part in parts)))


def digest(*parts: str, length: int = 8) -> str:
    """Lower-case hexadecimal characters that depend on the parts only, ignoring case."""
    return hashlib.sha256("|".join(part.lower() for part in parts).encode()).hexdigest()[:length]


def public_address(*parts: str) -> str:
    """A public IPv4 address in 20.0.0.0/8, one of Azure's own ranges."""
    number = int(digest(*parts, length=6), 16)
    return str(ipaddress.IPv4Address((20 << 24) | max(1, number)))
