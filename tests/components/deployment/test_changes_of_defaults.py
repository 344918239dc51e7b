"""What a new default would do to a stack that exists is refused or announced."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pulumi
import pytest

from components.deployment import local_dns_change, nat_gateway_change
from components.settings.load import configuration
from tests.helpers.stacks import configuration_of, run_program

Config = dict[str, Any]
CLUSTER = {"clusterName": "aks-shop"}


def dev(version: str, **pool: Any) -> Config:
    config = configuration_of("dev")
    cluster = config["aks-network:cluster"]
    cluster["kubernetesVersion"] = version
    cluster["nodePools"][0] |= pool
    return config


def with_own_policies(config: Config) -> Config:
    config["aks-network:kubernetes"]["delivery"] = "none"
    return config


def conflicts(config: Config, last: Config) -> list[str]:
    settings = configuration(config).settings
    return [str(problem) for problem in local_dns_change.find_conflicts(last, settings)]


def test_local_dns_waits_for_the_policies_that_allow_it():
    (text,) = conflicts(dev("1.36"), CLUSTER)
    assert text.startswith("aks-network:cluster.nodePools[0].localDns: — must be set")
    assert "use localDns: false for one run" in text


@pytest.mark.parametrize(
    ("config", "last"),
    [
        (dev("1.36"), {}),
        (dev("1.36"), {**CLUSTER, local_dns_change.OUTPUT: True}),
        (dev("1.36", localDns=False), CLUSTER),
        (dev("1.35"), CLUSTER),
        (with_own_policies(dev("1.36")), CLUSTER),
    ],
    ids=["new cluster", "allowed before", "off", "older version", "policies of others"],
)
def test_local_dns_is_on_where_no_policy_is_in_its_way(config: Config, last: Config):
    assert conflicts(config, last) == []


def announced(sku: str, last: Config) -> list[str]:
    config = configuration_of("dev")
    config["aks-network:network"]["natGateway"] = {"sku": sku}
    network = configuration(config).settings.network
    return list(nat_gateway_change.warnings(last, network))


def test_new_outbound_addresses_are_announced():
    (text,) = announced("StandardV2", CLUSTER)
    assert "all outbound addresses are new" in text
    (text,) = announced("Standard", {**CLUSTER, nat_gateway_change.OUTPUT: "StandardV2"})
    assert "replaces the NAT gateway StandardV2 by Standard" in text


def test_the_same_sku_and_a_new_cluster_are_not_worth_a_word():
    assert announced("Standard", CLUSTER) == []
    assert announced("StandardV2", {}) == []
    assert announced("StandardV2", {**CLUSTER, nat_gateway_change.OUTPUT: "StandardV2"}) == []


def test_all_conflicts_with_the_last_run_are_told_at_once():
    config = dev("1.36")
    with (
        mock.patch("components.deployment.stack_outputs.last_outputs", return_value=CLUSTER),
        pytest.raises(pulumi.RunError) as refused,
    ):
        run_program(config)
    assert "2 problems in the configuration; nothing was registered" in str(refused.value)
    assert "appRouting.implementation" in str(refused.value)
    assert "nodePools[0].localDns" in str(refused.value)
