from __future__ import annotations

import base64
import json

import pytest

from simulator.azure.automatic import is_automatic
from simulator.azure.cloud import Cloud
from simulator.errors import AlreadyExists, AzureError

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-test"


def test_ids_and_common_outputs_are_those_of_arm(azure):
    network = azure.network()
    assert network.id == f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
    assert network.outputs["type"] == "Microsoft.Network/virtualNetworks"
    assert network.outputs["provisioningState"] == "Succeeded"


def test_a_second_deployment_gives_the_same_values(azure):
    first = azure.identity()
    azure.cloud.delete(first.id)
    assert azure.identity().outputs == first.outputs


def test_a_missing_resource_group_is_refused():
    with pytest.raises(AzureError) as caught:
        Cloud().put(
            "network:RouteTable",
            {"resourceGroupName": "none", "routeTableName": "rt", "location": "westeurope"},
        )
    assert (caught.value.status, caught.value.code) == (404, "ResourceGroupNotFound")


def test_a_missing_parent_is_refused(azure):
    assert (
        azure.refused(
            "network:Subnet", virtualNetworkName="none", subnetName="s", addressPrefix="10.0.0.0/24"
        ).code
        == "ParentResourceNotFound"
    )


def test_a_reference_to_nothing_is_refused(azure):
    azure.network()
    missing = f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/none"
    error = azure.refused(
        "network:Subnet",
        virtualNetworkName="vnet",
        subnetName="s",
        addressPrefix="10.0.0.0/24",
        networkSecurityGroup={"id": missing},
    )
    assert error.code == "InvalidResourceReference"
    assert missing in error.message


def test_a_reference_to_a_part_that_the_gateway_lacks_is_refused(azure):
    gateway = f"{GROUP}/providers/Microsoft.Network/applicationGateways/agw"
    error = azure.refused(
        "network:ApplicationGateway",
        applicationGatewayName="agw",
        httpListeners=[{"name": "l", "frontendPort": {"id": f"{gateway}/frontendPorts/p80"}}],
        frontendPorts=[{"name": "p443", "port": 443}],
    )
    assert error.code == "InvalidResourceReference"
    assert "its frontendPorts do not contain 'p80'" in error.message


def test_a_reference_to_a_type_that_is_not_simulated_is_let_through(azure):
    circuit = f"{GROUP}/providers/Microsoft.Network/expressRouteCircuits/c"
    assert azure.put(
        "network:VirtualNetworkGatewayConnection",
        virtualNetworkGatewayConnectionName="c",
        connectionType="ExpressRoute",
        peer={"id": circuit},
        virtualNetworkGateway1={},
    )


def test_what_exists_is_not_created_again(azure):
    azure.identity()
    with pytest.raises(AlreadyExists, match="cannot create already existing resource"):
        azure.cloud.create(
            "managedidentity:UserAssignedIdentity",
            {"resourceGroupName": "rg-test", "resourceName": "id-aks", "location": "westeurope"},
        )


def test_a_resource_group_goes_with_all_that_it_holds(azure):
    azure.cluster()
    azure.cloud.delete(GROUP)
    assert [item for item in azure.cloud.store.all() if not is_automatic(item)] == []


def test_deleting_what_is_not_there_succeeds(azure):
    missing = f"{GROUP}/providers/Microsoft.Network/routeTables/none"
    azure.cloud.delete(missing)
    assert not azure.cloud.exists(missing)


def test_write_only_properties_are_not_answered(azure):
    azure.put(
        "keyvault:Vault",
        vaultName="kv-test",
        properties={"tenantId": "t", "sku": {"family": "A", "name": "standard"}},
    )
    secret = azure.put(
        "keyvault:Secret", vaultName="kv-test", secretName="s", properties={"value": "hidden"}
    )
    assert "hidden" not in json.dumps(secret.outputs)
    assert secret.outputs["properties"]["secretUri"] == "https://kv-test.vault.azure.net/secrets/s"


def test_network_watcher_appears_with_the_first_network_of_a_region(azure):
    network = azure.network()
    account = azure.put(
        "storage:StorageAccount",
        accountName="stlogs",
        kind="StorageV2",
        sku={"name": "Standard_LRS"},
    )
    assert azure.put(
        "network:FlowLog",
        resourceGroupName="NetworkWatcherRG",
        networkWatcherName="NetworkWatcher_westeurope",
        flowLogName="log",
        targetResourceId=network.id,
        storageId=account.id,
    )


def test_a_cluster_answers_names_identities_and_issuer(azure):
    cluster = azure.cluster(
        oidcIssuerProfile={"enabled": True},
        addonProfiles={"azureKeyvaultSecretsProvider": {"enabled": True}},
        ingressProfile={"webAppRouting": {"enabled": True}},
    )
    shown = cluster.outputs
    assert shown["fqdn"].endswith(".hcp.westeurope.azmk8s.io")
    assert "privateFQDN" not in shown
    assert shown["nodeResourceGroup"] == "MC_rg-test_aks_westeurope"
    assert shown["oidcIssuerProfile"]["issuerURL"].startswith("https://westeurope.oic.")
    assert shown["agentPoolProfiles"][0]["currentOrchestratorVersion"].startswith("1.35.")
    for identity in (
        shown["identityProfile"]["kubeletidentity"],
        shown["addonProfiles"]["azureKeyvaultSecretsProvider"]["identity"],
        shown["ingressProfile"]["webAppRouting"]["identity"],
    ):
        found = azure.cloud.get(identity["resourceId"])
        assert found is not None
        assert found.outputs["principalId"] == identity["objectId"]


def test_a_private_cluster_has_a_name_in_its_private_zone(azure):
    cluster = azure.cluster(
        apiServerAccessProfile={
            "enablePrivateCluster": True,
            "enablePrivateClusterPublicFQDN": False,
        }
    )
    assert cluster.outputs["privateFQDN"].endswith(".privatelink.westeurope.azmk8s.io")
    assert "fqdn" not in cluster.outputs


def test_the_node_resource_group_goes_with_the_cluster(azure):
    cluster = azure.cluster()
    group = f"{SUBSCRIPTION}/resourceGroups/{cluster.outputs['nodeResourceGroup']}"
    assert azure.cloud.get(group)
    azure.cloud.delete(cluster.id)
    assert azure.cloud.get(group) is None


def kubeconfig(azure, function: str) -> dict:
    answer = azure.cloud.invoke(
        f"azure-native:containerservice:{function}",
        {"resourceGroupName": "rg-test", "resourceName": "aks"},
    )
    return json.loads(base64.b64decode(answer["kubeconfigs"][0]["value"]))


def test_a_kubeconfig_leads_to_the_cluster(azure):
    cluster = azure.cluster()
    config = kubeconfig(azure, "listManagedClusterUserCredentials")
    assert config["clusters"][0]["cluster"]["server"] == f"https://{cluster.outputs['fqdn']}:443"
    assert "token" in config["users"][0]["user"]


def test_an_entra_cluster_sends_its_users_through_kubelogin(azure):
    azure.cluster(aadProfile={"managed": True}, disableLocalAccounts=True)
    config = kubeconfig(azure, "listManagedClusterUserCredentials")
    assert config["users"][0]["user"]["exec"]["command"] == "kubelogin"
    with pytest.raises(AzureError, match="disable local accounts"):
        kubeconfig(azure, "listManagedClusterAdminCredentials")


def test_get_functions_answer_any_type(azure):
    azure.network()
    subnet = azure.subnet("nodes", "10.0.0.0/20")
    answer = azure.cloud.invoke(
        "azure-native:network:getSubnet",
        {"resourceGroupName": "rg-test", "virtualNetworkName": "vnet", "subnetName": "nodes"},
    )
    assert (answer["id"], answer["addressPrefix"]) == (subnet.id, "10.0.0.0/20")


def test_interfaces_get_different_addresses_of_their_subnet(azure):
    azure.network()
    subnet = azure.subnet("vms", "10.0.1.0/29")
    interfaces = [
        azure.put(
            "network:NetworkInterface",
            networkInterfaceName=name,
            ipConfigurations=[{"name": "c", "subnet": {"id": subnet.id}}],
        )
        for name in ("nic1", "nic2")
    ]
    given = [item.outputs["ipConfigurations"][0]["privateIPAddress"] for item in interfaces]
    assert given == ["10.0.1.4", "10.0.1.5"]


def test_subnets_inside_a_network_are_resources_and_leave_with_the_list(azure):
    def write(*names: str):
        subnets = [{"name": n, "addressPrefix": f"10.0.{i}.0/24"} for i, n in enumerate(names)]
        azure.network(subnets=subnets)
        return [item.name for item in azure.cloud.store.of_type("network:Subnet")]

    assert write("a", "b") == ["a", "b"]
    assert write("a") == ["a"]


def test_a_network_written_without_the_property_keeps_its_subnets(azure):
    azure.network()
    azure.subnet("nodes", "10.0.0.0/20")
    network = azure.network(tags={"a": "b"})
    assert [item["name"] for item in network.outputs["subnets"]] == ["nodes"]
