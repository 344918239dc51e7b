"""Violations that Azure's own documentation requires.

Each applies only where its condition holds, in any stack, and the audit prints each with its
reason. A choice of one stack is an exception in that stack's own file instead: `exceptions`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch

from analysis.stack_state import Resource, State, key, reference
from support.nested import text

_CLUSTER = "containerservice:ManagedCluster"


@dataclass(frozen=True)
class Requirement:
    """A violation that a documented feature of Azure cannot do without."""

    rule: str
    type: str
    """The resource type without its module, such as `RoleAssignment`."""
    detail: str
    """Pattern for the detail of the finding; `*` matches any text."""
    applies: Callable[[State, Resource], bool]
    """Whether the resource belongs to the feature that needs the violation."""
    feature: str
    reason: str

    def accepts(self, rule: str, state: State, resource: Resource, detail: str) -> bool:
        return (
            (self.rule, self.type) == (rule, resource.kind)
            and fnmatch(detail, self.detail)
            and self.applies(state, resource)
        )


def _has_agic(state: State, _: Resource) -> bool:
    return any(_agic(cluster) for cluster in state.of_type(_CLUSTER))


def _agic(cluster: Resource) -> bool:
    return bool(cluster.at("addonProfiles", "ingressApplicationGateway", "enabled"))


def _is_agics_role(state: State, assignment: Resource) -> bool:
    """Whether the role is for AGIC's own identity."""
    identities = {
        text(cluster.mapping("addonProfiles", "ingressApplicationGateway"), "identity", "objectId")
        for cluster in state.of_type(_CLUSTER)
        if _agic(cluster)
    }
    return str(assignment.at("principalId") or "unknown") in identities


def _is_policy_of_containers_gateway(state: State, assignment: Resource) -> bool:
    """Whether the scope is a WAF policy that Application Gateway for Containers uses."""
    policies = {
        reference(item.properties, "wafPolicy")
        for item in state.of_type("servicenetworking:SecurityPoliciesInterface")
    }
    return key(assignment.at("scope")) in policies


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        "ROLE-1",
        "RoleAssignment",
        "Contributor on */applicationGateways/*",
        _is_agics_role,
        "Application Gateway Ingress Controller",
        "the add-on rewrites the gateway; Microsoft documents Contributor on the gateway for this",
    ),
    Requirement(
        "ROLE-2",
        "RoleAssignment",
        "Network Contributor on */publicIPAddresses/*",
        _is_agics_role,
        "Application Gateway Ingress Controller, its public address",
        "an identity that writes a gateway must be allowed to join its address "
        "(publicIPAddresses/join/action), and no narrower built-in role allows that",
    ),
    Requirement(
        "ROLE-2",
        "RoleAssignment",
        "Network Contributor on */*WebApplicationFirewallPolicies/*",
        _is_agics_role,
        "Application Gateway Ingress Controller, its firewall policy",
        "an identity that writes a gateway must be allowed to join its firewall policy "
        "(applicationGatewayWebApplicationFirewallPolicies/join/action), and no narrower built-in "
        "role allows that",
    ),
    Requirement(
        "ROLE-2",
        "RoleAssignment",
        "Network Contributor on */*WebApplicationFirewallPolicies/*",
        _is_policy_of_containers_gateway,
        "Application Gateway for Containers with a firewall policy",
        "the controller attaches the firewall policy, which "
        "applicationGatewayWebApplicationFirewallPolicies/join/action allows, and no narrower "
        "built-in role does",
    ),
    Requirement(
        "WAF-3",
        "ApplicationGateway",
        "rule placeholder *",
        _has_agic,
        "Application Gateway Ingress Controller",
        "the gateway is created with a placeholder rule that leads nowhere; the add-on replaces it "
        "as soon as it runs",
    ),
)
