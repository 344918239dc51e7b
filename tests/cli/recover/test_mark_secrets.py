"""Secrets of what recovery adopts are marked in the state."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from cli.recover.mark_secrets import SECRET, SIGNATURE, mark_secrets, secret_paths

URN = "urn:pulumi:dev::aks-network::azure-native:network:Connection::connection"
ENCRYPTED = {SIGNATURE: SECRET, "ciphertext": "v1:abc"}


def marked(text: str) -> dict[str, str]:
    return {SIGNATURE: SECRET, "plaintext": text}


def exported(inputs: Any, outputs: Any) -> dict[str, Any]:
    return {
        "version": 3,
        "deployment": {
            "resources": [
                {"urn": f"{URN}-stack", "type": "pulumi:pulumi:Stack"},
                {"urn": URN, "type": "t", "inputs": inputs, "outputs": outputs},
            ]
        },
    }


def test_secrets_are_found_in_a_state_and_in_a_preview():
    inputs = {
        "key": ENCRYPTED,
        "profile": {"user": "azureuser", "password": "[secret]"},
        "certificates": [{"name": "tls"}, {"data": ENCRYPTED}],
    }
    assert list(secret_paths(inputs)) == [
        ("key",), ("profile", "password"), ("certificates", 1, "data"),
    ]  # fmt: skip


def test_without_secrets_none_is_found():
    assert list(secret_paths({"tags": {"a": "secret"}, "list": [1, None]})) == []


def test_what_stands_in_the_clear_is_marked_in_inputs_and_outputs():
    inputs = {"key": "k", "list": [{"data": {"a": 1}}], "user": "u"}
    paths = {URN: [("key",), ("list", 0, "data")]}
    result = mark_secrets(exported(inputs, {"key": "k", "state": "Succeeded"}), paths)
    assert result == exported(
        {"key": marked('"k"'), "list": [{"data": marked('{"a": 1}')}], "user": "u"},
        {"key": marked('"k"'), "state": "Succeeded"},
    )


def test_what_the_cloud_does_not_tell_needs_no_mark():
    before = exported({"user": "u"}, {"profile": None})
    paths = {URN: [("key",), ("profile", "password"), ("list", 3, "data")]}
    assert mark_secrets(before, paths) is None


def test_what_is_marked_stays_as_it_is():
    before = exported({"key": ENCRYPTED, "profile": ENCRYPTED}, {"key": ENCRYPTED})
    assert mark_secrets(before, {URN: [("key",), ("profile", "password")]}) is None


def test_other_resources_and_what_was_given_are_left_alone():
    before = exported({"key": "k"}, {"key": "k"})
    copy = deepcopy(before)
    assert mark_secrets(before, {f"{URN}-other": [("key",)]}) is None
    assert mark_secrets(before, {URN: [("key",)]}) != before
    assert before == copy
