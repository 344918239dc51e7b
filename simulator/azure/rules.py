"""The list of rules: what Azure refuses, with its error code and the source of the rule.

A rule is a function that takes the `Request`. It returns None, or the reason for the refusal: a
sentence, or a `Refusal` that also names the property. It is registered where it is defined:

    @rule("NetcfgSubnetRangeOutsideVnet", "network:Subnet", source="Microsoft Learn: …")
    def subnet_lies_inside_its_network(request: Request) -> str | None: ...

A rule with `on="delete"` refuses a deletion. A rule registered with `advice` only warns. The code
is Azure's own. If the service is known to refuse the request, but its code is not known, the code
is `BadRequest`, which Azure Resource Manager returns with status 400.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from simulator.azure.model import Request
from simulator.errors import AzureError

On = Literal["put", "delete"]


@dataclass(frozen=True)
class Refusal:
    """The reason why a request is refused, and the property that is wrong (wire name)."""

    message: str
    target: str | None = None


Check = Callable[[Request], "str | Refusal | None"]


@dataclass(frozen=True)
class Rule:
    """One row of the rule table."""

    name: str
    code: str
    """Azure's error code; empty for advice."""
    status: int
    source: str
    namespace: str
    """Module in `simulator.azure.namespaces` that contains the rule."""
    types: tuple[str, ...]
    on: On
    check: Check

    def apply(self, request: Request) -> Refusal | None:
        """The reason why this rule refuses the request or warns of it; None if it accepts it."""
        refusal = self.check(request)
        return Refusal(refusal) if isinstance(refusal, str) else refusal


RULES: list[Rule] = []
_by_type: dict[tuple[str, On], list[Rule]] = {}


def register(row: Rule) -> None:
    """Register a rule that is built from a row of a table; functions use `rule`."""
    RULES.append(row)
    for token in row.types:
        _by_type.setdefault((token, row.on), []).append(row)


def rule(
    code: str, *types: str, source: str, on: On = "put", status: int = 400
) -> Callable[[Check], Check]:
    """Register the decorated function as a rule for these types (tokens without package)."""

    def decorate(check: Check) -> Check:
        namespace = check.__module__.removeprefix("simulator.azure.namespaces.")
        register(Rule(check.__name__, code, status, source, namespace, types, on, check))
        return check

    return decorate


def advice(*types: str, source: str, on: On = "put") -> Callable[[Check], Check]:
    """Register a rule that only warns: documented advice that the service does not enforce."""
    return rule("", *types, source=source, on=on)


def enforce(on: On, request: Request) -> Iterator[str]:
    """Apply the rules of the type: raise `AzureError` at the first refusal, yield advice."""
    for row in _by_type.get((request.type.token, on), ()):
        refusal = row.apply(request)
        if refusal is None:
            continue
        if row.code:
            raise AzureError(row.status, row.code, refusal.message, refusal.target)
        yield refusal.message
