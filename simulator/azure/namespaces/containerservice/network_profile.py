"""A cluster's network profile: valid combinations of its settings, and valid address ranges."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, View, view
from simulator.azure.namespaces.network.prefixes import (
    Network,
    network_prefixes,
    networks,
    overlaps,
    prefixes,
)
from simulator.azure.rules import Refusal, advice, rule

_OVERVIEW = "Microsoft Learn: azure/aks/concepts-network-cni-overview"
_POLICIES = "Microsoft Learn: azure/aks/use-network-policies"

# (plugin, mode, data plane) -> network policies that AKS documents for it.
COMBINATIONS: dict[tuple[str, str, str], frozenset[str]] = {
    ("azure", "overlay", "azure"): frozenset({"none", "azure", "calico"}),
    ("azure", "overlay", "cilium"): frozenset({"cilium"}),
    ("azure", "", "azure"): frozenset({"none", "azure", "calico"}),
    ("azure", "", "cilium"): frozenset({"cilium"}),
    ("kubenet", "", "azure"): frozenset({"none", "calico"}),
    ("none", "", "azure"): frozenset({"none"}),
}


def _combination(cluster: View) -> tuple[tuple[str, str, str], str]:
    dataplane = cluster.setting("networkDataplane", "azure")
    key = (cluster.plugin, cluster.setting("networkPluginMode"), dataplane)
    return key, cluster.setting("networkPolicy", "none")


@rule(
    "UnsupportedNetworkPluginModeWithNetworkPlugin",
    CLUSTER,
    source="github.com/Azure/AKS/issues/5662",
)
def overlay_needs_azure_cni(request: Request) -> Refusal | None:
    """The plugin mode overlay requires the plugin azure."""
    (plugin, mode, _), _ = _combination(view(request))
    if plugin and mode == "overlay" and plugin != "azure":
        return Refusal(
            f"Plugin mode overlay is not supported with network plugin {plugin}.",
            "networkProfile.networkPluginMode",
        )
    return None


@rule(
    "NetworkPolicyAzureNotSupportedForKubenet",
    CLUSTER,
    source="github.com/coder/docs/pull/1091",
)
def kubenet_has_no_azure_policy(request: Request) -> Refusal | None:
    """The network policy azure requires Azure CNI."""
    (plugin, _, _), policy = _combination(view(request))
    if plugin == "kubenet" and policy == "azure":
        return Refusal(
            "Network policy azure is not supported for network plugin kubenet.",
            "networkProfile.networkPolicy",
        )
    return None


@rule("NetworkPolicyNotSupportedForNone", CLUSTER, source=_POLICIES)
def no_plugin_has_no_policy(request: Request) -> Refusal | None:
    """The network plugin none requires the network policy none."""
    (plugin, _, _), policy = _combination(view(request))
    if plugin == "none" and policy != "none":
        return Refusal(
            f"Network plugin none does not support network policy {policy}.",
            "networkProfile.networkPolicy",
        )
    return None


@rule(
    "NetworkPolicyNotSupported",
    CLUSTER,
    source="Microsoft Learn: azure/aks/azure-cni-powered-by-cilium",
)
def the_cilium_policy_needs_its_data_plane(request: Request) -> Refusal | None:
    """The network policy cilium requires the cilium data plane.

    Subcode NetworkPolicyCiliumRequiresCiliumDataplane.
    """
    (_, _, dataplane), policy = _combination(view(request))
    if policy == "cilium" and dataplane != "cilium":
        return Refusal(
            "Network policy cilium requires network data plane cilium.",
            "networkProfile.networkPolicy",
        )
    return None


@rule("BadRequest", CLUSTER, source="github.com/Azure/AKS-Construction/issues/535")
def the_cilium_data_plane_needs_its_policy(request: Request) -> Refusal | None:
    """The cilium data plane requires the network policy cilium.

    Subcode CiliumDataplaneRequiresNetworkPolicyCilium.
    """
    (_, _, dataplane), policy = _combination(view(request))
    if dataplane == "cilium" and policy != "cilium":
        return Refusal(
            "Cilium dataplane requires network policy cilium.", "networkProfile.networkPolicy"
        )
    return None


@advice(CLUSTER, source=_POLICIES)
def combinations_are_documented_ones(request: Request) -> str | None:
    """AKS does not support combinations other than those in `COMBINATIONS`."""
    key, policy = _combination(view(request))
    if key[0] and policy not in COMBINATIONS.get(key, frozenset()):
        plugin, mode, dataplane = key
        return (
            f"AKS does not document clusters with plugin {plugin}, mode {mode or '(none)'}, data"
            f" plane {dataplane} and network policy {policy}."
        )
    return None


@advice(CLUSTER, POOL, source="Microsoft Learn: azure/aks/azure-cni-powered-by-cilium#limitations")
def cilium_runs_on_linux(request: Request) -> str | None:
    """The Cilium data plane does not support Windows nodes."""
    cluster = view(request)
    windows = [pool.name for pool in cluster.written_pools if pool.windows]
    if windows and cluster.setting("networkDataplane") == "cilium":
        return f"Azure CNI powered by Cilium is for Linux nodes only, not for pool {windows[0]}."
    return None


def _ranges(cluster: View, *keys: str) -> list[str]:
    """Ranges from the singular and the plural properties."""
    ranges: list[str] = []
    for key in keys:
        value = cluster.network.get(key)
        ranges += value if isinstance(value, list) else [value] if value else []
    return list(dict.fromkeys(ranges))


def service_ranges(cluster: View) -> list[str]:
    """Service CIDRs; by default AKS uses 10.0.0.0/16, which can conflict with other networks."""
    return _ranges(cluster, "serviceCidr", "serviceCidrs") or ["10.0.0.0/16"]


def pod_ranges(cluster: View) -> list[str]:
    """Pod CIDRs, for the network models that have one."""
    if not cluster.overlay and cluster.plugin != "kubenet":
        return []
    return _ranges(cluster, "podCidr", "podCidrs") or ["10.244.0.0/16"]


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _dns(cluster: View) -> IPv4Address | IPv6Address | None:
    return _address(str(cluster.network.get("dnsServiceIP") or "10.0.0.10"))


@rule("CidrStringParseError", CLUSTER, source="github.com/Azure/AKS/issues/506")
def ranges_are_cidr_blocks(request: Request) -> Refusal | None:
    """Service and pod CIDRs must be CIDR blocks."""
    cluster = view(request)
    for target, ranges in (
        ("networkProfile.serviceCIDR", service_ranges(cluster)),
        ("networkProfile.podCIDR", pod_ranges(cluster)),
    ):
        for text in ranges:
            try:
                ip_network(text)
            except ValueError:
                return Refusal(f"{text} is not a valid CIDR block.", target)
    return None


@rule(
    "DnsServiceIpOutOfServiceCidr",
    CLUSTER,
    source="github.com/Azure/bicep-registry-modules/issues/1469",
)
def the_dns_address_is_a_service_address(request: Request) -> Refusal | None:
    """The DNS service IP must be in the service CIDR.

    It often is not if the service CIDR is set and the DNS service IP is not.
    """
    cluster = view(request)
    address = _dns(cluster)
    if address and not any(address in block for block in networks(service_ranges(cluster))):
        return Refusal(
            f"The DNS service IP {address} is out of the range defined by service CIDR"
            f" {', '.join(service_ranges(cluster))}.",
            "networkProfile.dnsServiceIP",
        )
    return None


@rule("DnsServiceIpConflicting", CLUSTER, source=_OVERVIEW)
def the_first_service_address_is_the_api_servers(request: Request) -> Refusal | None:
    """The API server (kubernetes.default.svc) has the first address of the service CIDR."""
    cluster = view(request)
    address = _dns(cluster)
    for block in networks(service_ranges(cluster)):
        if address == block.network_address + 1 or address == block.network_address:
            return Refusal(
                f"The DNS service IP {address} is reserved for the API server.",
                "networkProfile.dnsServiceIP",
            )
    return None


@rule("PodCidrOverlapServiceCidr", CLUSTER, source=_OVERVIEW)
def pods_and_services_are_apart(request: Request) -> Refusal | None:
    """Pod and service CIDRs must not overlap."""
    cluster = view(request)
    for pods, services in overlaps(pod_ranges(cluster), service_ranges(cluster)):
        return Refusal(
            f"Pod CIDR {pods} overlaps service CIDR {services}.", "networkProfile.podCIDR"
        )
    return None


def _space(cluster: View) -> list[str]:
    network = cluster.request.find(cluster.network_id())
    return network_prefixes(network.inputs) if network else []


def _subnet_prefixes(cluster: View) -> list[str]:
    network = cluster.network_id()
    if network is None:
        return []
    subnets = cluster.request.cloud.store.below(network, "network:Subnet")
    return [text for item in subnets for text in prefixes(item.inputs)]


@rule(
    "ServiceCidrOverlapExistingSubnetsCidr",
    CLUSTER,
    source="github.com/Azure/AKS/issues/1117",
)
def services_and_subnets_are_apart(request: Request) -> Refusal | None:
    """The service CIDR must not overlap an existing subnet of the nodes' network."""
    cluster = view(request)
    for services, subnet in overlaps(service_ranges(cluster), _subnet_prefixes(cluster)):
        return Refusal(
            f"The specified service CIDR {services} conflicts with the existing subnet CIDR"
            f" {subnet}.",
            "networkProfile.serviceCIDR",
        )
    return None


@rule(
    "NetworkProfileCIDROverlapVNET",
    CLUSTER,
    source="github.com/Azure/AKS-Construction/issues/403",
)
def pods_and_network_are_apart(request: Request) -> Refusal | None:
    """The pod CIDR of an overlay must not overlap the nodes' network."""
    cluster = view(request)
    for pods, block in overlaps(pod_ranges(cluster), _space(cluster)):
        return Refusal(
            f"NetworkProfile CIDR {pods} overlaps with reserved VNET CIDR {block}.",
            "networkProfile.podCIDR",
        )
    return None


@advice(CLUSTER, source=_OVERVIEW)
def services_stay_out_of_the_network(request: Request) -> str | None:
    """Azure accepts a service CIDR in the network's space, but no subnet can use that range."""
    cluster = view(request)
    for services, block in overlaps(service_ranges(cluster), _space(cluster)):
        return f"Service CIDR {services} is in the virtual network's address space {block}."
    return None


# Ranges that AKS uses for itself.
_RESERVED = ("169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24")


@rule("BadRequest", CLUSTER, source=f"{_OVERVIEW}, github.com/Azure/AKS/issues/731")
def pods_and_services_leave_reserved_ranges_alone(request: Request) -> Refusal | None:
    """The pod and service CIDRs of a new cluster must not overlap a range that AKS reserves."""
    cluster = view(request)
    if request.old is not None:
        return None
    for target, ranges in (
        ("networkProfile.podCIDR", pod_ranges(cluster)),
        ("networkProfile.serviceCIDR", service_ranges(cluster)),
    ):
        for block, reserved in overlaps(ranges, _RESERVED):
            return Refusal(f"{block} overlaps the range {reserved}, which AKS reserves.", target)
    return None


@advice(CLUSTER, source=_OVERVIEW)
def the_network_leaves_reserved_ranges_alone(request: Request) -> str | None:
    """AKS does not support a virtual network in the ranges that it reserves."""
    for block, reserved in overlaps(_space(view(request)), _RESERVED):
        return f"{block} of the virtual network overlaps {reserved}, which AKS reserves."
    return None


@advice(CLUSTER, source=_OVERVIEW)
def the_service_range_is_smaller_than_12(request: Request) -> str | None:
    """The prefix length of the service CIDR should be 13 or more."""
    for block in _ipv4(networks(service_ranges(view(request)))):
        if block.prefixlen <= 12:
            return f"Service CIDR {block} must be smaller than /12."
    return None


def _ipv4(blocks: Iterable[Network]) -> list[Network]:
    return [block for block in blocks if block.version == 4]


TYPES = ()
