"""Whether a run moves the egress to new addresses, by another SKU of the NAT gateway. Pure.

Azure does not change the SKU in place, and the addresses go with the gateway.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.settings.network import NatGatewaySku, NetworkSettings
from components.settings.paths import NETWORK

OUTPUT = "natGatewaySku"
"""The stack output: the SKU of the cluster network's NAT gateway."""
_FORMER = NatGatewaySku.STANDARD
"""The SKU of all NAT gateways of earlier versions of this program, which had no such output."""


def warnings(last_outputs: Mapping[str, Any], network: NetworkSettings) -> Iterator[str]:
    """What a changed SKU does to an existing cluster."""
    # After a targeted run that left the gateway out, the output is a placeholder of the engine.
    stored, sku = last_outputs.get(OUTPUT), network.nat_gateway.sku
    before = stored if stored in {*NatGatewaySku} else _FORMER
    if "clusterName" in last_outputs and network.has_nat_gateway and sku != before:
        yield (
            f"{NETWORK}.natGateway.sku: the run replaces the NAT gateway {before} by {sku}: "
            "connections are interrupted, and all outbound addresses are new; docs/egress.md says "
            "how to know and allow them first"
        )
