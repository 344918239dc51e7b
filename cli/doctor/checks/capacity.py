"""What the region offers: zones, machine sizes and Kubernetes versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cli.doctor.context import Context
from cli.doctor.findings import CheckUnavailable, Finding, failed, ok, warning
from components.settings.cluster import LOCAL_DNS_VCPUS, LONG_TERM_SUPPORT
from support.nested import at, is_list, is_mapping, items, text

LOCATIONS_API = "2022-12-01"
"""Microsoft Learn: rest/api/resources/subscriptions/list-locations."""
SKUS_API = "2021-07-01"
"""Microsoft Learn: rest/api/compute/resource-skus/list. Sizes that this subscription may not use
are listed with `restrictions`."""
VERSIONS_API = "2025-09-01"
"""Microsoft Learn: rest/api/aks/managed-clusters/list-kubernetes-versions."""


@dataclass(frozen=True)
class Machine:
    """A virtual machine size that the stack uses."""

    path: str
    """What uses it, such as `pool system`."""
    size: str
    zones: tuple[str, ...]
    spot: bool = False
    local_dns: bool = False


def machines(context: Context) -> list[Machine]:
    """The pools and the jump box."""
    settings = context.settings
    found = [
        Machine(
            f"pool {pool.name}",
            pool.vm_size,
            pool.zones,
            pool.spot,
            settings.cluster.has_local_dns(pool),
        )
        for pool in settings.cluster.node_pools
    ]
    box = settings.management.jump_box
    if box is not None and settings.management.existing is None:
        found.append(Machine("jump box", box.vm_size, (box.zone,) if box.zone else ()))
    return found


def region(context: Context) -> Iterator[Finding]:
    """The region exists for this subscription."""
    name, location = "Region", context.settings.location
    known = {str(row["name"]): row for row in _locations(context)}
    if location not in known:
        yield failed(
            name,
            f"this subscription has no region {location}",
            "set azure-native:location to one of az account list-locations",
        )
    else:
        yield ok(name, f"{location} ({known[location].get('displayName', location)})")


def zones(context: Context) -> Iterator[Finding]:
    """The region has the zones that the planned resources name."""
    name, location = "Availability zones", context.settings.location
    wanted = sorted({zone for item in context.planned.get() for zone in _zones(item.inputs)})
    if not wanted:
        yield ok(name, "the stack names none")
        return
    row = next((row for row in _locations(context) if row["name"] == location), None)
    existing = {str(item["logicalZone"]) for item in items(row, "availabilityZoneMappings")}
    absent = [zone for zone in wanted if zone not in existing]
    if not existing:
        yield failed(
            name,
            f"{location} has no zones, but the stack names {', '.join(wanted)}",
            "choose a region with zones, or remove zones from the settings",
        )
    elif absent:
        yield failed(
            name,
            f"{location} has no zone {', '.join(absent)}",
            f"use zones {', '.join(sorted(existing))}",
        )
    else:
        yield ok(name, f"{location} has {', '.join(wanted)}")


def sizes(context: Context) -> Iterator[Finding]:
    """The region offers each machine size, in every zone that uses it."""
    location, known = context.settings.location, skus(context)
    listing = f"az vm list-skus --location {location} --resource-type virtualMachines --all"
    for machine in machines(context):
        name = f"Size of {machine.path}"
        row = known.get(machine.size.lower())
        if row is None:
            yield failed(
                name, f"{location} has no size {machine.size}", f"choose one of: {listing}"
            )
            continue
        usable, reason = _usable_zones(row, location)
        if usable is None:
            yield failed(
                name,
                f"this subscription may not use {machine.size} in {location} ({reason})",
                "choose another size or region, or request access (az support)",
            )
            continue
        absent = sorted(set(machine.zones) - usable)
        if absent:
            offered = f"only in zones {', '.join(sorted(usable))}" if usable else "in no zone"
            yield failed(
                name,
                f"{location} offers {machine.size} {offered}, not in {', '.join(absent)}",
                "choose another size or other zones",
            )
        elif machine.local_dns and _vcpus(row) < LOCAL_DNS_VCPUS:
            yield failed(
                name,
                f"{machine.size} has {_vcpus(row)} vCPUs, and LocalDNS needs {LOCAL_DNS_VCPUS}",
                "choose a larger size, or set localDns: false",
            )
        elif machine.spot and capability(row, "LowPriorityCapable") == "False":
            yield failed(name, f"{machine.size} is not available as spot", "choose another size")
        else:
            noun = "zone" if len(machine.zones) == 1 else "zones"
            places = f", {noun} {', '.join(machine.zones)}" if machine.zones else ""
            yield ok(name, f"{machine.size}{places}")


def kubernetes(context: Context) -> Iterator[Finding]:
    """AKS offers the version in the region, with the support plan of the tier."""
    name, settings = "Kubernetes version", context.settings
    wanted = settings.cluster.kubernetes_version
    path = (
        f"{context.subscription}/providers/Microsoft.ContainerService/locations/"
        f"{settings.location}/kubernetesVersions"
    )
    rows = items(context.azure.get(path, VERSIONS_API), "values")
    minor = ".".join(wanted.split(".")[:2])
    row = next((row for row in rows if row["version"] == minor), None)
    offered = ", ".join(sorted(str(row["version"]) for row in rows))
    if row is None:
        yield failed(
            name, f"{settings.location} does not offer {wanted}", f"choose one of {offered}"
        )
        return
    plans = items(row, "capabilities", "supportPlan")
    plan = settings.cluster.effective_support_plan
    if plans and plan not in plans:
        yield failed(
            name,
            f"{wanted} is not offered with the support plan {plan}, only with {', '.join(plans)}",
            f"set cluster.tier: Premium and cluster.supportPlan: {LONG_TERM_SUPPORT}, or choose "
            "another version",
        )
    elif wanted != minor and wanted not in (at(row, "patchVersions") or ()):
        patches = ", ".join(sorted(at(row, "patchVersions") or ()))
        yield failed(name, f"AKS does not offer {wanted}", f"choose one of {patches}, or {minor}")
    elif row.get("isPreview"):
        yield warning(name, f"{wanted} is a preview", "use it for tests only")
    else:
        yield ok(name, f"{wanted} is offered in {settings.location}")


def skus(context: Context) -> dict[str, dict[str, Any]]:
    """Machine sizes of the region by lower-case name, restricted ones included."""
    location = context.settings.location
    rows = context.azure.list(
        f"{context.subscription}/providers/Microsoft.Compute/skus",
        SKUS_API,
        **{"$filter": f"location eq '{location}'"},
    )
    found = {str(row["name"]).lower(): row for row in rows if _is_machine(row)}
    if not found:
        raise CheckUnavailable(
            f"Azure lists no machine sizes for {location}", "check azure-native:location"
        )
    return found


def capability(row: dict[str, Any], name: str) -> str:
    """A capability of a size, such as vCPUs; empty where the size does not list it."""
    rows = items(row, "capabilities")
    return next((text(item, "value") for item in rows if at(item, "name") == name), "")


def _vcpus(row: dict[str, Any]) -> int:
    """The vCPUs of a size; many where the size does not list them."""
    return int(capability(row, "vCPUs") or LOCAL_DNS_VCPUS)


def _is_machine(row: dict[str, Any]) -> bool:
    return row.get("resourceType") == "virtualMachines"


def _usable_zones(row: dict[str, Any], location: str) -> tuple[set[str] | None, str]:
    """Zones in which this subscription may use the size; None and the reason where it may not."""
    usable: set[str] = set()
    for place in items(row, "locationInfo"):
        if text(place, "location").lower() == location:
            usable |= set(items(place, "zones"))
    for restriction in items(row, "restrictions"):
        named = items(restriction, "restrictionInfo", "locations")
        places = named or items(restriction, "values")
        if location not in {str(place).lower() for place in places}:
            continue
        if at(restriction, "type") == "Location":
            return None, text(restriction, "reasonCode")
        usable -= set(items(restriction, "restrictionInfo", "zones"))
    return usable, ""


def _locations(context: Context) -> list[dict[str, Any]]:
    return context.azure.list(f"{context.subscription}/locations", LOCATIONS_API)


def _zones(inputs: Any) -> Iterator[str]:
    """The zones that a resource's inputs name, including those of a cluster's pools."""
    if is_mapping(inputs):
        for key, value in inputs.items():
            if key in {"zones", "availabilityZones"} and is_list(value):
                yield from map(str, value)
            else:
                yield from _zones(value)
    elif is_list(inputs):
        for item in inputs:
            yield from _zones(item)
