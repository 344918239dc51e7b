"""Flow logs of virtual networks, children of the region's Network Watcher."""

from __future__ import annotations

from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType
from simulator.azure.rules import Refusal, rule
from support import arm_ids


@rule(
    "NsgFlowLogCreationBlocked",
    "network:FlowLog",
    source="Microsoft Learn: azure/network-watcher/nsg-flow-logs-overview",
)
def security_groups_get_no_new_flow_logs(request: Request) -> Refusal | None:
    """Since 2025-06-30 new flow logs can log virtual networks, subnets and interfaces only."""
    target = arm_ids.parse(str(request.inputs.get("targetResourceId")))
    if request.old or not target or not target.type.lower().endswith("/networksecuritygroups"):
        return None
    return Refusal(
        "New flow logs of network security groups are blocked; log the virtual network.",
        "targetResourceId",
    )


def _outputs(request: Request) -> dict[str, Any]:
    return {
        "targetResourceGuid": identifiers.guid(
            str(request.inputs.get("targetResourceId")), "resource"
        )
    }


TYPES = [
    ResourceType(
        "network:FlowLog",
        "2024-05-01",
        seconds=10,
        outputs=_outputs,
    ),
]
