"""VPN and ExpressRoute gateways, and their connections."""

from __future__ import annotations

from typing import Any

from simulator.azure.catalog import ResourceType
from simulator.azure.request import Request
from simulator.nested import mapping


def _gateway_outputs(request: Request) -> dict[str, Any]:
    settings: dict[str, Any] = dict(mapping(request.inputs, "bgpSettings"))
    settings.setdefault("asn", 65515)
    return {"bgpSettings": settings}


def _connection_outputs(request: Request) -> dict[str, Any]:
    del request
    # No one answers at the other end of a simulated tunnel.
    return {
        "connectionStatus": "Unknown",
        "egressBytesTransferred": 0,
        "ingressBytesTransferred": 0,
    }


TYPES = [
    ResourceType(
        "network:VirtualNetworkGateway",
        "Microsoft.Network/virtualNetworkGateways/{virtualNetworkGatewayName}",
        "2024-05-01",
        seconds=2100,
        outputs=_gateway_outputs,
    ),
    ResourceType(
        "network:LocalNetworkGateway",
        "Microsoft.Network/localNetworkGateways/{localNetworkGatewayName}",
        "2024-05-01",
        seconds=5,
    ),
    ResourceType(
        "network:VirtualNetworkGatewayConnection",
        "Microsoft.Network/connections/{virtualNetworkGatewayConnectionName}",
        "2024-05-01",
        seconds=30,
        outputs=_connection_outputs,
    ),
]
