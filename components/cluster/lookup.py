"""What a cluster brings forth by itself: the identities of its add-ons, its issuer of tokens.

In a preview every such output of a cluster that is about to be updated in place is unknown, and a
role for an unknown principal is announced as replaced, although nothing about it changes. So they
are read from the cluster that is there. What it does not have yet, such as the identity of an
add-on that this very run turns on, comes from the resource's own output.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import containerservice

if TYPE_CHECKING:
    from pulumi_azure_native.containerservice import outputs

AGIC = "ingressApplicationGateway"
"""Key of the add-on profile; Azure returns it in its own spelling."""


def app_routing_principal(profile: outputs.ManagedClusterIngressProfileResponse | None) -> str:
    """Object id of the application routing add-on's identity; empty without one."""
    routing = profile.web_app_routing if profile else None
    return (routing.identity.object_id or "") if routing and routing.identity else ""


def agic_principal(
    profiles: Mapping[str, outputs.ManagedClusterAddonProfileResponse] | None,
) -> str:
    """Object id of the AGIC add-on's identity; empty without one."""
    for addon, profile in (profiles or {}).items():
        if addon.lower() == AGIC.lower() and profile.identity:
            return profile.identity.object_id or ""
    return ""


def issuer(profile: outputs.ManagedClusterOIDCIssuerProfileResponse | None) -> str:
    """Address of the issuer of service accounts' tokens; empty without one."""
    return (profile.issuer_url or "") if profile else ""


class ClusterLookup:
    """A cluster as it is, once this run has made or updated it, and in a preview as it is now."""

    def __init__(
        self,
        resource: containerservice.ManagedCluster,
        *,
        name: str,
        resource_group_name: pulumi.Input[str],
    ) -> None:
        self._resource = resource
        self._found = containerservice.get_managed_cluster_output(
            resource_group_name=resource_group_name,
            resource_name=name,
            opts=pulumi.InvokeOutputOptions(parent=resource, depends_on=[resource]),
        )

    @property
    def app_routing_principal_id(self) -> pulumi.Output[str]:
        """Object id of the application routing add-on's identity; empty when it is off."""
        own = self._resource.ingress_profile.apply(app_routing_principal)
        return self._or(own, lambda found: app_routing_principal(found.ingress_profile))

    @property
    def agic_principal_id(self) -> pulumi.Output[str]:
        """Object id of the AGIC add-on's identity; empty when it is off."""
        own = self._resource.addon_profiles.apply(agic_principal)
        return self._or(own, lambda found: agic_principal(found.addon_profiles))

    @property
    def issuer_url(self) -> pulumi.Output[str]:
        """The OIDC issuer of the cluster's service accounts."""
        own = self._resource.oidc_issuer_profile.apply(issuer)
        return self._or(own, lambda found: issuer(found.oidc_issuer_profile))

    def _or(
        self,
        own: pulumi.Output[str],
        read: Callable[[containerservice.GetManagedClusterResult], str],
    ) -> pulumi.Output[str]:
        return self._found.apply(lambda found: read(found) or own)
