"""The simulator reports advice on the right resource, even if it creates many at once."""

from __future__ import annotations

import asyncio

from simulator.azure.cloud import Cloud
from simulator.server import Urn
from simulator.wire import Properties
from tests.simulator.aks import CLUSTER, Landscape
from tests.simulator.subscription import GROUP, Subscription

IDENTITY = "managedidentity:UserAssignedIdentity"


def test_advice_names_the_resource_that_it_is_about(provider):
    land = Landscape(Subscription(Cloud(provider.cloud.store)))
    cluster = {**land.inputs(pool={"count": 1}), "resourceGroupName": GROUP}
    names = {"resourceGroupName": GROUP, "location": "westeurope"}
    wanted = [
        (CLUSTER, {**cluster, "location": "westeurope"}),
        *((IDENTITY, {**names, "resourceName": f"id-{number}"}) for number in range(5)),
    ]

    async def make(token: str, inputs: dict[str, object]) -> list[str]:
        urn = Urn(f"urn:pulumi:dev::shop::azure-native:{token}::thing")
        await provider.create(urn, Properties(inputs), preview=False)
        return provider.take_warnings()

    async def make_all() -> list[list[str]]:
        return await asyncio.gather(*(make(*one) for one in wanted))

    advice, *others = asyncio.run(make_all())
    assert advice == ["System pool 'system' should have at least two nodes, better three."]
    assert others == [[]] * 5
