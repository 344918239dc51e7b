"""The cluster's windows for planned maintenance (aks/planned-maintenance)."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import containerservice

from components.settings.cluster import MaintenanceSettings, MaintenanceWindow

CONFIGURATIONS = {
    "kubernetes": "aksManagedAutoUpgradeSchedule",
    "node_os": "aksManagedNodeOSUpgradeSchedule",
    "aks_releases": "default",
}
"""The names that Azure gives to the maintenance configurations, by setting."""


def maintenance_configurations(
    name: str,
    settings: MaintenanceSettings,
    *,
    resource_group_name: pulumi.Input[str],
    cluster: containerservice.ManagedCluster,
    parent: pulumi.Resource,
) -> None:
    """Register one maintenance configuration for each window that the settings give."""
    for key, config_name in CONFIGURATIONS.items():
        window: MaintenanceWindow | None = getattr(settings, key)
        if window is None:
            continue
        containerservice.MaintenanceConfiguration(
            f"{name}-maintenance-{key.replace('_', '-')}",
            config_name=config_name,
            resource_group_name=resource_group_name,
            resource_name_=cluster.name,
            maintenance_window=_window(window),
            opts=pulumi.ResourceOptions(
                parent=parent,
                # Azure deletes a cluster with its maintenance configurations.
                deleted_with=cluster,
                # Azure sets it to the day on which it accepted the window.
                ignore_changes=["maintenanceWindow.startDate"],
            ),
        )


def _window(window: MaintenanceWindow) -> containerservice.MaintenanceWindowArgs:
    return containerservice.MaintenanceWindowArgs(
        duration_hours=window.hours,
        start_time=window.start,
        utc_offset=window.utc_offset,
        schedule=containerservice.ScheduleArgs(
            weekly=containerservice.WeeklyScheduleArgs(
                day_of_week=window.day, interval_weeks=window.interval_weeks
            )
        ),
    )
