"""The plan as text for the terminal, at most 80 columns wide."""

from __future__ import annotations

import textwrap

from components.addressing.azure import MODEL_LIMITS, NODE_POD_RANGE
from components.addressing.limits import what_if
from components.addressing.plan import AddressPlan, PlannedVnet
from components.addressing.text import Column, count, table

_WIDTH = 80
_SUBNETS = (
    Column("subnet", 18),
    Column("prefix", 18),
    Column("usable", 9, right=True),
    Column("Azure", 8, right=True),
    Column("upgrade", 8, right=True),
    Column("spare", 9, right=True),
)
_POOLS = (
    Column("pool", 12),
    Column("max", 5, right=True),
    Column("most nodes", 10, right=True),
    Column("most pods", 9, right=True),
    Column("stopped by", 21),
    Column("upgrade today", 13, right=True),
)


def render_table(plan: AddressPlan) -> str:
    """The networks with their subnets, the pod and service ranges, the pools' outlook, advice.

    All figures of subnets are addresses: “Azure” what its own check counts, every pool being at its
    maximum, “upgrade” what an upgrade takes then.
    """
    title = f"Address plan, {MODEL_LIMITS[plan.model].name}"
    parts = [title, *(_vnet(vnet) for vnet in plan.vnets), _ranges(plan), _pools(plan)]
    if plan.advice:
        parts.append("\n".join(["Advice", *(_paragraph(str(one)) for one in plan.advice)]))
    return "\n\n".join(parts)


def _vnet(vnet: PlannedVnet) -> str:
    owner = " (another team's)" if vnet.existing else ""
    rows = [
        (
            subnet.key,
            subnet.prefix,
            count(subnet.usable),
            count(subnet.azure_required),
            count(subnet.upgrade_required),
            count(subnet.headroom),
        )
        for subnet in vnet.subnets
    ]
    heading = f"{vnet.name} network{owner}  {', '.join(vnet.address_space)}"
    return f"{textwrap.fill(heading, _WIDTH)}\n{table(_SUBNETS, rows)}{_set_aside(vnet)}"


def _set_aside(vnet: PlannedVnet) -> str:
    free = [f"{key} {place}" for key, place in vnet.set_aside.items()]
    return "\n" + _paragraph(f"set aside: {', '.join(free)}") if free else ""


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
            f"{count(used)} of {count(room)} nodes",
        )
    lines.extend(f"reserved     {one.cidr} {one.name}" for one in plan.request.reserved)
    return "\n".join(["ranges", *lines])


def _pools(plan: AddressPlan) -> str:
    """Each pool's reach; last, the nodes and addresses an upgrade adds at the least size."""
    outlooks = what_if(plan)
    rows = [
        (
            outlook.pool,
            count(outlook.max_count),
            count(outlook.most_nodes),
            count(outlook.most_pods),
            outlook.stopped_by,
            f"+{outlook.upgrade_nodes_today} (+{count(outlook.upgrade_addresses_today)})",
        )
        for outlook in outlooks
    ]
    return table(_POOLS, rows)


def _paragraph(text: str) -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
    )
