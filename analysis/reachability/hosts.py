"""Host names of listeners and routes: empty for any host, `*.example.com` for all subdomains."""

from __future__ import annotations


def common(one: str, other: str) -> str | None:
    """The hosts that match both patterns, as a pattern; None if there are none."""
    if not one or _within(other, one):
        return other
    if not other or _within(one, other):
        return one
    return None


def _within(host: str, pattern: str) -> bool:
    """Whether a pattern matches every request for a host, or for another pattern."""
    host, pattern = host.lower(), pattern.lower()
    if not host:
        return False
    return host == pattern or (pattern.startswith("*.") and host.endswith(pattern[1:]))
