"""Virtual machines: what stays as they were created."""

from __future__ import annotations

import copy
from typing import Any

import pytest

MACHINE = "compute:VirtualMachine"
INPUTS: dict[str, Any] = {
    "vmName": "vm",
    "zones": ["1"],
    "hardwareProfile": {"vmSize": "Standard_B2s"},
    "osProfile": {
        "computerName": "jump-box",
        "adminUsername": "azureops",
        "customData": "YQ==",
        "linuxConfiguration": {
            "disablePasswordAuthentication": True,
            "ssh": {
                "publicKeys": [{"path": "/home/azureops/.ssh/authorized_keys", "keyData": "a"}]
            },
        },
    },
    "storageProfile": {
        "imageReference": {"publisher": "Canonical", "offer": "o", "sku": "s", "version": "latest"},
        "osDisk": {"name": "disk", "createOption": "FromImage"},
    },
}


@pytest.mark.parametrize(
    ("path", "value", "target"),
    [
        ("osProfile.linuxConfiguration.ssh.publicKeys", [], "linuxConfiguration.ssh.publicKeys"),
        (
            "osProfile.linuxConfiguration.disablePasswordAuthentication",
            False,
            "linuxConfiguration.disablePasswordAuthentication",
        ),
        ("osProfile.computerName", "other", "computerName"),
        ("osProfile.customData", "Yg==", "customData"),
        ("storageProfile.imageReference.sku", "t", "imageReference"),
        ("storageProfile.osDisk.name", "other", "osDisk.name"),
        ("storageProfile.osDisk.createOption", "Attach", "osDisk.createOption"),
        ("zones", ["2"], "zones"),
    ],
)
def test_what_a_machine_was_created_with_stays(azure, path: str, value: Any, target: str):
    azure.put(MACHINE, **INPUTS)
    changed = copy.deepcopy(INPUTS)
    *parents, last = path.split(".")
    place = changed
    for key in parents:
        place = place[key]
    place[last] = value
    error = azure.refused(MACHINE, **changed)
    assert (error.status, error.code) == (409, "PropertyChangeNotAllowed")
    assert error.target == target


def test_the_size_of_a_machine_changes(azure):
    azure.put(MACHINE, **INPUTS)
    larger = {**INPUTS, "hardwareProfile": {"vmSize": "Standard_B4ms"}}
    assert azure.put(MACHINE, **larger).outputs["hardwareProfile"] == larger["hardwareProfile"]
