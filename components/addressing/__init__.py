"""The address planner: prefixes, capacity and limits of a cluster's networks, before they exist.

Pure: it knows Azure's rules and the standard library, neither Pulumi nor the settings. Start at
`plan`. The picture and the comparison of models are in `picture` and `compare`, which
only commands import.
"""

from __future__ import annotations

from components.addressing.azure import SUBNET_DEFINITIONS, SubnetDefinition
from components.addressing.findings import AddressPlanError, Change
from components.addressing.growth import Ceiling, PoolOutlook, what_if
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
from components.addressing.subnet_keys import SubnetKey
from components.addressing.subnet_layout import pod_subnet_of
from components.addressing.subnet_sizes import Need
from components.problems import Problem

__all__ = [
    "DEFAULT_PATHS",
    "SUBNET_DEFINITIONS",
    "AddressPlan",
    "AddressPlanError",
    "Ceiling",
    "Change",
    "Need",
    "NetworkModel",
    "PlanRequest",
    "PlannedSubnet",
    "PlannedVnet",
    "PodRange",
    "PoolOutlook",
    "PoolRequest",
    "Problem",
    "RangeRequest",
    "SubnetDefinition",
    "SubnetKey",
    "VnetRequest",
    "draft",
    "plan",
    "pod_subnet_of",
    "what_if",
]
