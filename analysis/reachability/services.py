"""Protocols and ports as one set of integers.

Each protocol has a range of 65,536 numbers, so that "TCP 443 and UDP 53" is one set of intervals.
Protocols without ports use one number.
"""

from __future__ import annotations

from collections.abc import Iterator

from analysis.reachability.intervals import EMPTY, Intervals, union

PORTS = 65536
_WITH_PORTS = ("tcp", "udp", "sctp")
_WITHOUT_PORTS = ("icmp", "esp", "ah")
_START = {name: index * PORTS for index, name in enumerate((*_WITH_PORTS, *_WITHOUT_PORTS))}


def ports(protocol: str, first: int, last: int | None = None) -> Intervals:
    """Ports `first` to `last` of a protocol that has ports."""
    start = _START[protocol]
    return Intervals.of([(start + first, start + (first if last is None else last))])


def all_of(protocol: str) -> Intervals:
    """Everything of one protocol."""
    start = _START[protocol]
    return Intervals.of([(start, start + (PORTS - 1 if protocol in _WITH_PORTS else 0))])


def tcp(*numbers: int) -> Intervals:
    """Single TCP ports."""
    return union(ports("tcp", number) for number in numbers)


EVERYTHING = union(all_of(name) for name in _START)
NODE_PORTS = ports("tcp", 30000, 32767)
"""Kubernetes' default range of node ports, which load balancer health probes use."""


def from_rule(protocol: str, port_ranges: list[str]) -> Intervals:
    """The services of a security rule's protocol (`Tcp`, `*` …) and ports (`22`, `80-90`, `*`).

    Protocols without ports match only a rule for all ports.
    """
    names = list(_START) if protocol == "*" else [protocol.lower()]
    if "*" in port_ranges:
        return union(all_of(name) for name in names)
    found = EMPTY
    for text in port_ranges:
        first, _, last = text.partition("-")
        for name in names:
            if name in _WITH_PORTS:
                found |= ports(name, int(first), int(last or first))
    return found


def by_protocol(services: Intervals) -> Iterator[tuple[str, tuple[tuple[int, int], ...]]]:
    """Each protocol with its port ranges; protocols without ports have none."""
    for name, start in _START.items():
        part = services & all_of(name)
        if part:
            ranges = tuple((low - start, high - start) for low, high in part)
            yield name, ranges if name in _WITH_PORTS else ()


def text(services: Intervals) -> str:
    """Such as `tcp 22, 3389; udp 53`, `all` or `none`, in a stable order."""
    if not services:
        return "none"
    if services == EVERYTHING:
        return "all"
    parts: list[str] = []
    for name, ranges in by_protocol(services):
        numbers = ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in ranges)
        if not ranges or ranges == ((0, PORTS - 1),):
            parts.append(name)
        else:
            parts.append(f"{name} {numbers}")
    left = EVERYTHING - services
    if left.size < services.size and len(text(left)) < len("; ".join(parts)):
        return f"all but {text(left)}"
    return "; ".join(parts)
