"""How figures are written."""

from __future__ import annotations


def count(number: int) -> str:
    """A figure with thousands separators: `1,581`."""
    return f"{number:,}"
