"""IPv4 addresses as sets, with synthetic addresses for service tags.

A state does not contain the addresses of a service tag such as `GatewayManager`. Each tag has a
synthetic range above the IPv4 space instead, so that rules for it are exact: the addresses of that
range match the tag, and no others do.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import cache

from analysis.reachability.intervals import EMPTY, Intervals, union

_SPACE = 1 << 32
_TAG_SIZE = 1 << 16

SERVICE_TAGS = (
    "GatewayManager",
    "AzureCloud",
    "AzureFrontDoor.Backend",
    "AzureTrafficManager",
    "ApiManagement",
    "AzureActiveDirectory",
    "AzureContainerRegistry",
    "AzureKeyVault",
    "AzureMonitor",
    "Storage",
)
"""Tags of services with public addresses of Azure. `AzureCloud` stands for all of Azure."""
_OUTBOUND = "AKS outbound load balancer"
_SYNTHETIC = (*SERVICE_TAGS, _OUTBOUND)


@cache
def network(prefix: str) -> Intervals:
    """The addresses of `10.0.0.0/8` or of a single address; 0.0.0.0/0 includes service tags.

    An IPv6 prefix contains no IPv4 address. Raises ValueError for an invalid prefix.
    """
    parsed = ipaddress.ip_network(prefix, strict=False)
    if parsed.version != 4:  # noqa: PLR2004
        return EMPTY
    if parsed.prefixlen == 0:
        return EVERYWHERE
    return Intervals.of([(int(parsed.network_address), int(parsed.broadcast_address))])


def networks(prefixes: Iterable[str]) -> Intervals:
    return union(network(prefix) for prefix in prefixes)


def service_tag(tag: str) -> Intervals:
    """The synthetic addresses of a tag. Raises ValueError for an unknown tag."""
    name = "AzureCloud" if tag.startswith("AzureCloud.") else tag
    if name not in _SYNTHETIC:
        known = ", ".join(SERVICE_TAGS)
        raise ValueError(f"service tag {tag} is not supported (supported: {known})")
    start = _SPACE + _SYNTHETIC.index(name) * _TAG_SIZE
    return Intervals.of([(start, start + _TAG_SIZE - 1)])


_IPV4 = Intervals.of([(0, _SPACE - 1)])
AZURE = union(service_tag(name) for name in _SYNTHETIC)
GATEWAY_MANAGER = service_tag("GatewayManager")
AKS_OUTBOUND = service_tag(_OUTBOUND)
"""The public address that AKS assigns to its load balancer for egress."""
EVERYWHERE = _IPV4 | AZURE
AZURE_HOST = networks(("168.63.129.16", "169.254.169.254"))
"""The virtual addresses of the host that a virtual machine runs on (wire server, IMDS)."""
LOAD_BALANCER_PROBES = network("168.63.129.16")
"""The source address of the health probes of Azure load balancers."""
PRIVATE = networks(("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
_SPECIAL = networks(("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"))
INTERNET = EVERYWHERE - PRIVATE - _SPECIAL - AZURE_HOST - GATEWAY_MANAGER - AKS_OUTBOUND
"""All public addresses, other Azure tenants included, without Azure's gateway management."""


def text(addresses: Intervals) -> str:
    """Prefixes and tags, such as `10.0.0.0/24, GatewayManager`, in a stable order."""
    parts: list[str] = []
    for low, high in addresses & _IPV4:
        first, last = ipaddress.IPv4Address(low), ipaddress.IPv4Address(high)
        prefixes = ipaddress.summarize_address_range(first, last)
        parts.extend(str(prefix).removesuffix("/32") for prefix in prefixes)
    parts += [tag for tag in _SYNTHETIC if service_tag(tag) & addresses]
    return ", ".join(parts)
