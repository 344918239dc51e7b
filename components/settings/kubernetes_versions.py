"""Kubernetes minor versions that AKS offers, and until when it supports them.

Source: aks/supported-kubernetes-versions, "AKS Kubernetes release calendar", and Azure/AKS release
notes; as of November 2026. A version that is not in the table is newer than it: it is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Version:
    """A minor version of Kubernetes 1 on AKS."""

    community_support: bool
    """Whether the support plan KubernetesOfficial covers it; otherwise only long-term support
    does."""
    support_ends: str
    """The month in which that support ends."""


VERSIONS = {
    32: Version(community_support=False, support_ends="March 2027"),
    33: Version(community_support=False, support_ends="July 2027"),
    34: Version(community_support=True, support_ends="November 2026"),
    35: Version(community_support=True, support_ends="March 2027"),
    36: Version(community_support=True, support_ends="June 2027"),
    37: Version(community_support=True, support_ends="October 2027"),
}
"""By minor version number."""


def minor(version: str) -> int:
    """The number 35 of a version such as `1.35` or `1.35.4`."""
    return int(version.split(".")[1])


def needs_long_term_support(version: str) -> bool:
    """Whether AKS offers the version with the support plan AKSLongTermSupport only."""
    return end_of_long_term_support(version) is not None


def end_of_long_term_support(version: str) -> str | None:
    """The month in which long-term support ends, for a version that has no other support."""
    row = VERSIONS.get(minor(version))
    return row.support_ends if row and not row.community_support else None


def community_versions() -> str:
    """The versions that every support plan covers, as a list for messages."""
    return ", ".join(f"1.{number}" for number, row in VERSIONS.items() if row.community_support)
