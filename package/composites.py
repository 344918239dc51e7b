"""Components that only the package needs: a whole deployment as one, and the add-ons' roles."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import authorization

from components.azure.common import CommonArgs
from components.azure.component import Component
from components.azure.role_assignments import Roles, grants
from components.deployment.deployment import Deployment
from components.network.existing_network import read_existing_networks
from components.settings.load import Configuration


class AksNetwork(Component):
    """A whole deployment: both networks, the cluster, its way in, and what is inside.

    The same as the program of a stack makes, and each part as soon as Azure allows.
    """

    def __init__(
        self, name: str, checked: Configuration, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        existing = read_existing_networks(checked.settings, checked.plan)
        super().__init__(name, opts)
        deployment = Deployment(checked, existing, prefix=f"{name}-", parent=self)
        self.values = deployment.outputs()
        self.register_outputs({"clusterName": self.values["clusterName"]})


class AddonRoles(Component):
    """The roles of the ingress add-on's identity, which comes into being with the cluster.

    Application routing keeps records in its zones and reads the vault's certificates; AGIC writes
    the gateway.
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
