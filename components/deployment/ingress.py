"""What leads from outside to the ingress controller: zones, vault, firewall or gateway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import resources

from components.cluster.cluster import Cluster
from components.deployment.context import DeploymentContext
from components.deployment.networks import Management, Network, network_ids
from components.ingress.application_gateway import (
    VaultArgs,
    WebApplicationFirewall,
    WebApplicationFirewallArgs,
)
from components.ingress.dns_and_key_vault import DnsAndKeyVault, DnsAndKeyVaultArgs
from components.ingress.dns_records import PublicRecord, public_records
from components.settings.ingress import IngressSettings
from components.settings.waf import GatewayWaf

if TYPE_CHECKING:
    # Few stacks need it, and its imports cost every run's time.
    from components.ingress.agc import TrafficController


@dataclass(frozen=True)
class IngressResources:
    """What stands around the cluster for ingress; one of firewall and gateway at most."""

    group: resources.ResourceGroup
    routing: DnsAndKeyVault
    firewall: WebApplicationFirewall | None
    traffic_controller: TrafficController | None


def ingress_resources(
    base: DeploymentContext, group: resources.ResourceGroup, network: Network, hub: Management
) -> IngressResources:
    """Everything for ingress that exists before the cluster."""
    routing = _routing(base, group, network, hub)
    records = public_records(base.settings.kubernetes.public_hosts, routing.public_zone_names)
    return IngressResources(
        group,
        routing,
        _firewall(base, group, network, routing, records),
        _traffic_controller(base, group, network, records),
    )


def grant_addons(
    base: DeploymentContext, made: IngressResources, cluster: Cluster
) -> list[pulumi.Resource]:
    """Roles of the add-ons' identities, which come into being with the cluster.

    Returns what has to exist before application routing is given something to do.
    """
    ingress = base.settings.ingress
    if ingress.controller == "agic" and made.firewall:
        made.firewall.grant_agic(cluster.lookup.agic_principal_id, made.group.id)
    if ingress.controller != "app-routing" or ingress.uses_gateway_api:
        return []
    return [
        *made.routing.grant_addon(
            cluster.lookup.app_routing_principal_id, certificate_vault_ids(base)
        )
    ]


def certificate_vault_ids(base: DeploymentContext) -> list[str]:
    """Others' vaults that application routing reads by a role that this program grants."""
    theirs = base.settings.ingress.certificate_vault_id
    return [*([theirs] if theirs else []), *base.settings.kubernetes.certificate_vault_ids]


def reads_own_vault(base: DeploymentContext) -> bool:
    """Whether an application's certificate, or the firewall's, is in this stack's own vault."""
    waf = base.settings.ingress.waf
    firewall = isinstance(waf, GatewayWaf) and waf.certificate is not None and waf.certificate.pfx
    applications = base.settings.kubernetes.applications
    return bool(firewall) or any(a.tls and a.tls.certificate_name for a in applications)


def _routing(
    base: DeploymentContext, group: resources.ResourceGroup, network: Network, hub: Management
) -> DnsAndKeyVault:
    args = dns_and_key_vault_args(
        base,
        resource_group_name=group.name,
        virtual_network_ids=network_ids(network, hub),
        subnet_ids=network.subnet_ids,
    )
    return DnsAndKeyVault(base.named("routing"), args, base.opts)


def dns_and_key_vault_args(
    base: DeploymentContext,
    *,
    resource_group_name: pulumi.Input[str],
    virtual_network_ids: Mapping[str, pulumi.Input[str]],
    subnet_ids: Mapping[str, pulumi.Input[str]],
) -> DnsAndKeyVaultArgs:
    """Zones and vault, and where they are reached from."""
    settings = base.settings.ingress
    return DnsAndKeyVaultArgs(
        common=base.common,
        resource_group_name=resource_group_name,
        public_zones=settings.public_dns_zones,
        private_zones=settings.private_dns_zones,
        addon_manages_public_records="public" in addon_zones(settings),
        virtual_network_ids=virtual_network_ids,
        private_endpoint_subnet_id=subnet_ids["privateEndpoints"],
    )


def addon_zones(settings: IngressSettings) -> dict[str, tuple[str, ...]]:
    """The zones that application routing keeps records in, by kind.

    Not the public ones where a firewall stands in front: their names lead to the firewall.
    """
    public = settings.controller == "app-routing" and not settings.has_application_gateway
    return {
        **({"public": settings.public_dns_zones} if public else {}),
        "private": settings.private_dns_zones,
    }


def _firewall(
    base: DeploymentContext,
    group: resources.ResourceGroup,
    network: Network,
    routing: DnsAndKeyVault,
    records: list[PublicRecord],
) -> WebApplicationFirewall | None:
    vault = VaultArgs(
        id=routing.vault_id,
        name=routing.vault_name,
        uri=routing.vault_uri,
        ready=routing.vault_ready["cluster"],
    )
    args = web_application_firewall_args(
        base,
        resource_group_name=group.name,
        subnet_ids=network.subnet_ids,
        vault=vault,
        records=records,
    )
    return WebApplicationFirewall(base.named("waf"), args, base.opts) if args else None


def web_application_firewall_args(
    base: DeploymentContext,
    *,
    resource_group_name: pulumi.Input[str],
    subnet_ids: Mapping[str, pulumi.Input[str]],
    vault: VaultArgs,
    records: Sequence[PublicRecord],
) -> WebApplicationFirewallArgs | None:
    """The firewall, the certificate's vault and the records that lead to it; None without one."""
    ingress = base.settings.ingress
    if not isinstance(ingress.waf, GatewayWaf) or not ingress.has_application_gateway:
        return None
    return WebApplicationFirewallArgs(
        common=base.common,
        resource_group_name=resource_group_name,
        settings=ingress.waf,
        subnet_id=subnet_ids["applicationGateway"],
        hosts=base.settings.kubernetes.public_hosts,
        controller_address=base.plan.address("ingress") if ingress.has_load_balancer else None,
        vault=vault,
        records=records,
        zone_group_name=resource_group_name,
    )


def _traffic_controller(
    base: DeploymentContext,
    group: resources.ResourceGroup,
    network: Network,
    records: list[PublicRecord],
) -> TrafficController | None:
    ingress = base.settings.ingress
    if ingress.controller != "application-gateway-for-containers":
        return None
    # Only now: few stacks pay for these imports.
    from components.ingress.agc import TrafficController, TrafficControllerArgs

    return TrafficController(
        base.named("agc"),
        TrafficControllerArgs(
            common=base.common,
            resource_group_name=group.name,
            subnet_id=network.subnet_ids["trafficController"],
            waf=ingress.waf if isinstance(ingress.waf, GatewayWaf) else None,
            records=records,
            zone_group_name=group.name,
        ),
        base.opts,
    )
