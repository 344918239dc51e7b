"""Diagnostic settings for the resources' logs, and flow logs of the virtual networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import managedidentity, monitor, network, resources, storage

from components.azure.common import CommonArgs
from components.azure.component import Component
from components.azure.resource_ids import subscription_id
from components.azure.role_assignments import grant
from components.azure.roles import Role
from components.settings import log_categories
from components.settings.observability import (
    DiagnosticsSettings,
    FlowLogsSettings,
    ObservabilitySettings,
)

NETWORK_WATCHER_GROUP = "NetworkWatcherRG"
"""Azure creates this resource group, and a Network Watcher in every region with a virtual network,
unless the subscription has opted out (network-watcher/network-watcher-create)."""


@dataclass(frozen=True)
class ObservabilityArgs:
    """The settings, the destinations, and the resources that send logs."""

    common: CommonArgs
    settings: ObservabilitySettings
    workspace_id: pulumi.Input[str] | None
    """The destination of diagnostic settings and traffic analytics; None without one."""
    resource_group: resources.ResourceGroup | None
    """Resource group of the storage account for the flow logs; None without flow logs."""
    resource_ids: Mapping[log_categories.Kind, pulumi.Input[str]]
    """Resource ids of the existing resources; the settings say which of them send logs."""
    virtual_network_ids: Mapping[str, pulumi.Input[str]]
    """Resource ids of the networks with flow logs, by a key that is part of the names of the logs.
    All networks are in the deployment's region."""


class Observability(Component):
    """Diagnostic settings, and flow logs with their storage account.

    No other resource waits for them. Azure keeps a diagnostic setting when its resource is deleted,
    and would apply it to a new resource of that name. Each setting depends on the id of its
    resource, so Pulumi deletes the setting first.
    """

    def __init__(
        self, name: str, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        self._common = args.common
        if args.workspace_id is not None:
            self._diagnostic_settings(args.settings.diagnostics, args.workspace_id)
        if args.settings.flow_logs and args.resource_group:
            self._flow_logs(args.settings.flow_logs, args.resource_group)
        self.register_outputs({})

    def _diagnostic_settings(
        self, settings: DiagnosticsSettings, workspace_id: pulumi.Input[str]
    ) -> None:
        for kind in settings.kinds:
            monitor.DiagnosticSetting(
                f"{self._name}-{kind}",
                name=self._common.names.of("diag", kind),
                resource_uri=self._args.resource_ids[kind],
                workspace_id=workspace_id,
                log_analytics_destination_type="Dedicated"
                if log_categories.LOGS[kind].dedicated
                else None,
                logs=[
                    monitor.DiagnosticsLogSettingsArgs(category=category, enabled=True)
                    for category in log_categories.categories(
                        kind, audit_reads=settings.audit_reads
                    )
                ],
                opts=pulumi.ResourceOptions(parent=self),
            )

    def _flow_logs(self, settings: FlowLogsSettings, group: resources.ResourceGroup) -> None:
        account = self._storage_account(group)
        identity = managedidentity.UserAssignedIdentity(
            f"{self._name}-flow-id",
            resource_name_=self._common.names.of("id", "flow-logs"),
            resource_group_name=group.name,
            location=self._common.location,
            tags=self._common.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        storage_grant = grant(
            f"{self._name}-flow-writer",
            names=self._common.names,
            role=Role.STORAGE_BLOB_DATA_CONTRIBUTOR,
            scope=account.id,
            principal_id=identity.principal_id,
            parent=self,
        )
        for key, network_id in self._args.virtual_network_ids.items():
            network.FlowLog(
                f"{self._name}-flow-{key}",
                flow_log_name=self._common.names.of("fl", key),
                network_watcher_name=f"NetworkWatcher_{self._common.location}",
                resource_group_name=NETWORK_WATCHER_GROUP,
                location=self._common.location,
                target_resource_id=network_id,
                storage_id=account.id,
                enabled=True,
                format=network.FlowLogFormatParametersArgs(type="JSON", version=2),
                retention_policy=network.RetentionPolicyParametersArgs(
                    enabled=settings.retention_days > 0, days=settings.retention_days
                ),
                identity=network.ManagedServiceIdentityArgs(
                    type=network.ResourceIdentityType.USER_ASSIGNED,
                    user_assigned_identities=[identity.id],
                ),
                flow_analytics_configuration=self._analytics(),
                tags=self._common.tags,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[storage_grant]),
            )

    def _storage_account(self, group: resources.ResourceGroup) -> storage.StorageAccount:
        """The storage account for the flow logs, with access by identity only.

        Flow logs write with a managed identity (network-watcher/vnet-flow-logs-managed-identity).
        No account key is needed; rotating a key would stop the logs. The account's firewall admits
        trusted Azure services only (network-watcher/frequently-asked-questions). To read the logs,
        add an address range to it.
        """
        name = group.id.apply(
            lambda id_: self._common.names.globally_unique("st", subscription_id(id_))
        )
        return storage.StorageAccount(
            f"{self._name}-flow-st",
            account_name=name,
            resource_group_name=group.name,
            location=self._common.location,
            kind=storage.Kind.STORAGE_V2,
            # Flow logs need standard performance (network-watcher/vnet-flow-logs-overview).
            sku=storage.SkuArgs(name=storage.SkuName.STANDARD_LRS),
            access_tier=storage.AccessTier.HOT,
            minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
            enable_https_traffic_only=True,
            allow_blob_public_access=False,
            allow_shared_key_access=False,
            allow_cross_tenant_replication=False,
            default_to_o_auth_authentication=True,
            public_network_access="Enabled",
            network_rule_set=storage.NetworkRuleSetArgs(
                bypass="AzureServices", default_action=storage.DefaultAction.DENY
            ),
            tags=self._common.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=self._common.protect),
        )

    def _analytics(self) -> network.TrafficAnalyticsPropertiesArgs | None:
        settings = self._args.settings.traffic_analytics
        if settings is None:
            return None
        return network.TrafficAnalyticsPropertiesArgs(
            network_watcher_flow_analytics_configuration=network.TrafficAnalyticsConfigurationPropertiesArgs(
                enabled=True,
                workspace_resource_id=self._args.workspace_id,
                traffic_analytics_interval=settings.interval_minutes,
            )
        )
