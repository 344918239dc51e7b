"""Azure's rules for private DNS zones and their links to the networks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from components.problems import Problem
from components.settings.cluster import ClusterSettings
from components.settings.ingress import IngressSettings
from components.settings.management import ManagementSettings
from components.settings.network import NetworkSettings
from components.settings.partial import skips_unreadable
from components.settings.private_dns import (
    MOST_LINKED_ZONES,
    MOST_PUBLIC_ZONES,
    REGISTRY_ZONE,
    VAULT_ZONE,
    api_server_zone,
    existing_zone,
    serves,
    zone_name,
)
from components.settings.stack import Settings

ZONES = "aks-network:network.privateDns.existingZones"
LINK = "aks-network:network.privateDns.linkManagementNetwork"
PRIVATE = "aks-network:ingress.privateDnsZones"
PUBLIC = "aks-network:ingress.publicDnsZones"

_ZONE_ID = re.compile(r".*/providers/microsoft\.network/privatednszones/[^/]+", re.IGNORECASE)


def needed_zones(location: str, cluster: ClusterSettings, ingress: IngressSettings) -> list[str]:
    """The names of all private zones that a stack uses, those of other teams included."""
    api_server = api_server_zone(location, vnet_integration=cluster.api_server_vnet_integration)
    return [
        VAULT_ZONE,
        *([api_server] if cluster.private else []),
        *([REGISTRY_ZONE] if cluster.own_registry else []),
        *ingress.private_dns_zones,
    ]


@skips_unreadable
def existing_zones(
    location: str, network: NetworkSettings, cluster: ClusterSettings, ingress: IngressSettings
) -> Iterator[Problem]:
    """An existing zone is a private one, the only one of its name, and one that the stack uses."""
    zone_ids = network.private_dns.existing_zones
    needed = needed_zones(location, cluster, ingress)
    names = [zone_name(zone_id) for zone_id in zone_ids]
    for position, (zone_id, name) in enumerate(zip(zone_ids, names, strict=True)):
        path = f"{ZONES}[{position}]"
        if not _ZONE_ID.fullmatch(zone_id):
            rule = "must be the resource ID of a private DNS zone"
            remedy = "use …/providers/Microsoft.Network/privateDnsZones/<name>"
            yield Problem(path, zone_id, rule, remedy)
        elif location and not any(serves(name, each) for each in needed):
            rule = f"must be a zone that the stack uses: {', '.join(needed)}"
            yield Problem(path, zone_id, rule, "remove it, or use the ID of one of these zones")
    for each in needed:
        if sum(serves(name, each) for name in names) > 1:
            rule = f"must have only one zone for {each}: a network links to one zone of each name"
            yield Problem(ZONES, "", rule, "remove the others")


@skips_unreadable
def zone_lists(ingress: IngressSettings) -> Iterator[Problem]:
    """Zone names are unique, and a network and a subscription have limits."""
    for path, zones in ((PUBLIC, ingress.public_dns_zones), (PRIVATE, ingress.private_dns_zones)):
        count = Counter(zones)
        for position, zone in enumerate(zones):
            if count[zone] > 1:
                rule = f"must be unique: {count[zone]} entries have this name"
                yield Problem(f"{path}[{position}]", zone, rule, "remove the others")
    yield from _reserved(ingress.private_dns_zones)
    if len(ingress.public_dns_zones) > MOST_PUBLIC_ZONES:
        rule = f"must be at most {MOST_PUBLIC_ZONES} zones: a subscription holds no more"
        yield Problem(PUBLIC, str(len(ingress.public_dns_zones)), rule, "use fewer zones")
    # The zones of vault, API server and registry are linked to the same networks.
    most = MOST_LINKED_ZONES - 3
    if len(ingress.private_dns_zones) > most:
        rule = f"must be at most {most} zones: a network is linked to {MOST_LINKED_ZONES} at most"
        yield Problem(PRIVATE, str(len(ingress.private_dns_zones)), rule, "use fewer zones")


def _reserved(zones: Sequence[str]) -> Iterator[Problem]:
    for position, zone in enumerate(zones):
        if zone in {VAULT_ZONE, REGISTRY_ZONE} or zone.endswith(".azmk8s.io"):
            rule = "must not be a zone of an Azure service: the program creates it for the service"
            remedy = f"remove it; to use another team's zone, add its ID to {ZONES}"
            yield Problem(f"{PRIVATE}[{position}]", zone, rule, remedy)


@skips_unreadable
def managed_zones(network: NetworkSettings, ingress: IngressSettings) -> Iterator[Problem]:
    """The private zones of application routing are in one resource group (aks/app-routing)."""
    if ingress.controller != "app-routing":
        return
    ids = network.private_dns.existing_zones
    homes = {_home(existing_zone(ids, zone)) for zone in ingress.private_dns_zones}
    if len(homes) > 1:
        rule = (
            "must all be in one resource group, or all belong to this stack: the add-on requires it"
        )
        remedy = f"use zones of one resource group in {ZONES}, or none of them"
        yield Problem(PRIVATE, ", ".join(ingress.private_dns_zones), rule, remedy)


def _home(zone_id: str | None) -> str:
    return zone_id.lower().partition("/providers/")[0] if zone_id else ""


def links_management_network(network: NetworkSettings, management: ManagementSettings) -> bool:
    """Whether the zones that the program creates are linked to the management network."""
    wanted = network.private_dns.link_management_network
    return management.existing is None if wanted is None else wanted


def own_zones(settings: Settings) -> list[str]:
    """The names of the private zones that the program creates."""
    existing = settings.network.private_dns.existing_zones
    needed = needed_zones(settings.location, settings.cluster, settings.ingress)
    return [zone for zone in needed if existing_zone(existing, zone) is None]


def advice(settings: Settings) -> Iterator[str]:
    """The networks in which a private name may not resolve."""
    network = settings.network
    own = own_zones(settings)
    needed = needed_zones(settings.location, settings.cluster, settings.ingress)
    existing = [zone for zone in needed if zone not in own]
    if existing:
        yield (
            f"{ZONES}: the owner of {', '.join(existing)} must link the zones to the cluster's "
            "network and to the management network; until then their names do not resolve there"
        )
    if own and not links_management_network(network, settings.management):
        yield (
            f"{LINK} is false, so {', '.join(own)} do not resolve in the management network; to "
            f"resolve them there, list the zones that the network is linked to in {ZONES}"
        )
