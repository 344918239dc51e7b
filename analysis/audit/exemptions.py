"""Violations that are accepted on purpose, each with its stacks and its reason.

The audit reports an exemption that matches no violation, so that the list stays current.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Exemption:
    """A rule that some stacks may violate on resources of one type."""

    rule: str
    type: str
    """The resource type without its module, such as `ManagedCluster`."""
    stacks: tuple[str, ...]
    reason: str
    detail: str = "*"
    """Pattern for the detail of the finding; `*` matches any text."""


_PUBLIC_API_SERVER = (
    "agc",
    "agic",
    "appliance",
    "azure-cni",
    "byo-logs",
    "byo-vnet",
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
    "traefik",
    "waf-rules",
)
"""Examples that do not set how the API server is reached."""

EXEMPTIONS: tuple[Exemption, ...] = (
    Exemption(
        "AKS-1",
        "ManagedCluster",
        ("dev",),
        "developers have no fixed addresses; sign-in is by Entra ID, local accounts are off, and "
        "the stack holds no data. If you have fixed ranges, set cluster.authorizedIpRanges",
    ),
    Exemption(
        "AKS-1",
        "ManagedCluster",
        _PUBLIC_API_SERVER,
        "the example shows another choice with as few settings as possible; when you copy it, add "
        "cluster.private: true or your own cluster.authorizedIpRanges",
    ),
    Exemption(
        "AKS-5",
        "ManagedCluster",
        ("principal",),
        "the example shows a service principal, for those who must use one",
    ),
    Exemption(
        "NET-4",
        "Subnet",
        ("agc",),
        "no documentation was found of the rules that Application Gateway for Containers needs in "
        "such a group; the subnet is delegated to it and contains nothing else",
        detail="*no network security group",
    ),
    Exemption(
        "ROLE-1",
        "RoleAssignment",
        ("agic",),
        "the add-on rewrites the gateway; Microsoft documents Contributor on the gateway for this",
        detail="Contributor on */applicationGateways/*",
    ),
    Exemption(
        "ROLE-2",
        "RoleAssignment",
        ("agic",),
        "an identity that writes a gateway must be allowed to join its address and its firewall "
        "policy, and no narrower built-in role allows that",
        detail="Network Contributor on */providers/Microsoft.Network/*/*",
    ),
    Exemption(
        "ROLE-2",
        "RoleAssignment",
        ("agc",),
        "the controller attaches the firewall policy, and no narrower built-in role allows that",
        detail="Network Contributor on */*WebApplicationFirewallPolicies/*",
    ),
    Exemption(
        "WAF-3",
        "ApplicationGateway",
        ("agic",),
        "the gateway is created with a placeholder rule that leads nowhere; the add-on replaces it "
        "as soon as it runs",
        detail="rule placeholder *",
    ),
    Exemption(
        "K8S-1",
        "Namespace",
        ("traefik", "contour", "haproxy", "agc"),
        "the controller's own namespace must be reachable; the network security groups of the node "
        "and ingress subnets and the load balancer's source ranges decide from where",
    ),
)
