"""Requests to the provider as the engine sends them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from simulator import timeline
from simulator.azure.provider import AzureNative
from simulator.errors import (
    Refused,
)
from simulator.server import ResourceState, Urn
from simulator.wire import Properties
from tests.simulator.subscription import GROUP

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


async def together(*asked: Any) -> list[Any]:
    return await asyncio.gather(*asked, return_exceptions=True)


def failures(answers: list[Any]) -> list[str]:
    return [item.code for item in answers if isinstance(item, Refused)]


def vault() -> dict[str, Any]:
    return {
        "tenantId": "22222222-2222-4222-8222-222222222222",
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
    }


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
