"""What azure-native replaces where Azure, or the provider, updates nothing in place.

The rows are those of its map of properties that force a replacement, for the types simulated.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulator.azure.provider import AzureNative
from simulator.server import DiffRequest, Urn

PROFILE = "networkProfile"
CLUSTER, POOL = "containerservice:ManagedCluster", "containerservice:AgentPool"

REPLACED: dict[str, list[str]] = {
    CLUSTER: [
        "location",
        "dnsPrefix",
        "fqdnSubdomain",
        "nodeResourceGroup",
        "diskEncryptionSetID",
        "linuxProfile.adminUsername",
        "windowsProfile.adminUsername",
        *(
            f"{PROFILE}.{name}"
            for name in (
                "networkPlugin",
                "networkPluginMode",
                "networkPolicy",
                "networkDataplane",
                "networkMode",
                "outboundType",
                "serviceCidr",
                "serviceCidrs",
                "podCidr",
                "dnsServiceIP",
            )
        ),
        "resourceName",
        "resourceGroupName",
    ],
    POOL: ["vmSize", "gpuInstanceProfile", "agentPoolName", "resourceName"],
    "authorization:RoleAssignment": ["principalId", "scope", "roleAssignmentName"],
    "network:PublicIPAddress": [
        "location",
        "sku.name",
        "publicIPAddressVersion",
        "publicIPPrefix.id",
    ],
    "network:PrivateEndpoint": ["subnet.id"],
    "network:VirtualNetwork": ["location"],
    "network:Subnet": ["subnetName", "virtualNetworkName"],
    "resources:ResourceGroup": ["location"],
}

UPDATED: dict[str, list[str]] = {
    CLUSTER: [
        "kubernetesVersion",
        "tags.a",
        "disableLocalAccounts",
        f"{PROFILE}.loadBalancerSku",
        # From IPv4 to dual-stack, Azure changes these in place.
        f"{PROFILE}.ipFamilies",
        f"{PROFILE}.podCidrs",
        f"{PROFILE}.loadBalancerProfile.idleTimeoutInMinutes",
        f"{PROFILE}.natGatewayProfile.idleTimeoutInMinutes",
        f"{PROFILE}.advancedNetworking.enabled",
        "autoUpgradeProfile.upgradeChannel",
    ],
    # Azure refuses the change of these; azure-native does not know it.
    POOL: ["maxPods", "vnetSubnetID", "podSubnetID", "osDiskSizeGB", "count", "mode"],
    "authorization:RoleAssignment": ["roleDefinitionId", "principalType", "description"],
    "network:Subnet": ["addressPrefix", "natGateway.id", "routeTable.id", "delegations"],
    "network:VirtualNetwork": ["addressSpace.addressPrefixes"],
    "network:PrivateEndpoint": ["customNetworkInterfaceName"],
}

ROWS = [
    (token, path, replaced)
    for table, replaced in ((REPLACED, True), (UPDATED, False))
    for token, paths in table.items()
    for path in paths
]


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AzureNative:
    monkeypatch.setenv("AZURE_SIM_STATE", str(tmp_path))
    return AzureNative()


@pytest.mark.parametrize(("token", "path", "replaced"), ROWS)
def test_a_change_replaces_or_updates(provider, token, path, replaced):
    def inputs(value: str) -> dict[str, Any]:
        found: Any = value
        for part in reversed(path.split(".")):
            found = {part: found}
        return found

    urn = Urn(f"urn:pulumi:dev::shop::azure-native:{token}::thing")
    answer = provider.diff(DiffRequest(urn, inputs("old"), {}, inputs("new")))
    assert answer.changes == {path: ("update", replaced)}
    assert answer.delete_before_replace == replaced
