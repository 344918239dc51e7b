"""Planned maintenance windows of a cluster."""

from __future__ import annotations

from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.rules import Refusal, rule
from support.nested import at, mapping

MAINTENANCE = "containerservice:MaintenanceConfiguration"
_LEARN = "Microsoft Learn: azure/aks/planned-maintenance"

NAMES = ("default", "aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule")
"""What the windows are for: AKS releases, the cluster's upgrade channel, the node images'."""

SCHEDULES = ("daily", "weekly", "absoluteMonthly", "relativeMonthly")


@rule("InvalidParameter", MAINTENANCE, source=_LEARN)
def a_window_has_one_of_azures_names(request: Request) -> str | None:
    """There are three kinds of windows, and each has its name."""
    if request.name not in NAMES:
        return f"The name of a maintenance configuration must be one of {', '.join(NAMES)}."
    return None


@rule("InvalidParameter", MAINTENANCE, source=_LEARN)
def a_window_has_one_schedule(request: Request) -> Refusal | None:
    """Exactly one kind of schedule; AKS releases come weekly."""
    if at(request.inputs, "maintenanceWindow") is None:
        return None
    schedule = mapping(request.inputs, "maintenanceWindow", "schedule")
    given = [kind for kind in SCHEDULES if schedule.get(kind)]
    if len(given) != 1:
        return Refusal("Exactly one schedule must be given.", "maintenanceWindow.schedule")
    if request.name == "default" and given != ["weekly"]:
        message = "The default configuration takes a weekly schedule only."
        return Refusal(message, "maintenanceWindow.schedule")
    return None


@rule("InvalidParameter", MAINTENANCE, source=_LEARN)
def a_window_lasts_four_hours_to_a_day(request: Request) -> Refusal | None:
    """Shorter windows are too short for an upgrade."""
    hours = at(request.inputs, "maintenanceWindow", "durationHours")
    if hours is not None and not 4 <= int(hours) <= 24:
        return Refusal("durationHours must be 4 to 24.", "maintenanceWindow.durationHours")
    return None


def _outputs(request: Request) -> dict[str, Any]:
    """Azure answers with the day on which it accepted the window."""
    window = mapping(request.inputs, "maintenanceWindow")
    if not window:
        return {}
    old = at(request.old.outputs, "maintenanceWindow", "startDate") if request.old else None
    return {"maintenanceWindow": {"startDate": old or "2026-11-28", **window}}


TYPES = [
    ResourceType(
        MAINTENANCE,
        "2025-09-01",
        seconds=3,
        outputs=_outputs,
    ),
]
