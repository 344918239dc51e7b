"""Egress through a firewall or an appliance, with each controller and API server."""

from __future__ import annotations

from typing import Any

import pytest

from cli.stack_file import config_with_placeholders
from components.settings.load import configuration
from tests.helpers.stacks import ROOT


def example(name: str) -> dict[str, Any]:
    return config_with_placeholders(ROOT / "examples" / f"{name}.yaml")


def with_own_controller(name: str) -> dict[str, Any]:
    config = example(name)
    config["aks-network:ingress"] = {"controller": "none", "controllerNamespace": "nginx"}
    return config


@pytest.mark.parametrize(("name", "advised"), [("firewall", True), ("load-balancer", False)])
def test_a_controller_of_ones_own_is_advised_to_be_internal(name: str, *, advised: bool):
    warnings = configuration(with_own_controller(name)).warnings
    assert any("must have an internal load balancer" in text for text in warnings) == advised
