"""Microsoft.ServiceNetworking: Application Gateway for Containers."""

from __future__ import annotations

from typing import Any

from simulator.azure import arm
from simulator.azure.catalog import ResourceType
from simulator.azure.request import Request

_CONTROLLER = "Microsoft.ServiceNetworking/trafficControllers/{trafficControllerName}"
_API = "2025-01-01"


def _frontend_outputs(request: Request) -> dict[str, Any]:
    name = arm.digest(request.id, length=16)
    return {"fqdn": f"{name}.fz{int(name[:2], 16) % 100:02d}.alb.azure.com"}


TYPES = [
    ResourceType(
        "servicenetworking:TrafficControllerInterface",
        _CONTROLLER,
        _API,
        replaces=("location",),
        seconds=30,
    ),
    ResourceType(
        "servicenetworking:FrontendsInterface",
        f"{_CONTROLLER}/frontends/{{frontendName}}",
        _API,
        replaces=("location",),
        seconds=10,
        outputs=_frontend_outputs,
    ),
    ResourceType(
        "servicenetworking:AssociationsInterface",
        f"{_CONTROLLER}/associations/{{associationName}}",
        _API,
        replaces=("location",),
        seconds=120,
    ),
    ResourceType(
        "servicenetworking:SecurityPoliciesInterface",
        f"{_CONTROLLER}/securityPolicies/{{securityPolicyName}}",
        _API,
        replaces=("location",),
        seconds=10,
    ),
]
