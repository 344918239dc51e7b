"""How a cluster's API server, and pulumi-kubernetes in front of it, run operations."""

from __future__ import annotations

from contextlib import AbstractContextManager

from simulator.errors import Refused
from simulator.operations import Operation, admitted_at_once

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
"""Until pulumi-kubernetes takes an object for ready: pods run, an address is there. Estimates."""
_OTHER_SECONDS = 1
_DELETE_SECONDS = {"Namespace": 15, "Deployment": 10, "Release": 20}

RETRIES = 10


class KubernetesService:
    """API servers neither lock nor throttle here."""

    def seconds(self, asked: Operation) -> float:
        """How long an operation takes."""
        if asked.kind == "read":
            return 0
        kind = asked.token.rsplit(":", 1)[-1]
        table = _DELETE_SECONDS if asked.kind == "delete" else _SECONDS
        return table.get(kind, _OTHER_SECONDS)

    def admit(self, asked: Operation, instant: float) -> AbstractContextManager[bool]:
        """Every request is taken."""
        del asked, instant
        return admitted_at_once()


class ClientGo:
    """Kubernetes' Go client: retries where the server says after how long, ten times at most.

    Source: kubernetes/client-go, rest/with_retry.go (429 and 5xx with a Retry-After header).
    """

    def delay(self, error: Refused, attempt: int, asked: Operation) -> float | None:
        """Seconds until the next attempt, or None where it gives up."""
        del asked
        wanted = error.status == 429 or error.status >= 500
        return error.retry_after if wanted and attempt < RETRIES else None
