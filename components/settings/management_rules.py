"""Azure's rules between the settings of the management network.

As in `rules`, each subject has a short function that yields problems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, summarize_address_range

from components.addressing import AddressPlan, SubnetKey
from components.addressing.azure import PRIVATE_RANGES
from components.problems import Problem
from components.settings import accounts
from components.settings.ingress import IngressSettings
from components.settings.management import (
    BastionSettings,
    Bgp,
    Gateway,
    JumpBoxSettings,
    ManagementSettings,
    NoGateway,
    VpnGateway,
)
from components.settings.partial import readable, skips_unreadable
from components.settings.paths import MANAGEMENT

_IN_EXISTING = (
    "must not be set: the management network is another team's, and nothing is created in it"
)

_SKUS = ("Developer", "Basic", "Standard", "Premium")
"""From the least to the most capable."""

_FEATURES: tuple[tuple[str, str, object, str], ...] = (
    ("tunneling", "tunneling", True, "Standard"),
    ("file_copy", "fileCopy", True, "Standard"),
    ("ip_connect", "ipConnect", True, "Standard"),
    ("shareable_link", "shareableLink", True, "Standard"),
    ("copy_paste", "copyPaste", False, "Standard"),
    ("session_recording", "sessionRecording", True, "Premium"),
)
"""Field, setting, the value that uses the feature, and the lowest SKU that has it
(bastion/bastion-sku-comparison)."""

_BASIC_INSTANCES = 2

_RESERVED_ASNS = frozenset(
    [
        *(8074, 8075, 12076, 65517, 65518, 65519, 65520),
        *(23456, 4_294_967_295, *range(64496, 64512), *range(65535, 65552)),
    ]
)
"""Taken by Azure or by IANA (vpn-gateway/vpn-gateway-vpn-faq, "BGP and routing")."""
_GATEWAYS_OWN_ASN = 65515
_RESOLVERS_OWN = tuple(summarize_address_range(IPv4Address("10.0.1.0"), IPv4Address("10.0.16.255")))
"""dns/dns-private-resolver-overview, "Subnet restrictions"."""
_KEY = re.compile(r"[!-,.-}]+")
"""A pre-shared key: printable ASCII without space, hyphen and tilde (same page)."""


@skips_unreadable
def problems(management: ManagementSettings) -> Iterator[Problem]:
    """Every problem between the settings of the management network."""
    yield from hub(management)
    yield from bastion(management)
    yield from jump_box(management)
    yield from vpn(management)
    yield from resolver(management)


@skips_unreadable
def resolver(management: ManagementSettings) -> Iterator[Problem]:
    """The resolver answers on-premises, which needs a gateway."""
    if management.dns_resolver and isinstance(management.gateway, NoGateway):
        rule = "must be false: it answers on-premises, and there is no gateway to it"
        remedy = "use dnsResolver: false, or a gateway of kind vpn or expressRoute"
        yield Problem(f"{MANAGEMENT}.dnsResolver", "true", rule, remedy)


@skips_unreadable
def hub(management: ManagementSettings) -> Iterator[Problem]:
    """Nothing is created in another team's network; a new network has a jump box."""
    if management.existing is None:
        if management.jump_box is None:
            path = f"{MANAGEMENT}.jumpBox.sshPublicKey"
            remedy = f"set it: pulumi config set --path '{path}' …"
            yield Problem(path, "", "is required", remedy)
        return
    yield from _gateway_of_existing(management)
    yield from _resolver_of_existing(management)
    yield from _plan_of_existing(management)
    if management.jump_box is not None:
        yield Problem(f"{MANAGEMENT}.jumpBox", "", _IN_EXISTING, "remove jumpBox")


@skips_unreadable
def _gateway_of_existing(management: ManagementSettings) -> Iterator[Problem]:
    if not isinstance(management.gateway, NoGateway):
        remedy = "remove gateway, and use existing.useGateway: true for the team's own gateway"
        yield Problem(f"{MANAGEMENT}.gateway", management.gateway.kind, _IN_EXISTING, remedy)


@skips_unreadable
def _plan_of_existing(management: ManagementSettings) -> Iterator[Problem]:
    yield from no_plan_of_existing("aks-network:management", management.ddos_protection_plan_id)


def no_plan_of_existing(path: str, plan_id: str | None) -> Iterator[Problem]:
    """The owner of an existing network decides on its DDoS protection plan."""
    if plan_id is not None:
        rule = "must not be set: the program writes nothing to another team's network"
        remedy = "remove it, and ask the network's owner for the plan"
        yield Problem(f"{path}.ddosProtectionPlanId", plan_id, rule, remedy)


@skips_unreadable
def _resolver_of_existing(management: ManagementSettings) -> Iterator[Problem]:
    if management.dns_resolver:
        yield Problem(f"{MANAGEMENT}.dnsResolver", "true", _IN_EXISTING, "remove dnsResolver")


@skips_unreadable
def bastion(management: ManagementSettings) -> Iterator[Problem]:
    """What each SKU of Azure Bastion can do."""
    settings = management.bastion
    path = f"{MANAGEMENT}.bastion"
    yield from _file_copy(path, settings)
    yield from _session_recording(path, settings)
    if settings.sku == "Developer":
        rule = "must not be Developer: it can't cross a peering to the cluster's network"
        yield Problem(f"{path}.sku", settings.sku, rule, "use Basic, Standard or Premium")
        return
    features = readable(lambda feature: (getattr(settings, feature[0]), *feature[1:]), _FEATURES)
    for _, (given, key, used, sku) in features:
        if given == used and _SKUS.index(settings.sku) < _SKUS.index(sku):
            value, other = str(used).lower(), str(not used).lower()
            rule = f"must be {other}: this feature needs the {sku} SKU, and sku is {settings.sku}"
            yield Problem(f"{path}.{key}", value, rule, f"use {key}: {other}, or sku: {sku}")
    if settings.sku == "Basic" and settings.scale_units != _BASIC_INSTANCES:
        value = str(settings.scale_units)
        rule = f"must be {_BASIC_INSTANCES}: the Basic SKU always has {_BASIC_INSTANCES} instances"
        remedy = f"use scaleUnits: {_BASIC_INSTANCES}, or sku: Standard"
        yield Problem(f"{path}.scaleUnits", value, rule, remedy)


@skips_unreadable
def _file_copy(path: str, settings: BastionSettings) -> Iterator[Problem]:
    if settings.sku != "Developer" and settings.file_copy and not settings.tunneling:
        rule = "must be false: it needs the native client, and tunneling is false"
        yield Problem(f"{path}.fileCopy", "true", rule, "use fileCopy: false, or tunneling: true")


@skips_unreadable
def _session_recording(path: str, settings: BastionSettings) -> Iterator[Problem]:
    if settings.sku != "Developer" and settings.session_recording and settings.tunneling:
        rule = "must be false: tunneling is true, and sessions of the native client go unrecorded"
        remedy = "use tunneling: false, or sessionRecording: false"
        yield Problem(f"{path}.sessionRecording", "true", rule, remedy)


@skips_unreadable
def jump_box(management: ManagementSettings) -> Iterator[Problem]:
    """The jump box needs Internet access for downloads, and a gateway for on-premises."""
    settings = management.jump_box
    if settings is not None:
        yield from _jump_box_user(settings)
        yield from _jump_box_from_on_premises(management, settings)
        yield from _jump_box_downloads(management, settings)


@skips_unreadable
def _jump_box_user(settings: JumpBoxSettings) -> Iterator[Problem]:
    if settings.admin_username in accounts.FORBIDDEN_USERS:
        path = f"{MANAGEMENT}.jumpBox.adminUsername"
        rule = "must not be a name that Azure forbids for administrators"
        yield Problem(path, settings.admin_username, rule, "use another name")


@skips_unreadable
def _jump_box_from_on_premises(
    management: ManagementSettings, settings: JumpBoxSettings
) -> Iterator[Problem]:
    if settings.from_on_premises and isinstance(management.gateway, NoGateway):
        rule = "must be false: there is no gateway to on-premises"
        remedy = "use fromOnPremises: false, or a gateway of kind vpn or expressRoute"
        yield Problem(f"{MANAGEMENT}.jumpBox.fromOnPremises", "true", rule, remedy)


@skips_unreadable
def _jump_box_downloads(
    management: ManagementSettings, settings: JumpBoxSettings
) -> Iterator[Problem]:
    if management.nat_gateway is not None or not isinstance(management.gateway, NoGateway):
        return  # On-premises may route the jump box to the Internet.
    downloads = {"tools": "tools", "entraLogin": "entra_login"}
    wanted = readable(lambda item: (item[0], getattr(settings, item[1])), downloads.items())
    for _, (key, given) in wanted:
        if given:
            rule = "must be false: it needs a download, and without natGateway there is no Internet"
            remedy = f"use {key}: false, or remove natGateway: null"
            yield Problem(f"{MANAGEMENT}.jumpBox.{key}", "true", rule, remedy)


@skips_unreadable
def vpn(management: ManagementSettings) -> Iterator[Problem]:
    """The device has a public address, the key is usable, and the two BGP peers differ."""
    gateway = management.gateway
    if not isinstance(gateway, VpnGateway):
        return
    path = f"{MANAGEMENT}.gateway"
    yield from _vpn_device(path, gateway)
    yield from _shared_key(path, gateway)
    if gateway.bgp:
        yield from _asns(f"{path}.bgp", gateway.bgp)
        yield from _peer_address(f"{path}.bgp", gateway.bgp, gateway)


@skips_unreadable
def _vpn_device(path: str, gateway: VpnGateway) -> Iterator[Problem]:
    address = IPv4Address(gateway.site.public_ip)
    if any(address in private for private in PRIVATE_RANGES):
        rule = "must be a public address: the gateway reaches the VPN device over the Internet"
        remedy = "use the device's public address"
        yield Problem(f"{path}.site.publicIp", gateway.site.public_ip, rule, remedy)


@skips_unreadable
def _shared_key(path: str, gateway: VpnGateway) -> Iterator[Problem]:
    if not _KEY.fullmatch(gateway.shared_key.get_secret_value()):
        rule = "must be printable ASCII characters other than space, hyphen and tilde"
        remedy = f"use another key: pulumi config set --secret --path '{path}.sharedKey' …"
        yield Problem(f"{path}.sharedKey", "", rule, remedy)


@skips_unreadable
def _asns(path: str, bgp: Bgp) -> Iterator[Problem]:
    for key, asn, own in (("asn", bgp.asn, False), ("gatewayAsn", bgp.gateway_asn, True)):
        if asn in _RESERVED_ASNS or (asn == _GATEWAYS_OWN_ASN and not own):
            rule = "must not be an autonomous system number that Azure or IANA reserves"
            yield Problem(f"{path}.{key}", str(asn), rule, "use a private one such as 65010")
    if bgp.asn == bgp.gateway_asn != _GATEWAYS_OWN_ASN:
        rule = "must differ from gatewayAsn: the two ends would use internal BGP"
        yield Problem(f"{path}.asn", str(bgp.asn), rule, "use a different number for each end")


@skips_unreadable
def _peer_address(path: str, bgp: Bgp, gateway: VpnGateway) -> Iterator[Problem]:
    if bgp.peer_address == gateway.site.public_ip:
        rule = "must not be the VPN device's public address: BGP peers inside the tunnel"
        remedy = "use an address inside the site, such as the device's loopback"
        yield Problem(f"{path}.peerAddress", bgp.peer_address, rule, remedy)


@skips_unreadable
def resolver_subnet(plan: AddressPlan) -> Iterator[Problem]:
    """The resolver's service reserves a range, which its subnet must not overlap."""
    if not plan.has(SubnetKey.DNS_RESOLVER):
        return
    subnet = plan.subnet(SubnetKey.DNS_RESOLVER)
    if any(subnet.network.overlaps(taken) for taken in _RESOLVERS_OWN):
        rule = "must not overlap 10.0.1.0 to 10.0.16.255: the DNS resolver reserves these addresses"
        remedy = f"set {MANAGEMENT}.subnets.dnsResolver, or use another {MANAGEMENT}.addressSpace"
        yield Problem(f"{MANAGEMENT}.dnsResolver", subnet.prefix, rule, remedy)


@skips_unreadable
def reaches_ingress(management: ManagementSettings, ingress: IngressSettings) -> Iterator[Problem]:
    """On-premises reaches only an internal controller."""
    gateway = management.gateway
    if not isinstance(gateway, Gateway) or not gateway.reaches_ingress:
        return
    if ingress.exposure == "external" or ingress.controller == "none":
        rule = "must be false: there is no internal ingress controller to reach"
        remedy = "use reachesIngress: false, or aks-network:ingress.exposure: internal"
        yield Problem(f"{MANAGEMENT}.gateway.reachesIngress", "true", rule, remedy)
