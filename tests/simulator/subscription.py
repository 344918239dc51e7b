"""A subscription for tests: a cloud with a resource group, and short ways to fill it."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.azure.cloud import Cloud
from simulator.errors import AzureError
from simulator.store import Resource

GROUP = "rg-test"
OVERLAY = {
    "networkPlugin": "azure",
    "networkPluginMode": "overlay",
    "podCidr": "10.244.0.0/16",
    "serviceCidr": "10.100.0.0/16",
    "dnsServiceIP": "10.100.0.10",
}
NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"


class Subscription:
    """A cloud with a resource group in it, and short ways to fill it."""

    def __init__(self, cloud: Cloud | None = None) -> None:
        self.cloud = cloud or Cloud()
        self.put("resources:ResourceGroup")

    def put(self, token: str, **inputs: Any) -> Resource:
        given = {"resourceGroupName": GROUP, **inputs}
        properties = self.cloud.type_of(token).shape["inputs"]["properties"]
        if "location" in properties:
            given.setdefault("location", "westeurope")
        if "resourceGroupName" not in properties:
            del given["resourceGroupName"]
        return self.cloud.put(token, given)

    def refused(self, token: str, **inputs: Any) -> AzureError:
        with pytest.raises(AzureError) as caught:
            self.put(token, **inputs)
        return caught.value

    def delete_refused(self, resource: Resource) -> AzureError:
        with pytest.raises(AzureError) as caught:
            self.cloud.delete(resource.id)
        return caught.value

    def network(self, name: str = "vnet", prefix: str = "10.0.0.0/16", **more: Any) -> Resource:
        space = {"addressPrefixes": [prefix]}
        return self.put(
            "network:VirtualNetwork", virtualNetworkName=name, addressSpace=space, **more
        )

    def subnet(self, name: str, prefix: str, network: str = "vnet", **more: Any) -> Resource:
        return self.put(
            "network:Subnet",
            virtualNetworkName=network,
            subnetName=name,
            addressPrefix=prefix,
            **more,
        )

    def address(self, name: str = "pip") -> Resource:
        return self.put(
            "network:PublicIPAddress",
            publicIpAddressName=name,
            sku={"name": "Standard"},
            publicIPAllocationMethod="Static",
        )

    def role(self, scope: str, principal: str, role: str = NETWORK_CONTRIBUTOR) -> Resource:
        definition = f"/providers/Microsoft.Authorization/roleDefinitions/{role}"
        return self.put(
            "authorization:RoleAssignment",
            scope=scope,
            principalId=principal,
            principalType="ServicePrincipal",
            roleDefinitionId=f"/subscriptions/{self.cloud.subscription}{definition}",
            roleAssignmentName=f"{abs(hash((scope, principal, role))):032x}",
        )

    def identity(self, name: str = "id-aks") -> Resource:
        return self.put("managedidentity:UserAssignedIdentity", resourceName=name)

    def cluster_inputs(self, subnet: Resource, identity: Resource, **more: Any) -> dict[str, Any]:
        pool = {"name": "system", "mode": "System", "count": 1, "vnetSubnetID": subnet.id}
        return {
            "resourceName": "aks",
            "dnsPrefix": "aks",
            "kubernetesVersion": "1.35",
            "networkProfile": dict(OVERLAY),
            "identity": {"type": "UserAssigned", "userAssignedIdentities": [identity.id]},
            "agentPoolProfiles": [{**pool, "vmSize": "Standard_D4ds_v5", "osType": "Linux"}],
            **more,
        }

    def cluster(self, **more: Any) -> Resource:
        """A cluster with its network, identity and role."""
        self.network()
        subnet = self.subnet("nodes", "10.0.0.0/20")
        identity = self.identity()
        self.role(subnet.id, identity.outputs["principalId"])
        inputs = self.cluster_inputs(subnet, identity, **more)
        return self.put("containerservice:ManagedCluster", **inputs)
