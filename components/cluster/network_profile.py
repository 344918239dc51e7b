"""The network profile of the cluster for each network model, as data and as typed arguments.

Every range is set explicitly. The SDK's argument class has the defaults 10.0.0.0/16, 10.0.0.10 and
10.244.0.0/16, which would overlap networks that use those ranges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pulumi_azure_native import containerservice

from components.addressing import NetworkModel
from components.settings.network import NetworkSettings

_PLUGIN = {
    NetworkModel.AZURE_CNI: ("azure", None),
    NetworkModel.POD_SUBNET: ("azure", None),
    NetworkModel.OVERLAY: ("azure", "overlay"),
    NetworkModel.KUBENET: ("kubenet", None),
}
"""Network plugin and its mode, by network model."""

PodAllocationMode = Literal["DynamicIndividual", "StaticBlock"]

_ALLOCATION: dict[str, PodAllocationMode] = {
    "dynamic": "DynamicIndividual",
    "staticBlock": "StaticBlock",
}

OUTBOUND_TYPES = {
    "nat-gateway": "userAssignedNATGateway",
    "load-balancer": "loadBalancer",
    "firewall": "userDefinedRouting",
    "appliance": "userDefinedRouting",
}
"""AKS's outbound type, by the setting `network.egress`."""


@dataclass(frozen=True)
class NetworkProfile:
    """The cluster's network profile."""

    plugin: str
    plugin_mode: str | None
    dataplane: str
    policy: str
    outbound_type: str
    pod_cidr: str | None
    """None where pods have addresses of the virtual network."""
    service_cidr: str
    dns_service_ip: str
    pod_allocation: PodAllocationMode | None
    """How AKS allocates addresses of a pod subnet; None in the models without one."""

    @classmethod
    def of(cls, settings: NetworkSettings) -> NetworkProfile:
        """The profile for these settings."""
        plugin, mode = _PLUGIN[settings.model]
        return cls(
            plugin=plugin,
            plugin_mode=mode,
            dataplane=settings.dataplane,
            policy=settings.policy,
            outbound_type=OUTBOUND_TYPES[settings.egress],
            pod_cidr=settings.pod_cidr,
            service_cidr=settings.service_cidr,
            dns_service_ip=settings.dns_service_ip,
            pod_allocation=_ALLOCATION[settings.pod_allocation]
            if settings.model == NetworkModel.POD_SUBNET
            else None,
        )

    def args(self) -> containerservice.ContainerServiceNetworkProfileArgs:
        """The profile as azure-native's arguments."""
        profile = containerservice.ContainerServiceNetworkProfileArgs(
            network_plugin=self.plugin,
            network_plugin_mode=self.plugin_mode,
            network_dataplane=self.dataplane,
            network_policy=self.policy,
            outbound_type=self.outbound_type,
            load_balancer_sku="standard",
            load_balancer_profile=_load_balancer()
            if self.outbound_type == "loadBalancer"
            else None,
            service_cidr=self.service_cidr,
            dns_service_ip=self.dns_service_ip,
            pod_cidr=self.pod_cidr,
        )
        if self.pod_cidr is None:
            # Pods have no range of their own in this model; the class has set its default.
            profile.pod_cidr = None
        return profile


def _load_balancer() -> containerservice.ManagedClusterLoadBalancerProfileArgs:
    """One outbound address that AKS manages; the other values are the SDK's defaults."""
    return containerservice.ManagedClusterLoadBalancerProfileArgs(
        managed_outbound_ips=containerservice.ManagedClusterLoadBalancerProfileManagedOutboundIPsArgs(
            count=1
        ),
        allocated_outbound_ports=0,
        idle_timeout_in_minutes=30,
        backend_pool_type="NodeIPConfiguration",
    )
