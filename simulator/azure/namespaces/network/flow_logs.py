"""Flow logs of virtual networks, kept by Network Watcher."""

from __future__ import annotations

from typing import Any

from simulator.azure import arm
from simulator.azure.catalog import ResourceType
from simulator.azure.request import Request


def _outputs(request: Request) -> dict[str, Any]:
    return {"targetResourceGuid": arm.guid(str(request.inputs.get("targetResourceId")), "resource")}


TYPES = [
    ResourceType(
        "network:FlowLog",
        "Microsoft.Network/networkWatchers/{networkWatcherName}/flowLogs/{flowLogName}",
        "2024-05-01",
        seconds=10,
        outputs=_outputs,
    ),
]
