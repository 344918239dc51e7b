"""Azure's rules for the network's settings: data plane, egress, routes, existing subnets."""

from __future__ import annotations

from collections.abc import Iterator

from components.addressing import AddressPlan, NetworkModel
from components.problems import Problem
from components.settings import management_rules
from components.settings.management import ManagementSettings
from components.settings.network import NetworkSettings
from components.settings.partial import skips_unreadable
from components.settings.paths import NETWORK


@skips_unreadable
def data_plane(network: NetworkSettings) -> Iterator[Problem]:
    """The Cilium data plane and policy engine go together (NetworkPolicyNotSupported)."""
    if (network.dataplane == "cilium") != (network.policy == "cilium"):
        if network.dataplane == "cilium":
            rule = "must be cilium: the Cilium data plane supports no other policy engine"
            remedy = "use policy: cilium, or dataplane: azure"
        else:
            rule = "must not be cilium: this policy engine needs the Cilium data plane"
            remedy = "use policy: calico, or dataplane: cilium"
        yield Problem(f"{NETWORK}.policy", network.policy, rule, remedy)
    if network.model == NetworkModel.KUBENET and network.policy == "azure":
        yield Problem(
            f"{NETWORK}.policy",
            network.policy,
            "must not be azure: Azure Network Policy Manager needs Azure CNI, and model is kubenet",
            "use policy: calico",
        )


@skips_unreadable
def egress(network: NetworkSettings) -> Iterator[Problem]:
    """Only an appliance has an address, and it must have one."""
    path = f"{NETWORK}.applianceIp"
    if network.egress == "appliance" and network.appliance_ip is None:
        remedy = "set it to the private address of the appliance, or use another egress"
        yield Problem(path, "", "is required: egress is appliance", remedy)
    if network.egress != "appliance" and network.appliance_ip is not None:
        rule = f"must not be set: egress is {network.egress}, which leads to no appliance"
        yield Problem(path, network.appliance_ip, rule, "use egress: appliance, or remove it")


@skips_unreadable
def learned_routes(network: NetworkSettings, management: ManagementSettings) -> Iterator[Problem]:
    """Routes that a gateway learns are left out only where the appliance sees both directions."""
    if network.learned_routes:
        return
    path, value = f"{NETWORK}.learnedRoutes", "false"
    if network.existing is not None:
        rule = "must be true: the route table is another team's"
        yield Problem(
            path, value, rule, "ask that team to turn off the propagation of gateway routes"
        )
    elif network.egress != "appliance":
        rule = f"must be true: egress is {network.egress}, and no appliance would take the traffic"
        yield Problem(path, value, rule, "use egress: appliance, or learnedRoutes: true")
    elif management.gateway.on_premises:
        rule = "must be true: the gateway of this stack would send the answers past the appliance"
        yield Problem(path, value, rule, "use learnedRoutes: true, or a hub with routes of its own")


@skips_unreadable
def hub_egress(network: NetworkSettings, management: ManagementSettings) -> Iterator[Problem]:
    """A firewall is created only in a management network that the program creates."""
    if network.egress == "firewall" and management.existing is not None:
        yield Problem(
            f"{NETWORK}.egress",
            network.egress,
            "must not be firewall: Azure Firewall would be created in another team's network",
            "use egress: appliance, and set applianceIp to the address of the team's firewall",
        )


@skips_unreadable
def existing_subnets(network: NetworkSettings, plan: AddressPlan) -> Iterator[Problem]:
    """In another team's network, the settings have the ID of every subnet that is used."""
    if network.existing is None:
        return
    for subnet in plan.vnet("cluster").subnets:
        if subnet.key not in network.existing.subnets:
            path = f"{NETWORK}.existing.subnets.{subnet.key}"
            holds = ", ".join(need.label for need in subnet.needs)
            rule = f"is required: the network is another team's, and needs a subnet for {holds}"
            yield Problem(path, "", rule, "set it to the resource ID of the team's subnet")


@skips_unreadable
def ddos_protection(network: NetworkSettings) -> Iterator[Problem]:
    """Only a network of the program's own gets a DDoS protection plan."""
    if network.existing is not None:
        plan_id = network.ddos_protection_plan_id
        yield from management_rules.no_plan_of_existing(NETWORK, plan_id)
