"""Egress of the cluster's network: routes and firewall rules, as plain data.

The cluster's outbound type (`components.cluster.network_profile`) always matches these routes, so
that routing is symmetric.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from components.addressing import AddressPlan, NetworkModel, SubnetKey
from components.settings.network import NetworkSettings

EVERYWHERE = "0.0.0.0/0"


@dataclass(frozen=True)
class RouteSpec:
    """A user-defined route."""

    key: str
    prefix: str
    next_hop: Literal["VirtualAppliance", "VnetLocal", "Internet", "None"]
    address: str | None = None
    """Private address of the appliance; None for every other next hop."""


def next_hop(settings: NetworkSettings, plan: AddressPlan) -> str | None:
    """Private address of the firewall or appliance that egress goes through; None without one.

    The address of the firewall comes from the address plan: the first usable one of its subnet.
    Routes therefore do not wait for the firewall.
    """
    if settings.egress == "firewall":
        return plan.address(SubnetKey.FIREWALL)
    return settings.appliance_ip if settings.egress == "appliance" else None


def route_table(settings: NetworkSettings, plan: AddressPlan) -> tuple[RouteSpec, ...] | None:
    """The routes of the route table of nodes and pods; None where no table is needed.

    With kubenet there is a table even without a route: AKS adds one for each node's pods.
    """
    appliance = next_hop(settings, plan)
    kubenet = settings.model == NetworkModel.KUBENET
    if appliance is None and not kubenet:
        return None
    return (RouteSpec("default", EVERYWHERE, "VirtualAppliance", appliance),) if appliance else ()


@dataclass(frozen=True)
class NetworkRule:
    """A firewall rule that allows protocols and ports to addresses, service tags or FQDNs."""

    name: str
    protocols: tuple[Literal["TCP", "UDP"], ...]
    ports: tuple[str, ...]
    addresses: tuple[str, ...] = ()
    fqdns: tuple[str, ...] = ()


@dataclass(frozen=True)
class ApplicationRule:
    """A firewall rule that allows web requests to FQDNs or FQDN tags."""

    name: str
    fqdn_tags: tuple[str, ...] = ()
    fqdns: tuple[str, ...] = ()
    protocol: Literal["Https", "Http"] = "Https"
    """The protocol of a rule by FQDN; one by FQDN tag has both."""


def firewall_network_rules(
    location: str, *, pods_dial_api_server: bool, dns_proxy: bool
) -> tuple[NetworkRule, ...]:
    """The network rules that AKS requires ("Outbound network and FQDN rules for AKS clusters").

    Time synchronisation is allowed by FQDN where the firewall has a DNS proxy, and to any address
    otherwise. `pods_dial_api_server` says that pods connect to a public API server by its address,
    so that no application rule applies. Its FQDN is known once the cluster exists
    (`EgressFirewall.allow_api_server`). Without a DNS proxy, a rule cannot name it, and Azure's
    addresses in the region are allowed, as in mspnp/aks-baseline.

    The tunnel to the API server (konnectivity) needs neither UDP 1194 nor TCP 9000.
    """
    time = (
        NetworkRule("time", ("UDP",), ("123",), fqdns=("ntp.ubuntu.com",))
        if dns_proxy
        else NetworkRule("time", ("UDP",), ("123",), addresses=("*",))
    )
    if not pods_dial_api_server or dns_proxy:
        return (time,)
    region = f"AzureCloud.{location}"
    return (NetworkRule("api-server", ("TCP",), ("443",), addresses=(region,)), time)


def firewall_dns_rules(servers: tuple[str, ...]) -> tuple[NetworkRule, ...]:
    """The rule for DNS servers that the route to the firewall leads to; none without a server.

    Clients repeat over TCP what does not fit into UDP (aks/private-clusters).
    """
    return (NetworkRule("dns", ("TCP", "UDP"), ("53",), addresses=servers),) if servers else ()


def firewall_application_rules(allowed: tuple[str, ...]) -> tuple[ApplicationRule, ...]:
    """The application rules that AKS requires, and a rule for the FQDNs in `allowed`.

    Azure maintains what AKS requires behind one FQDN tag.
    """
    aks = ApplicationRule("aks", fqdn_tags=("AzureKubernetesService",))
    return (aks, *_rule("applications", allowed))


_DEFENDER = (
    "login.microsoftonline.com",
    "*.ods.opinsights.azure.com",
    "*.oms.opinsights.azure.com",
    "*.cloud.defender.microsoft.com",
)
_AZURE_POLICY = (
    "data.policy.core.windows.net",
    "store.policy.core.windows.net",
    "dc.services.visualstudio.com",
)
_ALB_CONTROLLER = ("*.alb.azure.com", "*.oic.prod-aks.azure.com")
_WINDOWS_HTTPS = ("onegetcdn.azureedge.net", "go.microsoft.com")
_WINDOWS_HTTP = ("*.mp.microsoft.com", "www.msftconnecttest.com", "ctldl.windowsupdate.com")
_UBUNTU_HTTPS = ("snapshot.ubuntu.com",)
_UBUNTU_HTTP = (
    "security.ubuntu.com",
    "azure.archive.ubuntu.com",
    "changelogs.ubuntu.com",
)


def firewall_registry_rules(
    registries: Mapping[str, bool],
) -> tuple[ApplicationRule, ...]:
    """The rules that pulling from registries requires (container-registry-firewall-access-rules).

    `registries` says by the name of each registry whether it has dedicated data endpoints. Without
    them, the layers of an image come from storage accounts that Azure does not name.
    """
    if not registries:
        return ()
    data = {
        "*.data.azurecr.io" if own else "*.blob.core.windows.net" for own in registries.values()
    }
    names = sorted(f"{name.lower()}.azurecr.io" for name in registries)
    return (ApplicationRule("registries", fqdns=(*names, *sorted(data))),)


def firewall_addon_rules(
    *, defender: bool, azure_policy: bool, alb_controller: bool
) -> tuple[ApplicationRule, ...]:
    """The rules that add-ons require ("Outbound network and FQDN rules for AKS clusters").

    `alb_controller` says that the controller of Application Gateway for Containers runs in the
    cluster (application-gateway-for-containers-components, "ALB controller outbound
    connectivity"). What else it needs is behind the tag for AKS.
    """
    return (
        *(_rule("alb-controller", _ALB_CONTROLLER) if alb_controller else ()),
        *(_rule("defender", _DEFENDER) if defender else ()),
        *(_rule("azure-policy", _AZURE_POLICY) if azure_policy else ()),
    )


def firewall_node_rules(*, windows: bool, ubuntu_updates: bool) -> tuple[ApplicationRule, ...]:
    """The rules that nodes require ("Outbound network and FQDN rules for AKS clusters").

    `ubuntu_updates` says that Ubuntu nodes install updates themselves, by the channel
    SecurityPatch or Unmanaged.
    """
    return (
        *(_rule("windows", _WINDOWS_HTTPS) if windows else ()),
        *(_rule("windows-http", _WINDOWS_HTTP, "Http") if windows else ()),
        *(_rule("ubuntu-updates", _UBUNTU_HTTPS) if ubuntu_updates else ()),
        *(_rule("ubuntu-updates-http", _UBUNTU_HTTP, "Http") if ubuntu_updates else ()),
    )


def firewall_source_rules(
    *, registry_hosts: tuple[str, ...], vault_hosts: tuple[str, ...]
) -> tuple[ApplicationRule, ...]:
    """The rules for image registries, and for key vaults that a controller reads certificates of.

    The vault of the stack has a private endpoint and needs no rule.
    """
    return (*_rule("registries", registry_hosts), *_rule("vaults", vault_hosts))


def _rule(
    name: str, fqdns: tuple[str, ...], protocol: Literal["Https", "Http"] = "Https"
) -> tuple[ApplicationRule, ...]:
    """The rule for these FQDNs; none without an FQDN."""
    return (ApplicationRule(name, fqdns=fqdns, protocol=protocol),) if fqdns else ()
