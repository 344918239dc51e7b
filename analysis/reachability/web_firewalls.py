"""Azure's web application firewall: which policies stop requests rather than only note them."""

from __future__ import annotations

from analysis.stack_state import State


def preventing(state: State, policy_id: str) -> str:
    """The name of a policy in prevention mode; empty where requests are not stopped."""
    policy = state.get(policy_id)
    if policy is None:
        return ""
    settings = policy.mapping("policySettings")
    on = settings.get("state") != "Disabled" and settings.get("mode") == "Prevention"
    return policy.name if on else ""
