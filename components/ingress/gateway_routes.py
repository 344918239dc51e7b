"""How the application gateway routes, as plain data: listener, rule, settings, probe, pool.

For every host there is an HTTPS listener that leads to the ingress controller's address, and an
HTTP listener that redirects to it. Sub-objects refer to each other by name here; the gateway turns
names into ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.azure.naming import of_host

_FIRST_PRIORITY = 100
_PRIORITY_STEP = 10


@dataclass(frozen=True)
class HostRoute:
    """One host's way from listener to controller. All names are unique in the gateway."""

    host: str
    key: str
    priority: int
    """Of the HTTPS rule; the redirecting rule has the next one."""

    @property
    def listener(self) -> str:
        return f"{self.key}-https"

    @property
    def http_listener(self) -> str:
        return f"{self.key}-http"

    @property
    def rule(self) -> str:
        return f"{self.key}-https"

    @property
    def http_rule(self) -> str:
        return f"{self.key}-http"

    @property
    def redirect(self) -> str:
        return f"{self.key}-to-https"

    @property
    def settings(self) -> str:
        return f"{self.key}-controller"

    @property
    def probe(self) -> str:
        return f"{self.key}-controller"


def routes(hosts: Sequence[str]) -> tuple[HostRoute, ...]:
    """A route for each host, in the order given; priorities are unique and leave gaps."""
    return tuple(
        HostRoute(host, of_host(host), _FIRST_PRIORITY + position * _PRIORITY_STEP)
        for position, host in enumerate(dict.fromkeys(hosts))
    )
