"""Settings of the management network: Bastion, jump box, and the gateway to on-premises."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from pydantic import Discriminator, Field, Tag

from components.settings.network import NatGatewaySettings, SubnetKeyText
from components.settings.values import (
    Cidr,
    Cidrs,
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
    """Azure Bastion in the management network; each SKU has the features of the one before."""

    sku: Literal["Developer", "Basic", "Standard", "Premium"] = "Standard"
    """Developer is refused here: it can't cross a peering."""
    scale_units: int = Field(default=2, ge=2, le=50)
    """Instances, each for 20 RDP and 40 SSH sessions."""
    tunneling: bool = True
    """The native client: `az network bastion ssh`, `rdp` and `tunnel`. From Standard on."""
    file_copy: bool = False
    """Files over the native client. From Standard on."""
    ip_connect: bool = False
    """Connecting by address, also to on-premises. From Standard on."""
    shareable_link: bool = False
    """Links by which people without access to Azure sign in. From Standard on."""
    copy_paste: bool = True
    """The clipboard in the browser's sessions. Off from Standard on."""
    session_recording: bool = False
    """Record the browser's sessions. Premium."""
    zones: Zones = ()
    """Of Bastion and its public address. Fixed when it is created."""


class JumpBoxSettings(Section):
    """The jump box: a Linux virtual machine without a public address."""

    vm_size: MachineSize = "Standard_B2s"
    """Of the machine."""
    admin_username: Annotated[
        str,
        matching(
            r"[a-z][a-z0-9_-]{0,31}",
            "must be a Linux user name: at most 32 lower-case letters, digits, - and _",
            "use a name such as azureops",
        ),
    ] = "azureops"
    """Its local user."""
    ssh_public_key: Annotated[
        str,
        matching(
            r"(ssh-(rsa|ed25519)|ecdsa-sha2-\S+) [A-Za-z0-9+/=]+( .*)?",
            "must be an OpenSSH public key",
            "use a key such as ssh-ed25519 AAAA…",
        ),
    ]
    """Of that user. Another one makes the machine anew."""
    zone: Literal["1", "2", "3"] | None = None
    """That the machine stands in; none leaves the choice to Azure."""
    entra_login: bool = True
    """Sign-in by Entra ID for the members of `cluster.adminGroupObjectIds`."""
    tools: bool = True
    """Install Azure CLI, kubectl and kubelogin at first boot."""
    encryption_at_host: bool = False
    """Encrypt caches and temporary disks, too; the subscription must have the feature."""
    from_on_premises: bool = False
    """Let on-premises open SSH to the jump box, besides Bastion."""


class NoGateway(Section):
    """No way to on-premises."""

    kind: Literal["none"] = "none"
    """None."""

    @property
    def on_premises(self) -> tuple[str, ...]:
        return ()


class Bgp(Section):
    """Routes learned by BGP instead of written down."""

    asn: Asn
    """Of the on-premises device."""
    peer_address: IpAddress
    """Of the on-premises device's BGP speaker; not the device's public address."""
    gateway_asn: Asn = 65515
    """Of the gateway in Azure; 65515 is Azure's own choice."""
    peer_weight: int = Field(default=0, ge=0, le=100)
    """Added to the routes learned."""


class Site(Section):
    """The VPN device on-premises, and the ranges behind it."""

    public_ip: IpAddress
    """Of the device."""
    address_space: Annotated[Cidrs, NotEmpty]
    """The ranges behind it; reserved in the address plan."""


class Gateway(Section):
    """What both kinds of gateway have in common."""

    zones: Annotated[Zones, NotEmpty] = ALL_ZONES
    """Of the public addresses, and by them of the gateway's instances."""
    reaches_ingress: bool = False
    """Let on-premises speak HTTP and HTTPS to the internal ingress controller."""


class VpnGateway(Gateway):
    """A site-to-site VPN.

    Only SKUs over availability zones: the others can't be created any more.
    """

    kind: Literal["vpn"]
    """Site-to-site VPN."""
    sku: Literal["VpnGw1AZ", "VpnGw2AZ", "VpnGw3AZ", "VpnGw4AZ", "VpnGw5AZ"] = "VpnGw1AZ"
    """Throughput and tunnels."""
    site: Site
    """The other end."""
    shared_key: Secret
    """Of the tunnel's both ends (IKE pre-shared key)."""
    active_active: bool = False
    """Both instances hold a tunnel, each from a public address of its own."""
    bgp: Bgp | None = None
    """None for static routes."""

    @property
    def on_premises(self) -> tuple[str, ...]:
        """The ranges on the other side."""
        return self.site.address_space


class ExpressRouteGateway(Gateway):
    """A private line, by a circuit that exists already."""

    kind: Literal["expressRoute"]
    """ExpressRoute."""
    sku: Literal["ErGw1AZ", "ErGw2AZ", "ErGw3AZ"] = "ErGw1AZ"
    """Throughput."""
    circuit_id: ResourceId
    """Resource id of the circuit."""
    authorization_key: Secret | None = None
    """For a circuit in another subscription."""
    on_premises: Annotated[Cidrs, NotEmpty]
    """The ranges on the other side: routes come by BGP, but security groups can't learn them."""


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
    """A management network of another team; operators come through what is there.

    `addressSpace` and `subnets` (`bastion` and `jumpBox`) beside it say what it has; the address
    space is checked against the network itself. Security groups let those subnets in.
    """

    virtual_network_id: ResourceId
    """Of their network."""
    use_gateway: bool = False
    """Reach on-premises by their gateway."""


class ManagementSettings(Section):
    """`aks-network:management`: the separate network that operators come through."""

    address_space: Annotated[Cidrs, NotEmpty]
    """Of the network; it never overlaps the cluster's."""
    subnets: dict[SubnetKeyText, Cidr] = Field(default_factory=dict)
    """Prefixes fixed by hand, by the subnet's key; all others are planned."""
    bastion: BastionSettings = BastionSettings()
    """The way in to jump box and nodes."""
    existing: ExistingHub | None = None
    """Another team's network instead of one's own."""
    jump_box: JumpBoxSettings | None = None
    """Required unless the network is another team's."""
    nat_gateway: NatGatewaySettings | None = NatGatewaySettings()
    """The jump box's way out; null for none."""
    gateway: GatewaySettings = NoGateway()
    """To on-premises."""
    dns_resolver: bool = False
    """Answer DNS queries from on-premises, so that it resolves the private zones."""

    @property
    def own_jump_box(self) -> JumpBoxSettings:
        """The jump box that a network of one's own always has; ValueError in another team's."""
        if self.jump_box is None:
            raise ValueError("only a management network of one's own has a jump box")
        return self.jump_box
