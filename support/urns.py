"""Pulumi's URNs: `urn:pulumi:<stack>::<project>::<types>::<logical name>`."""

from __future__ import annotations


def logical_name(urn: str) -> str:
    """The name that the program gives the resource; a text that is no URN stays as it is."""
    return urn.split("::", 3)[-1]


def type_token(urn: str) -> str:
    """The type of the resource, without those of its parents."""
    return urn.split("::", 3)[2].rpartition("$")[2]


def provider_urn(reference: str) -> str:
    """The URN in a state's reference to a provider, `<URN>::<ID>`."""
    return reference.rpartition("::")[0]
