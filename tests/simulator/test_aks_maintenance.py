"""Planned maintenance windows of a cluster."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.aks import Landscape

WINDOW = "containerservice:MaintenanceConfiguration"
WEEKLY = {"weekly": {"dayOfWeek": "Tuesday", "intervalWeeks": 1}}
DAILY = {"daily": {"intervalDays": 1}}


@pytest.fixture
def land(azure) -> Landscape:
    made = Landscape(azure)
    made.make()
    return made


def window(land: Landscape, name: str, **changes: Any) -> dict[str, Any]:
    path = {"resourceName": land.pool()["resourceName"]}
    content = {"startTime": "21:00", "durationHours": 4, "schedule": WEEKLY, **changes}
    return {**path, "configName": name, "maintenanceWindow": content}


@pytest.mark.parametrize("name", ["default", "aksManagedNodeOSUpgradeSchedule"])
def test_a_window_is_answered_with_its_first_day(land, name):
    made = land.azure.put(WINDOW, **window(land, name))
    assert made.outputs["maintenanceWindow"]["startDate"]


@pytest.mark.parametrize(
    ("name", "changes", "target"),
    [
        ("nodes", {}, None),
        ("default", {"schedule": DAILY}, "maintenanceWindow.schedule"),
        ("default", {"schedule": {}}, "maintenanceWindow.schedule"),
        (
            "aksManagedAutoUpgradeSchedule",
            {"schedule": WEEKLY | DAILY},
            "maintenanceWindow.schedule",
        ),
        ("default", {"durationHours": 3}, "maintenanceWindow.durationHours"),
    ],
)
def test_a_window_is_refused(land, name, changes, target):
    """Rules: a_window_has_one_of_azures_names, a_window_has_one_schedule,
    a_window_lasts_four_hours_to_a_day."""
    error = land.azure.refused(WINDOW, **window(land, name, **changes))
    assert (error.code, error.target) == ("InvalidParameter", target)
