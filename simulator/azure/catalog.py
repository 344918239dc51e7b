"""The table of all resource types of the simulated Azure, collected from the namespaces.

The namespaces' modules are imported when the table is first needed; with them their rules and
functions are registered. Nothing that a namespace imports may import this module.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from simulator.azure.model import ResourceType

# Modules below `simulator.azure.namespaces`: one for each Azure namespace, several for large ones.
NAMESPACES = (
    "names",
    "enumerations",
    "offers",
    "resources",
    "managedidentity",
    "authorization.role_assignments",
    "authorization.role_definitions",
    "network.ranges",
    "network.regions",
    "network.virtual_networks",
    "network.subnets",
    "network.reserved_subnets",
    "network.security_groups",
    "network.required_rules",
    "network.addresses",
    "network.nat_gateways",
    "network.routes",
    "network.peerings",
    "network.interfaces",
    "network.bastions",
    "network.application_gateways",
    "network.application_gateway_parts",
    "network.application_gateway_rewrites",
    "network.application_gateway_certificates",
    "network.application_gateway_subnets",
    "network.waf_policies",
    "network.waf_rule_groups",
    "network.limits",
    "network.counts",
    "network.private_endpoints",
    "network.firewalls",
    "network.firewall_policies",
    "network.firewall_rule_groups",
    "network.gateways",
    "network.watchers",
    "network.flow_logs",
    "network.in_use",
    "compute",
    "containerservice.network_profile",
    "containerservice.versions",
    "containerservice.pool_rules",
    "containerservice.windows",
    "containerservice.local_dns",
    "containerservice.subnets",
    "containerservice.security_groups",
    "containerservice.outbound",
    "containerservice.outbound_connectivity",
    "containerservice.name_resolution",
    "containerservice.permissions",
    "containerservice.api_server",
    "containerservice.addons",
    "containerservice.immutable",
    "containerservice.migrations",
    "containerservice.credentials",
    "containerservice.clusters",
    "containerservice.pools",
    "containerservice.maintenance",
    "dns",
    "privatedns",
    "dns_limits",
    "dnsresolver",
    "keyvault",
    "vault_secrets",
    "operationalinsights",
    "monitor",
    "storage",
    "containerregistry",
    "servicenetworking",
)


@cache
def by_token() -> dict[str, ResourceType]:
    """All types by token, without the package."""
    types: dict[str, ResourceType] = {}
    for name in NAMESPACES:
        for row in import_module(f"simulator.azure.namespaces.{name}").TYPES:
            types[row.token] = row
    return types


def outlives(token: str) -> bool:
    """Whether resources of this type stay when the resource that their id continues is deleted."""
    kind = by_token().get(token)
    return kind is not None and kind.outlives_scope


@cache
def by_arm_type() -> dict[str, ResourceType]:
    """All types by lower-case ARM type."""
    return {row.arm_type.lower(): row for row in by_token().values()}
