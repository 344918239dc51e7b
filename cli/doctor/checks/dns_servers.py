"""The DNS servers of the cluster's network: whether the private zones resolve where they are."""

from __future__ import annotations

from collections.abc import Iterator

from cli.doctor.checks.phases import management_network, network_of_cluster, peerings_of
from cli.doctor.checks.private_dns import linked_networks
from cli.doctor.context import Context
from cli.doctor.findings import CheckUnavailable, Finding, failed, ok, warning
from components.network.next_hop import PeeringState
from components.settings import private_dns_rules
from components.settings.dns_server_rules import CLUSTER_SERVERS, contain
from components.settings.private_dns import zone_name
from support.arm_ids import same

_TITLE = CLUSTER_SERVERS.removeprefix("aks-network:")


def servers(context: Context) -> Iterator[Finding]:
    """Each server is in a network that the private zones are linked to, as far as it is known.

    The program links its own zones to its own networks; another team links its zones. Whether a
    peering leads to a server is the check of the phase.
    """
    settings = context.settings
    if not settings.network.dns_servers:
        yield ok("DNS servers", "Azure resolves the names in the cluster's network")
        return
    for position, server in enumerate(settings.network.dns_servers):
        title = f"{_TITLE}[{position}]"
        try:
            yield from _server(context, title, server)
        except CheckUnavailable as unavailable:
            yield unavailable.finding(title)


def _server(context: Context, title: str, server: str) -> Iterator[Finding]:
    settings = context.settings
    zones = [
        *settings.network.private_dns.existing_zones,
        *private_dns_rules.own_zones(settings),
    ]
    holder = _holder(context, server)
    if holder is None:
        names = ", ".join(map(zone_name, zones))
        yield warning(
            title,
            f"no network that the cluster's is peered with contains {server}, so it is not known "
            "where it resolves names",
            f"make sure that it forwards {names} to a resolver in a network that these zones are "
            "linked to",
        )
        return
    missing = [zone_name(zone) for zone in zones if not _resolves(context, zone, holder)]
    if not missing:
        yield ok(title, f"{server} is in a network that all private zones are linked to")
        return
    detail = f"{server} is in {holder}, to which there is no link of {', '.join(missing)}"
    remedy = (
        "ask the zone's owner to link it before the cluster is created (aks-network:phase: "
        "networks), unless the server forwards to another network"
    )
    # Without the API server's name the first node fails.
    decisive = any(name.endswith(".azmk8s.io") for name in missing)
    yield failed(title, detail, remedy) if decisive else warning(title, detail, remedy)


def _holder(context: Context, server: str) -> str | None:
    """The id of the network that contains a server; None if no network is known to."""
    settings = context.settings
    if contain(settings.network.address_space, server):
        return network_of_cluster(context)
    if contain(settings.management.address_space, server):
        return management_network(context)
    found: list[PeeringState] = peerings_of(context, network_of_cluster(context)) or []
    return next((one.remote_id for one in found if contain(one.remote_ranges, server)), None)


def _resolves(context: Context, zone: str, holder: str) -> bool:
    """Whether a zone is linked to a network; `zone` is a name if the program creates the zone."""
    settings = context.settings
    in_cluster = same(holder, network_of_cluster(context))
    if not zone.startswith("/"):
        linked = private_dns_rules.links_management_network(settings.network, settings.management)
        return in_cluster or (linked and same(holder, management_network(context)))
    if in_cluster and zone.lower().endswith(".azmk8s.io"):
        return True  # AKS links the nodes' network itself (Azure/AKS#2711).
    return any(same(holder, one) for one in linked_networks(context, zone))
