"""The cluster's identity, and its role on the subnets that it uses.

The role is Network Contributor or a custom one with fewer actions (`components.azure.roles`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization, managedidentity

from components.azure.common import CommonArgs
from components.azure.component import Component
from components.azure.resource_ids import resource_group_id, subscription_id
from components.azure.role_assignments import grants
from components.azure.roles import Role, subnet_actions
from components.settings.cluster import IdentitySettings


@dataclass(frozen=True)
class ClusterIdentityArgs:
    """The identity's settings and the scopes of its role."""

    common: CommonArgs
    resource_group_name: pulumi.Input[str]
    settings: IdentitySettings
    subnet_ids: Mapping[str, pulumi.Input[str]]
    """Resource ids of the subnets of nodes, pods and internal load balancers, by key; no others."""
    route_table_id: pulumi.Input[str] | None = None
    """Resource id of the route table that AKS writes to (kubenet); None in the other models."""


class ClusterIdentity(Component):
    """A user-assigned identity, or a service principal, with a role on the cluster's subnets only.

    The role is Network Contributor, or a custom role with only the required actions. The cluster
    must wait for `grants`. A system-assigned identity is no option: it could not have a role before
    the cluster exists.
    """

    identity_id: pulumi.Output[str] | None
    """The identity's resource id; None for a service principal."""
    principal_id: pulumi.Output[str]
    """Object id of the principal that has the roles."""
    grants: Sequence[pulumi.Resource]
    """The role assignments."""

    def __init__(
        self, name: str, args: ClusterIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        self.identity_id, self.principal_id = self._identity()
        role = self._role()
        scopes = {**args.subnet_ids}
        if args.route_table_id is not None:
            scopes["route-table"] = args.route_table_id
        kind = args.settings.subnet_role
        self.grants = grants(
            name,
            {f"{key}-{kind}": (role, scope) for key, scope in scopes.items()},
            names=args.common.names,
            principal_id=self.principal_id,
            parent=self,
        )
        self.register_outputs({"principalId": self.principal_id})

    def _identity(self) -> tuple[pulumi.Output[str] | None, pulumi.Output[str]]:
        """The identity's resource id, None for a service principal, and its object id."""
        application = self._args.settings.service_principal
        if application is not None:
            return None, pulumi.Output.from_input(application.object_id)
        identity = managedidentity.UserAssignedIdentity(
            f"{self._name}-id",
            resource_name_=self._args.common.names.of("id", "cluster"),
            resource_group_name=self._args.resource_group_name,
            location=self._args.common.location,
            tags=self._args.common.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return identity.id, identity.principal_id

    def _role(self) -> Role | pulumi.Output[str]:
        """The built-in role, or the id of a custom role in the resource group of the network."""
        if self._args.settings.subnet_role == "network-contributor":
            return Role.NETWORK_CONTRIBUTOR
        any_subnet = next(iter(self._args.subnet_ids.values()))
        group_id = pulumi.Output.from_input(any_subnet).apply(resource_group_id)
        names = self._args.common.names
        definition = authorization.RoleDefinition(
            f"{self._name}-role",
            # Id and name must be unique in the tenant, which may have other subscriptions.
            role_definition_id=group_id.apply(
                lambda id_: names.guid(self._name, "subnet-user", id_)
            ),
            role_name=pulumi.Output.concat(
                names.of("role", self._name, "subnet-user"),
                "-",
                group_id.apply(subscription_id),
            ),
            description="What the AKS cluster needs on the subnets that it uses.",
            role_type="CustomRole",
            scope=group_id,
            assignable_scopes=[group_id],
            permissions=[
                authorization.PermissionArgs(
                    actions=list(subnet_actions(route_table=self._args.route_table_id is not None)),
                    not_actions=[],
                )
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        return definition.id
