"""The table of resource types that the simulated cloud knows, put together from the namespaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from simulator.azure import sdk_types
from support import arm_ids

if TYPE_CHECKING:
    from simulator.azure.request import Request

# Modules below `simulator.azure.namespaces`: one per Azure namespace, several for the large ones.
NAMESPACES = (
    "names",
    "resources",
    "managedidentity",
    "authorization",
    "network.ranges",
    "network.regions",
    "network.virtual_networks",
    "network.subnets",
    "network.reserved_subnets",
    "network.security_groups",
    "network.required_rules",
    "network.addresses",
    "network.routes",
    "network.peerings",
    "network.interfaces",
    "network.bastions",
    "network.application_gateways",
    "network.application_gateway_parts",
    "network.application_gateway_certificates",
    "network.application_gateway_subnets",
    "network.waf_policies",
    "network.private_endpoints",
    "network.firewalls",
    "network.gateways",
    "network.watchers",
    "network.flow_logs",
    "network.in_use",
    "compute",
    "containerservice.network_profile",
    "containerservice.versions",
    "containerservice.pool_rules",
    "containerservice.windows",
    "containerservice.subnets",
    "containerservice.outbound",
    "containerservice.way_out",
    "containerservice.permissions",
    "containerservice.api_server",
    "containerservice.addons",
    "containerservice.immutable",
    "containerservice.clusters",
    "containerservice.pools",
    "containerservice.maintenance",
    "dns",
    "privatedns",
    "dnsresolver",
    "keyvault",
    "operationalinsights",
    "monitor",
    "storage",
    "containerregistry",
    "servicenetworking",
)

Outputs = Callable[["Request"], dict[str, Any]]
Effect = Callable[["Request"], None]


@dataclass(frozen=True)
class ResourceType:
    """One resource type: where it lives and what is particular about it."""

    token: str
    """`<SDK module>:<class>`, such as `network:Subnet`. Its path is in `support.arm_ids`."""
    api: str
    """API version that azure-native uses by default."""
    replaces: tuple[str, ...] = ()
    """Properties whose change replaces the resource, besides its path (list items as `[]`)."""
    autoname: Literal["random", "copy", "uuid"] | None = None
    """How azure-native names it by default; None: random, or the logical name for a child."""
    seconds: float = 5
    """Documented duration of a creation, in seconds."""
    outputs: Outputs | None = None
    """What the service adds to the inputs."""
    after_put: Effect | None = None
    """What else changes in the cloud once it is written."""
    after_delete: Effect | None = None
    outlives_scope: bool = False
    """Whether Azure keeps it when the resource that it is about is deleted."""

    @cached_property
    def full_path(self) -> str:
        return arm_ids.full_path(self.token)

    @cached_property
    def path_parameters(self) -> tuple[str, ...]:
        """Inputs that are part of the id (the subscription is the provider's)."""
        return tuple(
            name for name in arm_ids.parameters(self.full_path) if name != "subscriptionId"
        )

    @cached_property
    def name_parameter(self) -> str:
        return self.path_parameters[-1]

    @cached_property
    def arm_type(self) -> str:
        """Type as ARM writes it, such as `Microsoft.Network/virtualNetworks/subnets`."""
        sample = arm_ids.parse(arm_ids.fill(self.full_path, _Same()))
        return sample.type if sample else "Microsoft.Resources/resourceGroups"

    @cached_property
    def naming(self) -> str:
        """The autonaming in force: `random`, `copy` or `uuid`."""
        return self.autoname or ("copy" if self.arm_type.count("/") > 1 else "random")

    @property
    def namespace(self) -> str:
        return self.token.split(":")[0]

    @cached_property
    def module_schema(self) -> dict[str, Any]:
        """The schema that this type's shapes refer to."""
        return sdk_types.module_schema(self.namespace, _names_in(self.namespace))

    @cached_property
    def shape(self) -> dict[str, Any]:
        """{"inputs": object, "outputs": properties} of this type."""
        return self.module_schema["resources"][self.token.split(":")[1]]


class _Same(Mapping[str, str]):
    """Gives every key as its own value."""

    def __getitem__(self, key: str) -> str:
        return key

    def __iter__(self) -> Any:
        raise TypeError("endless")

    def __len__(self) -> int:
        raise TypeError("endless")


@cache
def by_token() -> dict[str, ResourceType]:
    """All types by token (without package)."""
    found: dict[str, ResourceType] = {}
    for name in NAMESPACES:
        for row in import_module(f"simulator.azure.namespaces.{name}").TYPES:
            found[row.token] = row
    return found


def outlives(token: str) -> bool:
    """Whether resources of this type stay when what their id lies in is deleted."""
    kind = by_token().get(token)
    return kind is not None and kind.outlives_scope


@cache
def by_arm_type() -> dict[str, ResourceType]:
    """All types by lower-case ARM type."""
    return {row.arm_type.lower(): row for row in by_token().values()}


@cache
def _names_in(namespace: str) -> tuple[str, ...]:
    return tuple(
        sorted(token.split(":")[1] for token in by_token() if token.split(":")[0] == namespace)
    )
