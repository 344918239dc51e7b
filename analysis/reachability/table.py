"""The matrix as a table, whatever it is drawn on: lines, and a short code for what a cell says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from string import ascii_lowercase, ascii_uppercase

from analysis.reachability.endpoints import Endpoint, Kind
from analysis.reachability.matrix import Matrix
from analysis.reachability.pods import UNDECLARED
from analysis.reachability.snapshot import entries

NOTHING, THROUGH = "·", "→"
NOTES = (
    "Rows are sources, columns are destinations. Whether anything listens there is not checked.",
    "Not shown: a node and the pods on it always reach each other, whatever policies say (probes).",
)
_LETTERS = ascii_uppercase + ascii_lowercase
_NAMED, _SAID = 3, 2
"""Up to how many endpoints' names a line bears, and how many of more than that."""


@dataclass(frozen=True)
class Line:
    """A row and column: endpoints that can't be told apart by who reaches whom."""

    name: str
    """Not longer than a few endpoints' names."""
    endpoints: tuple[Endpoint, ...]

    @property
    def first(self) -> Endpoint:
        return self.endpoints[0]

    @property
    def members(self) -> str:
        """The names of all its endpoints, where the line's name does not say them."""
        return ", ".join(_names(self.endpoints)) if len(self.endpoints) > _NAMED else ""


@dataclass(frozen=True)
class Table:
    """What is drawn: lines, and for each pair the texts of what passes and a short code."""

    lines: tuple[Line, ...]
    cells: Mapping[tuple[int, int], tuple[str, ...]]
    """By the positions of source and target; pairs that don't speak are left out."""
    codes: Mapping[tuple[str, ...], str]

    @property
    def rows(self) -> list[int]:
        """The lines that send."""
        return [n for n, line in enumerate(self.lines) if line.first.sends]

    @property
    def columns(self) -> list[int]:
        """The lines that something may arrive at."""
        return [n for n, line in enumerate(self.lines) if line.first.arrivals]

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Codes that don't say by themselves what passes, and what it is."""
        return [
            (code, "; ".join(texts))
            for texts, code in self.codes.items()
            if texts and code != texts[0].removeprefix("tcp ")
        ]

    @property
    def groups(self) -> list[tuple[str, str]]:
        """Lines whose names don't say whom they stand for: their numbers, and who it is."""
        return [
            (str(number), line.members) for number, line in enumerate(self.lines, 1) if line.members
        ]

    def code(self, source: int, target: int) -> str:
        texts = self.cells.get((source, target))
        return "" if texts is None else self.codes[texts]


def table(matrix: Matrix) -> Table:
    """Bring a matrix into the shape in which it is shown.

    Pools that are alike share a line, and so do pods that nobody declared, of several namespaces.
    """
    lines = _lines(matrix)
    cells = {
        (row, column): tuple(entries(matrix, source.first, target.first))
        for row, source in enumerate(lines)
        for column, target in enumerate(lines)
        if (source.first.name, target.first.name) in matrix.cells
    }
    return Table(lines, cells, _codes(list(dict.fromkeys(cells.values()))))


def _lines(matrix: Matrix) -> tuple[Line, ...]:
    found: dict[object, list[Endpoint]] = {}
    for one in matrix.endpoints:
        as_source = [tuple(entries(matrix, one, other)) for other in matrix.targets]
        as_target = [tuple(entries(matrix, other, one)) for other in matrix.sources]
        key = (one.kind, str(as_source), str(as_target)) if _alike(one) else one.name
        found.setdefault(key, []).append(one)
    return tuple(Line(_joined(group), tuple(group)) for group in found.values())


def _alike(one: Endpoint) -> bool:
    """Whether an endpoint may share its line with others that nothing tells apart from it."""
    return one.kind is Kind.NODES or one.name.endswith(f"/{UNDECLARED}")


def _joined(group: Sequence[Endpoint]) -> str:
    """`nodes system, apps` for several pools; a single endpoint keeps its name."""
    if len(group) == 1:
        return group[0].name
    names = _names(group)
    more = f" and {len(names) - _SAID} more" if len(names) > _NAMED else ""
    said = ", ".join(names[:_SAID] if more else names) + more
    return f"nodes {said}" if group[0].kind is Kind.NODES else f"{UNDECLARED} of {said}"


def _names(group: Sequence[Endpoint]) -> list[str]:
    """The names of pools, or of namespaces."""
    return [
        one.name.split()[1] if one.kind is Kind.NODES else one.name.partition("/")[0]
        for one in group
    ]


def _codes(contents: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """A short code for each content of a cell: a port's number, or a letter."""
    codes: dict[tuple[str, ...], str] = {}
    letters = ("".join(parts) for size in (1, 2) for parts in product(_LETTERS, repeat=size))
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
