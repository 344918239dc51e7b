"""Virtual machines: what stays as they were created."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.simulator.landscape import interface

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


LINUX = {"disablePasswordAuthentication": True}


@pytest.mark.parametrize(
    ("profile", "target"),
    [
        ({"linuxConfiguration": LINUX}, "linuxConfiguration"),
        ({"linuxConfiguration": LINUX, "adminPassword": "Throw-away-1"}, "linuxConfiguration"),
        ({"linuxConfiguration": {"ssh": {"publicKeys": [{"keyData": "a"}]}}}, "adminPassword"),
        ({"windowsConfiguration": {}}, "adminPassword"),
        ({}, "adminPassword"),
    ],
)
def test_a_machine_that_nobody_could_sign_in_to_is_refused(azure, profile, target):
    """Rule: a_new_machine_lets_its_administrator_sign_in."""
    inputs = {**INPUTS, "osProfile": {"adminUsername": "azureops", **profile}}
    error = azure.refused(MACHINE, **inputs)
    assert (error.code, error.target) == ("InvalidParameter", target)


@pytest.mark.parametrize("profile", [None, {"adminPassword": "Throw-away-1"}])
def test_a_machine_with_a_password_or_from_a_disk_is_accepted(azure, profile):
    given = {key: value for key, value in INPUTS.items() if key != "osProfile"}
    assert azure.put(MACHINE, **given, **({"osProfile": profile} if profile else {}))


@pytest.mark.parametrize("user", ["admin", "Root", "user1"])
def test_a_user_name_that_everybody_guesses_is_refused(azure, user):
    """Rule: an_administrator_has_an_uncommon_name."""
    inputs = {**INPUTS, "osProfile": {**INPUTS["osProfile"], "adminUsername": user}}
    error = azure.refused(MACHINE, **inputs)
    assert (error.code, error.target) == ("InvalidParameter", "adminUsername")


def test_an_interface_of_another_machine_is_refused(azure):
    """Rule: an_interface_has_one_machine."""
    azure.network()
    card = azure.put(**interface(azure.subnet("s", "10.0.0.0/24")))
    attached = {"networkProfile": {"networkInterfaces": [{"id": card.id}]}}
    assert azure.put(MACHINE, **INPUTS, **attached)
    assert azure.put(MACHINE, **INPUTS, **attached, tags={"a": "b"})
    error = azure.refused(MACHINE, **{**INPUTS, "vmName": "other"}, **attached)
    assert (error.code, error.target) == ("BadRequest", "networkProfile.networkInterfaces")
