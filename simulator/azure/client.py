"""How azure-native's HTTP client deals with refusals: which it tries again, and after how long.

Source: pulumi-azure-native, provider/pkg/azure/client_azcore.go (what is retried, delays of 20 s up
to 120 s, by its issues 903 and 4340 also the two codes) and azure-sdk-for-go, azcore/runtime/
policy_retry.go (three retries, the growth of the delay, Retry-After). A refusal that is the result
of an operation under way, not the answer to a request, is never retried.
"""

from __future__ import annotations

import random

from simulator.errors import Refused
from simulator.operations import Operation

RETRIES = 3
FIRST_DELAY_SECONDS = 20
LONGEST_DELAY_SECONDS = 120
STATUSES = frozenset({408, 429, 500, 502, 503, 504})
CODES = frozenset({"AnotherOperationInProgress", "ReferencedResourceNotProvisioned"})


class AzCore:
    """The client of azure-native."""

    def delay(self, error: Refused, attempt: int, asked: Operation) -> float | None:
        """Seconds until the next attempt, or None where it gives up."""
        retried = error.status in STATUSES or (error.status and error.code in CODES)
        if not retried or attempt >= RETRIES:
            return None
        if error.retry_after:
            # It does not wait longer than its own longest delay.
            return error.retry_after if error.retry_after <= LONGEST_DELAY_SECONDS else None
        # Like the client's, the delay is spread, so that those who collided part; unlike there, it
        # is the same in every run.
        spread = random.Random(f"{asked.urn}|{attempt}").uniform(0.8, 1.3)  # noqa: S311
        growth = 2 ** (attempt + 1) - 1
        return min(growth * FIRST_DELAY_SECONDS * spread, LONGEST_DELAY_SECONDS)
