"""How many examples a property-based test tries."""

from __future__ import annotations

from hypothesis import settings


def examples(full: int) -> int:
    """So many in the profile `full`, in another the share that its own default is of 100."""
    return max(5, full * settings().max_examples // 100)
