"""Security rules over what a stack deployed: plain functions over the resources of its state.

`audit` judges; `RULES` is the table of what is judged, `EXCEPTIONS` of what is accepted and why.
"""

from analysis.audit.evaluate import Finding, Verdict, audit
from analysis.audit.exceptions import EXCEPTIONS, Exemption
from analysis.audit.model import Resource, Stack
from analysis.audit.rules import RULES, Rule

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
