"""The matrix as text that is stable as long as the network is, for comparison in tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import yaml

from analysis.reachability import addresses, services
from analysis.reachability.endpoints import Endpoint, Kind
from analysis.reachability.intervals import EMPTY, Intervals, union
from analysis.reachability.matrix import Cell, Matrix, ProxiedPath

Snapshot = Mapping[str, Mapping[str, Sequence[str]]]
"""Texts of the traffic, by target, then by source. Pairs without traffic are left out."""


def snapshot_of(matrix: Matrix) -> Snapshot:
    """The whole matrix, in its own order."""
    return {
        target.name: {
            source.name: texts
            for source in matrix.sources
            if (texts := cell_texts(matrix, source, target))
        }
        for target in matrix.targets
    }


def dump(matrix: Matrix) -> str:
    """The snapshot as YAML."""
    plain = {name: dict(row) for name, row in snapshot_of(matrix).items()}
    return yaml.safe_dump(plain, sort_keys=False, width=1000, default_flow_style=None)


def load(text: str) -> Snapshot:
    """A snapshot from its YAML."""
    return yaml.safe_load(text) or {}


def differences(expected: Snapshot, actual: Snapshot) -> list[str]:
    """Each cell that differs, as `Internet → Bastion: expected tcp 443, found none`."""
    found: list[str] = []
    for target in dict.fromkeys((*expected, *actual)):
        if (target in expected) != (target in actual):
            where = "expected, but not there" if target in expected else "there, but not expected"
            found.append(f"{target}: {where}")
        before, after = expected.get(target, {}), actual.get(target, {})
        for source in dict.fromkeys((*before, *after)):
            was, now = before.get(source, ()), after.get(source, ())
            if list(was) != list(now):
                was_text, now_text = "; ".join(was) or "none", "; ".join(now) or "none"
                found.append(f"{source} → {target}: expected {was_text}, found {now_text}")
    return found


def cell_texts(matrix: Matrix, source: Endpoint, target: Endpoint) -> list[str]:
    """The traffic between two endpoints, direct traffic first; empty if there is none."""
    cell = matrix.cells.get((source.name, target.name), Cell())
    return [*_direct(cell, source, target), *(proxied_text(one, source) for one in cell.proxied)]


def proxied_text(path: ProxiedPath, source: Endpoint) -> str:
    """A path through proxies; lists the senders if they are only a part of the source."""
    chain = list(path.proxies)
    if path.waf_policies:
        chain[0] += " with WAF"
    senders = _senders(source, path.sources)
    return f"{services.text(path.services)}{senders} through {', '.join(chain)}"


def _senders(source: Endpoint, sent: Intervals) -> str:
    """The senders, if they are only a part of the source; otherwise empty."""
    all_senders = union(origin.addresses for origin in source.origins) or source.addresses
    partial = sent <= all_senders and not all_senders <= sent
    return f" from {addresses.text(sent)}" if partial else ""


def _direct(cell: Cell, source: Endpoint, target: Endpoint) -> Iterator[str]:
    """Direct traffic; lists senders and receivers if they are only a part of the endpoints."""
    receivers = [one.translated_to or one.addresses for one in target.destinations]
    by_label: dict[str, Intervals] = {}
    for atom in _atoms([flow.services for flow in cell.direct]):
        flows = [flow for flow in cell.direct if atom <= flow.services]
        received = union(flow.destinations for flow in flows)
        label = _senders(source, union(flow.sources for flow in flows))
        names = sorted({name for flow in flows for name in flow.names})
        if target.kind is Kind.INTERNET and names and all(flow.names for flow in flows):
            label += f" to {', '.join(names)}"
        elif not any(one <= received for one in receivers):
            label += f" to {addresses.text(received)}"
        by_label[label] = by_label.get(label, EMPTY) | atom
    for label in sorted(by_label):
        yield services.text(by_label[label]) + label


def _atoms(sets: Sequence[Intervals]) -> list[Intervals]:
    """Disjoint parts, each of which lies completely inside or outside of each set."""
    atoms: list[Intervals] = []
    for one in sets:
        rest = one
        split: list[Intervals] = []
        for atom in atoms:
            split.extend(part for part in (atom & one, atom - one) if part)
            rest -= atom
        atoms = [*split, rest] if rest else split
    return atoms
