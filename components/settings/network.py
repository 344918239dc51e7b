"""Settings of the cluster's virtual network and of the management network."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from components.addressing import NetworkModel
from components.settings.values import (
    Cidr,
    Cidrs,
    IpAddress,
    NotEmpty,
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
    zones: Zones = ()


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
    subnets: dict[SubnetKey, Cidr] = Field(default_factory=dict)


class BastionSettings(Section):
    """Azure Bastion in the management network."""

    sku: Literal["Developer", "Basic", "Standard", "Premium"] = "Standard"
    scale_units: int = Field(default=2, ge=2, le=50)
    tunneling: bool = True
    zones: Zones = ()


class JumpBoxSettings(Section):
    """The jump box: a Linux virtual machine without a public address."""

    vm_size: Text = "Standard_B2s"
    admin_username: Annotated[
        str,
        matching(
            r"[a-z][a-z0-9_-]{0,31}",
            "is not a Linux user name: a lower-case letter, then letters, digits, - and _",
        ),
    ] = "azureops"
    ssh_public_key: Annotated[
        str,
        matching(
            r"(ssh-(rsa|ed25519)|ecdsa-sha2-\S+) [A-Za-z0-9+/=]+( .*)?",
            "is not an OpenSSH public key (ssh-ed25519 AAAA…)",
        ),
    ]
    zone: Literal["1", "2", "3"] | None = None


class GatewaySettings(Section):
    """How the management network is joined to on-premises."""

    kind: Literal["none", "vpn", "expressRoute"] = "none"


class ManagementSettings(Section):
    """`aks-network:management`: the separate network that operators come through."""

    address_space: Annotated[Cidrs, NotEmpty]
    subnets: dict[SubnetKey, Cidr] = Field(default_factory=dict)
    bastion: BastionSettings = BastionSettings()
    jump_box: JumpBoxSettings
    nat_gateway: NatGatewaySettings | None = NatGatewaySettings()
    """The jump box's way out; null for none."""
    gateway: GatewaySettings = GatewaySettings()
