"""The components of the package, each made of the settings and of other components' outputs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import pulumi

from components.azure.resource_ids import segment
from components.cluster.cluster import Cluster
from components.cluster.identity import ClusterIdentity
from components.cluster.lookup import ClusterLookup
from components.deployment import cluster, ingress, networks
from components.deployment.context import DeploymentContext
from components.deployment.deployment import StackOutputs
from components.deployment.ingress import addon_zones
from components.ingress.application_gateway import (
    AGIC_ROLES,
    VaultArgs,
    WebApplicationFirewall,
    agic_roles,
)
from components.ingress.dns_and_key_vault import DnsAndKeyVault, addon_roles
from components.ingress.dns_records import public_records
from components.network.cluster_network import ClusterNetwork
from components.network.egress_firewall import EgressFirewall
from components.network.management_network import ManagementNetwork
from components.network.peering import PeerArgs
from components.problems import ConfigurationError, Problem
from components.settings.load import Configuration
from components.settings.stack import PROJECT
from package import inputs
from package.composites import AddonRoles, AksNetwork

Component = TypeVar("Component", bound=pulumi.ComponentResource)
Given = TypeVar("Given")
Value = TypeVar("Value")
Options = pulumi.ResourceOptions | None


@dataclass(frozen=True)
class Export(Generic[Component, Given]):
    """A component of the package."""

    component: type[Component]
    inputs: type[Given]
    make: Callable[[str, DeploymentContext, Given, Options], Component]
    ready: Callable[[Component], Iterable[pulumi.Resource]] = lambda _: ()
    """What whoever uses an output of it waits for, and is deleted before."""
    outputs: type | None = None
    """Where the outputs are declared, if not at the component."""
    more: type | None = None
    """Whose properties are outputs, too."""
    value: Callable[[Component, str], Any] = getattr
    """An output by its name; None where it has none."""
    advises: bool = False
    """Whether it says what is worth saying about the settings: a program needs to hear it once."""


def _aks_network(
    name: str, base: DeploymentContext, _: inputs.AksNetworkInputs, opts: Options
) -> AksNetwork:
    return AksNetwork(name, Configuration(base.settings, base.plan, ()), opts)


def _cluster_network(
    name: str, base: DeploymentContext, _: inputs.ClusterNetworkInputs, opts: Options
) -> ClusterNetwork:
    if base.settings.network.existing is not None:
        rule = "is another team's network, and nothing is to be made"
        raise _refusal("network.existing", "", rule, "leave ClusterNetwork out and pass its ids")
    return ClusterNetwork(name, networks.cluster_network_args(base), opts)


def _management_network(
    name: str, base: DeploymentContext, given: inputs.ManagementNetworkInputs, opts: Options
) -> ManagementNetwork:
    if base.settings.management.existing is not None:
        rule = "is another team's network, and nothing is to be made"
        raise _refusal("management.existing", "", rule, "leave ManagementNetwork out")
    network_id = pulumi.Output.from_input(given.cluster_network_id)
    peer = PeerArgs(
        resource_group_name=network_id.apply(lambda id_: segment(id_, "resourceGroups")),
        virtual_network_name=network_id.apply(lambda id_: segment(id_, "virtualNetworks")),
        virtual_network_id=network_id,
        address_space=base.settings.network.address_space,
        last_write=None,
        remote_is_external=base.settings.network.existing is not None,
        allow_forwarded_traffic=base.egress_via_hub,
    )
    return ManagementNetwork(name, networks.management_network_args(base, peer), opts)


def _egress_firewall(
    name: str, base: DeploymentContext, given: inputs.EgressFirewallInputs, opts: Options
) -> EgressFirewall:
    if base.settings.network.egress != "firewall":
        rule = "needs no firewall of Azure's"
        raise _refusal("network.egress", base.settings.network.egress, rule, "leave it out")
    args = networks.egress_firewall_args(
        base,
        resource_group_name=given.resource_group_name,
        subnet_ids=_subnets(base, "management", given.subnet_ids),
    )
    return EgressFirewall(name, args, opts)


def _cluster_identity(
    name: str, base: DeploymentContext, given: inputs.ClusterIdentityInputs, opts: Options
) -> ClusterIdentity:
    args = cluster.identity_args(
        base,
        resource_group_name=given.resource_group_name,
        subnet_ids=_subnets(base, "cluster", given.subnet_ids),
        route_table_id=given.route_table_id,
    )
    return ClusterIdentity(name, args, opts)


def _dns_and_key_vault(
    name: str, base: DeploymentContext, given: inputs.DnsAndKeyVaultInputs, opts: Options
) -> DnsAndKeyVault:
    args = ingress.dns_and_key_vault_args(
        base,
        resource_group_name=given.resource_group_name,
        virtual_network_ids=_networks(given),
        subnet_ids=_subnets(base, "cluster", given.subnet_ids),
    )
    return DnsAndKeyVault(name, args, opts)


def _web_application_firewall(
    name: str, base: DeploymentContext, given: inputs.WebApplicationFirewallInputs, opts: Options
) -> WebApplicationFirewall:
    zones = _by_key(given.public_zone_names, base.settings.ingress.public_dns_zones)
    args = ingress.web_application_firewall_args(
        base,
        resource_group_name=given.resource_group_name,
        subnet_ids=_subnets(base, "cluster", given.subnet_ids),
        vault=VaultArgs(id=given.vault_id, name=given.vault_name, uri=given.vault_uri),
        records=public_records(base.settings.kubernetes.public_hosts, zones),
    )
    if args is None:
        raise _refusal("ingress.waf", "", "asks for no Application Gateway", "set its mode")
    return WebApplicationFirewall(name, args, opts)


def _cluster(
    name: str, base: DeploymentContext, given: inputs.ClusterInputs, opts: Options
) -> Cluster:
    zones = _zones(base, given.addon_zone_ids)
    args = cluster.cluster_args(
        base,
        resource_group_name=given.resource_group_name,
        identity_id=given.identity_id,
        identity_principal_id=given.principal_id,
        depends_on=_depends_on(opts),
        subnet_ids=_subnets(base, "cluster", given.subnet_ids),
        egress_addresses=_egress_addresses(base, given.egress_addresses),
        virtual_network_ids=_networks(given),
        zone_ids=[zone_id for ids in zones.values() for zone_id in ids.values()],
        application_gateway_id=given.application_gateway_id,
        workspace_id=given.log_analytics_workspace_id,
    )
    return Cluster(name, args, opts)


def _addon_roles(
    name: str, base: DeploymentContext, given: inputs.AddonRolesInputs, opts: Options
) -> AddonRoles:
    settings = base.settings.ingress
    if settings.controller == "app-routing":
        vault_id = _needed("vaultId", given.vault_id)
        zones = _zones(base, _needed("addonZoneIds", given.addon_zone_ids))
        roles = addon_roles(zones, vault_id, ingress.certificate_vault_ids(base))
    elif settings.controller == "agic":
        scopes = _by_key(_needed("agicScopes", given.agic_scopes), AGIC_ROLES)
        roles = agic_roles(scopes, _needed("resourceGroupId", given.resource_group_id))
    else:
        rule = "has no add-on with an identity"
        raise _refusal("ingress.controller", settings.controller, rule, "leave AddonRoles out")
    return AddonRoles(name, base.common, roles, given.principal_id, opts)


EXPORTS: Mapping[str, Export[Any, Any]] = {
    export.component.__name__: export
    for export in (
        Export(
            AksNetwork,
            inputs.AksNetworkInputs,
            _aks_network,
            outputs=StackOutputs,
            value=lambda made, name: made.values.get(name),
            advises=True,
        ),
        Export(
            ClusterNetwork,
            inputs.ClusterNetworkInputs,
            _cluster_network,
            ready=lambda made: (*filter(None, [made.last_subnet]), *made.routes),
            advises=True,
        ),
        Export(
            ManagementNetwork,
            inputs.ManagementNetworkInputs,
            _management_network,
            ready=lambda made: made.peerings,
        ),
        Export(
            EgressFirewall,
            inputs.EgressFirewallInputs,
            _egress_firewall,
            ready=lambda made: made.ready,
        ),
        Export(
            ClusterIdentity,
            inputs.ClusterIdentityInputs,
            _cluster_identity,
            ready=lambda made: made.grants,
        ),
        Export(
            DnsAndKeyVault,
            inputs.DnsAndKeyVaultInputs,
            _dns_and_key_vault,
            ready=lambda made: [one for ready in made.vault_ready.values() for one in ready],
        ),
        Export(
            WebApplicationFirewall, inputs.WebApplicationFirewallInputs, _web_application_firewall
        ),
        Export(
            Cluster,
            inputs.ClusterInputs,
            _cluster,
            more=ClusterLookup,
            value=lambda made, name: getattr(
                made.lookup if hasattr(ClusterLookup, name) else made, name
            ),
        ),
        Export(AddonRoles, inputs.AddonRolesInputs, _addon_roles),
    )
}
"""All components of the package, by name."""


def _subnets(
    base: DeploymentContext, vnet: str, ids: pulumi.Input[Mapping[str, str]]
) -> dict[str, pulumi.Output[str]]:
    """A network's subnet ids, those that the plan has."""
    return _by_key(ids, [subnet.key for subnet in base.plan.vnet(vnet).subnets])


def _networks(
    given: inputs.DnsAndKeyVaultInputs | inputs.ClusterInputs,
) -> dict[str, pulumi.Input[str]]:
    return {"cluster": given.cluster_network_id, "management": given.management_network_id}


def _zones(
    base: DeploymentContext, ids: pulumi.Input[Mapping[str, Mapping[str, str]]] | None
) -> dict[str, dict[str, pulumi.Output[str]]]:
    """The zones that the add-on keeps records in, by kind and name."""
    if ids is None:
        return {}
    kinds = addon_zones(base.settings.ingress)
    by_kind = _by_key(ids, kinds)
    return {kind: _by_key(by_kind[kind], zones) for kind, zones in kinds.items()}


def _egress_addresses(
    base: DeploymentContext, addresses: pulumi.Input[Sequence[str]] | None
) -> list[pulumi.Input[str]]:
    """The addresses, as many as the settings make."""
    network = base.settings.network
    counts = {"nat-gateway": network.nat_gateway.public_ip_count, "firewall": 1}
    known = pulumi.Output.from_input(addresses or [])
    count = counts.get(network.egress, 0) if addresses is not None else 0
    return [known.apply(lambda found, at=at: found[at]) for at in range(count)]


def _by_key(
    values: pulumi.Input[Mapping[str, Value]], keys: Collection[str]
) -> dict[str, pulumi.Output[Value]]:
    """The values of keys that are known from the settings, whether or not the values are yet."""
    known: pulumi.Output[Mapping[str, Value]] = pulumi.Output.from_input(values)
    return {key: known.apply(lambda found, key=key: found[key]) for key in keys}


def _depends_on(opts: Options) -> list[pulumi.Resource]:
    """What a program says that a component depends on."""
    return list(cast("Sequence[pulumi.Resource]", opts.depends_on or ())) if opts else []


def _needed(name: str, value: Value | None) -> Value:
    if value is None:
        raise ConfigurationError([missing(name)])
    return value


def missing(name: str) -> Problem:
    """An input that is not there."""
    return Problem(name, "", "is required", "pass it")


def _refusal(setting: str, value: str, rule: str, remedy: str) -> ConfigurationError:
    return ConfigurationError([Problem(f"{PROJECT}:{setting}", value, rule, remedy)])
