"""A managed identity for the pods of one Kubernetes service account, and its roles."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import managedidentity

from components.azure.common import CommonArgs
from components.azure.component import Component
from components.azure.role_assignments import Roles, grants

_AUDIENCE = "api://AzureADTokenExchange"


@dataclass(frozen=True)
class WorkloadIdentityArgs:
    """The service account and the roles of its identity."""

    common: CommonArgs
    resource_group_name: pulumi.Input[str]
    part: str
    """The last part of the Azure names."""
    issuer_url: pulumi.Input[str]
    """URL of the cluster's OIDC issuer."""
    namespace: str
    service_account: str
    roles: Roles


class WorkloadIdentity(Component):
    """A user-assigned identity, federated with a Kubernetes service account (Workload ID)."""

    client_id: pulumi.Output[str]
    """Client id of the identity, for the annotation of the service account."""
    ready: list[pulumi.Resource]
    """The resources that must exist before pods sign in with the identity."""

    def __init__(
        self, name: str, args: WorkloadIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        identity = managedidentity.UserAssignedIdentity(
            f"{name}-id",
            resource_name_=args.common.names.of("id", args.part),
            resource_group_name=args.resource_group_name,
            location=args.common.location,
            tags=args.common.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        federation = managedidentity.FederatedIdentityCredential(
            f"{name}-federation",
            federated_identity_credential_resource_name=args.common.names.of("fic", args.part),
            resource_name_=identity.name,
            resource_group_name=args.resource_group_name,
            issuer=args.issuer_url,
            subject=f"system:serviceaccount:{args.namespace}:{args.service_account}",
            audiences=[_AUDIENCE],
            opts=pulumi.ResourceOptions(parent=self),
        )
        granted = grants(
            name,
            args.roles,
            names=args.common.names,
            principal_id=identity.principal_id,
            parent=self,
        )
        self.client_id = identity.client_id
        self.ready = [federation, *granted]
        self.register_outputs({"clientId": self.client_id})
