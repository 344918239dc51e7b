"""IPv4 addresses as sets, and places for addresses that no state tells.

What Azure knows by a service tag only (`GatewayManager`, `AzureFrontDoor.Backend`) has addresses
that a state doesn't hold. Each such tag has a made-up stretch above the IPv4 space, so that rules
about it are exact: whoever stands in that stretch matches the tag, and nothing else does.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import cache

from analysis.reachability.intervals import EMPTY, Intervals, union

_SPACE = 1 << 32
_STRETCH = 1 << 16

KNOWN_BY_TAG = (
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
"""Tags of services whose addresses are Azure's own and public. `AzureCloud` is all of Azure."""
_OUTBOUND = "AKS's own load balancer"
_MADE_UP = (*KNOWN_BY_TAG, _OUTBOUND)


@cache
def network(prefix: str) -> Intervals:
    """The addresses of `10.0.0.0/8` or of a single address; 0.0.0.0/0 holds those of tags too.

    IPv6 prefixes hold no IPv4 address. Raises ValueError for what is no prefix.
    """
    parsed = ipaddress.ip_network(prefix, strict=False)
    if parsed.version != 4:  # noqa: PLR2004
        return EMPTY
    if parsed.prefixlen == 0:
        return EVERYWHERE
    return Intervals.of([(int(parsed.network_address), int(parsed.broadcast_address))])


def networks(prefixes: Iterable[str]) -> Intervals:
    return union(network(prefix) for prefix in prefixes)


def stretch_of(tag: str) -> Intervals:
    """The made-up addresses of a tag. Raises ValueError for one that is not known here."""
    name = "AzureCloud" if tag.startswith("AzureCloud.") else tag
    if name not in _MADE_UP:
        known = ", ".join(KNOWN_BY_TAG)
        raise ValueError(f"service tag {tag} is not known here (known: {known})")
    start = _SPACE + _MADE_UP.index(name) * _STRETCH
    return Intervals.of([(start, start + _STRETCH - 1)])


_IPV4 = Intervals.of([(0, _SPACE - 1)])
AZURE = union(stretch_of(name) for name in _MADE_UP)
GATEWAY_MANAGER = stretch_of("GatewayManager")
OUTBOUND = stretch_of(_OUTBOUND)
"""The public address that AKS gives its load balancer for connections out of the cluster."""
EVERYWHERE = _IPV4 | AZURE
HOST = networks(("168.63.129.16", "169.254.169.254"))
"""The virtual addresses of the host that a virtual machine runs on."""
LOAD_BALANCER = network("168.63.129.16")
"""Where the probes of Azure's load balancers come from."""
PRIVATE = networks(("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
_SPECIAL = networks(("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"))
INTERNET = EVERYWHERE - PRIVATE - _SPECIAL - HOST - GATEWAY_MANAGER - OUTBOUND
"""Who comes from outside, tenants of Azure included; not Azure's management of gateways."""


def text(addresses: Intervals) -> str:
    """Prefixes and tags, such as `10.0.0.0/24, GatewayManager`; stable."""
    parts: list[str] = []
    for low, high in addresses & _IPV4:
        first, last = ipaddress.IPv4Address(low), ipaddress.IPv4Address(high)
        prefixes = ipaddress.summarize_address_range(first, last)
        parts.extend(str(prefix).removesuffix("/32") for prefix in prefixes)
    parts += [tag for tag in _MADE_UP if stretch_of(tag) & addresses]
    return ", ".join(parts)
