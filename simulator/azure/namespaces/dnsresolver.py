"""Microsoft.Network: DNS private resolvers, which resolve private zones for on-premises hosts."""

from __future__ import annotations

from simulator.azure.model import ResourceType

_API = "2023-07-01-preview"

TYPES = [
    ResourceType(
        "dnsresolver:DnsResolver",
        _API,
        replaces=("location",),
        seconds=30,
    ),
    ResourceType(
        "dnsresolver:InboundEndpoint",
        _API,
        replaces=("location",),
        seconds=60,
    ),
]
