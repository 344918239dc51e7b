"""Hosts as listeners and routes name them: empty for every one, `*.example.com` for all below."""

from __future__ import annotations


def common(one: str, other: str) -> str | None:
    """The hosts that two patterns have in common, as a pattern; None where there are none."""
    if not one or _within(other, one):
        return other
    if not other or _within(one, other):
        return one
    return None


def _within(host: str, pattern: str) -> bool:
    """Whether a pattern takes every request that a host, or another pattern, stands for."""
    host, pattern = host.lower(), pattern.lower()
    if not host:
        return False
    return host == pattern or (pattern.startswith("*.") and host.endswith(pattern[1:]))
