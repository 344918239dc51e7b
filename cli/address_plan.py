"""The address plan and the comparison of network models, as text for the terminal."""

from __future__ import annotations

from components.addressing import AddressPlan, PlannedVnet, what_if
from components.addressing.azure import MODEL_LIMITS, NODE_POD_RANGE
from components.addressing.compare import ModelComparison
from support.tables import PLAIN, Column, Terminal, paragraph, table

_SUBNETS = (
    Column("subnet", whole=True),
    Column("prefix", whole=True),
    Column("usable", right=True),
    Column("Azure", right=True),
    Column("upgrade", right=True),
    Column("spare", right=True),
)
_POOLS = (
    Column("pool", whole=True),
    Column("max", right=True),
    Column("most nodes", right=True),
    Column("most pods", right=True),
    Column("limited by"),
    Column("upgrade today", right=True),
)


def render_plan(plan: AddressPlan, where: Terminal = PLAIN) -> str:
    """The networks with their subnets, the pod and service ranges, the pools' limits, advice.

    All figures of subnets are addresses. "Azure" is what Azure's own check counts with every pool
    at its maximum, and "upgrade" what an upgrade needs then.
    """
    title = f"Address plan, {MODEL_LIMITS[plan.model].name}"
    networks = [_network(vnet, where) for vnet in plan.vnets]
    parts = [title, *networks, _ranges(plan), _pools(plan, where)]
    if plan.advice:
        advice = [_indented(str(item), where) for item in plan.advice]
        parts.append("\n".join(["Advice", *advice]))
    return "\n\n".join(parts)


def render_comparison(comparisons: tuple[ModelComparison, ...], where: Terminal = PLAIN) -> str:
    """The network models side by side, a column for each."""
    columns = (Column(""), *(Column(item.facts.title) for item in comparisons))
    rows: list[tuple[str, ...]] = [
        ("node addresses", *(_count(item.node_addresses) for item in comparisons)),
        ("node subnet", *(item.node_prefix for item in comparisons)),
        ("pod addresses", *(_count(item.pod_addresses or None) for item in comparisons)),
        ("pod range", *(item.pod_prefix for item in comparisons)),
        ("of the network", *(_count(item.vnet_addresses) for item in comparisons)),
        ("most nodes", *(_count(item.most_nodes) for item in comparisons)),
        ("most pods", *(_count(item.most_pods) for item in comparisons)),
        ("limited by", *(item.stopped_by for item in comparisons)),
        ("node limit", *(_count(MODEL_LIMITS[item.facts.model].nodes) for item in comparisons)),
        ("Windows", *(item.facts.windows for item in comparisons)),
        ("policies", *(item.facts.policies for item in comparisons)),
        ("pods from on-premises", *(item.facts.on_premises for item in comparisons)),
        ("extra hops", *(item.facts.hops for item in comparisons)),
        ("retires", *(item.facts.retirement for item in comparisons)),
        ("fits here", *("yes" if item.obstacle is None else "no" for item in comparisons)),
    ]
    obstacles = [
        paragraph(f"{item.facts.title}: {item.obstacle}", where, hanging="  ")
        for item in comparisons
        if item.obstacle is not None
    ]
    below = ["", *obstacles] if obstacles else []
    return "\n".join([table(columns, rows, where, spaced=True), *below])


def _network(vnet: PlannedVnet, where: Terminal) -> str:
    owner = " (existing)" if vnet.existing else ""
    rows = [
        (
            subnet.key,
            subnet.prefix,
            _count(subnet.usable),
            _count(subnet.azure_required),
            _count(subnet.upgrade_required),
            _count(subnet.headroom),
        )
        for subnet in vnet.subnets
    ]
    heading = f"{vnet.name} network{owner}  {', '.join(vnet.address_space)}"
    parts = [paragraph(heading, where), table(_SUBNETS, rows, where)]
    if vnet.set_aside:
        free = ", ".join(f"{key} {place}" for key, place in vnet.set_aside.items())
        parts.append(_indented(f"set aside: {free}", where))
    return "\n".join(parts)


def _ranges(plan: AddressPlan) -> str:
    lines = [f"services     {plan.service_range}, DNS at {plan.request.dns_service_ip}"]
    if plan.pod_range is not None:
        used, room = (
            addresses // NODE_POD_RANGE
            for addresses in (plan.pod_range.required, plan.pod_range.usable)
        )
        lines.insert(
            0,
            f"pods         {plan.pod_range.prefix}, a /24 for each node: "
            f"{_count(used)} of {_count(room)} nodes",
        )
    lines.extend(f"reserved     {item.cidr} {item.name}" for item in plan.request.reserved)
    return "\n".join(["ranges", *lines])


def _pools(plan: AddressPlan, where: Terminal) -> str:
    """How far each pool can grow, and what an upgrade adds at its minimum: nodes, addresses."""
    rows = [
        (
            outlook.pool,
            _count(outlook.max_count),
            _count(outlook.most_nodes),
            _count(outlook.most_pods),
            outlook.stopped_by,
            f"+{outlook.upgrade_nodes_today} (+{_count(outlook.upgrade_addresses_today)})",
        )
        for outlook in what_if(plan)
    ]
    return table(_POOLS, rows, where)


def _indented(text: str, where: Terminal) -> str:
    return paragraph(text, where, indent="  ", hanging="    ")


def _count(number: int | None) -> str:
    """A figure with thousands separators, such as `1,581`; a hyphen where there is none."""
    return "-" if number is None else f"{number:,}"
