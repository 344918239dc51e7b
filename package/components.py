"""The components of the package, each created from the settings and other components' outputs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import pulumi

from components.azure.resource_ids import segment
from components.cluster.cluster import Cluster
from components.cluster.identity import ClusterIdentity
from components.cluster.lookup import ClusterLookup
from components.deployment import cluster, egress, ingress, networks
from components.deployment.context import DeploymentContext
from components.deployment.ingress import addon_zones
from components.deployment.stack_outputs import StackOutputs
from components.ingress.application_gateway import (
    AGIC_ROLES,
    WebApplicationFirewall,
    agic_roles,
)
from components.ingress.certificate_secrets import VaultArgs
from components.ingress.dns_and_key_vault import DnsAndKeyVault, addon_roles
from components.ingress.dns_records import host_records
from components.network.cluster_network import ClusterNetwork
from components.network.egress_firewall import EgressFirewall
from components.network.management_network import ManagementNetwork
from components.network.peering import PeerArgs
from components.problems import ConfigurationError, Problem
from components.settings.load import Configuration
from components.settings.stack import PROJECT
from package.composites import AddonRoles, AksNetwork
from package.inputs import (
    AddonRolesInputs,
    AksNetworkInputs,
    ClusterIdentityInputs,
    ClusterInputs,
    ClusterNetworkInputs,
    DnsAndKeyVaultInputs,
    EgressFirewallInputs,
    ManagementNetworkInputs,
    WebApplicationFirewallInputs,
)

Component = TypeVar("Component", bound=pulumi.ComponentResource)
Inputs = TypeVar("Inputs")
Value = TypeVar("Value")
Options = pulumi.ResourceOptions | None


@dataclass(frozen=True)
class Export(Generic[Component, Inputs]):
    """A component of the package."""

    component: type[Component]
    inputs: type[Inputs]
    create: Callable[[str, DeploymentContext, Inputs, Options], Component]
    ready: Callable[[Component], Iterable[pulumi.Resource]] = lambda _: ()
    """Resources that must exist before any output is used, and that are deleted after its users."""
    outputs: type | None = None
    """The class that declares the outputs; None for the component itself."""
    further_outputs: type | None = None
    """A class whose properties are outputs, too."""
    value: Callable[[Component, str], Any] = getattr
    """An output by its name; None where the component does not have it."""
    warns: bool = False
    """Whether it logs the warnings about the settings. A program needs them once."""


def _aks_network(
    name: str, context: DeploymentContext, _: AksNetworkInputs, opts: Options
) -> AksNetwork:
    return AksNetwork(name, Configuration(context.settings, context.plan, ()), opts)


def _cluster_network(
    name: str, context: DeploymentContext, _: ClusterNetworkInputs, opts: Options
) -> ClusterNetwork:
    if context.settings.network.existing is not None:
        rule = "must be left out for a new network: this setting names an existing one"
        remedy = "leave ClusterNetwork out and pass the ids of the existing network"
        raise _refusal("network.existing", "", rule, remedy)
    return ClusterNetwork(name, networks.cluster_network_args(context), opts)


def _management_network(
    name: str, context: DeploymentContext, inputs: ManagementNetworkInputs, opts: Options
) -> ManagementNetwork:
    if context.settings.management.existing is not None:
        rule = "must be left out for a new network: this setting names an existing one"
        raise _refusal("management.existing", "", rule, "leave ManagementNetwork out")
    network_id = pulumi.Output.from_input(inputs.cluster_network_id)
    peer = PeerArgs(
        resource_group_name=network_id.apply(lambda id_: segment(id_, "resourceGroups")),
        virtual_network_name=network_id.apply(lambda id_: segment(id_, "virtualNetworks")),
        virtual_network_id=network_id,
        address_space=context.settings.network.address_space,
        last_write=None,
        remote_is_external=context.settings.network.existing is not None,
        allow_forwarded_traffic=context.egress_via_hub,
    )
    return ManagementNetwork(name, networks.management_network_args(context, peer), opts)


def _egress_firewall(
    name: str, context: DeploymentContext, inputs: EgressFirewallInputs, opts: Options
) -> EgressFirewall:
    network = context.settings.network
    if network.egress != "firewall":
        rule = "must be firewall for an EgressFirewall"
        raise _refusal(
            "network.egress", network.egress, rule, "set it, or leave EgressFirewall out"
        )
    if egress.pods_dial_api_server(context) and network.firewall.tier != "Basic":
        rule = (
            "must be true with an EgressFirewall: it is created before the cluster, and pods dial "
            "a public API server whose name is not known yet"
        )
        remedy = "use private: true, cluster.apiServerVnetIntegration: true, or AksNetwork"
        raise _refusal("cluster.private", "false", rule, remedy)
    args = egress.egress_firewall_args(
        context,
        resource_group_name=inputs.resource_group_name,
        subnet_ids=_subnets(context, "management", inputs.subnet_ids),
    )
    return EgressFirewall(name, args, opts)


def _cluster_identity(
    name: str, context: DeploymentContext, inputs: ClusterIdentityInputs, opts: Options
) -> ClusterIdentity:
    args = cluster.identity_args(
        context,
        resource_group_name=inputs.resource_group_name,
        subnet_ids=_subnets(context, "cluster", inputs.subnet_ids),
        route_table_id=inputs.route_table_id,
    )
    return ClusterIdentity(name, args, opts)


def _dns_and_key_vault(
    name: str, context: DeploymentContext, inputs: DnsAndKeyVaultInputs, opts: Options
) -> DnsAndKeyVault:
    args = ingress.dns_and_key_vault_args(
        context,
        resource_group_name=inputs.resource_group_name,
        virtual_network_ids=_networks(inputs),
        subnet_ids=_subnets(context, "cluster", inputs.subnet_ids),
    )
    return DnsAndKeyVault(name, args, opts)


def _web_application_firewall(
    name: str, context: DeploymentContext, inputs: WebApplicationFirewallInputs, opts: Options
) -> WebApplicationFirewall:
    zones = _by_key(inputs.public_zone_names, context.settings.ingress.public_dns_zones)
    args = ingress.web_application_firewall_args(
        context,
        resource_group_name=inputs.resource_group_name,
        subnet_ids=_subnets(context, "cluster", inputs.subnet_ids),
        vault=VaultArgs(
            id=inputs.vault_id,
            name=inputs.vault_name,
            uri=inputs.vault_uri,
            resource_group_name=inputs.resource_group_name,
        ),
        records=host_records(context.settings.kubernetes.public_hosts, zones),
    )
    if args is None:
        rule = "must configure an Application Gateway for a WebApplicationFirewall"
        raise _refusal("ingress.waf", "", rule, "set it, or leave WebApplicationFirewall out")
    return WebApplicationFirewall(name, args, opts)


def _cluster(
    name: str, context: DeploymentContext, inputs: ClusterInputs, opts: Options
) -> Cluster:
    zones = _zones(context, inputs.addon_zone_ids)
    args = cluster.cluster_args(
        context,
        resource_group_name=inputs.resource_group_name,
        identity_id=inputs.identity_id,
        identity_principal_id=inputs.principal_id,
        depends_on=_depends_on(opts),
        subnet_ids=_subnets(context, "cluster", inputs.subnet_ids),
        egress_addresses=_egress_addresses(context, inputs.egress_addresses),
        virtual_network_ids=_networks(inputs),
        zone_ids=[zone_id for ids in zones.values() for zone_id in ids.values()],
        application_gateway_id=inputs.application_gateway_id,
        workspace_id=inputs.log_analytics_workspace_id,
    )
    return Cluster(name, args, opts)


def _addon_roles(
    name: str, context: DeploymentContext, inputs: AddonRolesInputs, opts: Options
) -> AddonRoles:
    settings = context.settings.ingress
    if settings.controller == "app-routing":
        vault_id = _required("vaultId", inputs.vault_id)
        zones = _zones(context, _required("addonZoneIds", inputs.addon_zone_ids))
        roles = addon_roles(zones, vault_id, ingress.certificate_vault_ids(context))
    elif settings.controller == "agic":
        scopes = _by_key(_required("agicScopes", inputs.agic_scopes), AGIC_ROLES)
        roles = agic_roles(scopes, _required("resourceGroupId", inputs.resource_group_id))
    else:
        rule = "must be app-routing or agic for AddonRoles: no other has an add-on"
        raise _refusal("ingress.controller", settings.controller, rule, "leave AddonRoles out")
    return AddonRoles(name, context.common, roles, inputs.principal_id, opts)


EXPORTS: Mapping[str, Export[Any, Any]] = {
    export.component.__name__: export
    for export in (
        Export(
            AksNetwork,
            AksNetworkInputs,
            _aks_network,
            outputs=StackOutputs,
            value=lambda component, name: component.values.get(name),
            warns=True,
        ),
        Export(
            ClusterNetwork,
            ClusterNetworkInputs,
            _cluster_network,
            ready=lambda network: (*filter(None, [network.last_subnet]), *network.routes),
            warns=True,
        ),
        Export(
            ManagementNetwork,
            ManagementNetworkInputs,
            _management_network,
            ready=lambda network: network.peerings,
        ),
        Export(
            EgressFirewall,
            EgressFirewallInputs,
            _egress_firewall,
            ready=lambda firewall: firewall.ready,
        ),
        Export(
            ClusterIdentity,
            ClusterIdentityInputs,
            _cluster_identity,
            ready=lambda identity: identity.grants,
        ),
        Export(
            DnsAndKeyVault,
            DnsAndKeyVaultInputs,
            _dns_and_key_vault,
            ready=lambda component: [
                resource for ready in component.vault_ready.values() for resource in ready
            ],
        ),
        Export(WebApplicationFirewall, WebApplicationFirewallInputs, _web_application_firewall),
        Export(
            Cluster,
            ClusterInputs,
            _cluster,
            further_outputs=ClusterLookup,
            value=lambda component, name: getattr(
                component.lookup if hasattr(ClusterLookup, name) else component, name
            ),
        ),
        Export(AddonRoles, AddonRolesInputs, _addon_roles),
    )
}
"""All components of the package, by name."""


def _subnets(
    context: DeploymentContext, vnet: str, ids: pulumi.Input[Mapping[str, str]]
) -> dict[str, pulumi.Output[str]]:
    """The ids of a network's subnets, for the keys in the plan."""
    return _by_key(ids, [subnet.key for subnet in context.plan.vnet(vnet).subnets])


def _networks(inputs: DnsAndKeyVaultInputs | ClusterInputs) -> dict[str, pulumi.Input[str]]:
    return {"cluster": inputs.cluster_network_id, "management": inputs.management_network_id}


def _zones(
    context: DeploymentContext, ids: pulumi.Input[Mapping[str, Mapping[str, str]]] | None
) -> dict[str, dict[str, pulumi.Output[str]]]:
    """The ids of the zones in which the add-on manages records, by kind and name."""
    if ids is None:
        return {}
    kinds = addon_zones(context.settings.ingress)
    by_kind = _by_key(ids, kinds)
    return {kind: _by_key(by_kind[kind], zones) for kind, zones in kinds.items()}


def _egress_addresses(
    context: DeploymentContext, addresses: pulumi.Input[Sequence[str]] | None
) -> list[pulumi.Input[str]]:
    """The addresses one by one; the settings determine their number."""
    values = pulumi.Output.from_input(addresses or [])
    count = context.settings.network.egress_address_count if addresses is not None else 0
    return [values.apply(lambda items, index=index: items[index]) for index in range(count)]


def _by_key(
    values: pulumi.Input[Mapping[str, Value]], keys: Collection[str]
) -> dict[str, pulumi.Output[Value]]:
    """The values by key. The keys come from the settings; the values may be unknown yet."""
    output: pulumi.Output[Mapping[str, Value]] = pulumi.Output.from_input(values)
    return {key: output.apply(lambda items, key=key: items[key]) for key in keys}


def _depends_on(opts: Options) -> list[pulumi.Resource]:
    """The option `depends_on` of a component."""
    return list(cast("Sequence[pulumi.Resource]", opts.depends_on or ())) if opts else []


def _required(name: str, value: Value | None) -> Value:
    if value is None:
        raise ConfigurationError([missing(name)])
    return value


def missing(name: str) -> Problem:
    """The problem of an input that is missing."""
    return Problem(name, "", "is required", "pass it")


def _refusal(setting: str, value: str, rule: str, remedy: str) -> ConfigurationError:
    return ConfigurationError([Problem(f"{PROJECT}:{setting}", value, rule, remedy)])
