"""Functions of azure-native other than the `get…` of a simulated type.

A function is registered where it is defined, as a rule is:

    @function("authorization:getClientConfig")
    def client_config(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]: ...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simulator.azure.model import Cloud

Function = Callable[[Cloud, Mapping[str, Any]], dict[str, Any]]
"""Answers a call with these arguments."""

FUNCTIONS: dict[str, Function] = {}
"""By token, without the package."""


def function(token: str) -> Callable[[Function], Function]:
    """Register the decorated function under a token (without the package)."""

    def decorate(answer: Function) -> Function:
        FUNCTIONS[token] = answer
        return answer

    return decorate
