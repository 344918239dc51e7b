"""Components of the package only: a whole deployment as one, and the roles of the add-ons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_azure_native import authorization

from components.azure.common import CommonArgs
from components.azure.component import Component
from components.azure.role_assignments import Roles, grants
from components.deployment import stack_outputs
from components.deployment.context import DeploymentContext
from components.deployment.deployment import Deployment
from components.deployment.phases import check_without_last_run
from components.network.existing_network import read_existing_networks
from components.settings.load import Configuration
from support.nested import at


def version_of(cluster_name: str, outputs: Mapping[str, Any]) -> str | None:
    """The Kubernetes version of a cluster in a program's stack outputs; None if they have none.

    The stack may have several clusters, or mean another one by `kubernetesVersion`. The version is
    therefore only taken from beside the cluster's name: among the outputs themselves, or in an
    output that is an object.
    """
    for place in (outputs, *outputs.values()):
        if at(place, "clusterName") == cluster_name:
            return at(place, "kubernetesVersion")
    return None


class AksNetwork(Component):
    """A whole deployment: both networks, the cluster, ingress, and the objects in the cluster.

    It registers the same resources as a stack of this project.
    """

    def __init__(
        self, name: str, checked: Configuration, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_without_last_run(checked.settings, checked.plan)
        existing_network = read_existing_networks(checked.settings, checked.plan)
        cluster_name = DeploymentContext.of(checked).common.names.of("aks")
        last_version = version_of(cluster_name, stack_outputs.last_outputs())
        super().__init__(name, opts)
        deployment = Deployment(
            checked,
            existing_network,
            prefix=f"{name}-",
            parent=self,
            last_version=last_version,
        )
        self.values = deployment.outputs()
        self.register_outputs({"clusterName": self.values["clusterName"]})


class AddonRoles(Component):
    """The roles of the ingress add-on's identity, which Azure creates with the cluster.

    Application routing manages records in its zones and reads certificates from the vault. AGIC
    configures the gateway.
    """

    grants: list[authorization.RoleAssignment]
    """The role assignments."""

    def __init__(
        self,
        name: str,
        common: CommonArgs,
        roles: Roles,
        principal_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, opts)
        self.grants = grants(
            name, roles, names=common.names, principal_id=principal_id, parent=self
        )
        self.register_outputs({})
