"""The address planner: prefixes, capacity and limits of a cluster's networks, before they exist.

Pure: it knows Azure's rules and the standard library, neither Pulumi nor the settings. Start at
`plan`.
"""

from __future__ import annotations

from components.addressing.azure import ROLES, Role
from components.addressing.findings import AddressPlanError, Change
from components.addressing.plan import AddressPlan, PlannedSubnet, PlannedVnet, PodRange
from components.addressing.planner import draft, plan
from components.addressing.request import (
    DEFAULT_PATHS,
    NetworkModel,
    PlanRequest,
    PoolRequest,
    RangeRequest,
    VnetRequest,
)
from components.problems import Problem

__all__ = [
    "DEFAULT_PATHS",
    "ROLES",
    "AddressPlan",
    "AddressPlanError",
    "Change",
    "NetworkModel",
    "PlanRequest",
    "PlannedSubnet",
    "PlannedVnet",
    "PodRange",
    "PoolRequest",
    "Problem",
    "RangeRequest",
    "Role",
    "VnetRequest",
    "draft",
    "plan",
]
