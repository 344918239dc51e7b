"""The identity by which the cluster acts on its network, and its roles there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import managedidentity

from components.access import grant
from components.common import CommonArgs, without_version_aliases
from components.roles import Role


@dataclass(frozen=True)
class ClusterIdentityArgs:
    """Where the identity lives and which subnets it may use."""

    common: CommonArgs
    resource_group_name: pulumi.Input[str]
    subnet_ids: Mapping[str, pulumi.Input[str]]
    """The subnets that nodes, pods and internal load balancers stand in, by key; no others."""


class ClusterIdentity(pulumi.ComponentResource):
    """A user-assigned identity with Network Contributor on the cluster's subnets only.

    The grants exist before the cluster does: pass `grants` to the cluster as what it waits for. A
    system-assigned identity could not hold a role before its cluster exists.
    """

    id: pulumi.Output[str]
    """The identity's resource id."""
    principal_id: pulumi.Output[str]
    """Object id of its service principal, to which roles are granted."""
    grants: Sequence[pulumi.Resource]
    """The role assignments."""

    def __init__(
        self, name: str, args: ClusterIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "aks-network:index:ClusterIdentity", name, None, without_version_aliases(opts)
        )
        common = args.common
        identity = managedidentity.UserAssignedIdentity(
            f"{name}-id",
            resource_name_=common.names.of("id", "cluster"),
            resource_group_name=args.resource_group_name,
            location=common.location,
            tags=common.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.id = identity.id
        self.principal_id = identity.principal_id
        self.grants = [
            grant(
                f"{name}-{key}-network-contributor",
                names=common.names,
                role=Role.NETWORK_CONTRIBUTOR,
                scope=subnet_id,
                principal_id=identity.principal_id,
                parent=self,
            )
            for key, subnet_id in args.subnet_ids.items()
        ]
        self.register_outputs({"principalId": self.principal_id})
