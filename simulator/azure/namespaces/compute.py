"""Microsoft.Compute: virtual machines and their extensions."""

from __future__ import annotations

from typing import Any

from simulator.azure import arm
from simulator.azure.catalog import ResourceType
from simulator.azure.outputs import CREATED
from simulator.azure.request import Request

_MACHINE = "Microsoft.Compute/virtualMachines/{vmName}"


def _machine_outputs(request: Request) -> dict[str, Any]:
    return {"vmId": arm.guid(request.id, "vm"), "timeCreated": CREATED}


TYPES = [
    ResourceType(
        "compute:VirtualMachine",
        _MACHINE,
        "2024-11-01",
        replaces=("location",),
        seconds=60,
        outputs=_machine_outputs,
    ),
    ResourceType(
        "compute:VirtualMachineExtension",
        f"{_MACHINE}/extensions/{{vmExtensionName}}",
        "2024-11-01",
        replaces=("location",),
        seconds=60,
    ),
]
