"""Egress of the cluster's network: routes and firewall rules, as plain data.

The cluster's outbound type (`components.cluster.network_profile`) always matches these routes, so
that routing is symmetric.
"""

from __future__ import annotations

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
    """A firewall rule that allows a protocol and ports to addresses, service tags or FQDNs."""

    name: str
    protocol: Literal["TCP", "UDP"]
    ports: tuple[str, ...]
    addresses: tuple[str, ...] = ()
    fqdns: tuple[str, ...] = ()


@dataclass(frozen=True)
class ApplicationRule:
    """A firewall rule that allows HTTPS to FQDNs or FQDN tags."""

    name: str
    fqdn_tags: tuple[str, ...] = ()
    fqdns: tuple[str, ...] = ()


def firewall_network_rules(
    location: str, *, private_api_server: bool, dns_proxy: bool
) -> tuple[NetworkRule, ...]:
    """The network rules that AKS requires ("Outbound network and FQDN rules for AKS clusters").

    A public API server needs its tunnel; a private one is reached inside the network. Time
    synchronisation is allowed by FQDN where the firewall has a DNS proxy, and to any address
    otherwise.
    """
    time = (
        NetworkRule("time", "UDP", ("123",), fqdns=("ntp.ubuntu.com",))
        if dns_proxy
        else NetworkRule("time", "UDP", ("123",), addresses=("*",))
    )
    if private_api_server:
        return (time,)
    region = f"AzureCloud.{location}"
    return (
        NetworkRule("api-server-udp", "UDP", ("1194",), addresses=(region,)),
        NetworkRule("api-server-tcp", "TCP", ("9000",), addresses=(region,)),
        time,
    )


def firewall_application_rules(allowed: tuple[str, ...]) -> tuple[ApplicationRule, ...]:
    """The application rules that AKS requires, and a rule for the FQDNs in `allowed`.

    Azure maintains what AKS requires behind one FQDN tag.
    """
    aks = ApplicationRule("aks", fqdn_tags=("AzureKubernetesService",))
    return (aks, ApplicationRule("applications", fqdns=allowed)) if allowed else (aks,)


_DEFENDER = ApplicationRule(
    "defender",
    fqdns=(
        "login.microsoftonline.com",
        "*.ods.opinsights.azure.com",
        "*.oms.opinsights.azure.com",
        "*.cloud.defender.microsoft.com",
    ),
)
_AZURE_POLICY = ApplicationRule(
    "azure-policy",
    fqdns=(
        "data.policy.core.windows.net",
        "store.policy.core.windows.net",
        "dc.services.visualstudio.com",
    ),
)


def firewall_addon_rules(*, defender: bool, azure_policy: bool) -> tuple[ApplicationRule, ...]:
    """The rules that add-ons require ("Outbound network and FQDN rules for AKS clusters")."""
    return (*((_DEFENDER,) if defender else ()), *((_AZURE_POLICY,) if azure_policy else ()))
