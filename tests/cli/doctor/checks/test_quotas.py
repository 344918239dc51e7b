"""The checks of quotas."""

from __future__ import annotations

from typing import Any

import pytest

from cli.doctor.checks import capacity, quotas
from cli.doctor.client import Response
from cli.doctor.findings import CheckUnavailable, Result
from cli.doctor.planned_resources import tokens
from tests.cli.doctor.contexts import (
    FakePulumi,
    all_ok,
    context,
    worst,
)


def test_vcpus_are_counted_at_first_and_with_every_pool_at_its_maximum_and_upgraded():
    about = context("pools")
    known = capacity.skus(about)
    needed = quotas.cores(about.settings, known)
    # system D4 3..5 (33 %), apps D8 3..12 (3), batch D8 spot 0..20, fixed E8 3 (33 %), win D8 2..6
    # (33 %), jump box B2s.
    assert needed["standardDDSv5Family"] == quotas.Cores(
        3 * 4 + 3 * 8 + 2 * 8, (5 + 2) * 4 + (12 + 3) * 8 + (6 + 2) * 8
    )
    assert needed["standardEDSv5Family"] == quotas.Cores(3 * 8, (3 + 1) * 8)
    assert needed["lowPriorityCores"] == quotas.Cores(0, 20 * 8)
    assert needed["standardBSFamily"] == quotas.Cores(2, 2)
    regional = ("standardDDSv5Family", "standardEDSv5Family", "standardBSFamily")
    assert needed["cores"] == quotas.Cores(
        sum(needed[one].initial for one in regional), sum(needed[one].maximum for one in regional)
    )


@pytest.mark.parametrize(
    ("cores", "result"), [(26, Result.OK), (25, Result.WARNING), (10, Result.WARNING)]
)
def test_a_quota_below_the_maximum_is_a_warning(cores: int, result: Result):
    assert worst(quotas.compute, context(over={"quotas": {"cores": cores}})).result == result


def test_a_quota_below_the_first_nodes_fails_and_says_by_how_much():
    found = worst(quotas.compute, context(over={"quotas": {"standardDDSv5Family": 7}}))
    assert found.result == Result.FAILED
    assert found.detail.startswith(
        "Standard DDSv5 Family vCPUs: needs 8 initially, 24 at maximum; 7 of 7"
    )
    assert "raise it by 17" in found.remedy


def test_a_spot_quota_is_looked_at_for_spot_pools_only():
    over = {"quotas": {"lowPriorityCores": 0}}
    all_ok(quotas.compute, context("prod", over=over))
    assert "Spot" in worst(quotas.compute, context("pools", over=over)).detail


def test_a_quota_that_is_not_reported_is_no_answer():
    empty = {"Microsoft.Compute/locations/westeurope/usages": Response(200, {"value": []})}
    with pytest.raises(CheckUnavailable, match="reports no quota cores"):
        list(quotas.compute(context(answers=empty)))


MACHINE: dict[str, Any] = {
    "type": "azure-native:compute:VirtualMachine",
    "urn": "urn:pulumi:dev::aks-network::azure-native:compute:VirtualMachine::management-jump-box",
    "id": "/m",
    "outputs": {"hardwareProfile": {"vmSize": "Standard_B2s"}},
}


def test_what_the_stack_holds_already_is_not_asked_for_again():
    pool = {"name": "system", "vmSize": "Standard_D4ds_v5", "count": 3}
    other = {"name": "apps", "vmSize": "Standard_D4ds_v5", "count": 1}
    state = {
        "resources": [
            {
                "type": "azure-native:containerservice:ManagedCluster",
                "id": "/c",
                "outputs": {"agentPoolProfiles": [pool, other]},
            },
            {
                "type": "azure-native:containerservice:AgentPool",
                "id": "/c/agentPools/apps",
                "outputs": other,
            },
            MACHINE,
        ]
    }
    about = context(pulumi=FakePulumi(deployment=state))
    taken = quotas.in_use(about.state.get(), capacity.skus(about))
    assert taken == {"cores": 18, "standardDDSv5Family": 16, "standardBSFamily": 2}


def test_more_networks_than_the_quota_leaves_fail():
    assert "virtual networks 2 of 1000" in all_ok(quotas.network, context())
    found = worst(quotas.network, context(over={"networkQuotas": {"VirtualNetworks": 1}}))
    assert (found.title, found.result) == ("Quota of virtual networks", Result.FAILED)
    assert "raise it by 1" in found.remedy


def _public_addresses(stack: str) -> tuple[int, int]:
    """Public addresses that the program registers, and those that the quota is asked for."""
    over = {"networkQuotas": {"StandardSkuPublicIpAddresses": 0}}
    about = context(stack, over=over)
    found = worst(quotas.network, about)
    assert found.title == "Quota of Standard public addresses"
    return tokens(about.planned.get())["network:PublicIPAddress"], int(found.detail.split()[0])


def test_a_public_address_that_aks_makes_itself_counts():
    registered, asked = _public_addresses("load-balancer")
    assert asked == registered + 1
    registered, asked = _public_addresses("azure-cni")
    assert asked == registered


@pytest.mark.parametrize(("count", "result"), [(1, Result.OK), (20, Result.FAILED)])
def test_every_address_of_a_firewall_counts(count: int, result: Result):
    def several(config: dict[str, Any]) -> None:
        config["aks-network:network"]["firewall"]["publicIpCount"] = count

    about = context("firewall", edit=several, over={"networkQuotas": {"PublicIPAddresses": 20}})
    found = worst(quotas.network, about)
    assert found.result == result
    assert tokens(about.new)["network:PublicIPAddress"] == count + 2, "Bastion, the NAT gateway"
