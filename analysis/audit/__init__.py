"""Security rules for a deployed stack: plain functions over the resources of its state.

`audit` evaluates a state. `RULES` is the table of rules, `EXEMPTIONS` the table of accepted
violations with their reasons.
"""

from analysis.audit.evaluate import AuditResult, Finding, audit
from analysis.audit.exemptions import EXEMPTIONS, Exemption
from analysis.audit.rules import RULES, Rule

__all__ = [
    "EXEMPTIONS",
    "RULES",
    "AuditResult",
    "Exemption",
    "Finding",
    "Rule",
    "audit",
]
