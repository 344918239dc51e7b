"""Private DNS zones that would overlap on another team's network, and links that are missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli.doctor.checks.phases import network_of_cluster
from cli.doctor.context import Context
from cli.doctor.findings import CheckUnavailable, Finding, failed, ok, warning
from components.settings import private_dns_rules
from components.settings.private_dns import VAULT_ZONE, zone_name
from components.settings.waf import GatewayWaf
from support.arm_ids import same
from support.nested import text

API = "2024-06-01"
"""Microsoft Learn: rest/api/dns/privatednszones."""

_TITLE = "Private DNS zones"


def overlaps(context: Context) -> Iterator[Finding]:
    """No network of another team is linked already to a zone of a name that the stack creates.

    Azure refuses the link otherwise (private-link/private-endpoint-dns). The zones of the
    subscriptions of the stack and of these networks are read; a zone elsewhere is not seen.
    """
    own = private_dns_rules.own_zones(context.settings)
    networks = _networks_of_others(context)
    if not own or not networks:
        yield ok(_TITLE, "none of this stack is linked to a network of another team")
        return
    mine, found = _ids_of_state(context), False
    for zone in _zones(context, networks):
        if zone_name(zone) not in own or zone.lower() in mine:
            continue
        for network in linked_networks(context, zone):
            if any(same(network, each) for each in networks):
                found = True
                yield failed(
                    _TITLE,
                    f"{network} is linked to {zone} already; Azure refuses a second zone of this "
                    "name (overlapping namespaces)",
                    f"add {zone} to network.privateDns.existingZones, or use "
                    "network.privateDns.linkManagementNetwork: false",
                )
    if not found:
        yield ok(_TITLE, f"{', '.join(own)} overlap no zone of another team")


def unlinked(context: Context) -> Iterator[Finding]:
    """The owner of each existing zone has linked it to the networks that exist already."""
    settings = context.settings
    for position, zone in enumerate(settings.network.private_dns.existing_zones):
        title = f"network.privateDns.existingZones[{position}]"
        try:
            linked = linked_networks(context, zone)
        except CheckUnavailable as unavailable:
            yield unavailable.finding(title)
            continue
        networks = _networks_of_others(context, linked_only=False)
        if zone.lower().endswith(".azmk8s.io") and settings.network.existing is not None:
            # AKS links the nodes' network to the API server's zone itself (Azure/AKS#2711).
            networks.remove(settings.network.existing.virtual_network_id)
        missing = [each for each in networks if not any(same(each, other) for other in linked)]
        if _hides_vault_from_gateway(context, zone, linked):
            # The first phase creates a network that can be linked, and no gateway.
            yield (failed if settings.phase == "all" else warning)(
                title,
                f"{zone_name(zone)} is not linked to {network_of_cluster(context)}, where "
                "Application Gateway asks Azure's resolver for its key vault, whatever the "
                "network's DNS servers",
                "ask the zone's owner to link it to this network before the gateway is created; "
                "if the network does not exist yet, deploy with aks-network:phase: networks first",
            )
        elif missing:
            yield warning(
                title,
                f"{zone_name(zone)} does not resolve in {', '.join(missing)}: there is no link",
                "ask the zone's owner to link it, unless DNS servers of the network resolve it",
            )
        else:
            yield ok(title, f"{zone_name(zone)} is linked to {len(linked)} virtual networks")


def _hides_vault_from_gateway(context: Context, zone: str, linked: list[str]) -> bool:
    """Whether the Application Gateway cannot find the stack's closed key vault by the zone.

    Source: application-gateway/application-gateway-dns-resolution.
    """
    ingress, network = context.settings.ingress, network_of_cluster(context)
    certificate = ingress.waf.certificate if isinstance(ingress.waf, GatewayWaf) else None
    return (
        ingress.has_application_gateway
        and certificate is not None
        and certificate.pfx is not None
        and zone_name(zone) == VAULT_ZONE
        and not any(same(network, other) for other in linked)
    )


def _networks_of_others(context: Context, *, linked_only: bool = True) -> list[str]:
    """The ids of the existing networks, or of those to which this program links its zones."""
    network, management = context.settings.network, context.settings.management
    hub = management.existing
    if linked_only and not private_dns_rules.links_management_network(network, management):
        hub = None
    return [each.virtual_network_id for each in (network.existing, hub) if each is not None]


def _ids_of_state(context: Context) -> frozenset[str]:
    state = context.state.get()
    return state.ids if state else frozenset()


def _zones(context: Context, networks: list[str]) -> Iterator[str]:
    """The ids of all private zones in the subscriptions of the stack and of the networks."""
    others = ("/".join(network.split("/")[:3]) for network in networks)
    for subscription in dict.fromkeys(each.lower() for each in (context.subscription, *others)):
        path = f"{subscription}/providers/Microsoft.Network/privateDnsZones"
        for zone in context.azure.list(path, API):
            yield text(zone, "id")


def linked_networks(context: Context, zone: str) -> list[str]:
    """The ids of the virtual networks that a zone is linked to."""
    links: list[dict[str, Any]] = context.azure.list(f"{zone}/virtualNetworkLinks", API)
    return [text(link, "properties", "virtualNetwork", "id") for link in links]
