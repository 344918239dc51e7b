"""Settings of the cluster's virtual network."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from components.addressing import NetworkModel
from components.settings.values import (
    AtMostOne,
    Cidr,
    Cidrs,
    DnsName,
    IpAddress,
    NotEmpty,
    ResourceId,
    Section,
    Text,
    Zones,
    matching,
)

SubnetKey = Annotated[
    str, matching(r"[a-z][A-Za-z0-9-]{0,40}", "is not a subnet's key such as nodes or nodes-2")
]


class ReservedRange(Section):
    """A range that belongs to someone else: on-premises, or a network peered elsewhere."""

    name: Text
    cidr: Cidr


class NatGatewaySettings(Section):
    """The NAT gateway that egress leaves by."""

    public_ip_count: int = Field(default=1, ge=1, le=16)
    idle_timeout_minutes: int = Field(default=4, ge=4, le=120)
    zones: Annotated[Zones, AtMostOne] = ()
    """The one zone that a Standard NAT gateway stands in; none leaves the choice to Azure."""


class FirewallSettings(Section):
    """Azure Firewall in the management network, that egress leaves by with `egress: firewall`."""

    tier: Literal["Basic", "Standard", "Premium"] = "Standard"
    zones: Zones = ()
    allowed_fqdns: tuple[DnsName, ...] = ()
    """What pods may reach on the Internet by HTTPS, beside what AKS itself needs."""


class ExistingNetwork(Section):
    """A virtual network of another team: nothing in it is written but roles on its subnets.

    `addressSpace` and `subnets` beside it say what it has; that is checked against the network
    itself before anything is registered.
    """

    virtual_network_id: ResourceId
    subnets: dict[SubnetKey, ResourceId]


class NetworkSettings(Section):
    """`aks-network:network`: the cluster's virtual network, its addresses, model and egress."""

    model: NetworkModel = NetworkModel.OVERLAY
    dataplane: Literal["azure", "cilium"] = "cilium"
    policy: Literal["cilium", "calico", "azure"] = "cilium"
    address_space: Annotated[Cidrs, NotEmpty]
    pod_cidr: Cidr | None = None
    pod_allocation: Literal["dynamic", "staticBlock"] = "dynamic"
    service_cidr: Cidr = "10.100.0.0/16"
    dns_service_ip: IpAddress = "10.100.0.10"
    reserved: tuple[ReservedRange, ...] = ()
    egress: Literal["nat-gateway", "load-balancer", "firewall", "appliance"] = "nat-gateway"
    appliance_ip: IpAddress | None = None
    nat_gateway: NatGatewaySettings = NatGatewaySettings()
    firewall: FirewallSettings = FirewallSettings()
    subnets: dict[SubnetKey, Cidr] = Field(default_factory=dict)
    existing: ExistingNetwork | None = None
