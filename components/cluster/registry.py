"""Container registries: a new one with a private endpoint, and the role with which nodes pull."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import containerregistry

from components.azure.common import CommonArgs
from components.azure.component import Component
from components.azure.resource_ids import resource_name, subscription_id
from components.azure.role_assignments import Roles, grants
from components.azure.roles import Role
from components.network.private_dns import private_dns_zone
from components.network.private_endpoint import EndpointArgs, private_endpoint
from components.settings.private_dns import REGISTRY_ZONE, existing_zone
from components.settings.registries import ExistingRegistry, OwnRegistry

PULL_ROLES = {
    "LegacyRegistryPermissions": Role.ACR_PULL,
    "AbacRepositoryPermissions": Role.CONTAINER_REGISTRY_REPOSITORY_READER,
}
"""The role that pulling images requires, by the registry's role assignment mode
(container-registry/container-registry-rbac-abac-repository-permissions)."""


@dataclass(frozen=True)
class RegistriesArgs:
    """The registries, and the networks from which a new one is used."""

    common: CommonArgs
    resource_group_name: pulumi.Input[str]
    resource_group_id: pulumi.Input[str]
    existing: Sequence[ExistingRegistry]
    own: OwnRegistry | None
    virtual_network_ids: Mapping[str, pulumi.Input[str]]
    """Resource ids of the networks in which the registry's name resolves, by a key for the link's
    name."""
    private_endpoint_subnet_id: pulumi.Input[str]
    existing_zone_ids: Sequence[str] = ()
    """Resource ids of other teams' private zones, one of which may be the registry's."""


class Registries(Component):
    """The registries from which the cluster's nodes pull images.

    It creates the cluster's own registry, if there is one, and manages nothing of the others but
    the role of the nodes.
    """

    own_id: pulumi.Output[str] | None
    """Resource id of the cluster's own registry; None without one."""
    login_servers: Sequence[pulumi.Output[str]]
    """The host names in the names of images, the own registry's first."""

    def __init__(
        self, name: str, args: RegistriesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        self._ready: list[pulumi.Resource] = []
        self.own_id = None
        own_server: list[pulumi.Output[str]] = []
        if args.own is not None:
            registry = self._registry(args.own)
            self.own_id = registry.id
            own_server = [registry.login_server]
        existing = [f"{resource_name(one.registry_id).lower()}.azurecr.io" for one in args.existing]
        self.login_servers = [*own_server, *map(pulumi.Output.from_input, existing)]
        self.register_outputs({"loginServers": self.login_servers})

    def grant_pull(self, principal_id: pulumi.Input[str]) -> list[pulumi.Resource]:
        """Let an identity pull from all registries; returns what pulling must wait for."""
        roles: dict[str, tuple[Role, pulumi.Input[str]]] = {
            # The names of registries are unique in all of Azure.
            resource_name(one.registry_id).lower(): (
                PULL_ROLES[one.role_assignment_mode],
                one.registry_id,
            )
            for one in self._args.existing
        }
        if self.own_id is not None:
            roles["own"] = (Role.ACR_PULL, self.own_id)
        pull: Roles = {f"pull-{key}": role for key, role in roles.items()}
        names = self._args.common.names
        made = grants(self._name, pull, names=names, principal_id=principal_id, parent=self)
        return [*made, *self._ready]

    def _registry(self, settings: OwnRegistry) -> containerregistry.Registry:
        args, common = self._args, self._args.common
        registry = containerregistry.Registry(
            f"{self._name}-cr",
            registry_name=pulumi.Output.from_input(args.resource_group_id).apply(
                lambda id_: common.names.globally_unique("cr", subscription_id(id_))
            ),
            resource_group_name=args.resource_group_name,
            location=common.location,
            # The only tier with private endpoints (container-registry/container-registry-skus).
            sku=containerregistry.SkuArgs(name=containerregistry.SkuName.PREMIUM),
            admin_user_enabled=False,
            anonymous_pull_enabled=False,
            data_endpoint_enabled=True,
            public_network_access=containerregistry.PublicNetworkAccess.DISABLED,
            # Lets Azure's trusted services in, such as Defender for its scans.
            network_rule_bypass_options=containerregistry.NetworkRuleBypassOptions.AZURE_SERVICES,
            zone_redundancy=containerregistry.ZoneRedundancy.ENABLED
            if settings.zone_redundant
            else containerregistry.ZoneRedundancy.DISABLED,
            tags=common.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=common.protect),
        )
        zone = private_dns_zone(
            f"{self._name}-zone",
            common=common,
            zone_name=REGISTRY_ZONE,
            existing_zone_id=existing_zone(args.existing_zone_ids, REGISTRY_ZONE),
            resource_group_name=args.resource_group_name,
            virtual_network_ids=args.virtual_network_ids,
            parent=self,
        )
        group = private_endpoint(
            f"{self._name}-cr",
            EndpointArgs(
                common=common,
                resource_group_name=args.resource_group_name,
                subnet_id=args.private_endpoint_subnet_id,
                service_id=registry.id,
                part="registry",
                zone_name=REGISTRY_ZONE,
                zone_id=zone.id,
            ),
            parent=self,
        )
        self._ready = [group, *zone.links.values()]
        return registry
