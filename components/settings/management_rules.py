"""What Azure asks of the management network's settings taken together.

As in `rules`: a short function a subject, each yielding problems.
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
    ManagementSettings,
    NoGateway,
    VpnGateway,
)

MANAGEMENT = "aks-network:management"

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
"""Field, setting, the value that makes use of the feature, and the SKU from which on there is it
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


def problems(management: ManagementSettings) -> Iterator[Problem]:
    """Everything that is wrong between the settings of the management network."""
    yield from hub(management)
    yield from bastion(management.bastion)
    yield from jump_box(management)
    if isinstance(management.gateway, VpnGateway):
        yield from vpn(management.gateway)
    if management.dns_resolver and isinstance(management.gateway, NoGateway):
        rule = "answers on-premises, and there is no way to it"
        remedy = "set dnsResolver: false, or a gateway of kind vpn or expressRoute"
        yield Problem(f"{MANAGEMENT}.dnsResolver", "true", rule, remedy)


def hub(management: ManagementSettings) -> Iterator[Problem]:
    """In another team's network nothing is made; in one's own there is a jump box."""
    if management.existing is None:
        if management.jump_box is None:
            path = f"{MANAGEMENT}.jumpBox.sshPublicKey"
            yield Problem(path, "", "is required", f"set it: pulumi config set --path '{path}' …")
        return
    theirs = f"is another team's to make in {MANAGEMENT}.existing"
    if management.jump_box is not None:
        yield Problem(f"{MANAGEMENT}.jumpBox", "", theirs, "remove jumpBox")
    if not isinstance(management.gateway, NoGateway):
        remedy = "remove gateway, and set existing.useGateway: true to use theirs"
        yield Problem(f"{MANAGEMENT}.gateway", management.gateway.kind, theirs, remedy)
    if management.dns_resolver:
        yield Problem(f"{MANAGEMENT}.dnsResolver", "true", theirs, "remove dnsResolver")


def bastion(settings: BastionSettings) -> Iterator[Problem]:
    """What each SKU of Azure Bastion can do."""
    path = f"{MANAGEMENT}.bastion"
    if settings.sku == "Developer":
        rule = "is shared and can't cross a peering, so it never reaches the cluster's network"
        yield Problem(f"{path}.sku", settings.sku, rule, "use Basic, Standard or Premium")
        return
    for field, key, used, sku in _FEATURES:
        if getattr(settings, field) == used and _SKUS.index(settings.sku) < _SKUS.index(sku):
            value, other = str(used).lower(), str(not used).lower()
            rule = f"needs the {sku} SKU, and this is {settings.sku}"
            yield Problem(f"{path}.{key}", value, rule, f"set {key}: {other}, or sku: {sku}")
    if settings.sku == "Basic" and settings.scale_units != _BASIC_INSTANCES:
        value = str(settings.scale_units)
        rule = f"the Basic SKU has exactly {_BASIC_INSTANCES} instances"
        remedy = f"set scaleUnits: {_BASIC_INSTANCES} or sku: Standard"
        yield Problem(f"{path}.scaleUnits", value, rule, remedy)
    if settings.file_copy and not settings.tunneling:
        rule = "goes over the native client, which tunneling: false turns off"
        yield Problem(f"{path}.fileCopy", "true", rule, "set tunneling: true, or fileCopy: false")
    if settings.session_recording and settings.tunneling:
        rule = "leaves sessions of the native client out, and tunneling lets operators use it"
        remedy = "set tunneling: false, or sessionRecording: false"
        yield Problem(f"{path}.sessionRecording", "true", rule, remedy)


def jump_box(management: ManagementSettings) -> Iterator[Problem]:
    """The jump box needs a way to the package repositories, and a gateway to be reached by."""
    settings = management.jump_box
    if settings is None:
        return
    if settings.admin_username in accounts.FORBIDDEN_USERS:
        path = f"{MANAGEMENT}.jumpBox.adminUsername"
        rule = "is a name that Azure does not allow"
        yield Problem(path, settings.admin_username, rule, "choose another")
    if not isinstance(management.gateway, NoGateway):
        return  # On-premises may announce a way out, and be let in.
    if settings.from_on_premises:
        rule = "lets on-premises in, and there is no way to it"
        remedy = "set fromOnPremises: false, or a gateway of kind vpn or expressRoute"
        yield Problem(f"{MANAGEMENT}.jumpBox.fromOnPremises", "true", rule, remedy)
    for wanted, key in ((settings.tools, "tools"), (settings.entra_login, "entraLogin")):
        if wanted and management.nat_gateway is None:
            rule = "is downloaded, and without natGateway the jump box has no way out"
            remedy = f"set {key}: false, or leave natGateway as it is by default"
            yield Problem(f"{MANAGEMENT}.jumpBox.{key}", "true", rule, remedy)


def vpn(gateway: VpnGateway) -> Iterator[Problem]:
    """A site on the Internet, a key that both ends can hold, and BGP speakers that differ."""
    path = f"{MANAGEMENT}.gateway"
    address = IPv4Address(gateway.site.public_ip)
    if any(address in private for private in PRIVATE_RANGES):
        rule = "is private, and the gateway reaches the VPN device over the Internet"
        remedy = "give the device's public address"
        yield Problem(f"{path}.site.publicIp", gateway.site.public_ip, rule, remedy)
    if not _KEY.fullmatch(gateway.shared_key.get_secret_value()):
        rule = "must be printable ASCII characters other than space, hyphen and tilde"
        remedy = f"set another: pulumi config set --secret --path '{path}.sharedKey' …"
        yield Problem(f"{path}.sharedKey", "", rule, remedy)
    if gateway.bgp:
        yield from _bgp(f"{path}.bgp", gateway.bgp, gateway.site.public_ip)


def _bgp(path: str, bgp: Bgp, device: str) -> Iterator[Problem]:
    for key, asn, own in (("asn", bgp.asn, False), ("gatewayAsn", bgp.gateway_asn, True)):
        if asn in _RESERVED_ASNS or (asn == _GATEWAYS_OWN_ASN and not own):
            rule = "is an autonomous system number that Azure or IANA reserve"
            yield Problem(f"{path}.{key}", str(asn), rule, "use a private one such as 65010")
    if bgp.asn == bgp.gateway_asn != _GATEWAYS_OWN_ASN:
        rule = "is the number of both ends, which would then speak internal BGP"
        yield Problem(f"{path}.asn", str(bgp.asn), rule, "give each end a number of its own")
    if bgp.peer_address == device:
        rule = "is the VPN device's public address, which can't be its BGP peer address"
        remedy = "give an address inside the site, such as the device's loopback"
        yield Problem(f"{path}.peerAddress", bgp.peer_address, rule, remedy)


def resolver_subnet(plan: AddressPlan) -> Iterator[Problem]:
    """The resolver's service has a range of its own, which its subnet must keep out of."""
    if not plan.has(SubnetKey.DNS_RESOLVER):
        return
    subnet = plan.subnet(SubnetKey.DNS_RESOLVER)
    if any(subnet.network.overlaps(taken) for taken in _RESOLVERS_OWN):
        rule = "touches 10.0.1.0 to 10.0.16.255, which the DNS resolver keeps for itself"
        remedy = f"set {MANAGEMENT}.subnets.dnsResolver, or move {MANAGEMENT}.addressSpace"
        yield Problem(f"{MANAGEMENT}.dnsResolver", subnet.prefix, rule, remedy)


def reaches_ingress(management: ManagementSettings, ingress: IngressSettings) -> Iterator[Problem]:
    """What on-premises shall reach is an internal controller."""
    gateway = management.gateway
    if not isinstance(gateway, Gateway) or not gateway.reaches_ingress:
        return
    if ingress.exposure == "external" or ingress.controller == "none":
        rule = "opens the internal ingress controller, and there is none"
        remedy = "set reachesIngress: false, or aks-network:ingress.exposure: internal"
        yield Problem(f"{MANAGEMENT}.gateway.reachesIngress", "true", rule, remedy)
