"""Azure Web Application Firewall: which policies block requests instead of only logging them."""

from __future__ import annotations

from analysis.stack_state import State


def prevention_policy(state: State, policy_id: str) -> str:
    """The name of a policy in prevention mode; empty if it does not block requests."""
    policy = state.get(policy_id)
    if policy is None:
        return ""
    settings = policy.mapping("policySettings")
    on = settings.get("state") != "Disabled" and settings.get("mode") == "Prevention"
    return policy.name if on else ""
