"""States to draw: a stack's own, and one of a hub with several clusters made from it."""

from __future__ import annotations

import json
from typing import Any

from cli import stack_file
from tests.analysis.reachability.states import Resources, as_state, state_of
from tests.helpers.stacks import ROOT, recorded_file

HUB = "shop-prod-westeurope-management"
TEAMS = 3


def state_of_a_hub_with_clusters() -> Resources:
    """The stack prod, and three times its cluster network again behind the same hub.

    About three hundred resources.
    """
    own = state_of("prod")
    return own + [_of_team(item, number) for number in range(1, TEAMS + 1) for item in own
                  if not _is_hubs(item)]  # fmt: skip


def state_of_example(name: str) -> Resources:
    file = stack_file.committed_file(name, ROOT)
    return as_state(recorded_file(file))


def _is_hubs(item: dict[str, Any]) -> bool:
    if item["type"].endswith((":VirtualNetworkPeering", ":VirtualNetworkLink")):
        return False
    below = item["id"].partition("/providers/")[2].lower()
    return any(part in below for part in ("management", "jump-box", "bastion", "networkwatcher"))


def _of_team(item: dict[str, Any], number: int) -> dict[str, Any]:
    text = json.dumps(item)
    for old, new in (
        (f"{HUB}/virtualNetworkPeerings/peer-", f"@hub/virtualNetworkPeerings/peer{number}-"),
        (HUB, "@hub"),
        ("shop-prod", f"team{number}-prod"),
        ("10.40.", f"10.{40 + number}."),
        ("routing-kv", f"routing-kv-{number}"),
        ("myapp.com", f"team{number}.example.com"),
        ("@hub", HUB),
    ):
        text = text.replace(old, new)
    return json.loads(text)
