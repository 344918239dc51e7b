"""What is recorded of a deployment, in which order, and who can reach it."""

import functools
import re
from typing import Any, get_args

import pytest
import yaml

from components.network.egress_rules import firewall_addon_rules
from components.settings import log_categories
from simulator.azure.namespaces.monitor import CATEGORIES
from tests.helpers.certificates import PFX
from tests.helpers.loops import each
from tests.helpers.mocks import Recording, Registration
from tests.helpers.stacks import ROOT, configuration_of, recorded, run_program

RESOURCE_TYPES: dict[str, str] = {
    "cluster": "Microsoft.ContainerService/managedClusters",
    "applicationGateway": "Microsoft.Network/applicationGateways",
    "applicationGatewayForContainers": "Microsoft.ServiceNetworking/trafficControllers",
    "bastion": "Microsoft.Network/bastionHosts",
    "firewall": "Microsoft.Network/azureFirewalls",
    "keyVault": "Microsoft.KeyVault/vaults",
}
EXISTING = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-central"
    "/providers/Microsoft.OperationalInsights/workspaces/log-central"
)


def run_example(name: str, **settings: Any) -> Recording:
    """What an example registers, with other settings of observability if any are given."""
    file = ROOT / "examples" / f"{name}.yaml"
    config = yaml.safe_load(file.read_text())["config"]
    config["aks-network:management"]["jumpBox"] = {"sshPublicKey": "ssh-ed25519 AAAAC3Nza"}
    if "aks-network:ingress" in config:
        config["aks-network:ingress"]["waf"]["certificate"] = {"pfx": PFX}
    if settings:
        config["aks-network:observability"] = settings
    return run_program(config, seed=file.with_suffix(".cloud.yaml"))


@functools.cache
def everything() -> Recording:
    """The example in which all that can be recorded is."""
    return run_example("observability")


def settings(recording: Recording) -> dict[str, Registration]:
    """The diagnostic settings by the kind of their resource."""
    made = recording.of_type("monitor:DiagnosticSetting")
    return {r.name.removeprefix("observability-"): r for r in made}


def of_development(**observability: Any) -> Recording:
    config = configuration_of("dev")
    config["aks-network:observability"] = observability
    return run_program(config)


def test_nothing_is_recorded_unless_it_is_asked_for():
    dev = recorded("dev")
    for token in (
        "operationalinsights:Workspace",
        "monitor:DiagnosticSetting",
        "storage:StorageAccount",
        "network:FlowLog",
    ):
        assert dev.of_type(token) == []
    assert "observability-rg" not in {r.name for r in dev.registrations}
    cluster = dev.one("containerservice:ManagedCluster").inputs
    assert cluster["securityProfile"]["defender"] == {"securityMonitoring": {"enabled": False}}
    assert cluster["addonProfiles"]["azurepolicy"] == {"enabled": False}


def test_production_records_logs_and_flows_and_is_guarded():
    prod = recorded("prod")
    assert set(settings(prod)) == {"cluster", "applicationGateway", "bastion", "keyVault"}
    assert len(prod.of_type("network:FlowLog")) == 2
    cluster = prod.one("containerservice:ManagedCluster").inputs
    assert cluster["securityProfile"]["defender"]["securityMonitoring"] == {"enabled": True}
    assert cluster["addonProfiles"]["azurepolicy"] == {"enabled": True}


def test_every_kind_of_resource_has_a_setting_of_its_own():
    # The stack with everything on has no Application Gateway for Containers.
    assert set(settings(everything())) == set(RESOURCE_TYPES) - {"applicationGatewayForContainers"}
    for kind, setting in settings(everything()).items():
        assert f"/providers/{RESOURCE_TYPES[kind]}/" in setting.inputs["resourceUri"]


@pytest.mark.parametrize("kind", get_args(log_categories.Kind))
def test_every_category_is_one_that_its_resource_writes(kind: log_categories.Kind):
    known = CATEGORIES[RESOURCE_TYPES[kind].lower()]
    for audit_reads in (False, True):
        chosen = log_categories.categories(kind, audit_reads=audit_reads)
        assert set(chosen) <= known
        assert len(chosen) == len(set(chosen))


def test_reading_requests_are_in_the_audit_log_only_on_request():
    assert "kube-audit" not in log_categories.categories("cluster")
    assert "kube-audit-admin" in log_categories.categories("cluster")
    with_reads = log_categories.categories("cluster", audit_reads=True)
    assert "kube-audit" in with_reads
    assert "kube-audit-admin" not in with_reads, "it is contained in kube-audit: paid for twice"


def test_tables_are_chosen_only_where_the_service_lets_them_be():
    chosen = {
        kind: setting.inputs.get("logAnalyticsDestinationType")
        for kind, setting in settings(everything()).items()
    }
    assert chosen == {
        "cluster": "Dedicated",
        "applicationGateway": "Dedicated",
        "firewall": "Dedicated",
        "bastion": None,
        "keyVault": None,
    }


def test_a_setting_goes_before_its_resource_and_its_workspace_do():
    recording = everything()
    by_id = {
        "cluster": recording.one("containerservice:ManagedCluster"),
        "applicationGateway": recording.one("network:ApplicationGateway"),
        "bastion": recording.one("network:BastionHost"),
        "firewall": recording.one("network:AzureFirewall"),
        "keyVault": recording.one("keyvault:Vault"),
    }
    workspace = recording.one("operationalinsights:Workspace")
    for kind, setting in each(settings(recording).items()):
        assert by_id[kind].urn in setting.dependencies
        assert workspace.urn in setting.dependencies


def test_nothing_waits_for_what_records():
    recording = everything()
    recorders = {
        r.urn
        for token in ("monitor:DiagnosticSetting", "network:FlowLog", "storage:StorageAccount")
        for r in recording.of_type(token)
    }
    others = [item for item in recording.azure() if "observability" not in item.name]
    assert recorders
    assert others
    for resource in others:
        assert not recorders & recording.waits_for(resource), resource.name


def test_the_workspace_stands_before_a_cluster_with_defender():
    recording = everything()
    workspace = recording.one("operationalinsights:Workspace")
    cluster = recording.one("containerservice:ManagedCluster")
    assert workspace.urn in recording.waits_for(cluster)
    defender = cluster.inputs["securityProfile"]["defender"]
    assert defender["logAnalyticsWorkspaceResourceId"].endswith(workspace.inputs["workspaceName"])


def test_without_defender_the_cluster_waits_for_no_workspace():
    recording = of_development(diagnostics={"cluster": True})
    workspace = recording.one("operationalinsights:Workspace")
    cluster = recording.one("containerservice:ManagedCluster")
    assert workspace.urn not in recording.waits_for(cluster)


def test_a_workspace_without_a_quota_takes_everything_in():
    unlimited = recorded("prod").one("operationalinsights:Workspace").inputs
    limited = everything().one("operationalinsights:Workspace").inputs
    assert unlimited["workspaceCapping"] == {"dailyQuotaGb": -1}
    assert limited["workspaceCapping"] == {"dailyQuotaGb": 5}
    assert limited["retentionInDays"] == 60


def test_both_networks_flows_are_recorded_by_the_regions_network_watcher():
    recording = everything()
    logs = recording.of_type("network:FlowLog")
    networks = recording.of_type("network:VirtualNetwork")
    targets = {log.inputs["targetResourceId"].rsplit("/", 1)[-1] for log in logs}
    assert targets == {network.inputs["virtualNetworkName"] for network in networks}
    for log in logs:
        assert log.inputs["resourceGroupName"] == "NetworkWatcherRG"
        assert log.inputs["networkWatcherName"] == "NetworkWatcher_westeurope"
        assert log.inputs["retentionPolicy"] == {"enabled": True, "days": 30}


def test_flow_logs_are_written_by_an_identity_that_may():
    recording = everything()
    account = recording.one("storage:StorageAccount")
    writer = recording.one("authorization:RoleAssignment", "observability-flow-writer")
    assert writer.inputs["scope"].endswith(account.inputs["accountName"])
    assert account.inputs["allowSharedKeyAccess"] is False
    for log in recording.of_type("network:FlowLog"):
        assert writer.urn in log.dependencies
        assert log.inputs["identity"]["type"] == "UserAssigned"


def test_the_flow_logs_account_is_closed():
    account = everything().one("storage:StorageAccount").inputs
    assert account["allowBlobPublicAccess"] is False
    assert account["minimumTlsVersion"] == "TLS1_2"
    assert account["enableHttpsTrafficOnly"] is True
    assert account["networkRuleSet"] == {"bypass": "AzureServices", "defaultAction": "Deny"}


def test_traffic_analytics_writes_to_the_same_workspace():
    recording = everything()
    workspace = recording.one("operationalinsights:Workspace").inputs["workspaceName"]
    for log in each(recording.of_type("network:FlowLog")):
        analytics = log.inputs["flowAnalyticsConfiguration"][
            "networkWatcherFlowAnalyticsConfiguration"
        ]
        assert analytics["trafficAnalyticsInterval"] == 10
        assert analytics["workspaceResourceId"].endswith(f"/{workspace}")
    for log in each(recorded("prod").of_type("network:FlowLog")):
        assert "flowAnalyticsConfiguration" not in log.inputs


def test_flow_logs_alone_need_no_workspace():
    recording = of_development(flowLogs={"retentionDays": 0})
    assert recording.of_type("operationalinsights:Workspace") == []
    for log in each(recording.of_type("network:FlowLog")):
        assert log.inputs["retentionPolicy"] == {"enabled": False, "days": 0}


def test_an_existing_workspace_is_written_to_and_never_changed():
    recording = run_example("byo-logs")
    assert recording.of_type("operationalinsights:Workspace") == []
    assert "observability-rg" not in {r.name for r in recording.registrations}
    assert {s.inputs["workspaceId"] for s in settings(recording).values()} == {EXISTING}
    defender = recording.one("containerservice:ManagedCluster").inputs["securityProfile"]
    assert defender["defender"]["logAnalyticsWorkspaceResourceId"] == EXISTING


def test_an_existing_network_gets_no_flow_log():
    recording = run_example("byo-vnet", flowLogs={})
    (log,) = recording.of_type("network:FlowLog")
    assert log.name == "observability-flow-management"


def test_the_firewall_lets_through_what_defender_and_policy_need():
    assert firewall_addon_rules(defender=False, azure_policy=False, alb_controller=False) == ()
    names = {
        name
        for rule in firewall_addon_rules(defender=True, azure_policy=True, alb_controller=False)
        for name in rule.fqdns
    }
    assert {"*.cloud.defender.microsoft.com", "data.policy.core.windows.net"} <= names
    group = everything().one("network:FirewallPolicyRuleCollectionGroup", "egress-rules")
    allowed = {
        name
        for collection in group.inputs["ruleCollections"]
        for rule in collection["rules"]
        for name in rule.get("targetFqdns", ())
    }
    assert names <= allowed


def test_what_is_recorded_is_protected_with_the_rest():
    for token in ("operationalinsights:Workspace", "storage:StorageAccount"):
        assert recorded("prod").one(token).protect is True
        assert everything().one(token).protect is False


def test_the_storage_accounts_name_tells_whose_it_is():
    name = everything().one("storage:StorageAccount").inputs["accountName"]
    assert re.fullmatch(r"stshopobserved[0-9a-f]{10}", name)
