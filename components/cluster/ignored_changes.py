"""Properties of a cluster that change in Azure without this program, as paths to ignore."""

from __future__ import annotations

from components.settings.cluster import ClusterSettings


def rotated_in_azure(settings: ClusterSettings) -> list[str]:
    """What Azure changes in place and azure-native 3.29 replaces the cluster for."""
    return ["windowsProfile.adminPassword"] if settings.windows else []


def upgraded_by_azure(settings: ClusterSettings) -> list[str]:
    """Where an upgrade channel raises the version, it is Azure's, and no run may set it back.

    The channel `patch` leaves a minor version as it is, and a write of `1.35` to a cluster that
    runs 1.35.4 changes nothing (REST: ManagedClusterProperties.kubernetesVersion).
    """
    channel, names_patch = settings.upgrade_channel, settings.kubernetes_version.count(".") > 1
    if channel in {"none", "node-image"} or (channel == "patch" and not names_patch):
        return []
    return ["kubernetesVersion", "agentPoolProfiles[0].orchestratorVersion"]
