"""Which operations wait for each other, and which Azure refuses meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from simulator.azure.locks import LOCKS
from tests.simulator.engine import SCALE, Engine, failures, pool, together, vault
from tests.simulator.subscription import GROUP, Subscription


@pytest.mark.parametrize("scale", ["0", SCALE])
def test_two_subnets_of_a_network_at_once_are_slow_but_both_come(engine, scale):
    asked = engine(AZURE_SIM_TIME_SCALE=scale)
    asyncio.run(asked.network())
    subnets = asked.subnet("a", "10.0.0.0/24"), asked.subnet("b", "10.0.1.0/24")
    assert failures(asyncio.run(together(*subnets))) == []
    assert asked.retried() == ["AnotherOperationInProgress"]


def test_the_retry_of_a_subnet_costs_azure_natives_own_delay(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    asyncio.run(asked.network())
    subnets = asked.subnet("a", "10.0.0.0/24"), asked.subnet("b", "10.0.1.0/24")
    asyncio.run(together(*subnets))
    late = asked.record("b")
    assert late.start == 6
    assert late.end == pytest.approx(6 + late.retries[0].seconds + 6, abs=0.1)
    assert 16 <= late.retries[0].seconds <= 26


def test_many_subnets_at_once_are_more_than_the_retries_can_bear(engine):
    asked = engine(AZURE_SIM_TIME_SCALE="0.002")
    asyncio.run(asked.network())
    subnets = [asked.subnet(f"s{i}", f"10.0.{i}.0/24") for i in range(40)]
    codes = failures(asyncio.run(together(*subnets)))
    assert set(codes) == {"AnotherOperationInProgress"}


def test_subnets_of_two_networks_do_not_meet(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    asyncio.run(together(asked.network(), asked.network("other", "10.1.0.0/16")))
    subnets = asked.subnet("a", "10.0.0.0/24"), asked.subnet("b", "10.1.0.0/24", "other")
    asyncio.run(together(*subnets))
    assert asked.retried() == []


def test_both_sides_of_a_peering_lock_both_networks(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)

    async def run() -> None:
        one, other = await together(asked.network(), asked.network("other", "10.1.0.0/16"))
        await together(asked.peering("vnet", other), asked.peering("other", one))

    asyncio.run(run())
    assert set(asked.retried()) == {"AnotherOperationInProgress"}


def test_a_peering_meets_the_subnets_of_its_remote_side(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)

    async def run() -> None:
        _, other = await together(asked.network(), asked.network("other", "10.1.0.0/16"))
        subnet = asked.subnet("nodes", "10.1.0.0/24", "other")
        await together(subnet, asked.peering("vnet", other))

    asyncio.run(run())
    assert asked.retried() == ["ReferencedResourceNotProvisioned"]


def rule_group(asked: Engine, name: str, policy: str = "afwp") -> Any:
    return asked.create(
        "network:FirewallPolicyRuleCollectionGroup",
        name,
        firewallPolicyName=policy,
        ruleCollectionGroupName=name,
        priority=200 if name == "a" else 300,
    )


def firewall_inputs(azure: Subscription) -> dict[str, Any]:
    """A firewall and its policy's id, everything else being there."""
    azure.network()
    subnet = azure.subnet("AzureFirewallSubnet", "10.0.0.0/26")
    policy = azure.put("network:FirewallPolicy", firewallPolicyName="afwp")
    azure.put("network:FirewallPolicy", firewallPolicyName="other")
    configuration = {
        "name": "c",
        "subnet": {"id": subnet.id},
        "publicIPAddress": {"id": azure.address().id},
    }
    return {
        "azureFirewallName": "afw",
        "sku": {"name": "AZFW_VNet", "tier": "Standard"},
        "firewallPolicy": {"id": policy.id},
        "ipConfigurations": [configuration],
    }


@pytest.mark.parametrize("scale", ["0", SCALE])
@pytest.mark.parametrize("rules_first", [True, False])
def test_the_rules_of_a_firewall_and_the_firewall_are_not_written_at_once(
    engine, scale, rules_first
):
    asked = engine(AZURE_SIM_TIME_SCALE=scale)
    inputs = firewall_inputs(Subscription(asked.provider.cloud))
    both = [rule_group(asked, "a"), asked.create("network:AzureFirewall", "afw", **inputs)]
    answers = asyncio.run(together(*(both if rules_first else both[::-1])))
    assert failures(answers) == ["FirewallPolicyUpdateFailed"]


def test_the_rules_of_another_policy_do_not_meet_the_firewall(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    inputs = firewall_inputs(Subscription(asked.provider.cloud))
    other = rule_group(asked, "a", "other")
    answers = asyncio.run(together(other, asked.create("network:AzureFirewall", "afw", **inputs)))
    assert failures(answers) == []


def test_two_rule_collection_groups_of_a_policy_are_written_one_after_the_other(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    firewall_inputs(Subscription(asked.provider.cloud))
    answers = asyncio.run(together(rule_group(asked, "a"), rule_group(asked, "b")))
    assert failures(answers) == []
    assert asked.retried() == ["AnotherOperationInProgress"]


def cluster_inputs(azure: Subscription) -> dict[str, Any]:
    azure.network()
    subnet, identity = azure.subnet("nodes", "10.0.0.0/20"), azure.identity()
    azure.role(subnet.id, identity.outputs["principalId"])
    return azure.cluster_inputs(subnet, identity)


@pytest.mark.parametrize("scale", ["0", SCALE])
def test_a_cluster_is_refused_while_its_network_is_written(engine, scale):
    asked = engine(AZURE_SIM_TIME_SCALE=scale)
    inputs = cluster_inputs(Subscription(asked.provider.cloud))
    cluster = asked.create("containerservice:ManagedCluster", "aks", **inputs)
    late = asked.subnet("late", "10.0.32.0/24")
    answers = asyncio.run(together(late, cluster))
    assert failures(answers) == ["VirtualNetworkNotInSucceededState"]
    assert asked.retried() == []


def test_a_cluster_is_refused_while_its_network_is_peered(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    azure = Subscription(asked.provider.cloud)
    inputs = cluster_inputs(azure)
    other = azure.network("other", "10.1.0.0/16")
    cluster = asked.create("containerservice:ManagedCluster", "aks", **inputs)
    answers = asyncio.run(together(asked.peering("vnet", other), cluster))
    assert failures(answers) == ["VirtualNetworkNotInSucceededState"]


def test_a_cluster_is_written_by_one_operation_at_a_time(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    inputs = cluster_inputs(Subscription(asked.provider.cloud))
    asked.provider.cloud.put(
        "containerservice:ManagedCluster",
        {"resourceGroupName": GROUP, "location": "westeurope", **inputs},
    )
    update = asked.update("containerservice:ManagedCluster", "aks", **inputs)
    answers = asyncio.run(together(update, pool(asked, "late")))
    assert failures(answers) == ["OperationNotAllowed"]
    assert asked.retried() == []


def test_pools_of_a_cluster_are_written_side_by_side(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    Subscription(asked.provider.cloud).cluster()
    answers = asyncio.run(together(pool(asked, "one"), pool(asked, "two")))
    assert failures(answers) == []
    assert {(item.start, item.end) for item in asked.records()} == {(0, 240)}


def test_a_network_resource_waits_for_what_it_uses(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    asyncio.run(asked.network())
    inputs = {"resourceGroupName": GROUP, "networkSecurityGroupName": "nsg"}
    group = asked.provider.cloud.id_of("network:NetworkSecurityGroup", inputs)

    async def run() -> list[Any]:
        nsg = asked.create("network:NetworkSecurityGroup", "nsg", networkSecurityGroupName="nsg")
        subnet = asked.subnet("nodes", "10.0.0.0/24", networkSecurityGroup={"id": group})
        return await together(nsg, subnet)

    assert failures(asyncio.run(run())) == []
    assert asked.retried() == ["RetryableError"]


@pytest.mark.parametrize(
    ("code", "token", "inputs"),
    [
        (
            "ParentResourceNotFound",
            "keyvault:Secret",
            {"vaultName": "kv-test", "secretName": "s", "properties": {"value": "v"}},
        ),
        (
            "ResourceNotFound",
            "authorization:RoleAssignment",
            {
                "scope": "{group}",
                "roleAssignmentName": "aaaaaaaa-0000-4000-8000-000000000001",
                "principalId": "p",
                "roleDefinitionId": "{vault}",
            },
        ),
    ],
)
def test_what_is_being_created_is_not_there_yet(engine, code, token, inputs):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    cloud = asked.provider.cloud
    kv = cloud.id_of("keyvault:Vault", {"resourceGroupName": GROUP, "vaultName": "kv-test"})
    ids = {"{vault}": kv, "{group}": kv.partition("/providers/")[0]}
    given = {key: ids.get(str(value), value) for key, value in inputs.items()}
    creation = asked.create("keyvault:Vault", "kv", vaultName="kv-test", properties=vault())
    answers = asyncio.run(together(creation, asked.create(token, "child", **given)))
    assert failures(answers) == [code]


def test_a_resource_group_is_not_there_while_it_is_being_created(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    new = {"resourceGroupName": "rg-new"}
    group = asked.create("resources:ResourceGroup", "rg", **new)
    table = asked.create("network:RouteTable", "rt", routeTableName="rt", **new)
    assert failures(asyncio.run(together(group, table))) == ["ResourceGroupNotFound"]


def test_every_lock_is_in_a_test():
    text = Path(__file__).read_text()
    assert [lock.name for lock in LOCKS if f'"{lock.code}"' not in text] == []
