"""Microsoft.Compute: virtual machines and their extensions, disk encryption sets."""

from __future__ import annotations

from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType
from simulator.azure.outputs import CREATED_AT
from simulator.azure.rules import Refusal, rule
from support.nested import at, items

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


@rule("InvalidParameter", _VIRTUAL_MACHINE, source="github.com/Azure/azure-cli/issues/228")
def a_new_machine_lets_its_administrator_sign_in(request: Request) -> Refusal | None:
    """A machine needs a password, or SSH keys where passwords are disabled."""
    profile = at(request.inputs, "osProfile")
    if request.old is not None or not profile:
        return None
    if at(profile, "linuxConfiguration", "disablePasswordAuthentication"):
        if items(profile, "linuxConfiguration", "ssh", "publicKeys"):
            return None
        return Refusal(
            "Authentication using either SSH or by user name and password must be enabled in Linux"
            " profile.",
            "linuxConfiguration",
        )
    if at(profile, "adminPassword"):
        return None
    return Refusal("Required parameter 'adminPassword' is missing (null).", "adminPassword")


_USERS = """administrator admin user user1 test user2 test1 user3 admin1 1 123 a actuser adm admin2
 aspnet backup console david guest john owner root server sql support support_388945a0 sys test2
 test3 user4 user5"""
FORBIDDEN_USERS = frozenset(_USERS.split())
"""User names that Azure refuses, for Linux and for Windows."""


@rule(
    "InvalidParameter",
    _VIRTUAL_MACHINE,
    source="REST: virtualMachines (osProfile), github.com/Azure/azure-cli/issues/582",
)
def an_administrator_has_an_uncommon_name(request: Request) -> Refusal | None:
    """Compute refuses user names that attackers try first."""
    name = str(at(request.inputs, "osProfile", "adminUsername") or "")
    if name.lower() in FORBIDDEN_USERS:
        return Refusal(f"The Admin Username specified is not allowed: {name}.", "adminUsername")
    return None


@rule("BadRequest", _VIRTUAL_MACHINE, source="github.com/pulumi/pulumi-azure/issues/441")
def an_interface_has_one_machine(request: Request) -> Refusal | None:
    """A network interface belongs to one virtual machine."""
    for entry in items(request.inputs, "networkProfile", "networkInterfaces"):
        for other in request.cloud.store.referrers(str(at(entry, "id"))):
            if other.token == _VIRTUAL_MACHINE and other.id.lower() != request.id.lower():
                return Refusal(
                    f"Network interface {at(entry, 'id')} is used by {other.id}.",
                    "networkProfile.networkInterfaces",
                )
    return None


def _machine_outputs(request: Request) -> dict[str, Any]:
    return {"vmId": identifiers.guid(request.id, "vm"), "timeCreated": CREATED_AT}


TYPES = [
    ResourceType(
        "compute:DiskEncryptionSet",
        "2024-03-02",
        replaces=("location",),
        seconds=10,
        outputs=lambda _: {"previousKeys": []},
    ),
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
