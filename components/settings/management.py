"""Settings of the management network: Bastion, jump box, and the gateway to on-premises."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from components.settings.network import NatGatewaySettings, SubnetKey
from components.settings.values import Cidr, Cidrs, NotEmpty, Section, Text, Zones, matching


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
