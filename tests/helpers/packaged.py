"""Settings as a program in another language passes them to the component package."""

from __future__ import annotations

from typing import Any

from tests.helpers.stacks import configuration_of


def settings_of(stack: str) -> dict[str, Any]:
    """A stack's settings as one object; what is secret in plain text."""
    return {key.rpartition(":")[2]: value for key, value in configuration_of(stack).items()}
