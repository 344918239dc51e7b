"""How connections leave the cluster's network: routes and firewall rules, as plain data.

The outbound type that AKS is told always matches the routes here, so that answers come back the
way that questions left by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from components.addressing import AddressPlan, NetworkModel
from components.settings.network import NetworkSettings

EVERYWHERE = "0.0.0.0/0"


@dataclass(frozen=True)
class RouteSpec:
    """A user-defined route."""

    key: str
    prefix: str
    next_hop: Literal["VirtualAppliance", "VnetLocal", "Internet", "None"]
    address: str | None = None
    """Of the appliance, and only of one."""


def next_hop(settings: NetworkSettings, plan: AddressPlan) -> str | None:
    """The appliance that everything leaves by, if there is one.

    The firewall's address is planned, the first usable one of its subnet, so that routes need not
    wait for the firewall.
    """
    if settings.egress == "firewall":
        return plan.address("firewall")
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
    """A firewall rule by address, service tag or name, protocol and port."""

    name: str
    protocol: Literal["TCP", "UDP"]
    ports: tuple[str, ...]
    addresses: tuple[str, ...] = ()
    fqdns: tuple[str, ...] = ()


@dataclass(frozen=True)
class ApplicationRule:
    """A firewall rule by the name that a client asks for."""

    name: str
    fqdn_tags: tuple[str, ...] = ()
    fqdns: tuple[str, ...] = ()


def firewall_network_rules(
    location: str, *, private_api_server: bool, dns_proxy: bool
) -> tuple[NetworkRule, ...]:
    """What AKS needs by address ("Outbound network and FQDN rules for AKS clusters").

    The tunnel to a public API server; a private one is reached inside the network. Time by name
    where the firewall has the DNS proxy for that, else from anywhere.
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
    """What AKS needs by name, which Azure keeps up to date behind one tag, and what is allowed."""
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
    """What add-ons need besides ("Outbound network and FQDN rules for AKS clusters")."""
    return (*((_DEFENDER,) if defender else ()), *((_AZURE_POLICY,) if azure_policy else ()))
