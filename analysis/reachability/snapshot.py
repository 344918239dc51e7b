"""The matrix as text that stays the same as long as the network does, for comparison in tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import yaml

from analysis.reachability import addresses, services
from analysis.reachability.endpoints import Endpoint
from analysis.reachability.intervals import EMPTY, Intervals, union
from analysis.reachability.matrix import Cell, Matrix, Passage

Document = Mapping[str, Mapping[str, Sequence[str]]]
"""By target, then by source: what passes. Pairs that nothing passes between are left out."""


def document(matrix: Matrix) -> Document:
    """The whole matrix, in its own order."""
    return {
        target.name: {
            source.name: texts
            for source in matrix.sources
            if (texts := entries(matrix, source, target))
        }
        for target in matrix.targets
    }


def dump(matrix: Matrix) -> str:
    """The document as YAML."""
    plain = {name: dict(row) for name, row in document(matrix).items()}
    return yaml.safe_dump(plain, sort_keys=False, width=1000, default_flow_style=None)


def load(text: str) -> Document:
    """A document from its YAML."""
    return yaml.safe_load(text) or {}


def differences(expected: Document, actual: Document) -> list[str]:
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


def entries(matrix: Matrix, source: Endpoint, target: Endpoint) -> list[str]:
    """What passes between two, direct ways first; empty when nothing does."""
    cell = matrix.cells.get((source.name, target.name), Cell())
    return [*_direct(cell, source, target), *(passage(one, source) for one in cell.passages)]


def passage(one: Passage, source: Endpoint) -> str:
    """A way through proxies; only some senders are said where they are not all."""
    chain = list(one.through)
    if one.inspected_by:
        chain[0] += " with WAF"
    senders = _senders(source, one.sources)
    return f"{services.text(one.services)}{senders} through {', '.join(chain)}"


def _senders(source: Endpoint, sent: Intervals) -> str:
    """Who of a source gets through, if it is only a part; empty for all of it."""
    senders = union(place.addresses for place in source.places) or source.addresses
    return f" from {addresses.text(sent)}" if sent <= senders and not senders <= sent else ""


def _direct(cell: Cell, source: Endpoint, target: Endpoint) -> Iterator[str]:
    """Direct ways; only some senders or receivers are said where they are not all."""
    receivers = [arrival.inside or arrival.addresses for arrival in target.arrivals]
    whole: dict[str, Intervals] = {}
    for atom in _atoms([flow.services for flow in cell.direct]):
        flows = [flow for flow in cell.direct if atom <= flow.services]
        received = union(flow.destinations for flow in flows)
        label = _senders(source, union(flow.sources for flow in flows))
        if not any(one <= received for one in receivers):
            label += f" to {addresses.text(received)}"
        whole[label] = whole.get(label, EMPTY) | atom
    for label in sorted(whole):
        yield services.text(whole[label]) + label


def _atoms(sets: Sequence[Intervals]) -> list[Intervals]:
    """Split sets into parts none of which lies in a set by half."""
    atoms: list[Intervals] = []
    for one in sets:
        rest = one
        split: list[Intervals] = []
        for atom in atoms:
            split.extend(part for part in (atom & one, atom - one) if part)
            rest -= atom
        atoms = [*split, rest] if rest else split
    return atoms
