"""Fixtures: what other teams own in the simulated cloud before a stack is deployed.

An example that uses another team's network has a file `<stack>.cloud.yaml` beside it: a list of
rows `{token, inputs}` in the order in which that team creates them, with `subscription` where it is
not the stack's. A certificate of a key vault is the token `keyvault:Certificate`, with `vaultName`,
`certificateName`, and the `contentType` of its secret. A row `{conditions: {…}}` describes the
stack's subscription, such as its quotas and permissions, which `make doctor` checks
(docs/simulator.md).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from cli.console import Failure
from simulator.azure.cloud import Cloud
from simulator.azure.namespaces import keyvault, vault_secrets


def fixture_of(stack_file: Path) -> Path:
    """The file of the stack file's fixture; it need not exist."""
    return stack_file.with_suffix(".cloud.yaml")


def load_fixture(cloud: Cloud, fixture: Path) -> None:
    """Create everything in `fixture` that the cloud lacks; nothing when there is no such file.

    Raises `Failure` where the simulated Azure refuses a resource.
    """
    for row in _rows(fixture):
        if "conditions" in row:
            continue
        token, inputs = row["token"], row["inputs"]
        subscription = row.get("subscription", cloud.subscription)
        owner = Cloud(cloud.store, subscription=subscription)
        if token == vault_secrets.CERTIFICATE:
            _put_certificate(owner, fixture, inputs)
            continue
        if owner.get(owner.id_of(token, inputs)) is None:
            try:
                owner.put(token, inputs)
            except Exception as error:
                raise Failure(f"{fixture.name}: {token}: {error}") from error


def _put_certificate(cloud: Cloud, fixture: Path, row: dict[str, Any]) -> None:
    """Azure Resource Manager has no certificates: their owner imports them into the vault."""
    vault = keyvault.find_vault(cloud, row["vaultName"])
    if vault is None:
        raise Failure(f"{fixture.name}: the vault of a certificate must come before it")
    name = row["certificateName"]
    if cloud.get(f"{vault.id}/certificates/{name}") is None:
        vault_secrets.put_certificate(cloud, vault, name, row["contentType"])


def conditions(fixture: Path) -> list[dict[str, Any]]:
    """The `conditions` of a fixture; empty when there is no such file."""
    return [row["conditions"] for row in _rows(fixture) if "conditions" in row]


def _rows(fixture: Path) -> list[dict[str, Any]]:
    return yaml.safe_load(fixture.read_text()) if fixture.exists() else []
