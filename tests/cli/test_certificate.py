"""`make certificate`: a self-signed certificate as the secret of a stack of the user's own."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from cli import certificate
from cli.workspace import AzureWorkspace
from components.settings.pfx import read_pfx

PATH = "aks-network:ingress.waf.certificate.pfx"
CONFIG = {
    "aks-network:ingress": {"waf": {"mode": "Prevention"}},
    "aks-network:kubernetes": {"applications": [{"host": "a.example"}, {"host": "b.example"}]},
}
PULUMI = """#!/bin/sh
printf '%s\\n' "$@" > {directory}/line
cat > {directory}/secret
exit {status}
"""


class Stack:
    """A stack file, and a program in place of Pulumi that keeps what it is given."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.directory = directory
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(certificate, "ROOT", directory)
        self.commit(CONFIG)
        self.answer(0)

    def commit(self, config: dict[str, object]) -> None:
        (self.directory / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))

    def answer(self, status: int) -> None:
        program = self.directory / "pulumi"
        program.write_text(PULUMI.format(directory=self.directory, status=status))
        program.chmod(0o755)

        class Engine:
            pulumi = program
            directory = self.directory

        place = AzureWorkspace(Engine())  # pyright: ignore[reportArgumentType]
        self._monkeypatch.setattr(certificate, "workspace", lambda _: place)

    @property
    def line(self) -> list[str]:
        return (self.directory / "line").read_text().splitlines()

    @property
    def secret(self) -> str:
        return (self.directory / "secret").read_text()


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    return Stack(tmp_path, monkeypatch)


def test_the_certificate_is_for_every_host_and_is_no_argument_of_a_command(stack: Stack):
    assert certificate.main(["--days", "30"]) == 0
    assert stack.line == ["config", "set", "--stack", "dev", "--secret", "--path", PATH]
    made = read_pfx(stack.secret)
    assert made.names == ("a.example", "b.example")
    assert len(made.roots) == 1
    archive = pkcs12.load_key_and_certificates(base64.b64decode(stack.secret), None)
    assert archive[1] is not None
    lifetime = archive[1].not_valid_after_utc - archive[1].not_valid_before_utc
    assert lifetime.days == 30
    basic = archive[1].extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.value.ca


def test_a_certificate_that_the_stack_has_is_not_replaced_unasked(stack: Stack, capsys):
    waf = {"certificate": {"pfx": {"secure": "v1:real"}}}
    stack.commit({**CONFIG, "aks-network:ingress": {"waf": waf}})
    assert certificate.main([]) == 1
    assert "use --replace" in "".join(capsys.readouterr())
    assert not (stack.directory / "line").exists()
    assert certificate.main(["--replace"]) == 0
    assert read_pfx(stack.secret).names == ("a.example", "b.example")


@pytest.mark.parametrize(
    "ingress",
    [
        {"waf": "none"},
        {"waf": {"certificate": {"secretId": "https://kv.vault.azure.net/secrets/shop"}}},
        {"controller": "application-gateway-for-containers", "waf": {}},
    ],
)
def test_a_stack_without_a_use_for_it_is_said_to_be_one(stack: Stack, capsys, ingress):
    stack.commit({**CONFIG, "aks-network:ingress": ingress})
    assert certificate.main([]) == 1
    assert "must have an Application Gateway" in "".join(capsys.readouterr())


def test_what_pulumi_refuses_is_reported(stack: Stack, capsys):
    stack.answer(3)
    assert certificate.main([]) == 1
    assert "config set" in "".join(capsys.readouterr())
