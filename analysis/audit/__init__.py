"""Security rules for a deployed stack: plain functions over the resources of its state.

`audit` evaluates a state. `RULES` is the table of rules. `REQUIREMENTS` is the table of violations
that Azure's documentation requires. `parse_exceptions` reads those that a stack's owner accepts.
"""

from analysis.audit.documented import REQUIREMENTS, Requirement
from analysis.audit.evaluate import AuditResult, Finding, audit
from analysis.audit.exceptions import AuditException, ExceptionsError
from analysis.audit.exceptions import parse as parse_exceptions
from analysis.audit.rules import RULES, Rule

__all__ = [
    "REQUIREMENTS",
    "RULES",
    "AuditException",
    "AuditResult",
    "ExceptionsError",
    "Finding",
    "Requirement",
    "Rule",
    "audit",
    "parse_exceptions",
]
