"""What a region offers: Azure refuses regions, zones and VM sizes that do not exist.

The regions and sizes are those of the simulated subscription (`simulator/azure/subscription.yaml`).
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from simulator.azure import subscription
from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, Pool, view
from simulator.azure.namespaces.network.tokens import APPLICATION_GATEWAY, BASTION, FIREWALL, NAT
from simulator.azure.rules import Refusal, rule
from support import arm_ids
from support.nested import at, items

_GROUP = "resources:ResourceGroup"
_MACHINE = "compute:VirtualMachine"
_GLOBAL = ("dns:", "privatedns:")
"""Namespaces whose resources have the location `global`; they have a rule of their own."""

_REGIONAL = tuple(
    token for token in arm_ids.PATHS if token != _GROUP and not token.startswith(_GLOBAL)
)
_ZONAL = (
    APPLICATION_GATEWAY,
    BASTION,
    FIREWALL,
    NAT,
    "network:PublicIPAddress",
    "network:PublicIPPrefix",
    _MACHINE,
)


def _unknown_region(request: Request) -> str | None:
    """The region among the inputs, if Azure has none of that name."""
    if not isinstance(request.inputs.get("location"), str):
        return None
    known = request.location in subscription.current().data["regions"]
    return None if known else request.location


def _near(name: str, names: list[str]) -> str:
    """Some of the names, the most similar ones."""
    by_lower_case = {one.lower(): one for one in names}
    close = get_close_matches(name.lower(), by_lower_case, n=5, cutoff=0)
    return ", ".join(by_lower_case[one] for one in close)


def _regions(location: str) -> str:
    return _near(location, list(subscription.current().data["regions"]))


@rule(
    "LocationNotAvailableForResourceGroup",
    _GROUP,
    source="github.com/cloud-barista/cb-spider/issues/527",
)
def groups_are_in_a_region(request: Request) -> Refusal | None:
    """A resource group is in a region that exists."""
    location = _unknown_region(request)
    if location is None:
        return None
    return Refusal(
        f"The provided location '{location}' is not available for resource group. Available"
        f" regions are {_regions(location)} and others.",
        "location",
    )


@rule(
    "LocationNotAvailableForResourceType",
    *_REGIONAL,
    source="github.com/MicrosoftDocs/azure-docs/pull/4981",
)
def resources_are_in_a_region(request: Request) -> Refusal | None:
    """A resource is in a region that exists."""
    location = _unknown_region(request)
    if location is None:
        return None
    return Refusal(
        f"The provided location '{location}' is not available for resource type"
        f" '{request.type.arm_type}'. Available regions are {_regions(location)} and others.",
        "location",
    )


@rule(
    "LocationNotSupportAvailabilityZones",
    *_ZONAL,
    source="github.com/aztfmod/terraform-azurerm-caf/issues/1744",
)
def zones_are_in_regions_that_have_them(request: Request) -> Refusal | None:
    """Resources cannot name zones in a region without zones."""
    if not request.inputs.get("zones") or subscription.current().zones(request.location):
        return None
    return Refusal(
        f"The resource '{request.type.arm_type}/{request.name}' does not support availability zones"
        f" at location '{request.location}'.",
        "zones",
    )


@rule(
    "InvalidAvailabilityZone",
    *_ZONAL,
    source="github.com/hashicorp/terraform-provider-azurerm/issues/6296",
)
def zones_exist(request: Request) -> Refusal | None:
    """Resources name zones of their region."""
    offered = subscription.current().zones(request.location)
    absent = [zone for zone in items(request.inputs, "zones") if zone not in offered]
    if not absent:
        return None
    return Refusal(
        f"The zone(s) '{','.join(absent)}' for resource '{request.type.arm_type}/{request.name}' is"
        f" not supported. The supported zones for location '{request.location}' are"
        f" '{','.join(offered)}'.",
        "zones",
    )


@rule("InvalidParameter", _MACHINE, source="github.com/microsoft/onefuzz/issues/1126")
def machines_have_a_size_that_exists(request: Request) -> Refusal | None:
    """The region of a machine offers its size."""
    name = at(request.inputs, "hardwareProfile", "vmSize")
    offers = subscription.current()
    if not name or offers.size(str(name)) is not None:
        return None
    sizes = [size.name for size in offers.sizes]
    return Refusal(
        f"The requested VM size {name} is not available in the current region. The sizes available"
        f" in the current region are: {_near(str(name), sizes)} and others.",
        "vmSize",
    )


@rule(
    "SkuNotAvailable",
    _MACHINE,
    source="github.com/microsoft/vscode-azurevirtualmachines/issues/20",
    status=409,
)
def machines_have_a_size_that_the_subscription_may_use(request: Request) -> str | None:
    """The subscription may use the size of a new machine in its region and zones."""
    offers = subscription.current()
    size = offers.size(str(at(request.inputs, "hardwareProfile", "vmSize")))
    if request.old is not None or size is None:
        return None
    usable = offers.usable_zones(size, request.location)
    zones = items(request.inputs, "zones")
    if usable is not None and set(zones) <= set(usable):
        return None
    return (
        f"The requested size {size.name} for resource '{request.id}' is currently not available in"
        f" location '{request.location}' zones '{','.join(zones)}' for subscription"
        f" '{request.cloud.subscription}'. Please try another size or deploy to a different"
        " location or zones."
    )


def _new_pools(request: Request) -> Iterator[Pool]:
    """The pools that a request creates; only these need a place."""
    cluster = view(request)
    return (pool for pool in cluster.written_pools if pool.name not in cluster.stored_pools)


@rule(
    "BadRequest",
    CLUSTER,
    POOL,
    source="github.com/MicrosoftDocs/mslearn-aspnet-core/pull/103",
)
def pools_have_a_size_that_the_subscription_may_use(request: Request) -> Refusal | None:
    """The region offers the size of a pool; AKS chooses the size of a pool that names none."""
    offers = subscription.current()
    for pool in _new_pools(request):
        name = str(pool.settings.get("vmSize") or "")
        size = offers.size(name)
        if not name or (size and offers.usable_zones(size, request.location) is not None):
            continue
        sizes = [
            size.name
            for size in offers.sizes
            if offers.usable_zones(size, request.location) is not None
        ]
        return Refusal(
            f"The VM size {name} of AgentPoolProfile:{pool.name} is not allowed in your"
            f" subscription in location '{request.location}'. The available VM sizes are"
            f" {_near(name, sizes)} and others.",
            "agentPoolProfile.vmSize",
        )
    return None


@rule(
    "AvailabilityZoneNotSupported",
    CLUSTER,
    POOL,
    source="github.com/MicrosoftDocs/azure-aks-docs/pull/416",
)
def pools_have_zones_of_their_size(request: Request) -> Refusal | None:
    """The region offers the size of a pool in each zone of the pool."""
    offers = subscription.current()
    for pool in _new_pools(request):
        size = offers.size(str(pool.settings.get("vmSize") or ""))
        usable = offers.usable_zones(size, request.location) if size else None
        offered = offers.zones(request.location) if usable is None else usable
        absent = [zone for zone in items(pool.settings, "availabilityZones") if zone not in offered]
        if absent:
            return Refusal(
                f"The zone(s) '{','.join(absent)}' for resource '{pool.name}' is not supported. The"
                f" supported zones for location '{request.location}' are '{','.join(offered)}'.",
                "agentPoolProfile.availabilityZone",
            )
    return None


TYPES = ()
