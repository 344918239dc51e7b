"""A request to the simulated REST API, and its response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from simulator.azure.model import Cloud
from simulator.azure.subscription import Subscription
from simulator.store import Resource


class RestResponse(NamedTuple):
    """The response: its HTTP status and its JSON body."""

    status: int
    body: dict[str, Any]


@dataclass(frozen=True)
class RestRequest:
    """A request whose path matched a route."""

    cloud: Cloud
    """The resources of the subscription."""
    subscription: Subscription
    """Everything else about the subscription, such as its quotas."""
    path: str
    parts: Mapping[str, str]
    """The named parts of the path, by the names in the route's pattern."""
    query: Mapping[str, str]
    body: Mapping[str, Any]

    def resources(self, *tokens: str) -> list[Resource]:
        """The resources of this subscription (of these types, if any are given).

        The store also holds the resources of other subscriptions.
        """
        prefix = f"/subscriptions/{self.cloud.subscription}/".lower()
        store = self.cloud.store
        resources = store.of_type(*tokens) if tokens else store.all()
        return [item for item in resources if item.id.lower().startswith(prefix)]
