"""The phase of a deployment: whether the networks of other teams are connected already."""

from __future__ import annotations

from collections.abc import Iterator

from cli.doctor.context import Context
from cli.doctor.findings import Finding, failed, ok, warning
from components.network import next_hop
from components.network.next_hop import Gap, PeeringState
from support.nested import items, text

API = "2024-05-01"
"""Of virtual networks: the version that azure-native 3.29 uses."""
_TITLE = "Phase"


def phase(context: Context) -> Iterator[Finding]:
    """Nodes whose egress another team provides have it before the cluster is created."""
    checked = context.checked.get()
    settings = checked.settings
    networks_only = settings.phase == "networks"
    address = next_hop.foreign_next_hop(settings, checked.plan)
    if address is None:
        detail = "nodes have outbound connectivity without a network of another team"
        remedy = "remove aks-network:phase to deploy the cluster"
        yield warning(_TITLE, detail, remedy) if networks_only else ok(_TITLE, detail)
        return
    group, name = next_hop.cluster_network(settings)
    existing = settings.network.existing
    path = f"/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks/{name}"
    network = existing.virtual_network_id if existing else f"{context.subscription}{path}"
    found = next_hop.gap(name, address, _peerings(context, network))
    yield _finding(found, address, networks_only=networks_only)


def _finding(gap: Gap | None, address: str, *, networks_only: bool) -> Finding:
    if gap is None:
        detail = f"2 of 2: a connected peering leads to {address}, the next hop of the nodes"
        remedy = "remove aks-network:phase to deploy the cluster"
        return warning(_TITLE, detail, remedy) if networks_only else ok(_TITLE, detail)
    detail = f"1 of 2: {address} is the next hop of the nodes, and {gap.reason}"
    if networks_only:
        return ok(_TITLE, f"{detail}; this run deploys only the networks")
    return failed(_TITLE, detail, gap.remedy)


def _peerings(context: Context, network: str) -> list[PeeringState] | None:
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
