"""The DNS records that somebody else must enter, because the program can make none. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypedDict

import pulumi

from components.deployment.context import DeploymentContext
from components.deployment.ingress import IngressResources
from components.kubernetes.load_balancer import internal_load_balancer
from components.settings.kubernetes import Application
from components.settings.private_dns import existing_zone
from components.settings.waf import ExternalWaf


class DnsEntry(TypedDict):
    """A record that the owner of a host's zone must enter."""

    host: str
    """The host, which is the name of the record."""
    type: str
    """The type of the record: `A` or `CNAME`."""
    value: str | pulumi.Output[str]
    """The address or name, or where to find it."""


def dns_entries(context: DeploymentContext, ingress: IngressResources) -> list[DnsEntry]:
    """The records for all hosts for which neither the program nor an add-on makes one."""
    kubernetes = context.settings.kubernetes
    return [
        {"host": host, **_record(context, ingress, application)}
        for application in kubernetes.applications
        for host in application.hosts
        if not any(_serving_zones(context, application, host))
    ]


def _serving_zones(
    context: DeploymentContext, application: Application, host: str
) -> Iterator[str]:
    """The zones in which the program or an add-on makes the host's record."""
    settings = context.settings.ingress
    addon = settings.controller == "app-routing"
    gateway = (
        settings.has_application_gateway or settings.uses_alb
    ) and settings.front_door_id is None
    static = settings.has_static_public_address and not isinstance(settings.waf, ExternalWaf)
    if not application.internal and (settings.addon_manages_public_zones or gateway or static):
        yield from _zones_of(host, settings.public_dns_zones)
    outside = isinstance(settings.waf, ExternalWaf) and not application.internal
    for zone in _zones_of(host, settings.private_dns_zones):
        own = existing_zone(context.settings.network.private_dns.existing_zones, zone) is None
        if (addon and not outside) or (settings.program_manages_private_zones and own):
            yield zone


def _zones_of(host: str, zones: Sequence[str]) -> list[str]:
    return [zone for zone in zones if host == zone or host.endswith(f".{zone}")]


class _Record(TypedDict):
    type: str
    value: str | pulumi.Output[str]


def _record(
    context: DeploymentContext, ingress: IngressResources, application: Application
) -> _Record:
    if application.internal:
        balancer = internal_load_balancer(
            context.plan,
            context.settings.network,
            context.settings.ingress,
            context.common.names,
            gateway=context.settings.ingress.through_gateway,
        )
        return {"type": "A", "value": (balancer and balancer.address) or ""}
    if context.settings.ingress.front_door_id is not None:
        return {"type": "CNAME", "value": "the host name of your Azure Front Door endpoint"}
    if ingress.traffic_controller:
        return {"type": "CNAME", "value": ingress.traffic_controller.host}
    return {"type": "A", "value": _address(context, ingress)}


def _address(context: DeploymentContext, ingress: IngressResources) -> str | pulumi.Output[str]:
    """The address of what clients connect to, or where to find it."""
    settings = context.settings.ingress
    if ingress.web_application_firewall:
        return ingress.web_application_firewall.address
    if isinstance(settings.waf, ExternalWaf):
        return "the address of your web application firewall"
    if ingress.controller_address is not None:
        return pulumi.Output.from_input(ingress.controller_address)
    if settings.has_load_balancer:
        return "the EXTERNAL-IP of the ingress controller's Service"
    return "the address of your own ingress controller"
