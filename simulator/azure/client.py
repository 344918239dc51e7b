"""How azure-native's HTTP client retries requests: which ones, and after how long.

Sources: pulumi-azure-native, provider/pkg/azure/client_azcore.go (what is retried; delays of 20 s
to 120 s; the two codes since its issues 903 and 4340) and azure-sdk-for-go, azcore/runtime/
policy_retry.go (three retries, the growth of the delay, Retry-After). An operation that was
accepted and then failed is never retried.
"""

from __future__ import annotations

import random

from simulator.errors import Refused
from simulator.operations import Operation

MAX_RETRIES = 3
FIRST_DELAY_SECONDS = 20
MAX_DELAY_SECONDS = 120
STATUSES = frozenset({408, 429, 500, 502, 503, 504})
CODES = frozenset({"AnotherOperationInProgress", "ReferencedResourceNotProvisioned"})


class AzCore:
    """The HTTP client of azure-native."""

    def delay(self, error: Refused, attempt: int, operation: Operation) -> float | None:
        """Seconds until the next attempt, or None to give up."""
        retried = error.status in STATUSES or (error.status and error.code in CODES)
        if not retried or attempt >= MAX_RETRIES:
            return None
        if error.retry_after:
            # The client does not wait longer than its own maximum delay.
            return error.retry_after if error.retry_after <= MAX_DELAY_SECONDS else None
        # As in the client, the delay varies, so that requests that collided are apart next time.
        # Unlike there, it is the same in every run.
        spread = random.Random(f"{operation.urn}|{attempt}").uniform(0.8, 1.3)  # noqa: S311
        growth = 2 ** (attempt + 1) - 1
        return min(growth * FIRST_DELAY_SECONDS * spread, MAX_DELAY_SECONDS)
