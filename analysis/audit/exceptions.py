"""What is accepted in which stack although it breaks a rule, and why. Nothing is accepted silently.

An exception that nothing needs any more is reported, so that the list does not grow old.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Exemption:
    """A rule that some stacks may break on resources of one type."""

    rule: str
    type: str
    """Without its module, such as `ManagedCluster`."""
    stacks: tuple[str, ...]
    reason: str
    how: str = "*"
    """How it may be broken; `*` stands for anything."""


_ONE_CHOICE_EACH = (
    "agc",
    "agic",
    "appliance",
    "azure-cni",
    "cni-cilium",
    "contour",
    "custom-role",
    "external-waf",
    "firewall-kn",
    "gateway-api",
    "haproxy",
    "internal-class",
    "kubenet",
    "kv-certificate",
    "load-balancer",
    "observability",
    "overlay-win",
    "pod-blocks",
    "pod-subnet",
    "pools",
    "principal",
    "their-logs",
    "theirs",
    "traefik",
    "waf-rules",
)
"""Examples that show a choice which has nothing to do with the API server."""

EXCEPTIONS: tuple[Exemption, ...] = (
    Exemption(
        "AKS-1",
        "ManagedCluster",
        ("dev",),
        "developers have no fixed addresses; Entra ID signs in, local accounts are off, and the "
        "stack holds no data. Name your ranges in cluster.authorizedIpRanges where you have some",
    ),
    Exemption(
        "AKS-1",
        "ManagedCluster",
        _ONE_CHOICE_EACH,
        "an example of something else, with the fewest other settings; copy it with "
        "cluster.private: true or your own cluster.authorizedIpRanges",
    ),
    Exemption(
        "AKS-5",
        "ManagedCluster",
        ("principal",),
        "the example of a service principal, for who has to have one",
    ),
    Exemption(
        "NET-4",
        "Subnet",
        ("agc",),
        "which rules Application Gateway for Containers itself needs of a group there was not "
        "found documented; the subnet is delegated to it and holds nothing else",
        how="*no network security group",
    ),
    Exemption(
        "ROLE-1",
        "RoleAssignment",
        ("agic",),
        "the add-on rewrites the gateway, for which Microsoft documents Contributor on the gateway "
        "itself",
        how="Contributor on */applicationGateways/*",
    ),
    Exemption(
        "ROLE-2",
        "RoleAssignment",
        ("agic",),
        "whoever writes a gateway must be allowed to join its address and its firewall policy, and "
        "no narrower built-in role holds that",
        how="Network Contributor on */providers/Microsoft.Network/*/*",
    ),
    Exemption(
        "ROLE-2",
        "RoleAssignment",
        ("agc",),
        "the controller attaches the firewall policy, and no narrower built-in role holds that",
        how="Network Contributor on */*WebApplicationFirewallPolicies/*",
    ),
    Exemption(
        "WAF-3",
        "ApplicationGateway",
        ("agic",),
        "what the gateway is made with leads nowhere; the add-on replaces it as soon as it runs",
        how="rule placeholder *",
    ),
    Exemption(
        "K8S-1",
        "Namespace",
        ("traefik", "contour", "haproxy", "agc"),
        "the controller's own namespace, which has to be reached; by whom is decided by the "
        "security groups of nodes and ingress, and by the load balancer's source ranges",
    ),
)
