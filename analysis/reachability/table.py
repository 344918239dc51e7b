"""The matrix as a table for terminal and picture: lines, and a short code for each cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from string import ascii_lowercase, ascii_uppercase

from analysis.reachability.endpoints import Endpoint, Kind
from analysis.reachability.matrix import Matrix
from analysis.reachability.pods import UNLABELED_PODS
from analysis.reachability.snapshot import cell_texts

NOTHING, THROUGH = "·", "→"
NOTES = (
    "Rows are sources, columns are destinations. Whether anything listens there is not checked.",
    "Not shown: a node and the pods on it always reach each other, whatever policies say (probes).",
)
_LETTERS = ascii_uppercase + ascii_lowercase
_NAMED, _SAID = 3, 2
"""A line names up to three endpoints; if there are more, it names two."""


@dataclass(frozen=True)
class Line:
    """A row and a column of the table: endpoints with the same reachability."""

    name: str
    """The names of a few endpoints."""
    endpoints: tuple[Endpoint, ...]

    @property
    def first(self) -> Endpoint:
        return self.endpoints[0]

    @property
    def members(self) -> str:
        """The names of all its endpoints, if the line's name does not list them."""
        return ", ".join(_names(self.endpoints)) if len(self.endpoints) > _NAMED else ""


@dataclass(frozen=True)
class Table:
    """Lines, and for each pair of lines the texts of the traffic and a short code."""

    lines: tuple[Line, ...]
    cells: Mapping[tuple[int, int], tuple[str, ...]]
    """By the indexes of source and target. Pairs that the matrix has no cell for are left out."""
    codes: Mapping[tuple[str, ...], str]

    @property
    def rows(self) -> list[int]:
        """The lines of sources."""
        return [n for n, line in enumerate(self.lines) if line.first.sends]

    @property
    def columns(self) -> list[int]:
        """The lines of targets."""
        return [n for n, line in enumerate(self.lines) if line.first.destinations]

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Codes that need an explanation, with the explanation."""
        return [
            (code, "; ".join(texts))
            for texts, code in self.codes.items()
            if texts and code != texts[0].removeprefix("tcp ")
        ]

    @property
    def groups(self) -> list[tuple[str, str]]:
        """The numbers of lines whose names do not list all endpoints, with these endpoints."""
        return [
            (str(number), line.members) for number, line in enumerate(self.lines, 1) if line.members
        ]

    def code(self, source: int, target: int) -> str:
        texts = self.cells.get((source, target))
        return "" if texts is None else self.codes[texts]


def table(matrix: Matrix) -> Table:
    """The table of a matrix.

    Node pools with the same reachability share a line, and so do the other pods of namespaces.
    """
    lines = _lines(matrix)
    cells = {
        (row, column): tuple(cell_texts(matrix, source.first, target.first))
        for row, source in enumerate(lines)
        for column, target in enumerate(lines)
        if (source.first.name, target.first.name) in matrix.cells
    }
    return Table(lines, cells, _codes(list(dict.fromkeys(cells.values()))))


def _lines(matrix: Matrix) -> tuple[Line, ...]:
    found: dict[object, list[Endpoint]] = {}
    for one in matrix.endpoints:
        as_source = [tuple(cell_texts(matrix, one, other)) for other in matrix.targets]
        as_target = [tuple(cell_texts(matrix, other, one)) for other in matrix.sources]
        key = (one.kind, str(as_source), str(as_target)) if _may_share_line(one) else one.name
        found.setdefault(key, []).append(one)
    return tuple(Line(_joined(group), tuple(group)) for group in found.values())


def _may_share_line(endpoint: Endpoint) -> bool:
    """Whether an endpoint may share a line with endpoints of the same reachability."""
    return endpoint.kind is Kind.NODES or endpoint.name.endswith(f"/{UNLABELED_PODS}")


def _joined(group: Sequence[Endpoint]) -> str:
    """`nodes system, apps` for several pools; a single endpoint keeps its name."""
    if len(group) == 1:
        return group[0].name
    names = _names(group)
    more = f" and {len(names) - _SAID} more" if len(names) > _NAMED else ""
    said = ", ".join(names[:_SAID] if more else names) + more
    return f"nodes {said}" if group[0].kind is Kind.NODES else f"{UNLABELED_PODS} of {said}"


def _names(group: Sequence[Endpoint]) -> list[str]:
    """The names of pools, or of namespaces."""
    return [
        one.name.split()[1] if one.kind is Kind.NODES else one.name.partition("/")[0]
        for one in group
    ]


def _codes(contents: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """A short code for each content of a cell: a port number, or a letter."""
    codes: dict[tuple[str, ...], str] = {}
    letters = ("".join(parts) for size in (1, 2) for parts in product(_LETTERS, repeat=size))
    for texts in contents:
        if not texts:
            codes[texts] = NOTHING
            continue
        proxied = [text for text in texts if " through " in text]
        direct = [text for text in texts if " through " not in text]
        first = direct[0] if direct else proxied[0].partition(" through ")[0]
        number = first.removeprefix("tcp ")
        short = number if number.isdigit() or first == "all" else ""
        mark = THROUGH if proxied and not direct else ""
        if not short or len(direct) > 1 or (direct and proxied) or mark + short in codes.values():
            short = next(letters)
        codes[texts] = mark + short
    return codes
