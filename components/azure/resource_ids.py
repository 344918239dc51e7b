"""What a resource id says: pure, no Pulumi."""

from __future__ import annotations

_PLACES = {"subscription": 2, "group": 4, "network": 8, "table": 8, "subnet": 10}
"""Where the names stand in `/subscriptions/…/resourceGroups/…/providers/…/<type>/…/subnets/…`."""


def part(resource_id: str, name: str) -> str:
    """A name in the id of a virtual network, its subnet or a route table.

    `name`: subscription, group, network, table or subnet.
    """
    return resource_id.split("/")[_PLACES[name]]
