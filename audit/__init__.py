"""Security rules over what a stack deployed: plain functions over the resources of its state.

`audit` judges; `RULES` is the table of what is judged, `EXCEPTIONS` of what is accepted and why.
"""

from audit.exceptions import EXCEPTIONS, Exemption
from audit.judge import Finding, Verdict, audit
from audit.model import Resource, Stack
from audit.rules import RULES, Rule

__all__ = [
    "EXCEPTIONS",
    "RULES",
    "Exemption",
    "Finding",
    "Resource",
    "Rule",
    "Stack",
    "Verdict",
    "audit",
]
