"""How a cluster's API server and pulumi-kubernetes run operations."""

from __future__ import annotations

from contextlib import AbstractContextManager

from simulator.errors import Refused
from simulator.kubernetes import gateways
from simulator.operations import Operation, admit_without_conditions

_SECONDS = {
    "Deployment": 20,
    "StatefulSet": 30,
    "DaemonSet": 20,
    "Job": 20,
    "Service": 2,
    "Ingress": 30,
    "Release": 60,
    "Namespace": 1,
}
"""Estimates of the time until pulumi-kubernetes considers an object of a kind ready."""
_GATEWAY_SECONDS = 60
"""Of a Gateway that is awaited: its proxies and its load balancer."""
_OTHER_SECONDS = 1
_DELETE_SECONDS = {"Namespace": 15, "Deployment": 10, "Release": 20}

MAX_RETRIES = 10


class KubernetesService:
    """A simulated API server neither locks nor throttles."""

    def seconds(self, operation: Operation) -> float:
        """Typical duration of an operation."""
        if operation.kind == "read":
            return 0
        kind = operation.token.rsplit(":", 1)[-1]
        if operation.kind != "delete" and gateways.is_awaited(operation.inputs):
            return _GATEWAY_SECONDS
        table = _DELETE_SECONDS if operation.kind == "delete" else _SECONDS
        return table.get(kind, _OTHER_SECONDS)

    def admit(self, operation: Operation, instant: float) -> AbstractContextManager[bool]:
        """Accept every request."""
        del operation, instant
        return admit_without_conditions()


class ClientGo:
    """Kubernetes' Go client: retries up to ten times if the server says how long to wait.

    Source: kubernetes/client-go, rest/with_retry.go (429 and 5xx with a Retry-After header).
    """

    def delay(self, error: Refused, attempt: int, operation: Operation) -> float | None:
        """Seconds until the next attempt, or None to give up."""
        del operation
        retryable = error.status == 429 or error.status >= 500
        return error.retry_after if retryable and attempt < MAX_RETRIES else None
