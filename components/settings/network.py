"""Settings of the cluster's virtual network."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from components.addressing import NetworkModel
from components.settings.private_dns import PrivateDnsSettings
from components.settings.values import (
    AtMostOne,
    Cidr,
    Cidrs,
    DdosProtectionPlanId,
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


FirewallFqdn = Annotated[
    str,
    matching(
        r"(?=.{1,253}$)(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+"
        r"(?![0-9]+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
        "must be a DNS name in lower case, which may begin with *.",
        "use a name such as packages.example.com or *.example.com",
    ),
]


class ReservedRange(Section):
    """An address range outside the stack: on-premises, or a peered network."""

    name: Text
    """The name of the range in the address plan and in messages."""
    cidr: Cidr
    """The address range. No range of this stack may overlap it."""


class NatGatewaySku(StrEnum):
    """The SKUs of NAT gateways and of their addresses, of which the SDK lacks the second.

    Source: Azure/bicep-types-az, generated/network, NatGatewaySku; nat-gateway/nat-sku.
    """

    STANDARD = "Standard"
    """In one zone."""
    STANDARD_V2 = "StandardV2"
    """In all zones."""


class NatGatewaySettings(Section):
    """A NAT gateway, through which subnets reach the Internet."""

    sku: Literal["Standard", "StandardV2"] = "Standard"
    """The SKU of the NAT gateway and of its public IP addresses. `Standard` is in one availability
    zone, `StandardV2` in all zones of the region, for the same price. Changing it replaces the NAT
    gateway and its addresses; connections are interrupted (docs/egress.md)."""
    public_ip_count: int = Field(default=1, ge=1, le=16)
    """The number of public IP addresses of the NAT gateway. Each gives 64,512 source ports."""
    idle_timeout_minutes: int = Field(default=4, ge=4, le=120)
    """The number of minutes after which an idle connection is dropped."""
    zones: Annotated[Zones, AtMostOne] = ()
    """The availability zone of a NAT gateway of the SKU `Standard`. Without it, Azure chooses the
    zone. If the zone fails, so does the egress of all zones."""


class FirewallSettings(Section):
    """Azure Firewall in the management network, which is created with `egress: firewall`."""

    tier: Literal["Basic", "Standard", "Premium"] = "Standard"
    """The tier of Azure Firewall and of its policy. A change between `Standard` and `Premium` keeps
    the firewall in service. A change from or to `Basic` replaces it: nodes have no outbound
    connectivity meanwhile."""
    public_ip_count: int = Field(default=1, ge=1, le=250)
    """The number of public IP addresses of the firewall, 250 at most. Each gives 2,496 source ports
    for each of the firewall's instances, of which there are two or more. Microsoft advises at least
    20 in production."""
    zones: Zones = ()
    """The availability zones of the firewall and of its public IP addresses."""
    allowed_fqdns: tuple[FirewallFqdn, ...] = ()
    """The DNS names that pods may reach on the Internet over HTTPS, such as `*.example.com`. What
    AKS, its add-ons and the controllers of this program need is always allowed."""
    registries: tuple[DnsName, ...] = ()
    """The registries that nodes pull images from, such as `docker.io` or `shop.azurecr.io`. Those
    of `kubernetes.applications[].workloads` and of the ingress controller's chart are always
    allowed. An Azure container registry needs dedicated data endpoints."""


class ExistingNetwork(Section):
    """An existing virtual network of another team.

    The program writes nothing to it but role assignments on its subnets. `addressSpace` and
    `subnets` beside this object say what the network has; the program compares that with the
    network itself before anything is registered.
    """

    virtual_network_id: ResourceId
    """The resource ID of the existing virtual network."""
    subnets: dict[SubnetKeyText, ResourceId]
    """The resource IDs of the existing subnets, by the key of the subnet: `nodes`, and all others
    that the settings need. The subnets of an Application Gateway, of Application Gateway for
    Containers and of the API server must be delegated to their service."""


class NetworkSettings(Section):
    """`aks-network:network`: the cluster's virtual network, addresses, network model and egress."""

    model: NetworkModel = NetworkModel.OVERLAY
    """The network model of the cluster, which decides where pods get their addresses from. `make
    compare` shows the models side by side. Changing it replaces the cluster."""
    dataplane: Literal["azure", "cilium"] = "cilium"
    """The data plane that carries the traffic of the pods. `cilium` needs `policy: cilium`, and
    supports neither Windows nodes nor kubenet."""
    policy: Literal["cilium", "calico", "azure"] = "cilium"
    """The engine that enforces the network policies. Changing it replaces the cluster."""
    address_space: Annotated[Cidrs, NotEmpty]
    """The address ranges of the virtual network. Appending a range moves no subnet."""
    pod_cidr: Cidr | None = None
    """The address range of the pods, a /24 for each node. It is required with `azure-cni-overlay`
    and `kubenet`, and not allowed with the other network models."""
    pod_allocation: Literal["dynamic", "staticBlock"] = "dynamic"
    """How nodes get pod addresses with `azure-cni-pod-subnet`: `dynamic` assigns single addresses,
    `staticBlock` assigns blocks of 16 to each node."""
    service_cidr: Cidr = "10.100.0.0/16"
    """The address range of the Kubernetes Services, which is used inside the cluster only. Changing
    it replaces the cluster."""
    dns_service_ip: IpAddress = "10.100.0.10"
    """The IP address of the cluster's DNS service. It must be inside `serviceCidr`."""
    reserved: tuple[ReservedRange, ...] = ()
    """The address ranges of on-premises and of peered networks. The plan uses none of them."""
    egress: Literal["nat-gateway", "load-balancer", "firewall", "appliance"] = "nat-gateway"
    """How nodes and pods reach the Internet: through a NAT gateway, the cluster's load balancer,
    Azure Firewall, or an appliance of your own. Changing it replaces the cluster."""
    appliance_ip: IpAddress | None = None
    """The private IP address of your appliance. It is required with `egress: appliance`, and not
    allowed otherwise."""
    learned_routes: bool = True
    """Whether the route table of nodes and pods has the routes that a VPN or ExpressRoute gateway
    learns. These routes are more specific than the default route, so traffic to on-premises
    bypasses the appliance. With `false` it goes through the appliance, whose network must route
    the answers through it as well. It needs `egress: appliance`."""
    nat_gateway: NatGatewaySettings = NatGatewaySettings()
    """The settings of the NAT gateway, which is created with `egress: nat-gateway`."""
    firewall: FirewallSettings = FirewallSettings()
    """The settings of Azure Firewall, which is created with `egress: firewall`."""
    private_dns: PrivateDnsSettings = PrivateDnsSettings()
    """The private DNS zones of the key vault, the API server and the internal hosts: zones of
    another team, and the links to the management network."""
    dns_servers: tuple[IpAddress, ...] = ()
    """The IP addresses of your own DNS servers, in the order in which nodes ask them, 20 at most.
    They must forward to Azure's resolver, `168.63.129.16`, in a network that is linked to the
    private zones. Without them, Azure resolves names. With `existing`, these are the servers that
    the network has."""
    subnets: dict[SubnetKeyText, Cidr] = Field(default_factory=dict)
    """The prefixes that you choose yourself, by the key of the subnet. The program plans all
    others."""
    ddos_protection_plan_id: DdosProtectionPlanId | None = None
    """The resource ID of the DDoS protection plan (DDoS Network Protection) of the virtual network,
    often one for all subscriptions of a company. It protects the public IP addresses in the
    network. Without it, the network has the basic protection of Azure's infrastructure."""
    existing: ExistingNetwork | None = None
    """The existing virtual network of another team to deploy into. Without it, the program creates
    a virtual network."""

    @property
    def has_nat_gateway(self) -> bool:
        """Whether the program creates a NAT gateway in the cluster's network."""
        return self.egress == "nat-gateway" and self.existing is None

    @property
    def egress_address_count(self) -> int:
        """The number of public addresses of the NAT gateway or the firewall; 0 without either."""
        counts = {
            "nat-gateway": self.nat_gateway.public_ip_count,
            "firewall": self.firewall.public_ip_count,
        }
        return counts.get(self.egress, 0)
