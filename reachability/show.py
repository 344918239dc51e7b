"""The matrix for the terminal, no wider than 100 columns, and the explanation of one pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reachability import services
from reachability.endpoints import Endpoint, Kind
from reachability.intervals import union
from reachability.matrix import Cell, Matrix
from reachability.normal_form import entries, passage
from reachability.traffic import Flow

NOTHING, THROUGH = "·", "→"
_LEAST_COLUMN = 5
WELL_KNOWN = {22: "SSH", 53: "DNS", 80: "HTTP", 443: "HTTPS", 3389: "RDP"}
NOTES = (
    "A row speaks to a column, as far as the network goes: what runs there may not listen at all.",
    "A node and the pods on itself reach each other besides, whatever policies say (probes).",
)


@dataclass(frozen=True)
class Line:
    """A row and column: endpoints that can't be told apart by who reaches whom."""

    name: str
    endpoints: tuple[Endpoint, ...]

    @property
    def first(self) -> Endpoint:
        return self.endpoints[0]


@dataclass(frozen=True)
class Table:
    """What is drawn: lines, and for each pair the texts of what passes and a short code."""

    lines: tuple[Line, ...]
    cells: Mapping[tuple[int, int], tuple[str, ...]]
    """By the positions of source and target; pairs that don't speak are left out."""
    codes: Mapping[tuple[str, ...], str]

    def code(self, source: int, target: int) -> str:
        texts = self.cells.get((source, target))
        return "" if texts is None else self.codes[texts]


def table(matrix: Matrix) -> Table:
    """Bring a matrix into the shape in which it is shown: pools that are alike share a line."""
    lines = _lines(matrix)
    cells = {
        (row, column): tuple(entries(matrix, source.first, target.first))
        for row, source in enumerate(lines)
        for column, target in enumerate(lines)
        if (source.first.name, target.first.name) in matrix.cells
    }
    return Table(lines, cells, _codes(list(dict.fromkeys(cells.values()))))


def render(matrix: Matrix) -> str:
    """The matrix with its legend."""
    shown = table(matrix)
    names = [f"{number:>2} {line.name}" for number, line in enumerate(shown.lines, 1)]
    margin = max(map(len, names))
    columns = [n for n, line in enumerate(shown.lines) if line.first.arrivals]
    widths = {
        n: max(_LEAST_COLUMN, *(len(shown.code(row, n)) + 1 for row in range(len(names))))
        for n in columns
    }
    head = " " * margin + "".join(f"{n + 1:>{widths[n]}}" for n in columns)
    rows = [
        name
        + " " * (margin - len(name))
        + "".join(f"{shown.code(n, c):>{widths[c]}}" for c in columns)
        for n, (name, line) in enumerate(zip(names, shown.lines, strict=True))
        if line.first.sends
    ]
    silent = [name for name, line in zip(names, shown.lines, strict=True) if not line.first.sends]
    if silent:
        rows.append("Columns only: " + ", ".join(name.strip() for name in silent))
    return "\n".join([head, *rows, "", *_legend(shown), "", *NOTES])


def explain(matrix: Matrix, source: str, target: str) -> str:
    """Every way between two, with the rules that it meets in order.

    Raises ValueError for a name that is no row or column, with those that are.
    """
    if (source, target) not in matrix.cells:
        names = ", ".join(one.name for one in matrix.endpoints)
        raise ValueError(f"no such pair: {source}, {target}; there are {names}")
    cell = matrix.between(source, target)
    sender = next(one for one in matrix.endpoints if one.name == source)
    lines = [f"{source} → {target}"]
    lines += [_step("passes", flow) for flow in cell.direct]
    for one in cell.passages:
        lines.append(f"  passes  {passage(one, sender)}")
        lines += [f"          {', '.join(one.reasons)}", *_inspection(one.inspected_by)]
    lines += [_step("denied", flow) for flow in _merged(cell)]
    if not cell.passages:
        lines += _links(matrix, source, target)
    return "\n".join(lines)


def _links(matrix: Matrix, source: str, target: str) -> list[str]:
    """What the proxies between two would need: each link, and where it breaks, why."""
    proxies = [*matrix.of_kind(Kind.GATEWAY), *matrix.of_kind(Kind.CONTROLLER)]
    chain = [source, *(one.name for one in proxies if one.name not in {source, target}), target]
    if len(chain) < 3:  # noqa: PLR2004 - no proxy between them
        return []
    lines = ["  through proxies each of these has to pass:"]
    for here, there in pairwise(chain):
        cell = matrix.cells.get((here, there), Cell())
        lines.append(f"          {here} → {there}: {services.text(cell.services)}")
        lines += [f"            {flow.reasons[-1]}" for flow in _merged(cell)]
    return lines


def _inspection(names: Sequence[str]) -> list[str]:
    return [f"          inspected by {name}" for name in names]


def _step(what: str, flow: Flow) -> str:
    steps = "".join(f"\n          {reason}" for reason in flow.reasons)
    return f"  {what}  {services.text(flow.services)}{steps}"


def _merged(cell: Cell) -> list[Flow]:
    """Denied flows, one for each way of being denied."""
    by_reasons = {flow.reasons: flow for flow in cell.denied}
    return [
        Flow(
            flow.sources,
            flow.destinations,
            union(one.services for one in cell.denied if one.reasons == reasons),
            reasons,
        )
        for reasons, flow in by_reasons.items()
    ]


def _lines(matrix: Matrix) -> tuple[Line, ...]:
    found: dict[object, list[Endpoint]] = {}
    for one in matrix.endpoints:
        as_source = [tuple(entries(matrix, one, other)) for other in matrix.targets]
        as_target = [tuple(entries(matrix, other, one)) for other in matrix.sources]
        alike = one.kind is Kind.NODES
        key = (one.kind, str(as_source), str(as_target)) if alike else one.name
        found.setdefault(key, []).append(one)
    return tuple(Line(_joined(group), tuple(group)) for group in found.values())


def _joined(group: Sequence[Endpoint]) -> str:
    """`nodes system, apps` for several pools; a single endpoint keeps its name."""
    if len(group) == 1:
        return group[0].name
    return "nodes " + ", ".join(one.name.split()[1] for one in group)


def _codes(contents: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """A short code for each content of a cell: a port's number, or a letter."""
    codes: dict[tuple[str, ...], str] = {}
    letters = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    for texts in contents:
        if not texts:
            codes[texts] = NOTHING
            continue
        relayed = [text for text in texts if " through " in text]
        plain = [text for text in texts if " through " not in text]
        first = plain[0] if plain else relayed[0].partition(" through ")[0]
        number = first.removeprefix("tcp ")
        short = number if number.isdigit() or first == "all" else ""
        mark = THROUGH if relayed and not plain else ""
        if not short or len(plain) > 1 or (plain and relayed) or mark + short in codes.values():
            short = next(letters)
        codes[texts] = mark + short
    return codes


def _legend(shown: Table) -> list[str]:
    lines = [f"  {NOTHING:>4}  nothing"]
    for texts, code in shown.codes.items():
        if texts and code != texts[0].removeprefix("tcp "):
            lines.append(f"  {code:>4}  {'; '.join(texts)}")
    ports = [f"{port} {name}" for port, name in WELL_KNOWN.items()]
    lines.append(f"  {'port':>4}  tcp; {', '.join(ports)}; all: every port and protocol")
    return [piece for line in lines for piece in _wrapped(line)]


def _wrapped(line: str, width: int = 100) -> list[str]:
    """A legend's line, broken at blanks and indented below its text."""
    if len(line) <= width:
        return [line]
    cut = line.rfind(" ", 0, width)
    return [line[:cut], *_wrapped(" " * 8 + line[cut + 1 :], width)]
