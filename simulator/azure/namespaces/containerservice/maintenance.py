"""Planned maintenance windows of a cluster."""

from __future__ import annotations

from simulator.azure.model import ResourceType

TYPES = [
    ResourceType(
        "containerservice:MaintenanceConfiguration",
        "2025-09-01",
        seconds=3,
    ),
]
