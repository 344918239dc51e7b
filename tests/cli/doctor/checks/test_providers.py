"""The checks of resource providers and features."""

from __future__ import annotations

from typing import Any

import pytest

from cli.doctor.checks import providers
from cli.doctor.client import Response
from cli.doctor.findings import Result
from tests.cli.doctor.contexts import (
    all_ok,
    context,
    worst,
)


def test_the_providers_of_a_stack_are_those_of_its_types_and_what_stands_behind_them():
    about = context("agc")
    needed = providers.namespaces(about.planned.get(), about.settings)
    assert {"Microsoft.ServiceNetworking", "Microsoft.NetworkFunction"} <= set(needed)
    dev = context()
    assert not {"Microsoft.ServiceNetworking", "Microsoft.NetworkFunction", "Microsoft.Storage"} & (
        set(providers.namespaces(dev.planned.get(), dev.settings))
    )
    prod = context("prod")
    assert {"Microsoft.PolicyInsights", "Microsoft.Insights", "Microsoft.Storage"} <= set(
        providers.namespaces(prod.planned.get(), prod.settings)
    )


@pytest.mark.parametrize(
    ("state", "result"),
    [
        ("Registered", Result.OK),
        ("Registering", Result.WARNING),
        ("NotRegistered", Result.FAILED),
        ("Unregistered", Result.FAILED),
    ],
)
def test_a_provider_that_is_not_registered_fails(state: str, result: Result):
    about = context(over={"providers": {"Microsoft.ContainerService": state}})
    found = worst(providers.registered, about)
    assert found.result == result
    if result == Result.FAILED:
        assert found.remedy == "az provider register --namespace Microsoft.ContainerService --wait"


def _encrypted(config: dict[str, Any]) -> None:
    config["aks-network:management"]["jumpBox"]["encryptionAtHost"] = True


def test_a_feature_is_asked_for_where_a_setting_uses_it():
    off = {"features": {"Microsoft.Compute/EncryptionAtHost": "NotRegistered"}}
    all_ok(providers.features, context(over=off))
    all_ok(providers.features, context(edit=_encrypted))
    found = worst(providers.features, context(over=off, edit=_encrypted))
    assert found.remedy.startswith("az feature register --namespace Microsoft.Compute")


def test_a_region_without_a_type_fails():
    all_ok(providers.offered, context())
    body = {
        "registrationState": "Registered",
        "resourceTypes": [
            {"resourceType": "managedClusters", "locations": ["East US"]},
            {"resourceType": "managedClusters/agentPools", "locations": []},
        ],
    }
    elsewhere = {"providers/Microsoft.ContainerService": Response(200, body)}
    found = worst(providers.offered, context(answers=elsewhere))
    assert found.detail == "westeurope does not offer Microsoft.ContainerService/managedClusters"


def test_the_sensor_alone_protects_nothing():
    all_ok(providers.defender, context("dev"))
    all_ok(providers.defender, context("prod"))
    found = worst(
        providers.defender, context("prod", over={"defenderPlans": {"Containers": "Free"}})
    )
    assert found.result == Result.WARNING
    assert "az security pricing" in found.remedy
