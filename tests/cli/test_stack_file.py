from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import load_ssh_public_key, pkcs12
from cryptography.x509 import DNSName, SubjectAlternativeName

from cli import stack_file
from cli.console import Failure
from cli.operator_values import OPERATOR_VALUES
from cli.self_signed import hosts_of, make_certificate
from cli.simulated.placeholder_values import (
    MAKERS,
    arguments,
    make_password,
    make_ssh_public_key,
)

PFX = "aks-network:ingress.waf.certificate.pfx"
PASSWORD = "aks-network:cluster.windows.adminPassword"
SSH_KEY = "aks-network:management.jumpBox.sshPublicKey"
SHARED_KEY = "aks-network:management.gateway.sharedKey"

SALT = {"encryptionsalt": "v1:salt"}


class Files:
    def __init__(self, directory: Path) -> None:
        self.committed = directory / "Pulumi.dev.yaml"
        self.local = directory / "local" / "Pulumi.dev.yaml"

    def commit(self, config: dict[str, Any], **rest: str) -> None:
        self.committed.write_text(yaml.safe_dump({**rest, "config": config}))

    def run(self) -> set[str]:
        return {item.path for item in stack_file.refresh(self.committed, self.local)}

    def read(self) -> dict[str, Any]:
        return yaml.safe_load(self.local.read_text())

    def write(self, document: dict[str, Any]) -> None:
        self.local.parent.mkdir(exist_ok=True)
        self.local.write_text(yaml.safe_dump(document))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        ({}, set()),
        ({"aks-network:management": {"addressSpace": "10.0.0.0/24"}}, {SSH_KEY}),
        ({"aks-network:management": {"gateway": {"kind": "vpn"}}}, {SSH_KEY, SHARED_KEY}),
        ({"aks-network:management": {"jumpBox": {"sshPublicKey": "ssh-ed25519 AAAA"}}}, set()),
        ({"aks-network:ingress": {"waf": {"mode": "Prevention"}}}, {PFX}),
        ({"aks-network:ingress": {"waf": {"certificate": {"secretId": "https://x"}}}}, set()),
        ({"aks-network:ingress": {"waf": {"external": {"sourceRanges": []}}}}, set()),
        ({"aks-network:ingress": {"waf": "none"}}, set()),
        ({"aks-network:cluster": {"nodePools": [{"name": "a", "os": "Linux"}]}}, set()),
        ({"aks-network:cluster": {"nodePools": [{"name": "a", "os": "Windows"}]}}, {PASSWORD}),
    ],
)
def test_values_are_made_up_for_the_settings_that_need_them(
    files: Files, config: dict[str, Any], wanted: set[str]
):
    files.commit(config)
    assert files.run() == wanted


def test_every_value_of_an_operator_is_needed_by_some_stack_and_can_be_made_up():
    config = {
        "aks-network:management": {"gateway": {"kind": "vpn"}},
        "aks-network:ingress": {"waf": {}},
        "aks-network:cluster": {
            "nodePools": [{"os": "Windows"}],
            "identity": {"kind": "servicePrincipal"},
        },
    }
    assert [item.path for item in OPERATOR_VALUES if not item.is_needed(config)] == []
    assert set(MAKERS) == {item.path for item in OPERATOR_VALUES}


def test_made_up_values_and_their_salt_stay_from_run_to_run(files: Files):
    files.commit({"aks-network:management": {"gateway": {"kind": "vpn"}}})
    files.run()
    document = files.read()
    document["config"]["aks-network:management"]["jumpBox"] = {"sshPublicKey": "ssh-ed25519 A"}
    document["config"]["aks-network:management"]["gateway"]["sharedKey"] = {"secure": "v1:x"}
    files.write({**document, **SALT})

    assert files.run() == set()
    assert files.read() == {**document, **SALT}


def test_a_change_of_the_committed_file_reaches_the_local_copy(files: Files):
    files.commit({"azure-native:location": "westeurope"})
    files.run()
    files.write({**files.read(), **SALT})
    files.commit({"azure-native:location": "northeurope"})
    files.run()
    assert files.read() == {"config": {"azure-native:location": "northeurope"}, **SALT}


def test_the_local_copy_keeps_its_own_secrets_provider(files: Files):
    own = {"secretsprovider": "hashivault://mine", "encryptedkey": "bWluZQ=="}
    made_up = {"aks-network:ingress": {"waf": {"certificate": {"pfx": {"secure": "made up"}}}}}
    files.write({"config": made_up, **own})
    files.commit(
        {"aks-network:ingress": {"waf": {"certificate": {}}}},
        encryptedkey="AAAA",
        secretsprovider="azurekeyvault://real",
    )
    assert files.run() == set()
    assert files.read() == {"config": made_up, **own}


def test_an_operators_secret_is_replaced_because_only_the_operator_can_decrypt_it(files: Files):
    files.commit(
        {"aks-network:ingress": {"waf": {"certificate": {"pfx": {"secure": "v1:real"}}}}},
        encryptedkey="AAAA",
        secretsprovider="azurekeyvault://real",
    )
    assert files.run() == {PFX}
    assert files.read() == {"config": {"aks-network:ingress": {"waf": {"certificate": {}}}}}


def test_a_secret_without_a_placeholder_is_named(files: Files):
    files.commit({"aks-network:tags": [{"token": {"secure": "v1:real"}}]})
    with pytest.raises(Failure, match=r"aks-network:tags\.0\.token"):
        files.run()


def test_settings_of_a_wrong_shape_are_left_for_the_program_to_report(files: Files):
    config = {"aks-network:ingress": {"waf": {"certificate": "oops"}}}
    files.commit(config)
    assert files.run() == set()
    assert files.read() == {"config": config}


def test_an_unknown_stack_is_answered_with_the_known_ones(files: Files, tmp_path: Path):
    files.commit({})
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "vpn.yaml").write_text("config: {}")
    (tmp_path / "examples" / "vpn.cloud.yaml").write_text("[]")
    with pytest.raises(Failure, match=r"no stack nope; the stacks are dev; the examples are vpn$"):
        stack_file.committed_file("nope", files.committed.parent)
    assert stack_file.committed_file("vpn", files.committed.parent).parent.name == "examples"


@pytest.mark.parametrize("text", ["- a", "config: 3"])
def test_what_is_no_stack_file_is_named(files: Files, text: str):
    files.committed.write_text(text)
    with pytest.raises(Failure, match=r"Pulumi\.dev\.yaml: must be a stack file"):
        files.run()


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        ("config: {a: 1", "line 1, column 14", "closing bracket"),
        ("config:\n  a: b: c\n", "line 2, column 7", "quotes around a value with a colon"),
        ("config:\n\ta: 1\n", "line 2, column 1", "spaces instead of the tab"),
        ("config:\n  a: 'x\n", "line 3, column 1", "closing quote"),
        ("config:\n  a: {x: 1,\n  b: 2\nd: 3\n", "line 4, column 2", "begins in line 2"),
        ("config:\n  a: 1\n  a: 2\n", "line 3, column 3", "remove one of the two"),
        ("config:\n  a: 1\n  b\n", "line 4, column 1", "colon"),
        ("config:\n  a: \0\n", "line 2", "remove the character"),
    ],
)
def test_what_is_no_yaml_is_named_by_line(files: Files, text: str, place: str, remedy: str):
    files.committed.write_text(text)
    with pytest.raises(Failure) as error:
        files.run()
    said = str(error.value)
    assert f"Pulumi.dev.yaml, {place}: must be YAML: " in said
    assert remedy in said
    assert "unicode string" not in said


def test_the_values_are_set_in_one_command_and_secrets_as_secrets(files: Files):
    files.commit(
        {
            "aks-network:management": {},
            "aks-network:ingress": {"waf": {}},
            "aks-network:kubernetes": {"applications": [{"host": "myapp.com"}]},
        }
    )
    missing = stack_file.refresh(files.committed, files.local)

    first, *rest = arguments(missing, files.read()["config"])

    assert first == "--path"
    made = {
        value.partition("=")[0]: (kind, value.partition("=")[2])
        for kind, value in zip(rest[::2], rest[1::2], strict=True)
    }
    assert {path: kind for path, (kind, _) in made.items()} == {
        PFX: "--secret",
        SSH_KEY: "--plaintext",
    }
    assert _hosts(made[PFX][1]) == ["myapp.com"]


def _hosts(pfx: str) -> list[str]:
    archive = pkcs12.load_key_and_certificates(base64.b64decode(pfx), None)
    assert archive[0] is not None
    assert archive[1] is not None
    names = archive[1].extensions.get_extension_for_class(SubjectAlternativeName)
    return names.value.get_values_for_type(DNSName)


def test_a_certificate_holds_its_key_and_names_every_host():
    hosts = ["shop.example.com", "*.example.org"]
    assert _hosts(make_certificate(hosts, timedelta(days=1))) == hosts


@pytest.mark.parametrize(
    ("config", "hosts"),
    [
        ({}, ("localhost",)),
        ({"aks-network:ingress": {"publicDnsZones": ["a.example"]}}, ("a.example",)),
        (
            {
                "aks-network:ingress": {"publicDnsZones": ["a.example"]},
                "aks-network:kubernetes": {
                    "applications": [
                        {"host": "b.example", "services": [{"host": "c.example"}, {}]},
                        {"host": "b.example"},
                        {"host": "not a name"},
                        {"host": 5},
                    ]
                },
            },
            ("b.example", "c.example"),
        ),
    ],
)
def test_a_made_up_certificate_is_for_every_host_of_the_stack(config, hosts):
    assert hosts_of(config) == hosts
    assert _hosts(MAKERS[PFX](config)) == list(hosts)


def test_an_ssh_key_is_one_that_openssh_reads():
    assert load_ssh_public_key(make_ssh_public_key().encode())


def test_a_password_meets_the_complexity_that_windows_asks_for():
    password = make_password()
    assert 12 <= len(password) <= 72
    assert any(letter.islower() for letter in password)
    assert any(letter.isupper() for letter in password)
    assert any(letter.isdigit() for letter in password)
    assert "-" in password
