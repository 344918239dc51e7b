"""Microsoft.Compute: virtual machines and their extensions."""

from __future__ import annotations

from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType
from simulator.azure.outputs import CREATED_AT
from simulator.azure.rules import Refusal, rule
from support.nested import at

_VIRTUAL_MACHINE = "compute:VirtualMachine"
IMMUTABLE = (
    "osProfile.computerName",  # pulumi/pulumi-azure-native#577
    "osProfile.customData",  # Azure/azure-sdk-for-node#2297
    "osProfile.linuxConfiguration.ssh.publicKeys",  # Azure/azure-cli#11840
    "osProfile.linuxConfiguration.disablePasswordAuthentication",  # Azure/bicep#15273
    "storageProfile.imageReference",  # pulumi/pulumi-azure-native#1117
    "storageProfile.osDisk.name",  # hashicorp/terraform-provider-azurerm#16323
    "storageProfile.osDisk.createOption",  # Azure/azure-powershell#7621
    "zones",  # hashicorp/terraform-provider-azurerm#3277
)
"""Properties that cannot change after the creation, each with a thread that shows the refusal."""


@rule(
    "PropertyChangeNotAllowed",
    _VIRTUAL_MACHINE,
    source="github.com/Azure/azure-cli/issues/11840",
    status=409,
)
def a_machine_keeps_what_it_was_created_with(request: Request) -> Refusal | None:
    """The properties in `IMMUTABLE` cannot change, nor does azure-native replace the VM."""
    if request.old is None:
        return None
    for path in IMMUTABLE:
        keys = path.split(".")
        new = at(request.inputs, *keys)
        if new is not None and at(request.old.inputs, *keys) != new:
            target = path.removeprefix("osProfile.").removeprefix("storageProfile.")
            return Refusal(f"Changing property '{target}' is not allowed.", target)
    return None


def _machine_outputs(request: Request) -> dict[str, Any]:
    return {"vmId": identifiers.guid(request.id, "vm"), "timeCreated": CREATED_AT}


TYPES = [
    ResourceType(
        _VIRTUAL_MACHINE,
        "2024-11-01",
        replaces=("location",),
        seconds=60,
        outputs=_machine_outputs,
    ),
    ResourceType(
        "compute:VirtualMachineExtension",
        "2024-11-01",
        replaces=("location",),
        seconds=60,
    ),
]
