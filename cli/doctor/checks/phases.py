"""The phase of a deployment: whether the networks of other teams are connected already."""

from __future__ import annotations

from collections.abc import Iterator

from cli.doctor.context import Context
from cli.doctor.findings import Finding, failed, ok, warning
from components.network import next_hop
from components.network.next_hop import Gap, Needed, PeeringState
from support.nested import items, text

API = "2024-05-01"
"""Of virtual networks: the version that azure-native 3.29 uses."""
_TITLE = "Phase"


def phase(context: Context) -> Iterator[Finding]:
    """Nodes reach what they need in networks of other teams before the cluster is created."""
    checked = context.checked.get()
    settings = checked.settings
    networks_only = settings.phase == "networks"
    foreign = next_hop.foreign_addresses(settings, checked.plan)
    if not foreign:
        detail = "nodes have outbound connectivity and DNS without a network of another team"
        remedy = "remove aks-network:phase to deploy the cluster"
        yield warning(_TITLE, detail, remedy) if networks_only else ok(_TITLE, detail)
        return
    _, name = next_hop.cluster_network(settings)
    peerings = peerings_of(context, network_of_cluster(context))
    for needed in foreign:
        found = next_hop.gap(name, needed.address, peerings)
        yield _finding(found, needed, networks_only=networks_only)


def _finding(gap: Gap | None, needed: Needed, *, networks_only: bool) -> Finding:
    what = f"{needed.address}, {needed.role}"
    if gap is None:
        detail = f"2 of 2: a connected peering leads to {what}"
        remedy = "remove aks-network:phase to deploy the cluster"
        return warning(_TITLE, detail, remedy) if networks_only else ok(_TITLE, detail)
    detail = f"1 of 2: nodes need {what}, and {gap.reason}"
    if networks_only:
        return ok(_TITLE, f"{detail}; this run deploys only the networks")
    return failed(_TITLE, detail, gap.remedy)


def network_of_cluster(context: Context) -> str:
    """The resource id of the cluster's network, whether it exists yet or not."""
    existing = context.settings.network.existing
    if existing is not None:
        return existing.virtual_network_id
    return _id(context, *next_hop.cluster_network(context.settings))


def management_network(context: Context) -> str:
    """The resource id of the management network, whether it exists yet or not."""
    existing = context.settings.management.existing
    if existing is not None:
        return existing.virtual_network_id
    return _id(context, *next_hop.management_network(context.settings))


def _id(context: Context, group: str, name: str) -> str:
    path = f"/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks/{name}"
    return f"{context.subscription}{path}"


def peerings_of(context: Context, network: str) -> list[PeeringState] | None:
    """The peerings of a network; None where the network does not exist."""
    if context.azure.find(network, API) is None:
        return None
    rows = context.azure.list(f"{network}/virtualNetworkPeerings", API)
    return [
        PeeringState(
            name=text(row, "name"),
            state=text(row, "properties", "peeringState"),
            remote_id=text(row, "properties", "remoteVirtualNetwork", "id"),
            remote_ranges=items(row, "properties", "remoteAddressSpace", "addressPrefixes"),
        )
        for row in rows
    ]
