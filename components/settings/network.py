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

SubnetKeyText = Annotated[
    str,
    matching(
        r"[a-z][A-Za-z0-9-]{0,40}",
        "must be the key of a subnet: a lower-case letter, then letters, digits and hyphens",
        "use a key such as nodes or nodes-2",
    ),
]


class ReservedRange(Section):
    """A range that belongs to someone else: on-premises, or a network peered elsewhere."""

    name: Text
    """That plan and messages call it by."""
    cidr: Cidr
    """Never planned into, and never overlapped."""


class NatGatewaySettings(Section):
    """The NAT gateway that egress leaves by."""

    public_ip_count: int = Field(default=1, ge=1, le=16)
    """Each gives 64,512 source ports."""
    idle_timeout_minutes: int = Field(default=4, ge=4, le=120)
    """After which an idle connection is dropped."""
    zones: Annotated[Zones, AtMostOne] = ()
    """The one zone that a Standard NAT gateway stands in; none leaves the choice to Azure."""


class FirewallSettings(Section):
    """Azure Firewall in the management network, that egress leaves by with `egress: firewall`."""

    tier: Literal["Basic", "Standard", "Premium"] = "Standard"
    """Of Azure Firewall and its policy."""
    zones: Zones = ()
    """Of the firewall and its public addresses."""
    allowed_fqdns: tuple[DnsName, ...] = ()
    """What pods may reach on the Internet by HTTPS, beside what AKS itself needs."""


class ExistingNetwork(Section):
    """A virtual network of another team: nothing in it is written but roles on its subnets.

    `addressSpace` and `subnets` beside it say what it has; that is checked against the network
    itself before anything is registered.
    """

    virtual_network_id: ResourceId
    """Of their network."""
    subnets: dict[SubnetKeyText, ResourceId]
    """Resource id of each subnet, by key: `nodes`, and what else the settings need."""


class NetworkSettings(Section):
    """`aks-network:network`: the cluster's virtual network, its addresses, model and egress."""

    model: NetworkModel = NetworkModel.OVERLAY
    """Where pods have their addresses from; compared by `make compare`."""
    dataplane: Literal["azure", "cilium"] = "cilium"
    """What carries the pods' traffic."""
    policy: Literal["cilium", "calico", "azure"] = "cilium"
    """What enforces network policies; on from the cluster's creation."""
    address_space: Annotated[Cidrs, NotEmpty]
    """Of the virtual network. Growing it moves nothing."""
    pod_cidr: Cidr | None = None
    """The pods' own range, with `azure-cni-overlay` and `kubenet`."""
    pod_allocation: Literal["dynamic", "staticBlock"] = "dynamic"
    """With `azure-cni-pod-subnet`: single addresses, or blocks of 16 for each node."""
    service_cidr: Cidr = "10.100.0.0/16"
    """Of the cluster's Services; inside the cluster only."""
    dns_service_ip: IpAddress = "10.100.0.10"
    """Of the cluster's DNS, in the service range."""
    reserved: tuple[ReservedRange, ...] = ()
    """Ranges of on-premises and of peered networks."""
    egress: Literal["nat-gateway", "load-balancer", "firewall", "appliance"] = "nat-gateway"
    """How nodes and pods reach the Internet. `appliance` is a machine of your own."""
    appliance_ip: IpAddress | None = None
    """Private address of that machine, with `egress: appliance`."""
    nat_gateway: NatGatewaySettings = NatGatewaySettings()
    """Of `egress: nat-gateway`."""
    firewall: FirewallSettings = FirewallSettings()
    """Of `egress: firewall`."""
    subnets: dict[SubnetKeyText, Cidr] = Field(default_factory=dict)
    """Prefixes fixed by hand, by the subnet's key; all others are planned."""
    existing: ExistingNetwork | None = None
    """Another team's network instead of one's own."""
