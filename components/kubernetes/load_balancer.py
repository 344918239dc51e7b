"""The address by which the ingress controller is reached: pure data, the same for every controller.

Whichever controller there is, its Service of type LoadBalancer carries these annotations, so that
what stands in front of it does not care which one it is.
"""

from __future__ import annotations

from dataclasses import dataclass

_PREFIX = "service.beta.kubernetes.io/azure-load-balancer"
ALLOWED_RANGES = "service.beta.kubernetes.io/azure-allowed-ip-ranges"


@dataclass(frozen=True)
class LoadBalancer:
    """Where the controller is reached, and by whom."""

    internal_subnet: str | None = None
    """Azure name of the subnet of a private address; without it the address is public."""
    address: str | None = None
    """The private address."""
    source_ranges: tuple[str, ...] = ()
    """Who may reach a public address; empty for everyone."""

    def annotations(self) -> dict[str, str]:
        """What the Service says to Azure ("Use a public standard load balancer in AKS")."""
        if self.internal_subnet and self.address:
            return {
                f"{_PREFIX}-internal": "true",
                f"{_PREFIX}-internal-subnet": self.internal_subnet,
                f"{_PREFIX}-ipv4": self.address,
            }
        if self.source_ranges:
            return {ALLOWED_RANGES: ",".join(self.source_ranges)}
        return {}
