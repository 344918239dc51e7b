"""The checks of what the region offers."""

from __future__ import annotations

from typing import Any

import pytest

from cli.doctor.checks import capacity
from cli.doctor.client import Response
from cli.doctor.findings import CheckUnavailable, Result
from tests.cli.doctor.contexts import (
    all_ok,
    context,
    worst,
)


def test_a_region_that_the_subscription_does_not_have_fails():
    all_ok(capacity.region, context())
    elsewhere = {"/locations": Response(200, {"value": [{"name": "northeurope"}]})}
    found = worst(capacity.region, context(answers=elsewhere))
    assert "westeurope" in found.detail


def test_zones_in_a_region_without_any_fail():
    assert "1, 2, 3" in all_ok(capacity.zones, context("prod"))
    assert "names none" in all_ok(capacity.zones, context())
    over = {"regions": {"westeurope": {"zones": []}}}
    assert "has no zones" in worst(capacity.zones, context("prod", over=over)).detail
    over = {"regions": {"westeurope": {"zones": ["1", "2"]}}}
    assert "no zone 3" in worst(capacity.zones, context("prod", over=over)).detail


@pytest.mark.parametrize("stack", ["dev", "prod", "pools"])
def test_the_sizes_of_the_stacks_can_be_had(stack: str):
    all_ok(capacity.sizes, context(stack))


def _size(config: dict[str, Any]) -> None:
    config["aks-network:cluster"]["nodePools"][0]["vmSize"] = "Standard_Z9"


@pytest.mark.parametrize(
    ("restrictions", "says"),
    [
        ({"Standard_D8ds_v5": ["westeurope"]}, "this subscription may not use"),
        ({"Standard_D8ds_v5": {"westeurope": ["2"]}}, "only in zones 1, 3, not in 2"),
        ({"Standard_D8ds_v5": {"westeurope": ["1", "2", "3"]}}, "in no zone"),
        ({"Standard_B2s": {"westeurope": ["1"]}}, "Standard_B2s only in zones 2, 3"),
    ],
)
def test_a_size_that_is_restricted_fails(restrictions: dict[str, Any], says: str):
    about = context("prod", over={"restrictions": restrictions})
    assert says in worst(capacity.sizes, about).detail


def test_a_restriction_elsewhere_does_not_matter():
    over = {"restrictions": {"Standard_D8ds_v5": ["eastus"]}}
    all_ok(capacity.sizes, context("prod", over=over))


def test_a_size_that_the_region_does_not_have_fails():
    assert "has no size Standard_Z9" in worst(capacity.sizes, context(edit=_size)).detail


def test_a_size_that_can_not_be_spot_fails():
    over = {"families": {"standardDDSv5Family": {"spot": False}}}
    all_ok(capacity.sizes, context("prod", over=over))
    assert "not available as spot" in worst(capacity.sizes, context("pools", over=over)).detail


@pytest.mark.parametrize(
    ("size", "enough"), [("Standard_D2ds_v5", False), ("Standard_D4ds_v5", True)]
)
def test_local_dns_needs_four_vcpus_also_where_the_name_does_not_say(
    monkeypatch: pytest.MonkeyPatch, size: str, *, enough: bool
):
    monkeypatch.setattr("components.settings.vm_sizes.vcpus", lambda _: None)

    def edit(config: dict[str, Any]) -> None:
        pool = config["aks-network:cluster"]["nodePools"][0]
        pool |= {"localDns": True, "vmSize": size}
        config["aks-network:network"] |= {"dataplane": "azure", "policy": "azure"}

    about = context(edit=edit)
    if enough:
        assert size in all_ok(capacity.sizes, about)
    else:
        assert "LocalDNS needs 4" in worst(capacity.sizes, about).detail


def test_no_sizes_at_all_is_no_answer():
    nothing = {"Microsoft.Compute/skus": Response(200, {"value": []})}
    with pytest.raises(CheckUnavailable, match="lists no machine sizes"):
        list(capacity.sizes(context(answers=nothing)))


def _version(config: dict[str, Any], version: str, tier: str = "Free") -> None:
    config["aks-network:cluster"] |= {"kubernetesVersion": version, "tier": tier}


@pytest.mark.parametrize(
    ("version", "tier", "result"),
    [
        ("1.35", "Free", Result.OK),
        ("1.35.1", "Free", Result.OK),
        ("1.35.77", "Free", Result.FAILED),
        ("1.20", "Free", Result.FAILED),
        ("1.33", "Premium", Result.OK),
    ],
)
def test_a_version_that_aks_does_not_offer_fails(version: str, tier: str, result: Result):
    about = context(edit=lambda c: _version(c, version, tier))
    assert worst(capacity.kubernetes, about).result == result


def test_a_version_without_the_clusters_support_plan_fails():
    row = {"version": "1.35", "patchVersions": {}}
    row["capabilities"] = {"supportPlan": ["AKSLongTermSupport"]}
    answers = {"Versions": Response(200, {"values": [row]})}
    finding = worst(capacity.kubernetes, context(answers=answers))
    assert finding.result == Result.FAILED
    assert "supportPlan: AKSLongTermSupport" in finding.remedy


def test_a_preview_version_is_a_warning():
    body = {"values": [{"version": "1.35", "isPreview": True, "patchVersions": {}}]}
    found = worst(capacity.kubernetes, context(answers={"Versions": Response(200, body)}))
    assert found.result == Result.WARNING
