"""Violations that the owner of a stack accepts for a time: the entries of `audit-exceptions.yaml`.

Each names a rule, the stacks, the resources, a reason and the day on which it expires.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from analysis.stack_state import Resource
from support.nested import is_list, is_mapping

FILE = "audit-exceptions.yaml"
"""The name of the file, beside the stack files."""
SHORTEST_REASON = 15
"""Characters of a reason: enough for a sentence."""
_REQUIRED = ("rule", "stacks", "resource", "reason", "expires")
_KEYS = (*_REQUIRED, "detail")
_EMPTY: tuple[Any, ...] = (None, "", [])


@dataclass(frozen=True)
class AuditException:
    """An accepted violation of one rule, in some stacks, until a day."""

    rule: str
    stacks: tuple[str, ...]
    resource: str
    """Pattern for kind and name of the resource, such as `ManagedCluster *`."""
    reason: str
    expires: dt.date
    """The last day on which it counts."""
    detail: str = "*"
    """Pattern for the detail of the finding."""
    path: str = ""
    """Where it stands in the file, such as `exceptions[0]`."""

    def accepts(self, rule: str, resource: Resource, detail: str) -> bool:
        """Whether it is about this violation; it may have expired."""
        return (
            self.rule == rule
            and fnmatch(f"{resource.kind} {resource.name}", self.resource)
            and fnmatch(detail, self.detail)
        )

    def has_expired(self, today: dt.date) -> bool:
        return today > self.expires

    def __str__(self) -> str:
        return f"{FILE}, {self.path} ({self.rule} on {self.resource})"


class ExceptionsError(ValueError):
    """A file of exceptions that is not valid, with a line for each problem."""


def parse(
    document: Any, *, rules: Collection[str], stacks: Collection[str] | None = None
) -> tuple[AuditException, ...]:
    """The exceptions in a document of the file.

    `stacks` are the stacks that exist; None if that is not known. Raises `ExceptionsError` with
    every problem: where it is, what must hold, and what to change.
    """
    rows = document.get("exceptions") if is_mapping(document) else None
    if not is_mapping(document) or set(document) - {"exceptions"} or not is_list(rows or []):
        raise ExceptionsError(
            f"{FILE}: must be an object with a list `exceptions`; use the form in docs/security.md"
        )
    problems: list[str] = []
    found: list[AuditException] = []
    for position, row in enumerate(rows or []):
        path = f"exceptions[{position}]"
        wrong = list(_problems(row, path, rules, stacks))
        problems += wrong
        if not wrong:
            found.append(
                AuditException(
                    rule=row["rule"],
                    stacks=tuple(row["stacks"]),
                    resource=row["resource"],
                    reason=" ".join(row["reason"].split()),
                    expires=_date(row["expires"]) or dt.date.min,
                    detail=row.get("detail", "*"),
                    path=path,
                )
            )
    if problems:
        raise ExceptionsError("\n".join(f"{FILE}, {one}" for one in problems))
    return tuple(found)


def _problems(
    row: Any, path: str, rules: Collection[str], stacks: Collection[str] | None
) -> Iterator[str]:
    if not is_mapping(row):
        yield f"{path}: must be an object with {', '.join(_REQUIRED)}; use those keys"
        return
    yield from _problems_of_keys(row, path)
    given = {key: value for key, value in row.items() if value not in _EMPTY}
    if isinstance(rule := given.get("rule"), str) and rule not in rules:
        yield f"{path}.rule: {rule} — must be a rule of the audit; {_HOW_TO['rule']}"
    if isinstance(reason := given.get("reason"), str) and len(reason.strip()) < SHORTEST_REASON:
        yield (
            f"{path}.reason: {reason} — must have at least {SHORTEST_REASON} characters: others"
            f" must be able to judge it; {_HOW_TO['reason']}"
        )
    if "expires" in given and _date(given["expires"]) is None:
        yield f"{path}.expires: {given['expires']} — must be a date; {_HOW_TO['expires']}"
    if "stacks" in given:
        yield from _problems_of_stacks(given["stacks"], f"{path}.stacks", stacks)


def _problems_of_keys(row: Mapping[str, Any], path: str) -> Iterator[str]:
    for key in row:
        if key not in _KEYS:
            yield f"{path}.{key}: must be one of {', '.join(_KEYS)}; correct or remove it"
    for key in _REQUIRED:
        if row.get(key) in _EMPTY:
            yield f"{path}.{key}: is required; {_HOW_TO[key]}"
    for key in ("rule", "resource", "reason", "detail"):
        if row.get(key) is not None and not isinstance(row[key], str):
            yield f"{path}.{key}: must be text; use quotes"


_HOW_TO = {
    "rule": "use an id that `make audit` prints, such as AKS-1",
    "stacks": "list the stacks that it is for, such as [dev]",
    "resource": "use kind and name as `make audit` prints them, such as 'ManagedCluster aks-shop'; "
    "* stands for any text",
    "reason": "say why the violation is acceptable",
    "expires": "use a day such as 2027-06-30, on which someone decides again",
}


def _problems_of_stacks(named: Any, path: str, stacks: Collection[str] | None) -> Iterator[str]:
    if not is_list(named) or not all(isinstance(one, str) for one in named):
        yield f"{path}: must be a list of names; {_HOW_TO['stacks']}"
        return
    for name in named:
        if stacks is not None and name not in stacks:
            yield (
                f"{path}: {name} — must be a stack or an example; use one of"
                f" {', '.join(sorted(stacks))}"
            )


def _date(value: Any) -> dt.date | None:
    """A date as YAML reads it, or as text."""
    if isinstance(value, dt.datetime):
        return None
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        return None
