"""Settings of the management network: Bastion, jump box, and the gateway to on-premises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import Discriminator, Field, Tag

from components.settings.network import NatGatewaySettings, SubnetKeyText
from components.settings.values import (
    Cidr,
    Cidrs,
    DdosProtectionPlanId,
    IpAddress,
    MachineSize,
    NotEmpty,
    ResourceId,
    Secret,
    Section,
    Zones,
    matching,
)

ALL_ZONES = ("1", "2", "3")

Asn = Annotated[int, Field(ge=1, le=4_294_967_295)]
"""An autonomous system number of BGP."""


class BastionSettings(Section):
    """Azure Bastion in the management network. Each SKU has the features of the one before it."""

    sku: Literal["Developer", "Basic", "Standard", "Premium"] = "Standard"
    """The SKU of Azure Bastion. `Developer` is not allowed, because it can't cross a peering. Azure
    does not allow a change to a lower SKU."""
    scale_units: int = Field(default=2, ge=2, le=50)
    """The number of Bastion instances. Each serves 20 RDP or 40 SSH sessions."""
    tunneling: bool = True
    """Whether operators may use the native client: `az network bastion ssh`, `rdp` and `tunnel`. It
    needs the Standard SKU."""
    file_copy: bool = False
    """Whether operators may copy files with the native client. It needs the Standard SKU."""
    ip_connect: bool = False
    """Whether operators may connect by IP address, also to on-premises machines. It needs the
    Standard SKU."""
    shareable_link: bool = False
    """Whether operators may create links by which people without access to Azure sign in. It needs
    the Standard SKU."""
    copy_paste: bool = True
    """Whether browser sessions share the clipboard. Turning it off needs the Standard SKU."""
    session_recording: bool = False
    """Whether Bastion records the browser sessions. It needs the Premium SKU."""
    zones: Zones = ()
    """The availability zones of Bastion and of its public IP address. Azure does not allow a change
    after creation."""


class JumpBoxSettings(Section):
    """The jump box, a Linux virtual machine without a public IP address."""

    vm_size: MachineSize = "Standard_B2s"
    """The virtual machine size of the jump box. Changing it restarts the jump box."""
    admin_username: Annotated[
        str,
        matching(
            r"[a-z][a-z0-9_-]{0,31}",
            "must be a Linux user name: at most 32 lower-case letters, digits, - and _",
            "use a name such as azureops",
        ),
    ] = "azureops"
    """The name of the jump box's local administrator."""
    ssh_public_key: Annotated[
        str,
        matching(
            r"(ssh-(rsa|ed25519)|ecdsa-sha2-\S+) [A-Za-z0-9+/=]+( .*)?",
            "must be an OpenSSH public key",
            "use a key such as ssh-ed25519 AAAA…",
        ),
    ]
    """The SSH public key of the administrator. Changing it replaces the jump box, and its home
    directories are lost."""
    zone: Literal["1", "2", "3"] | None = None
    """The availability zone of the jump box. Without it, Azure chooses the zone."""
    entra_login: bool = True
    """Whether members of `cluster.adminGroupObjectIds` sign in to the jump box with Microsoft Entra
    ID."""
    tools: bool = True
    """Whether the jump box installs Azure CLI, kubectl and kubelogin when it boots for the first
    time."""
    encryption_at_host: bool = False
    """Whether Azure also encrypts caches and temporary disks. The subscription must have the
    feature registered."""
    from_on_premises: bool = False
    """Whether on-premises may open SSH connections to the jump box, in addition to Bastion."""


class NoGateway(Section):
    """No gateway to on-premises."""

    kind: Literal["none"] = "none"
    """The kind of the gateway: `none` creates no gateway."""

    @property
    def on_premises(self) -> tuple[str, ...]:
        return ()


class Bgp(Section):
    """Routes that the gateway learns by BGP instead of static routes."""

    asn: Asn
    """The autonomous system number of the on-premises device."""
    peer_address: IpAddress
    """The IP address of the on-premises device's BGP speaker. It is not the public IP address of
    the device."""
    gateway_asn: Asn = 65515
    """The autonomous system number of the gateway in Azure. Azure itself uses 65515."""
    peer_weight: int = Field(default=0, ge=0, le=100)
    """The weight that is added to the learned routes."""


class Site(Section):
    """The VPN device on-premises, and the address ranges behind it."""

    public_ip: IpAddress
    """The public IP address of the VPN device."""
    address_space: Annotated[Cidrs, NotEmpty]
    """The address ranges behind the VPN device. The address plan reserves them."""


class Gateway(Section):
    """What both kinds of gateway have in common."""

    reaches_ingress: bool = False
    """Whether on-premises may reach the internal ingress controller over HTTP and HTTPS."""


class VpnGateway(Gateway):
    """A VPN gateway with a site-to-site connection.

    Only zone-redundant SKUs are offered: Azure no longer creates the others.
    """

    kind: Literal["vpn"]
    """The kind of the gateway: `vpn` creates a VPN gateway with a site-to-site connection."""
    sku: Literal["VpnGw1AZ", "VpnGw2AZ", "VpnGw3AZ", "VpnGw4AZ", "VpnGw5AZ"] = "VpnGw1AZ"
    """The SKU of the VPN gateway, which decides its throughput and its number of tunnels."""
    zones: Annotated[Zones, NotEmpty] = ALL_ZONES
    """The availability zones of the public IP addresses, and so of the gateway's instances."""
    site: Site
    """The VPN device on-premises and the ranges behind it."""
    shared_key: Secret
    """The pre-shared key (IKE) of the tunnel, the same at both ends."""
    active_active: bool = False
    """Whether both instances of the gateway hold a tunnel, each from its own public IP address."""
    bgp: Bgp | None = None
    """The settings of BGP. Without them, the routes are static."""

    @property
    def on_premises(self) -> tuple[str, ...]:
        """The ranges on the other side."""
        return self.site.address_space


class ExpressRouteGateway(Gateway):
    """A gateway to an ExpressRoute circuit that exists already.

    Azure assigns its public IP address, hides it, and spreads the gateway over all zones.
    """

    removed: ClassVar[Mapping[str, str]] = {
        "zones": "Azure assigns the gateway's public IP address, and spreads it over all zones"
    }

    kind: Literal["expressRoute"]
    """The kind of the gateway: `expressRoute` creates an ExpressRoute gateway."""
    sku: Literal["ErGw1AZ", "ErGw2AZ", "ErGw3AZ"] = "ErGw1AZ"
    """The SKU of the ExpressRoute gateway, which decides its throughput."""
    circuit_id: ResourceId
    """The resource ID of the ExpressRoute circuit."""
    authorization_key: Secret | None = None
    """The authorization key of the circuit. It is required if the circuit is in another
    subscription."""
    on_premises: Annotated[Cidrs, NotEmpty]
    """The address ranges on-premises. Routes come by BGP, but network security groups need the
    ranges."""


_KINDS = ("none", "vpn", "expressRoute")


def _kind_of_gateway(value: Any) -> str | None:
    if not isinstance(value, dict):
        return "none"
    kind = cast("dict[str, Any]", value).get("kind", "none")
    return kind if kind in _KINDS else None


GatewaySettings = Annotated[
    Annotated[NoGateway, Tag("none")]
    | Annotated[VpnGateway, Tag("vpn")]
    | Annotated[ExpressRouteGateway, Tag("expressRoute")],
    Discriminator(
        _kind_of_gateway,
        custom_error_type="literal_error",
        custom_error_context={"expected": "kind: none, kind: vpn or kind: expressRoute"},
    ),
]
"""How the management network is joined to on-premises."""


class ExistingHub(Section):
    """An existing management network of another team, whose Bastion and jump box operators use.

    `addressSpace` and `subnets` (`bastion` and `jumpBox`) beside this object say what the
    network has; the program compares the address space with the network itself. The network
    security groups allow traffic from those subnets.
    """

    virtual_network_id: ResourceId
    """The resource ID of the existing management network."""
    use_gateway: bool = False
    """Whether the cluster network reaches on-premises through the gateway of the existing
    management network."""


class ManagementSettings(Section):
    """`aks-network:management`: the separate virtual network that operators connect through."""

    address_space: Annotated[Cidrs, NotEmpty]
    """The address ranges of the management network. They must not overlap those of the cluster
    network."""
    dns_servers: tuple[IpAddress, ...] = ()
    """The IP addresses of your own DNS servers, in the order in which the jump box asks them, 20 at
    most. Without them, Azure resolves names, also those in the private zones that are linked to the
    network."""
    subnets: dict[SubnetKeyText, Cidr] = Field(default_factory=dict)
    """The prefixes that you choose yourself, by the key of the subnet. The program plans all
    others."""
    bastion: BastionSettings = BastionSettings()
    """The settings of Azure Bastion, through which operators reach the jump box and the nodes."""
    ddos_protection_plan_id: DdosProtectionPlanId | None = None
    """The resource ID of the DDoS protection plan (DDoS Network Protection) of the management
    network. It protects the public IP addresses of Bastion, the gateway and the firewall."""
    existing: ExistingHub | None = None
    """The existing management network of another team to use. Without it, the program creates a
    management network."""
    jump_box: JumpBoxSettings | None = None
    """The settings of the jump box. They are required unless the management network is another
    team's."""
    nat_gateway: NatGatewaySettings | None = NatGatewaySettings()
    """The settings of the NAT gateway through which the jump box reaches the Internet. With null
    there is none, and the jump box has no Internet access."""
    gateway: GatewaySettings = NoGateway()
    """The settings of the VPN or ExpressRoute gateway to on-premises. Without it, there is no
    gateway."""
    dns_resolver: bool = False
    """Whether a DNS private resolver answers queries from on-premises, so that on-premises resolves
    the private DNS zones."""

    @property
    def own_jump_box(self) -> JumpBoxSettings:
        """The jump box of a network that the program creates; ValueError in another team's."""
        if self.jump_box is None:
            raise ValueError("another team's management network has no jump box here")
        return self.jump_box
