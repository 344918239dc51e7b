"""A program against the simulated azure-native provider, without an engine."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

from simulator.azure.provider import AzureNative
from simulator.server import CheckRequest, DiffRequest, ResourceState, Urn
from simulator.wire import Properties

Inputs = dict[str, Any]

_ROLES = "/providers/Microsoft.Authorization/roleDefinitions"


class Program:
    """A program in the making: its resources in the order of their creation."""

    def __init__(self, provider: AzureNative) -> None:
        self.provider = provider
        self.resources: list[tuple[Urn, Inputs, ResourceState]] = []
        self.group = self("resources:ResourceGroup", "rg").outputs["name"]

    def __call__(self, token: str, name: str, **inputs: Any) -> ResourceState:
        """Create a resource, in the program's group if its type is in one."""
        urn = Urn(f"urn:pulumi:dev::shop::azure-native:{token}::{name}")
        properties = self.provider.cloud.type_of(token).shape["inputs"]["properties"]
        if self.resources and "resourceGroupName" in properties:
            inputs = {"resourceGroupName": self.group, **inputs}
        checked = self.check(urn, inputs)
        work = self.provider.create(urn, Properties(checked), preview=False)
        state = asyncio.run(work)
        self.resources.append((urn, checked, state))
        return state

    def check(self, urn: Urn, inputs: Inputs, olds: Inputs | None = None) -> Inputs:
        seed = hashlib.sha256(urn.text.encode()).digest()  # The engine has one for each resource.
        answer = self.provider.check(CheckRequest(urn, olds or {}, inputs, seed))
        assert answer.failures == [], urn.text
        assert self.provider.take_warnings() == [], urn.text
        return answer.inputs

    def network(self, *subnets: tuple[str, str]) -> list[ResourceState]:
        network = self(
            "network:VirtualNetwork", "vnet", addressSpace={"addressPrefixes": ["10.1.0.0/16"]}
        )
        return [
            self(
                "network:Subnet",
                name,
                virtualNetworkName=network.outputs["name"],
                addressPrefix=prefix,
            )
            for name, prefix in subnets
        ]

    def role(self, name: str, scope: str, principal: str, role: str) -> ResourceState:
        return self(
            "authorization:RoleAssignment",
            name,
            scope=scope,
            principalId=principal,
            principalType="ServicePrincipal",
            roleDefinitionId=f"/subscriptions/{self.provider.cloud.subscription}{_ROLES}/{role}",
        )

    def expect_no_changes(self) -> None:
        """A second preview and a refresh find nothing."""
        for urn, inputs, state in self.resources:
            again = self.check(urn, inputs, olds=inputs)
            request = DiffRequest(urn, inputs, state.outputs, again)
            assert self.provider.diff(request).changes == {}, urn.text
            work = self.provider.read(urn, state.id, Properties(state.outputs), Properties(inputs))
            found = asyncio.run(work)
            assert found is not None
            assert found.inputs == inputs, urn.text

    def destroy(self) -> None:
        for urn, _, state in reversed(self.resources):
            asyncio.run(self.provider.delete(urn, state.id, Properties(state.outputs)))
        assert [self.provider.cloud.get(state.id) for _, _, state in self.resources] == [
            None for _ in self.resources
        ]
