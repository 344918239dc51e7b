"""A landscape in which a cluster can be made, and ways to spoil it."""

from __future__ import annotations

from typing import Any

from simulator.azure.rules import RULES
from simulator.errors import AzureError
from simulator.store import Resource
from tests.simulator.subscription import OVERLAY, Subscription

CLUSTER, POOL = "containerservice:ManagedCluster", "containerservice:AgentPool"
WINDOWS = {"adminUsername": "azureops", "adminPassword": "Throw-away-1"}
CUSTOM_ROLE = "aaaaaaaa-0000-4000-8000-000000000001"


class Landscape:
    """A network with a node subnet, and an identity with its role there."""

    def __init__(self, azure: Subscription, *, prefix: str = "10.0.0.0/20", **subnet: Any) -> None:
        self.azure = azure
        self.network = azure.network()
        self.subnet = azure.subnet("nodes", prefix, **subnet)
        self.identity = azure.identity()
        self.grant(self.network.id)

    @property
    def principal(self) -> str:
        return self.identity.outputs["principalId"]

    def grant(self, scope: str, **role: str) -> Resource:
        return self.azure.role(scope, self.principal, **role)

    def revoke(self) -> None:
        for item in self.azure.cloud.store.of_type("authorization:RoleAssignment"):
            self.azure.cloud.delete(item.id)

    def inputs(
        self,
        *,
        pool: dict[str, Any] | None = None,
        network: dict[str, Any] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """A good cluster's inputs; `pool` and `network` change its pool and network profile."""
        made = self.azure.cluster_inputs(self.subnet, self.identity)
        made["agentPoolProfiles"][0].update({"count": 2, **(pool or {})})
        made["networkProfile"] = {
            key: value for key, value in {**OVERLAY, **(network or {})}.items() if value is not None
        }
        return {key: value for key, value in {**made, **more}.items() if value is not None}

    def make(self, **changes: Any) -> Resource:
        return self.azure.put(CLUSTER, **self.inputs(**changes))

    def refused(self, **changes: Any) -> AzureError:
        return self.azure.refused(CLUSTER, **self.inputs(**changes))

    def pool(self, name: str = "apps", **settings: Any) -> dict[str, Any]:
        """A good user pool's inputs, as a resource of its own."""
        return {
            "resourceName": "aks",
            "agentPoolName": name,
            "mode": "User",
            "count": 2,
            "vmSize": "Standard_D4ds_v5",
            "vnetSubnetID": self.subnet.id,
            **settings,
        }

    def warned(self, **changes: Any) -> list[str]:
        """What advice a cluster meets."""
        self.azure.cloud.warnings.clear()
        self.make(**changes)
        return self.azure.cloud.warnings


def code_of(rule: str) -> str:
    """The code of the rule with this name."""
    (found,) = [row for row in RULES if row.name == rule]
    return found.code
