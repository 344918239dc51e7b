"""A state from before a component or an output was renamed: it moves over without a replacement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from components.deployment.protected_settings import FORMER_OUTPUT, OUTPUT
from components.ingress.dns_and_key_vault import DnsAndKeyVault
from components.network.existing_management_network import ExistingManagementNetwork
from support.repository import ROOT
from tests.engine.harness import Deployment

STACK = ROOT / "examples" / "byo-hub.yaml"


def with_former_names(state: str) -> str:
    """The exported state with the names of an earlier version."""
    for component in (DnsAndKeyVault, ExistingManagementNetwork):
        (former,) = component.FORMER_NAMES
        present = f"aks-network:index:{component.__name__}"
        assert present in state
        state = state.replace(present, f"aks-network:index:{former}")
    assert f'"{OUTPUT}"' in state
    return state.replace(f'"{OUTPUT}"', f'"{FORMER_OUTPUT}"')


def test_a_state_with_former_names_moves_over_without_a_replacement(
    deploy_file: Callable[[Path], Deployment], tmp_path: Path
):
    deployment = deploy_file(STACK)
    deployment.change({"aks-network:protect": True})
    deployment.up()
    ids = {item.id for item in deployment.resources()}
    exported = deployment.run("stack export")
    assert exported.status == 0, exported.text
    file = tmp_path / "state.json"
    file.write_text(with_former_names(exported.stdout))
    imported = deployment.run("stack import", "--file", str(file))
    assert imported.status == 0, imported.text

    assert FORMER_OUTPUT in deployment.outputs()
    assert deployment.steps() == [], "every resource is found under its alias"

    deployment.change({"aks-network:workload": "store"})
    refused = deployment.refused("preview")
    assert "aks-network:workload: store — must keep shop" in refused.text
    deployment.change({"aks-network:workload": "shop"})

    deployment.up()
    deployment.expect_no_changes()
    assert {item.id for item in deployment.resources()} == ids
    assert OUTPUT in deployment.outputs()
    assert FORMER_OUTPUT not in deployment.outputs()
    former = {name for c in (DnsAndKeyVault, ExistingManagementNetwork) for name in c.FORMER_NAMES}
    types = {resource["type"] for resource in deployment.state()}
    assert not types & {f"aks-network:index:{name}" for name in former}
