"""What watches over networks and clusters: Network Watcher, flow logs, diagnostic settings."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.azure.namespaces.network.watchers import is_automatic
from simulator.store import Resource


def account(azure: Any, name: str = "stlogs", **more: Any) -> Resource:
    return azure.put(
        "storage:StorageAccount",
        accountName=name,
        kind="StorageV2",
        sku={"name": "Standard_LRS"},
        **more,
    )


def flow_log(target: Resource, storage: Resource) -> dict[str, Any]:
    return {
        "resourceGroupName": "NetworkWatcherRG",
        "networkWatcherName": "NetworkWatcher_westeurope",
        "flowLogName": "log",
        "targetResourceId": target.id,
        "storageId": storage.id,
    }


def setting(target: Resource, workspace: Resource, *categories: str, name: str = "diag") -> Any:
    return {
        "resourceUri": target.id,
        "name": name,
        "workspaceId": workspace.id,
        "logs": [{"category": category, "enabled": True} for category in categories],
    }


def vault_and_workspace(azure: Any) -> tuple[Resource, Resource]:
    vault = azure.put(
        "keyvault:Vault",
        vaultName="kv-test",
        properties={"tenantId": "t", "sku": {"family": "A", "name": "standard"}},
    )
    return vault, azure.put("operationalinsights:Workspace", workspaceName="log-central")


def test_without_a_network_in_the_region_there_is_no_network_watcher(azure):
    group = azure.put("network:NetworkSecurityGroup", networkSecurityGroupName="nsg")
    error = azure.refused("network:FlowLog", **flow_log(group, account(azure)))
    assert error.code == "ResourceGroupNotFound"


def test_each_region_gets_one_network_watcher_that_outlives_its_networks(azure):
    networks = [
        azure.network("one"),
        azure.network("two"),
        azure.network("three", location="northeurope"),
    ]
    for network in networks:
        azure.cloud.delete(network.id)
    left = [item for item in azure.cloud.store.all() if is_automatic(item)]
    assert [item.name for item in left] == [
        "NetworkWatcherRG",
        "NetworkWatcher_westeurope",
        "NetworkWatcher_northeurope",
    ]


def test_a_security_group_gets_no_new_flow_log(azure):
    azure.network()
    group = azure.put("network:NetworkSecurityGroup", networkSecurityGroupName="nsg")
    error = azure.refused("network:FlowLog", **flow_log(group, account(azure)))
    assert error.code == "NsgFlowLogCreationBlocked"


def test_a_storage_accounts_name_is_letters_and_digits(azure):
    error = azure.refused(
        "storage:StorageAccount",
        accountName="st-logs",
        kind="StorageV2",
        sku={"name": "Standard_LRS"},
    )
    assert error.code == "AccountNameInvalid"


def test_a_storage_accounts_name_is_taken_everywhere(azure):
    account(azure)
    azure.put("resources:ResourceGroup", resourceGroupName="rg-other")
    error = azure.refused(
        "storage:StorageAccount",
        resourceGroupName="rg-other",
        accountName="stlogs",
        kind="StorageV2",
        sku={"name": "Standard_LRS"},
    )
    assert (error.status, error.code) == (409, "StorageAccountAlreadyTaken")


def test_a_category_that_the_resource_does_not_write_is_refused(azure):
    vault, workspace = vault_and_workspace(azure)
    error = azure.refused("monitor:DiagnosticSetting", **setting(vault, workspace, "kube-audit"))
    assert (error.status, error.code) == (400, "BadRequest")


def test_a_category_goes_to_one_workspace_once(azure):
    vault, workspace = vault_and_workspace(azure)
    azure.put("monitor:DiagnosticSetting", **setting(vault, workspace, "AuditEvent"))
    azure.put("monitor:DiagnosticSetting", **setting(vault, workspace, "AuditEvent"))
    error = azure.refused(
        "monitor:DiagnosticSetting", **setting(vault, workspace, "AuditEvent", name="again")
    )
    assert (error.status, error.code) == (409, "Conflict")


def test_a_diagnostic_setting_outlives_its_resource(azure):
    vault, workspace = vault_and_workspace(azure)
    made = azure.put("monitor:DiagnosticSetting", **setting(vault, workspace, "AuditEvent"))
    azure.cloud.delete(vault.id)
    assert azure.cloud.get(made.id) is not None
    azure.cloud.delete(made.id)
    assert azure.cloud.get(made.id) is None


@pytest.mark.parametrize("kind", ["logs", "metrics"])
@pytest.mark.parametrize(
    ("retention", "accepted"),
    [
        ({"enabled": False, "days": 0}, True),
        ({"enabled": True, "days": 0}, False),
        ({"enabled": False, "days": 30}, False),
    ],
)
def test_a_retention_is_refused_in_new_settings(azure, kind, retention, accepted):
    """Rule: a_new_setting_has_no_retention."""
    inputs = setting(*vault_and_workspace(azure), "AuditEvent")
    inputs["metrics"] = [{"category": "AllMetrics", "enabled": True}]
    inputs[kind][0]["retentionPolicy"] = retention
    if accepted:
        assert azure.put("monitor:DiagnosticSetting", **inputs)
        return
    error = azure.refused("monitor:DiagnosticSetting", **inputs)
    assert (error.code, error.target) == ("BadRequest", f"{kind}.retentionPolicy")


def test_a_traffic_controller_has_categories_of_its_own(azure):
    controller = azure.put(
        "servicenetworking:TrafficControllerInterface", trafficControllerName="alb"
    )
    workspace = azure.put("operationalinsights:Workspace", workspaceName="log-central")
    own = ("TrafficControllerAccessLog", "TrafficControllerFirewallLog")
    assert azure.put("monitor:DiagnosticSetting", **setting(controller, workspace, *own))
    other = setting(controller, workspace, "ApplicationGatewayAccessLog", name="second")
    error = azure.refused("monitor:DiagnosticSetting", **other)
    assert (error.code, error.target) == ("BadRequest", "logs")
