"""The Windows version of node pools: its default, its FIPS image, and that it stays."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pulumi
import pytest

from components.deployment.windows_pools import OUTPUT, find_conflicts
from components.settings import windows_versions
from components.settings.load import configuration
from tests.helpers.mocks import Recording
from tests.helpers.stacks import configuration_of, run_program

Config = dict[str, Any]


def prod(version: str, **windows_pool: str) -> Config:
    config = configuration_of("prod")
    cluster = config["aks-network:cluster"]
    cluster["kubernetesVersion"] = version
    cluster["nodePools"][2].update(windows_pool)
    return config


def without_windows_pool(config: Config) -> Config:
    del config["aks-network:cluster"]["nodePools"][2]
    return config


def conflicts(config: Config, last_outputs: dict[str, Any]) -> dict[str, str]:
    settings = configuration(config).settings.cluster
    return {found.path: str(found) for found in find_conflicts(last_outputs, settings)}


def windows_pool(recording: Recording) -> Config:
    pools = {r.inputs["agentPoolName"]: r for r in recording.of_type("containerservice:AgentPool")}
    return pools["win"].inputs


@pytest.mark.parametrize(
    ("version", "sku", "fips"), [("1.36", "Windows2022", None), ("1.37", "Windows2025", True)]
)
def test_a_pool_without_a_windows_version_gets_that_of_its_kubernetes_version(
    version: str, sku: str, *, fips: bool | None
):
    stored: Config = {}

    def export(key: str, value: Any) -> None:
        if key == OUTPUT:
            pulumi.Output.all(**value).apply(stored.update)

    with mock.patch("pulumi.export", export):
        inputs = windows_pool(run_program(prod(version)))
    assert (inputs["osSKU"], inputs.get("enableFIPS")) == (sku, fips)
    assert stored == {"win": sku}


def test_a_pool_of_windows_server_2025_runs_beside_linux_pools_that_have_no_fips_image():
    recording = run_program(prod("1.35", osSku="Windows2025"))
    pools = {r.inputs["agentPoolName"]: r for r in recording.of_type("containerservice:AgentPool")}
    assert windows_pool(recording)["osSKU"] == "Windows2025"
    assert windows_pool(recording)["enableFIPS"] is True
    assert "enableFIPS" not in pools["apps"].inputs


@pytest.mark.parametrize(
    ("config", "warned"),
    [
        (prod("1.36"), True),
        (prod("1.36", osSku="Windows2025"), False),
        (prod("1.37"), False),
        (configuration_of("dev"), False),
    ],
    ids=["2022", "2025", "1.37", "dev"],
)
def test_only_a_pool_of_windows_server_2022_retires(config: Config, *, warned: bool):
    warnings = [text for text in configuration(config).warnings if "Windows Server 2022" in text]
    assert bool(warnings) is warned
    assert all("2028-06-30" in text and "osSku: Windows2025" in text for text in warnings)


@pytest.mark.parametrize("minor", range(25, 45))
def test_the_default_runs_on_its_kubernetes_version_and_changes_only_where_it_must(minor: int):
    sku = windows_versions.default(minor)
    assert windows_versions.WINDOWS_VERSIONS[sku].runs_on(minor)
    following = windows_versions.default(minor + 1)
    if following != sku:
        assert not windows_versions.WINDOWS_VERSIONS[sku].runs_on(minor + 1)


def test_an_upgrade_does_not_change_the_windows_version_of_a_pool():
    found = conflicts(prod("1.37"), {OUTPUT: {"win": "Windows2022"}})
    (text,) = found.values()
    assert text.startswith(
        "aks-network:cluster.nodePools[2].osSku: Windows2025 — must stay Windows2022"
    )
    assert text.partition("existing pool — ")[2].startswith("add a pool with osSku: Windows2025")


@pytest.mark.parametrize(("old", "new"), [("2022", "2025"), ("2025", "2022")])
def test_a_windows_version_that_is_edited_is_refused(old: str, new: str):
    config = prod("1.36", osSku=f"Windows{new}")
    last = {OUTPUT: {"win": f"Windows{old}"}}
    found = conflicts(config, last)
    assert list(found) == ["aks-network:cluster.nodePools[2].osSku"]
    assert f"use osSku: Windows{old}, or add a pool" in str(found)


def test_a_pool_is_removed_in_a_run_before_the_upgrade():
    last = {OUTPUT: {"win": "Windows2022", "win25": "Windows2025"}}
    found = conflicts(without_windows_pool(prod("1.37")), last)
    assert list(found) == ["aks-network:cluster.kubernetesVersion"]
    assert "must be 1.36 in the run that removes the Windows pool win:" in str(found)
    assert conflicts(without_windows_pool(prod("1.36")), last) == {}


def test_a_stack_of_an_earlier_version_is_known_to_have_windows_server_2022():
    last = {"clusterName": "aks-shop"}
    assert list(conflicts(prod("1.37"), last)) == ["aks-network:cluster.nodePools[2].osSku"]
    edited = prod("1.36", osSku="Windows2025")
    assert list(conflicts(edited, last)) == ["aks-network:cluster.nodePools[2].osSku"]
    assert conflicts(prod("1.36"), last) == {}


@pytest.mark.parametrize("last", [{}, {OUTPUT: {}}, {OUTPUT: {"win": "Windows2025"}}])
def test_new_pools_and_pools_of_the_same_version_are_no_conflict(last: dict[str, Any]):
    assert conflicts(prod("1.37"), last) == {}


def test_nothing_is_registered_when_azure_would_refuse_the_change():
    outputs = {"clusterName": "aks-shop", OUTPUT: {"win": "Windows2022"}}
    with (
        mock.patch("components.deployment.stack_outputs.last_outputs", return_value=outputs),
        pytest.raises(pulumi.RunError, match="nothing was registered"),
    ):
        run_program(prod("1.37"))
