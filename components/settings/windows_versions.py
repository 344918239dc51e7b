"""The Windows Server versions of node pools, and the Kubernetes versions that run them.

Source: aks/upgrade-os-version, "Supported OS versions"; Azure/AKS release notes 2026-05-29 (2025 is
generally available), 2026-06-19 (2022 ends before 1.37) and 2026-07-17 (2025 is the default from
1.37 on; the page still says 1.36).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WindowsVersion:
    """A Windows Server version, with minor versions of Kubernetes 1."""

    name: str
    first: int
    """The first one that runs it."""
    last: int | None
    """The last one that runs it; None if Microsoft has announced none."""
    fips: bool
    """Whether a pool must ask for the FIPS image, because there is no other (aks/enable-fips-nodes,
    "Supported OS versions")."""

    def runs_on(self, minor: int) -> bool:
        """Whether nodes of Kubernetes 1.`minor` run it."""
        return self.first <= minor <= (self.last if self.last is not None else minor)


WINDOWS_2022 = "Windows2022"
WINDOWS_2025 = "Windows2025"

WINDOWS_VERSIONS = {
    WINDOWS_2022: WindowsVersion("Windows Server 2022", first=23, last=36, fips=False),
    WINDOWS_2025: WindowsVersion("Windows Server 2025", first=32, last=None, fips=True),
}
"""By the value of a pool's `osSku`, the oldest first."""


def default(minor: int) -> str:
    """The `osSku` of a Windows pool that has none: the oldest one that Kubernetes 1.`minor` runs.

    An upgrade of the cluster thus changes it only where Azure refuses the former one, too.
    """
    return next(
        (sku for sku, version in WINDOWS_VERSIONS.items() if version.runs_on(minor)), WINDOWS_2025
    )
