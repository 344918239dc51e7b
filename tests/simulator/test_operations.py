"""Time, locks, throttling, retries, faults and the record, through the providers' interface."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from simulator import clock, timeline
from simulator.azure.client import AzCore
from simulator.azure.locks import LOCKS
from simulator.azure.provider import AzureNative
from simulator.azure.throttling import LIMITS
from simulator.clock import Clock, scale_from_environment
from simulator.errors import (
    AzureError,
    BadSetting,
    InitializationFailed,
    KubernetesError,
    Refused,
)
from simulator.kubernetes.service import ClientGo
from simulator.operations import Operation
from simulator.server import ResourceState, Urn
from simulator.store import JournalStore
from simulator.wire import Properties
from tests.simulator.conftest import GROUP, Subscription

SCALE = "0.0005"


def urn(token: str, name: str = "thing") -> Urn:
    return Urn(f"urn:pulumi:dev::shop::my:index:Parent$azure-native:{token}::{name}")


class Engine:
    """Asks a provider as the engine does."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.provider = AzureNative()
        self.provider.configure({"location": "westeurope"})

    def create(self, token: str, name: str, **inputs: Any) -> Any:
        return self._write("create", token, name, inputs)

    def update(self, token: str, name: str, **inputs: Any) -> Any:
        return self._write("update", token, name, inputs)

    async def _write(
        self, kind: str, token: str, name: str, given: dict[str, Any]
    ) -> ResourceState:
        inputs = {"resourceGroupName": GROUP, **given}
        properties = self.provider.cloud.type_of(token).shape["inputs"]["properties"]
        if "location" in properties:
            inputs.setdefault("location", "westeurope")
        made = Properties(inputs)
        if kind == "create":
            return await self.provider.create(urn(token, name), made, preview=False)
        resource_id = self.provider.cloud.id_of(token, inputs)
        return await self.provider.update(
            urn(token, name), resource_id, Properties(), made, preview=False
        )

    def delete(self, token: str, state: ResourceState, name: str = "thing") -> Any:
        return self.provider.delete(urn(token, name), state.id, Properties())

    def network(self, name: str = "vnet", prefix: str = "10.0.0.0/16") -> Any:
        space = {"addressPrefixes": [prefix]}
        return self.create(
            "network:VirtualNetwork", name, virtualNetworkName=name, addressSpace=space
        )

    def subnet(self, name: str, prefix: str, network: str = "vnet", **more: Any) -> Any:
        return self.create(
            "network:Subnet",
            name,
            virtualNetworkName=network,
            subnetName=name,
            addressPrefix=prefix,
            **more,
        )

    def peering(self, network: str, remote: ResourceState) -> Any:
        return self.create(
            "network:VirtualNetworkPeering",
            f"peer-{network}",
            virtualNetworkName=network,
            virtualNetworkPeeringName="peer",
            remoteVirtualNetwork={"id": remote.id},
        )

    def records(self) -> list[timeline.Record]:
        return [
            record
            for run in timeline.runs(self.directory)
            for record in timeline.read(self.directory, run)
        ]

    def record(self, name: str) -> timeline.Record:
        (found,) = [item for item in self.records() if item.urn.endswith(f"::{name}")]
        return found

    def retried(self) -> list[str]:
        return [retry.code for record in self.records() for retry in record.retries]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Starts a provider with settings: `engine(AZURE_SIM_FAULTS="…")`."""
    monkeypatch.setenv("AZURE_SIM_STATE", str(tmp_path))
    monkeypatch.setenv("AZURE_SIM_RUN", "test")
    monkeypatch.setattr(clock, "IDLE_SECONDS", 0.01)  # No engine thinks here.

    def start(**settings: str) -> Engine:
        for name in ("TIME_SCALE", "FAULTS", "THROTTLING"):
            monkeypatch.delenv(f"AZURE_SIM_{name}", raising=False)
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        Subscription(AzureNative().cloud)
        return Engine(tmp_path)

    return start


async def together(*asked: Any) -> list[Any]:
    return await asyncio.gather(*asked, return_exceptions=True)


def failures(answers: list[Any]) -> list[str]:
    return [item.code for item in answers if isinstance(item, Refused)]


# Time


def test_without_a_scale_nothing_waits_and_only_the_order_is_recorded(engine, monkeypatch):
    asked = engine()
    asyncio.run(asked.network())
    monkeypatch.setattr(asyncio, "sleep", None)  # Whoever waits now fails.
    asyncio.run(asked.create("keyvault:Vault", "kv", vaultName="kv-test", properties=vault()))

    assert [record.type for record in asked.records()] == [
        "azure-native:network:VirtualNetwork",
        "azure-native:keyvault:Vault",
    ]
    assert {(record.start, record.end) for record in asked.records()} == {(None, None)}


def vault() -> dict[str, Any]:
    return {
        "tenantId": "22222222-2222-4222-8222-222222222222",
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
    }


def test_operations_overlap_and_one_that_waits_for_another_starts_at_its_end(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)

    async def run() -> None:
        async def first() -> None:
            await asked.network()
            await asked.subnet("nodes", "10.0.0.0/24")

        table = {"routeTableName": "rt"}
        await together(first(), asked.create("network:RouteTable", "rt", **table))

    asyncio.run(run())
    times = {record.urn.split("::")[-1]: (record.start, record.end) for record in asked.records()}
    assert times == {"rt": (0, 4), "vnet": (0, 6), "nodes": (6, 12)}


def test_what_the_engine_takes_is_no_simulated_time(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    asyncio.run(asked.network())
    time.sleep(0.2)
    asyncio.run(asked.subnet("nodes", "10.0.0.0/24"))
    assert (asked.record("nodes").start, asked.record("nodes").end) == (6, 12)


def test_a_clock_waits_real_time_by_its_scale():
    mine = Clock(0.01, lambda: 0)

    async def run() -> float:
        started = time.monotonic()
        await mine.wait_until(mine.start() + 30)
        return time.monotonic() - started

    assert 0.3 <= asyncio.run(run()) < 3


def test_updates_and_deletions_have_durations_of_their_own(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    network = asyncio.run(asked.network())
    asyncio.run(asked.delete("network:VirtualNetwork", network, "gone"))
    assert (asked.record("gone").start, asked.record("gone").end) == (6, 17)


def test_what_is_created_is_there_at_once_and_what_is_deleted_goes_at_the_end(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)

    async def run() -> None:
        creation = asyncio.create_task(asked.network())
        await asyncio.sleep(0)
        network = asked.provider.cloud.store.of_type("network:VirtualNetwork")
        assert len(network) == 1
        made = await creation
        deletion = asyncio.create_task(asked.delete("network:VirtualNetwork", made))
        await asyncio.sleep(0)
        assert asked.provider.cloud.get(made.id)
        await deletion
        assert asked.provider.cloud.get(made.id) is None

    asyncio.run(run())


def test_a_deletion_is_refused_at_its_start(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    asyncio.run(asked.network())
    group = asyncio.run(
        asked.create("network:NetworkSecurityGroup", "nsg", networkSecurityGroupName="nsg")
    )
    subnet = asked.subnet("nodes", "10.0.0.0/24", networkSecurityGroup={"id": group.id})
    asyncio.run(subnet)
    with pytest.raises(AzureError, match="InUseNetworkSecurityGroupCannotBeDeleted"):
        asyncio.run(asked.delete("network:NetworkSecurityGroup", group, "refused"))
    record = asked.record("refused")
    assert record.start == record.end
    assert record.outcome == "InUseNetworkSecurityGroupCannotBeDeleted"


@pytest.mark.parametrize("text", ["fast", "-1", "inf", "nan"])
def test_a_scale_that_is_none_is_refused(monkeypatch, text):
    monkeypatch.setenv("AZURE_SIM_TIME_SCALE", text)
    with pytest.raises(BadSetting, match=r"AZURE_SIM_TIME_SCALE: .*real seconds per simulated"):
        scale_from_environment()


# Locks


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


def pool(asked: Engine, name: str) -> Any:
    subnet = asked.provider.cloud.store.of_type("network:Subnet")[0].id
    return asked.create(
        "containerservice:AgentPool",
        name,
        resourceName="aks",
        agentPoolName=name,
        vmSize="Standard_D4ds_v5",
        count=1,
        mode="User",
        vnetSubnetID=subnet,
    )


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


# Throttling


def test_requests_beyond_the_limit_wait_as_long_as_the_service_says(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE, AZURE_SIM_THROTTLING="0.05")
    Subscription(asked.provider.cloud).cluster()
    answers = asyncio.run(together(pool(asked, "one"), pool(asked, "two")))
    assert failures(answers) == []
    assert asked.retried() == ["Throttled"]
    late = asked.record("two")
    assert late.retries[0].seconds == 60
    assert (late.start, late.end) == (0, 300)


def test_without_passing_time_nothing_is_throttled(engine):
    asked = engine()

    async def many() -> None:
        await asked.network()
        for index in range(250):
            await asked.create("network:RouteTable", f"rt{index}", routeTableName=f"rt{index}")

    asyncio.run(many())
    assert asked.retried() == []


def test_the_limit_of_writes_holds_for_a_burst(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    tables = [
        asked.create("network:RouteTable", f"rt{i}", routeTableName=f"rt{i}") for i in range(205)
    ]
    assert failures(asyncio.run(together(*tables))) == []
    assert asked.retried() == ["SubscriptionRequestsThrottled"] * 5


@pytest.mark.parametrize("text", ["yes", "0", "1.5", "-1"])
def test_a_share_of_the_limits_that_is_none_is_refused(engine, text):
    with pytest.raises(BadSetting, match=r"AZURE_SIM_THROTTLING: .*use on, off, or a share"):
        engine(AZURE_SIM_THROTTLING=text)


def test_every_limit_names_its_source_and_fills_again():
    for limit in LIMITS:
        assert limit.source
        assert limit.burst >= 1
        assert limit.per_second > 0


# Retries


def delays(error: Refused) -> list[float | None]:
    asked = Operation("create", "urn:pulumi:dev::p::t::name", "azure-native:network:Subnet", "/id")
    return [AzCore().delay(error, attempt, asked) for attempt in range(4)]


def test_azure_native_waits_longer_each_time_and_gives_up_after_three():
    *waits, end = delays(AzureError(503, "ServiceUnavailable", ""))
    limits = (16, 26), (48, 78), (112, 120)
    for wait, (least, most) in zip(waits, limits, strict=True):
        assert wait is not None
        assert least <= wait <= most
    assert end is None


def test_azure_native_waits_as_the_service_asks_unless_that_is_too_long():
    assert delays(AzureError(429, "T", "", retry_after=7))[:3] == [7, 7, 7]
    assert delays(AzureError(429, "T", "", retry_after=300)) == [None] * 4


@pytest.mark.parametrize(
    "error",
    [
        AzureError(409, "Conflict", ""),
        AzureError(409, "OperationNotAllowed", ""),
        AzureError(400, "InvalidParameter", ""),
        Refused("", code="InternalServerError"),
        Refused("", code="AnotherOperationInProgress"),
    ],
)
def test_azure_native_does_not_retry_the_rest(error):
    assert delays(error) == [None] * 4


def test_kubernetes_client_retries_only_where_the_server_says_when():
    asked = Operation("create", "urn:pulumi:dev::p::t::name", "kubernetes:core/v1:Namespace", "n")
    wait = Refused("", status=429, retry_after=1)
    assert [ClientGo().delay(wait, attempt, asked) for attempt in (0, 9, 10)] == [1, 1, None]
    assert ClientGo().delay(Refused("", status=500), 0, asked) is None
    assert ClientGo().delay(KubernetesError("Invalid", ""), 0, asked) is None


# Faults


def fault(what: str, operation: str = "create", which: str = "1") -> dict[str, str]:
    return {"AZURE_SIM_FAULTS": f"{operation}:azure-native:network:VirtualNetwork:{which}:{what}"}


def networks(asked: Engine) -> list[Any]:
    return JournalStore(asked.directory).of_type("network:VirtualNetwork")


def test_an_operation_that_fails_leaves_nothing_and_succeeds_the_next_time(engine):
    asked = engine(**fault("InternalServerError"))
    with pytest.raises(Refused, match='Code="InternalServerError"'):
        asyncio.run(asked.network())
    assert networks(asked) == []
    asyncio.run(asked.network())
    assert [record.outcome for record in asked.records()] == ["InternalServerError", "succeeded"]


def test_a_transient_status_is_retried_and_recorded(engine):
    asked = engine(**fault("429"))
    asyncio.run(asked.network())
    assert asked.records()[0].retries == (timeline.Retry("TooManyRequests", 10),)


def test_a_lasting_status_exhausts_the_retries(engine):
    asked = engine(**fault("503", which="*"))
    with pytest.raises(Refused, match="Status=503"):
        asyncio.run(asked.network())
    assert asked.retried() == ["ServiceUnavailable"] * 3
    assert networks(asked) == []


def test_a_lost_answer_leaves_what_was_done(engine):
    asked = engine(**fault("lost"))
    with pytest.raises(Refused, match="context deadline exceeded"):
        asyncio.run(asked.network())
    assert len(networks(asked)) == 1
    assert asked.record("vnet").outcome == "lost"


def test_a_failed_creation_is_told_with_what_is_there(engine):
    asked = engine(**fault("failed"))
    with pytest.raises(InitializationFailed) as caught:
        asyncio.run(asked.network())
    (made,) = networks(asked)
    assert caught.value.id == made.id
    assert caught.value.outputs == made.outputs
    assert made.outputs["provisioningState"] == "Failed"


def test_a_failed_deletion_leaves_the_resource(engine):
    asked = engine(**fault("failed", "delete"))
    network = asyncio.run(asked.network())
    with pytest.raises(Refused, match="ended as Failed"):
        asyncio.run(asked.delete("network:VirtualNetwork", network))
    assert len(networks(asked)) == 1


def test_a_read_can_fail(engine):
    asked = engine(**fault("AuthorizationFailed", "read"))
    made = asyncio.run(asked.network())
    read = asked.provider.read(urn("network:VirtualNetwork"), made.id, Properties(), Properties())
    with pytest.raises(Refused, match="AuthorizationFailed"):
        asyncio.run(read)


def test_a_hanging_operation_never_answers(engine):
    asked = engine(**fault("hang-after"))

    async def run() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asked.network(), 0.1)

    asyncio.run(run())
    assert len(networks(asked)) == 1
    assert asked.record("vnet").outcome == "hang-after"


# Processes that die

CHILD = f"""
import asyncio, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from simulator.azure.provider import AzureNative
from simulator.server import Urn
from simulator.wire import Properties

async def main():
    provider = AzureNative()
    provider.configure({{"location": "westeurope"}})
    for index in range(int(sys.argv[1]), 10000):
        name = f"rt{{index}}"
        inputs = {{"resourceGroupName": "{GROUP}", "routeTableName": name}}
        inputs["location"] = "westeurope"
        urn = Urn(f"urn:pulumi:dev::shop::azure-native:network:RouteTable::{{name}}")
        state = await provider.create(urn, Properties(inputs), preview=False)
        print(state.id, flush=True)

asyncio.run(main())
"""


def child(directory: Path, first: int, **settings: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(first)],
        env={**os.environ, "AZURE_SIM_STATE": str(directory), **settings},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(("what", "there"), [("crash", 0), ("crash-after", 1)])
def test_a_crash_kills_the_provider_before_or_after_it_was_done(engine, tmp_path, what, there):
    asked = engine()
    faults = f"create:azure-native:network:RouteTable:1:{what}"
    process = child(tmp_path, 0, AZURE_SIM_FAULTS=faults)
    output, _ = process.communicate(timeout=60)
    assert (process.returncode, output) == (-9, "")
    assert len(JournalStore(tmp_path).of_type("network:RouteTable")) == there
    assert asked.record("rt0").outcome == what


def test_the_cloud_and_the_record_survive_kills_at_any_moment(engine, tmp_path):
    asked = engine()
    answered: set[str] = set()
    first = 0
    for round_ in range(6):
        process = child(tmp_path, first)
        assert process.stdout
        for _ in range(5 + 7 * round_):
            answered.add(process.stdout.readline().strip())
        process.kill()
        answered |= {line.strip() for line in process.stdout if line.endswith("\n")}
        process.wait()
        process.stdout.close()
        there = {item.id for item in JournalStore(tmp_path).of_type("network:RouteTable")}
        assert answered <= there, "what was answered is there"
        assert len(there - answered) <= round_ + 1, "at most one a round was done unanswered"
        first = 1 + max(int(item.rpartition("rt")[2]) for item in there)
    recorded = {record.id for record in asked.records()}
    assert answered <= recorded


def test_a_record_that_was_torn_by_a_kill_is_skipped(tmp_path):
    record = timeline.Record("create", "t", "urn", "id", 0, 5, timeline.SUCCEEDED)
    written = timeline.Timeline(tmp_path, "run")
    written.append(record)
    with written.path.open("a") as file:
        file.write('{"operation": "cre')
    assert timeline.read(tmp_path, "run") == [record]
    assert timeline.Timeline(tmp_path, "run").latest_end() == 5


def test_processes_of_a_run_share_its_clock(tmp_path):
    mine, theirs = (timeline.Timeline(tmp_path, "run") for _ in range(2))
    assert mine.latest_end() == 0
    theirs.append(timeline.Record("create", "t", "urn", "id", 0, 300, timeline.SUCCEEDED))
    assert mine.latest_end() == 300


def test_a_record_is_one_line_of_json(tmp_path):
    retry = timeline.Retry("Throttled", 60)
    record = timeline.Record("create", "t", "urn", "id", None, None, "lost", (retry,))
    written = timeline.Timeline(tmp_path, "run")
    written.append(record)
    (line,) = written.path.read_text().splitlines()
    assert json.loads(line)["retries"] == [{"code": "Throttled", "seconds": 60}]
    assert timeline.Record.parse(line.encode()) == record
