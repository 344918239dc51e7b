"""A subscription for tests, and the proof that the tests here meet every rule."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from simulator.azure.cloud import Cloud
from simulator.errors import AzureError
from simulator.store import Resource
from tests.simulator.rule_proofs import Proofs

HERE = Path(__file__).parent
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


@pytest.fixture
def azure() -> Subscription:
    return Subscription()


_PROOFS = Proofs()
_PROOFS.install()
_left_out: list[pytest.Item] = []


def _is_here(item: pytest.Item) -> bool:
    return HERE in item.path.parents


def _looks_at_proofs(item: pytest.Item) -> bool:
    return _is_here(item) and "proofs" in getattr(item, "fixturenames", ())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    _PROOFS.begin()
    done = yield
    _PROOFS.end(item, nextitem)
    return done


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run those tests last that look at what the others met."""
    items.sort(key=_looks_at_proofs)


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    _left_out.extend(filter(_is_here, items))


@pytest.fixture
def proofs(request: pytest.FixtureRequest) -> Proofs:
    """What all other tests here have shown."""
    collected = [item for item in request.session.items if _is_here(item)]
    if _left_out or {*HERE.glob("test_*.py")} - {item.path for item in collected}:
        pytest.skip("not all tests of tests/simulator were asked for")
    others = {item.nodeid for item in collected if not _looks_at_proofs(item)}
    assert others - _PROOFS.ran == set(), "run them in one process: --dist=loadgroup"
    return _PROOFS
