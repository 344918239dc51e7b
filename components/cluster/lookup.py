"""What AKS creates with a cluster: the identities of add-ons and kubelet, and the OIDC issuer.

They are looked up in the existing cluster. In a preview the corresponding outputs of the resource
are unknown whenever the cluster is to be updated in place, and Pulumi would announce that role
assignments of an unknown principal are replaced, although nothing about them changes. A value that
the existing cluster does not have, such as the identity of an add-on that this run turns on, comes
from the resource's output.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import containerservice

if TYPE_CHECKING:
    from pulumi_azure_native.containerservice import outputs

AGIC = "ingressApplicationGateway"
"""Key of the add-on profile of AGIC; Azure returns it in another case."""


def app_routing_principal(profile: outputs.ManagedClusterIngressProfileResponse | None) -> str:
    """Object id of the application routing add-on's identity; empty where the add-on is off."""
    routing = profile.web_app_routing if profile else None
    return (routing.identity.object_id or "") if routing and routing.identity else ""


def agic_principal(
    profiles: Mapping[str, outputs.ManagedClusterAddonProfileResponse] | None,
) -> str:
    """Object id of the AGIC add-on's identity; empty where the add-on is off."""
    for addon, profile in (profiles or {}).items():
        if addon.lower() == AGIC.lower() and profile.identity:
            return profile.identity.object_id or ""
    return ""


def kubelet_principal(
    profile: Mapping[str, outputs.UserAssignedIdentityManagedClusterResponse] | None,
) -> str:
    """Object id of the identity with which nodes pull images; empty with a service principal."""
    kubelet = (profile or {}).get("kubeletidentity")
    return (kubelet.object_id or "") if kubelet else ""


def oidc_issuer_url(profile: outputs.ManagedClusterOIDCIssuerProfileResponse | None) -> str:
    """URL of the OIDC issuer; empty without one."""
    return (profile.issuer_url or "") if profile else ""


class ClusterLookup:
    """Values of a cluster: in a preview the current ones, in an update those after the update."""

    def __init__(
        self,
        resource: containerservice.ManagedCluster,
        *,
        name: str,
        resource_group_name: pulumi.Input[str],
    ) -> None:
        self._resource = resource
        self._existing = containerservice.get_managed_cluster_output(
            resource_group_name=resource_group_name,
            resource_name=name,
            opts=pulumi.InvokeOutputOptions(parent=resource, depends_on=[resource]),
        )

    @property
    def app_routing_principal_id(self) -> pulumi.Output[str]:
        """Object id of the application routing add-on's identity; empty where the add-on is off."""
        own = self._resource.ingress_profile.apply(app_routing_principal)
        return self._or_output(
            lambda existing: app_routing_principal(existing.ingress_profile), own
        )

    @property
    def agic_principal_id(self) -> pulumi.Output[str]:
        """Object id of the AGIC add-on's identity; empty where the add-on is off."""
        own = self._resource.addon_profiles.apply(agic_principal)
        return self._or_output(lambda existing: agic_principal(existing.addon_profiles), own)

    @property
    def kubelet_principal_id(self) -> pulumi.Output[str]:
        """Object id of the kubelet identity; empty where the cluster has a service principal."""
        own = self._resource.identity_profile.apply(kubelet_principal)
        return self._or_output(lambda existing: kubelet_principal(existing.identity_profile), own)

    @property
    def issuer_url(self) -> pulumi.Output[str]:
        """URL of the OIDC issuer that signs the tokens of the cluster's service accounts."""
        own = self._resource.oidc_issuer_profile.apply(oidc_issuer_url)
        return self._or_output(lambda existing: oidc_issuer_url(existing.oidc_issuer_profile), own)

    def _or_output(
        self,
        read: Callable[[containerservice.GetManagedClusterResult], str],
        output: pulumi.Output[str],
    ) -> pulumi.Output[str]:
        """The value that `read` finds in the existing cluster, or else the resource's output."""
        return self._existing.apply(lambda existing: read(existing) or output)
