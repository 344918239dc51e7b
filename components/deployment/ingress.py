"""The Azure resources for ingress: DNS zones, key vault, web application firewall or gateway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import resources

from components.addressing import SubnetKey
from components.azure.naming import GATEWAY_ORIGIN, ORIGIN
from components.cluster.cluster import Cluster
from components.cluster.identity import ClusterIdentity
from components.deployment import gateway_certificates
from components.deployment.context import DeploymentContext
from components.deployment.networks import (
    AnyClusterNetwork,
    AnyManagementNetwork,
    linked_networks,
    network_ids,
)
from components.ingress.application_gateway import (
    WebApplicationFirewall,
    WebApplicationFirewallArgs,
)
from components.ingress.certificate_secrets import VaultArgs
from components.ingress.dns_and_key_vault import DnsAndKeyVault, DnsAndKeyVaultArgs
from components.ingress.dns_records import (
    HostRecord,
    address_records,
    host_records,
    private_records,
)
from components.ingress.origin_address import OriginAddress, OriginAddressArgs
from components.settings.ingress import IngressSettings
from components.settings.waf import ExternalWaf, GatewayWaf

if TYPE_CHECKING:
    # Few stacks need it, and its imports take time in every run.
    from components.ingress.application_gateway_for_containers import TrafficController


@dataclass(frozen=True)
class IngressResources:
    """The Azure resources for ingress. There is at most one of firewall and traffic controller."""

    resource_group: resources.ResourceGroup
    dns_and_key_vault: DnsAndKeyVault
    web_application_firewall: WebApplicationFirewall | None
    traffic_controller: TrafficController | None
    origin: OriginAddress | None
    """The controller's static public address; None where it is private or nobody needs to know."""
    controller_address: pulumi.Input[str] | None
    """The controller's address, private or public; None where AKS chooses it, or without one."""
    standby_origin: OriginAddress | None = None
    """That of the other implementation of application routing, which runs beside the controller."""
    standby_address: pulumi.Input[str] | None = None
    """The address of the other implementation, likewise."""

    @property
    def origins_ready(self) -> list[pulumi.Resource]:
        """What must exist before the cluster, and be deleted after it."""
        return [
            resource
            for origin in (self.origin, self.standby_origin)
            if origin
            for resource in origin.ready
        ]


def ingress_resources(
    context: DeploymentContext,
    resource_group: resources.ResourceGroup,
    network: AnyClusterNetwork,
    management: AnyManagementNetwork,
    identity: ClusterIdentity,
) -> IngressResources:
    """All resources for ingress that exist before the cluster."""
    settings = context.settings.ingress
    dns_and_key_vault = _dns_and_key_vault(context, resource_group, network, management)
    records = host_records(
        context.settings.kubernetes.public_hosts, dns_and_key_vault.public_zone_names
    )
    gateway = settings.through_gateway
    origin = _origin(context, identity, gateway=gateway)
    standby_origin = standby_address = None
    if settings.app_routing.side_by_side:
        standby_origin = _origin(context, identity, gateway=not gateway)
        standby_address = _controller_address(context, standby_origin, gateway=not gateway)
    found = IngressResources(
        resource_group,
        dns_and_key_vault,
        _web_application_firewall(context, resource_group, network, dns_and_key_vault, records),
        _traffic_controller(context, resource_group, network, records),
        origin,
        _controller_address(context, origin, gateway=gateway),
        standby_origin,
        standby_address,
    )
    _host_records(context, found, records)
    return found


def _origin(
    context: DeploymentContext, identity: ClusterIdentity, *, gateway: bool
) -> OriginAddress | None:
    """The static public address of application routing's Gateway, or of any other controller."""
    if not context.settings.ingress.has_static_public_address:
        return None
    part = GATEWAY_ORIGIN if gateway else ORIGIN
    args = OriginAddressArgs(context.common, identity.principal_id, part)
    return OriginAddress(context.logical_name(part), args, context.opts)


def _controller_address(
    context: DeploymentContext, origin: OriginAddress | None, *, gateway: bool
) -> pulumi.Input[str] | None:
    """The address of application routing's Gateway, or of any other controller, if it is known."""
    settings = context.settings.ingress
    if settings.has_load_balancer and settings.exposure == "internal":
        return _planned_address(context, gateway=gateway)
    return origin.address if origin else None


def _planned_address(context: DeploymentContext, *, gateway: bool) -> str:
    """The private address of application routing's Gateway, or of any other controller."""
    number, *_ = context.settings.ingress.numbers_of(gateway=gateway)
    return context.plan.address(SubnetKey.INGRESS, number)


def _host_records(
    context: DeploymentContext, ingress: IngressResources, public: Sequence[HostRecord]
) -> None:
    """The records of the hosts for which neither an add-on nor a gateway above has made one."""
    settings = context.settings.ingress
    zones = ingress.dns_and_key_vault
    firewall, gateway = ingress.web_application_firewall, ingress.traffic_controller
    name = context.logical_name("ingress")
    group = ingress.resource_group.name
    if ingress.origin and not isinstance(settings.waf, ExternalWaf):
        address_records(
            name,
            public,
            zone_group_name=group,
            address_id=ingress.origin.address_id,
            address=ingress.origin.address,
            parent=zones,
        )
    if not settings.program_manages_private_zones:
        return
    address = ingress.controller_address
    if settings.controller == "agic" and firewall:
        address = firewall.address
    private_records(
        name,
        host_records(context.settings.kubernetes.public_hosts, zones.private_zone_names),
        zone_group_name=group,
        address=address,
        target=gateway.host if gateway else None,
        parent=zones,
    )


def grant_addons(
    context: DeploymentContext, ingress: IngressResources, cluster: Cluster
) -> list[pulumi.Resource]:
    """Grant the roles of the add-ons' identities, which Azure creates with the cluster.

    Returns what must exist before the ingress controller's objects.
    """
    settings, firewall = context.settings.ingress, ingress.web_application_firewall
    if settings.controller == "agic" and firewall:
        firewall.grant_agic(cluster.lookup.agic_principal_id, ingress.resource_group.id)
    if not settings.runs_nginx:
        return []
    return [
        *ingress.dns_and_key_vault.grant_addon(
            cluster.lookup.app_routing_principal_id,
            certificate_vault_ids(context),
            manages_records=not settings.through_gateway,
        )
    ]


def certificate_vault_ids(context: DeploymentContext) -> list[str]:
    """Existing vaults on which this program grants application routing a role."""
    firewall_vault_id = context.settings.ingress.certificate_vault_id
    return [
        *([firewall_vault_id] if firewall_vault_id else []),
        *context.settings.kubernetes.certificate_vault_ids,
    ]


def reads_firewall_certificate(context: DeploymentContext) -> bool:
    """Whether application routing fetches the firewall's certificate, for any application."""
    ingress = context.settings.ingress
    return ingress.controller == "app-routing" and any(
        application.hosts and application.tls is None and not application.internal
        for application in context.settings.kubernetes.applications
    )


def reads_own_vault(context: DeploymentContext) -> bool:
    """Whether an application's certificate, or the firewall's, is in this stack's own vault."""
    waf = context.settings.ingress.waf
    firewall = isinstance(waf, GatewayWaf) and waf.certificate is not None and waf.certificate.pfx
    applications = context.settings.kubernetes.applications
    return bool(firewall) or any(
        application.tls and application.tls.certificate_name for application in applications
    )


def _dns_and_key_vault(
    context: DeploymentContext,
    resource_group: resources.ResourceGroup,
    network: AnyClusterNetwork,
    management: AnyManagementNetwork,
) -> DnsAndKeyVault:
    args = dns_and_key_vault_args(
        context,
        resource_group_name=resource_group.name,
        virtual_network_ids=network_ids(network, management),
        subnet_ids=network.subnet_ids,
    )
    return DnsAndKeyVault(context.logical_name("routing"), args, context.opts)


def dns_and_key_vault_args(
    context: DeploymentContext,
    *,
    resource_group_name: pulumi.Input[str],
    virtual_network_ids: Mapping[str, pulumi.Input[str]],
    subnet_ids: Mapping[str, pulumi.Input[str]],
) -> DnsAndKeyVaultArgs:
    """The arguments of zones and vault; `subnet_ids` are the cluster's network's."""
    settings = context.settings.ingress
    return DnsAndKeyVaultArgs(
        common=context.common,
        resource_group_name=resource_group_name,
        public_zones=settings.public_dns_zones,
        private_zones=settings.private_dns_zones,
        addon_manages_public_records="public" in addon_zones(settings),
        virtual_network_ids=linked_networks(context, virtual_network_ids),
        existing_zone_ids=context.settings.network.private_dns.existing_zones,
        private_endpoint_subnet_id=subnet_ids[SubnetKey.PRIVATE_ENDPOINTS],
    )


def addon_zones(settings: IngressSettings) -> dict[str, tuple[str, ...]]:
    """The zones in which application routing manages records, by kind.

    The public zones are left out with a web application firewall: their records point to it, and
    the add-on would publish the controller's address, around the firewall.
    """
    public = settings.addon_manages_public_zones
    return {
        **({"public": settings.public_dns_zones} if public else {}),
        "private": settings.private_dns_zones,
    }


def _web_application_firewall(
    context: DeploymentContext,
    resource_group: resources.ResourceGroup,
    network: AnyClusterNetwork,
    dns_and_key_vault: DnsAndKeyVault,
    records: list[HostRecord],
) -> WebApplicationFirewall | None:
    vault = VaultArgs(
        id=dns_and_key_vault.vault_id,
        name=dns_and_key_vault.vault_name,
        uri=dns_and_key_vault.vault_uri,
        resource_group_name=resource_group.name,
        resource=dns_and_key_vault.vault,
        ready=dns_and_key_vault.vault_ready["cluster"],
    )
    args = web_application_firewall_args(
        context,
        resource_group_name=resource_group.name,
        subnet_ids=network.subnet_ids,
        vault=vault,
        records=records,
    )
    if args is None:
        return None
    return WebApplicationFirewall(context.logical_name("waf"), args, context.opts)


def web_application_firewall_args(
    context: DeploymentContext,
    *,
    resource_group_name: pulumi.Input[str],
    subnet_ids: Mapping[str, pulumi.Input[str]],
    vault: VaultArgs,
    records: Sequence[HostRecord],
) -> WebApplicationFirewallArgs | None:
    """The arguments of the Application Gateway; None where the settings have none."""
    ingress = context.settings.ingress
    if not isinstance(ingress.waf, GatewayWaf) or not ingress.has_application_gateway:
        return None
    return WebApplicationFirewallArgs(
        common=context.common,
        resource_group_name=resource_group_name,
        settings=ingress.waf,
        subnet_id=subnet_ids[SubnetKey.APPLICATION_GATEWAY],
        hosts=gateway_certificates.hosts(context.settings),
        certificates=gateway_certificates.secret_ids(context.settings),
        certificate_vaults=gateway_certificates.vaults(context.settings),
        controller_address=_planned_address(context, gateway=ingress.through_gateway)
        if ingress.has_load_balancer
        else None,
        vault=vault,
        controller_reads_certificate=reads_firewall_certificate(context),
        records=_public_records(ingress, records),
        zone_group_name=resource_group_name,
    )


def _public_records(
    ingress: IngressSettings, records: Sequence[HostRecord]
) -> Sequence[HostRecord]:
    """The public records of a gateway; none behind Azure Front Door, to which the names lead."""
    return records if ingress.front_door_id is None else ()


def _traffic_controller(
    context: DeploymentContext,
    resource_group: resources.ResourceGroup,
    network: AnyClusterNetwork,
    records: list[HostRecord],
) -> TrafficController | None:
    ingress = context.settings.ingress
    if not ingress.uses_alb:
        return None
    # A lazy import: few stacks need it.
    from components.ingress.application_gateway_for_containers import (
        TrafficController,
        TrafficControllerArgs,
    )

    return TrafficController(
        context.logical_name("agc"),
        TrafficControllerArgs(
            common=context.common,
            resource_group_name=resource_group.name,
            subnet_id=network.subnet_ids[SubnetKey.TRAFFIC_CONTROLLER],
            waf=ingress.waf if isinstance(ingress.waf, GatewayWaf) else None,
            records=_public_records(ingress, records),
            zone_group_name=resource_group.name,
        ),
        context.opts,
    )
