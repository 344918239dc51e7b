"""Settings of the container registries from which the nodes pull images."""

from __future__ import annotations

from typing import Annotated, Literal

from components.settings.values import Section, matching

RegistryId = Annotated[
    str,
    matching(
        r"(?i)/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+"
        r"/providers/Microsoft\.ContainerRegistry/registries/[a-z0-9]{5,50}",
        "must be the resource ID of a container registry",
        "use an ID such as /subscriptions/…/providers/Microsoft.ContainerRegistry/registries/…",
    ),
]

RoleAssignmentMode = Literal["LegacyRegistryPermissions", "AbacRepositoryPermissions"]


class ExistingRegistry(Section):
    """An existing container registry. The program writes nothing to it but a role assignment."""

    registry_id: RegistryId
    """The resource ID of the registry."""
    role_assignment_mode: RoleAssignmentMode = "LegacyRegistryPermissions"
    """The role assignment mode of the registry, a property of the same name. The nodes get the role
    AcrPull with `LegacyRegistryPermissions`, and Container Registry Repository Reader with
    `AbacRepositoryPermissions`, where AcrPull has no effect."""
    dedicated_data_endpoints: bool = False
    """Whether the registry has dedicated data endpoints. With `egress: firewall`, the firewall then
    allows `*.data.azurecr.io` for the image layers, and otherwise `*.blob.core.windows.net`."""


class OwnRegistry(Section):
    """A new container registry of the tier Premium, reachable by its private endpoint only."""

    zone_redundant: bool = True
    """Whether the registry keeps its images in several availability zones. Azure does not allow a
    change after creation. Use `false` in a region without availability zones."""
