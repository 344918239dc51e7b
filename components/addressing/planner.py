"""Plans the addresses of a cluster's networks, or reports everything that prevents a plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from components.addressing.azure import (
    LARGEST_VNET,
    MODEL_LIMITS,
    POD_RANGE_MODELS,
    SMALLEST_SUBNET,
)
from components.addressing.capacity import check_pod_range, check_subnets
from components.addressing.findings import Change, Findings
from components.addressing.placement import place
from components.addressing.plan import AddressPlan, PlannedSubnet, PlannedVnet, PodRange
from components.addressing.pools import check_pools
from components.addressing.ranges import (
    NamedRange,
    RangeKind,
    check_overlaps,
    check_range,
    free_range,
    read_range,
)
from components.addressing.request import PlanRequest, VnetRequest
from components.addressing.subnet_sizes import cluster_demand, management_demand
from components.addressing.workspace import VnetDraft, Workspace

_SMALLEST_SERVICE_RANGE = 29
"""Room for the API server, DNS and a few services."""
_ReadRange = Callable[[str, str, str, RangeKind], None]


def plan(request: PlanRequest) -> AddressPlan:
    """The address plan of a request.

    Where each subnet lies depends only on the address spaces, the model and the prefixes fixed by
    hand, so growth never moves one. Raises `AddressPlanError` with every problem at once.
    """
    planned, findings = draft(request)
    if planned is None or findings.problems:
        raise findings.error()
    return planned


def draft(request: PlanRequest) -> tuple[AddressPlan | None, Findings]:
    """The plan as far as it can be made, and the problems.

    The plan is None without a usable address space, and where a part of the request is unknown.
    """
    findings = Findings()
    work = Workspace(request, findings, check_pools(findings, request))
    ranges = _read_ranges(work)
    service = next((one for one in ranges if one.kind == "service"), None)
    pods = next((one for one in ranges if one.kind == "pod"), None)
    work.taken.extend(one.network for one in ranges)
    for one in ranges:
        if one.kind not in ("reserved", "existing"):
            check_range(findings, one, work.taken)
    check_overlaps(findings, ranges)
    if request.knows("service_cidr", "dns_service_ip"):
        _check_dns_service_ip(work, service)
    if request.unknown:
        _check_parts(work, ranges, pods)
        return None, findings
    vnets = _plan_vnets(work, ranges)
    if service is not None:
        _check_service_against_existing(work, service, vnets)
    pod_range = check_pod_range(work, pods.network) if pods else None
    return _assemble(work, vnets, service, pod_range), findings


def _check_parts(work: Workspace, ranges: list[NamedRange], pods: NamedRange | None) -> None:
    """The checks that need no plan, for a request of which a part is unknown."""
    for vnet in _vnets(work.request):
        own = _own(vnet, ranges)
        if work.request.knows("model", vnet.name) and own is not None:
            place(work, work.draft(vnet, own), ())
    if pods and work.request.knows("pools"):
        check_pod_range(work, pods.network)


def _assemble(
    work: Workspace,
    vnets: list[_Planned],
    service: NamedRange | None,
    pod_range: PodRange | None,
) -> AddressPlan | None:
    if service is None or len(vnets) < len(_vnets(work.request)):
        return None
    return AddressPlan(
        work.request,
        tuple(
            PlannedVnet(
                one.draft.request.name,
                tuple(map(str, one.draft.ranges)),
                one.draft.request.existing,
                tuple(one.subnets),
                {**one.draft.slots, **one.draft.fixed},
            )
            for one in vnets
        ),
        tuple(work.pools),
        service.network,
        pod_range,
        tuple(work.findings.advice),
    )


@dataclass(frozen=True)
class _Planned:
    draft: VnetDraft
    subnets: list[PlannedSubnet]


def _read_ranges(work: Workspace) -> list[NamedRange]:
    """Every range of the request that can be read: networks, pods, services, reserved ones."""
    request, findings = work.request, work.findings
    found: list[NamedRange] = []

    def read(label: str, path: str, text: str, kind: RangeKind) -> None:
        network = read_range(findings, path, text)
        if network is not None:
            found.append(NamedRange(label, network, path, kind))

    for vnet in _vnets(request):
        if not vnet.address_space and request.knows(vnet.name):
            path = vnet.address_space_path or f"{vnet.path}.addressSpace"
            findings.refuse(
                path,
                "",
                f"is required: the {vnet.name} network needs an address space",
                "add a range",
            )
        for path, text in _space(vnet):
            kind: RangeKind = "existing" if vnet.existing else vnet.name
            read(f"the {vnet.name} network", path, text, kind)
    if request.knows("model", "pod_cidr"):
        _read_pod_cidr(work, read)
    if request.knows("service_cidr"):
        read("the service range", request.path_of("serviceCidr"), request.service_cidr, "service")
    for one in request.reserved:
        read(f"the reserved range {one.name}", one.path, one.cidr, "reserved")
    return found


def _read_pod_cidr(work: Workspace, read: _ReadRange) -> None:
    request, path = work.request, work.request.path_of("podCidr")
    if request.model in POD_RANGE_MODELS:
        if request.pod_cidr is not None:
            read("the pod range", path, request.pod_cidr, "pod")
        else:
            work.findings.refuse(
                path,
                "",
                f"is required: {MODEL_LIMITS[request.model].name} needs a range for its pods",
                "use a range such as 10.244.0.0/16",
                [Change(path, "10.244.0.0/16")],
            )
    elif request.pod_cidr is not None:
        work.findings.refuse(
            path,
            request.pod_cidr,
            f"must not be set: with {MODEL_LIMITS[request.model].name} pods have addresses of the "
            "virtual network",
            "remove podCidr, or use model: azure-cni-overlay",
        )


def _vnets(request: PlanRequest) -> tuple[VnetRequest, ...]:
    return (request.cluster, request.management) if request.management else (request.cluster,)


def _space(vnet: VnetRequest) -> list[tuple[str, str]]:
    """Path and text of each range of a network."""
    path = vnet.address_space_path or f"{vnet.path}.addressSpace"
    if len(vnet.address_space) == 1:
        return [(path, vnet.address_space[0])]
    return [(f"{path}[{index}]", text) for index, text in enumerate(vnet.address_space)]


def _check_dns_service_ip(work: Workspace, service: NamedRange | None) -> None:
    """It must be in the service range, and not its first address, which is the API server's."""
    request, findings = work.request, work.findings
    path = request.path_of("dnsServiceIp")
    proposal = _dns_address(service.network) if service else None
    changes = [Change(path, str(proposal))] if proposal else []
    remedy = f"use {proposal}" if proposal else "use an address of the service range"
    try:
        address = IPv4Address(request.dns_service_ip)
    except AddressValueError:
        findings.refuse(path, request.dns_service_ip, "must be an IPv4 address", remedy, changes)
        return
    if service is None:
        return
    network = service.network
    if proposal is None:
        path = request.path_of("serviceCidr")
        larger = free_range(24, work.taken)
        findings.refuse(
            path,
            network,
            "must have room for a service beside the API server and DNS",
            f"use a larger range such as {larger}",
            [
                Change(path, str(larger)),
                Change(request.path_of("dnsServiceIp"), str(_dns_address(larger))),
            ]
            if larger
            else [],
        )
    elif address not in network:
        findings.refuse(
            path,
            address,
            f"must be inside the service range {network} (DnsServiceIpOutOfServiceCidr)",
            remedy,
            changes,
        )
    elif address <= network.network_address + 1:
        findings.refuse(
            path,
            address,
            f"must not be the first address of the service range {network}: it is the API server's",
            remedy,
            changes,
        )
    elif address == network.broadcast_address:
        findings.refuse(
            path,
            address,
            f"must not be the last address of the service range {network}",
            remedy,
            changes,
        )


def _dns_address(network: IPv4Network) -> IPv4Address | None:
    """The tenth address by convention; None in a range too small for DNS and one service."""
    if network.prefixlen > _SMALLEST_SERVICE_RANGE:
        return None
    tenth = network.network_address + 10
    return tenth if tenth < network.broadcast_address else network.network_address + 2


def _plan_vnets(work: Workspace, ranges: list[NamedRange]) -> list[_Planned]:
    """Both networks with their subnets; one whose space can't be used is left out."""
    request = work.request
    demands = {
        "cluster": cluster_demand(request, work.pools),
        "management": management_demand(request),
    }
    if request.management is None:
        for demand in demands["management"]:
            work.findings.refuse(
                demand.path,
                demand.key,
                "must have a management network: its subnet lies there",
                f"set {request.path_of('management')} with an address space",
            )
    planned: list[_Planned] = []
    for vnet in _vnets(request):
        own = _own(vnet, ranges)
        if own is None:
            continue
        prepared = work.draft(vnet, own)
        subnets = place(work, prepared, demands[vnet.name])
        check_subnets(work, prepared, subnets)
        planned.append(_Planned(prepared, subnets))
    return planned


def _own(vnet: VnetRequest, ranges: Sequence[NamedRange]) -> tuple[IPv4Network, ...] | None:
    """The address space; None where placing subnets would only repeat earlier problems."""
    paths = [path for path, _ in _space(vnet)]
    networks = tuple(one.network for one in ranges if one.path in paths)
    unusable = len(networks) < len(paths) or any(
        not (vnet.existing or LARGEST_VNET <= network.prefixlen <= SMALLEST_SUBNET)
        or any(network.overlaps(other) for other in networks[index + 1 :])
        for index, network in enumerate(networks)
    )
    return None if unusable else networks or None


def _check_service_against_existing(
    work: Workspace, service: NamedRange, vnets: list[_Planned]
) -> None:
    """In another team's network, the service range may be in space that no subnet uses.

    Azure refuses it only where it overlaps a subnet. Microsoft advises against it elsewhere.
    """
    for vnet in vnets:
        if not vnet.draft.request.existing:
            continue
        subnets = {subnet.key: subnet.network for subnet in vnet.subnets}
        subnets |= {one.label: one.network for one in vnet.draft.occupied}
        for key, network in subnets.items():
            if network.overlaps(service.network):
                replacement = free_range(service.network.prefixlen, work.taken)
                work.findings.refuse(
                    service.path,
                    service.network,
                    f"must not overlap {key}, {network} (ServiceCidrOverlapExistingSubnetsCidr)",
                    f"use a free range such as {replacement}",
                    [Change(service.path, str(replacement))] if replacement else [],
                )
