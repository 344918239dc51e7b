"""What the region offers: itself, its zones, machine sizes and Kubernetes versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cli.doctor.context import Subject
from cli.doctor.findings import Finding, Unanswered, failed, ok, warning
from support.nested import at, is_list, is_mapping, items, text

LOCATIONS_API = "2022-12-01"
"""Microsoft Learn: rest/api/resources/subscriptions/list-locations."""
SKUS_API = "2021-07-01"
"""Microsoft Learn: rest/api/compute/resource-skus/list. Sizes that this subscription may not use
are listed with `restrictions`."""
VERSIONS_API = "2025-09-01"
"""Microsoft Learn: rest/api/aks/managed-clusters/list-kubernetes-versions."""

LONG_TERM = "AKSLongTermSupport"


@dataclass(frozen=True)
class Machine:
    """A machine that the stack makes, once or several times."""

    path: str
    """The setting that says what it is like."""
    size: str
    zones: tuple[str, ...]
    spot: bool = False


def machines(subject: Subject) -> list[Machine]:
    """The pools and the jump box."""
    settings = subject.settings
    found = [
        Machine(f"pool {pool.name}", pool.vm_size, pool.zones, pool.spot)
        for pool in settings.cluster.node_pools
    ]
    box = settings.management.jump_box
    if box is not None and settings.management.existing is None:
        found.append(Machine("jump box", box.vm_size, (box.zone,) if box.zone else ()))
    return found


def region(subject: Subject) -> Iterator[Finding]:
    """The region exists for this subscription."""
    name, location = "Region", subject.settings.location
    known = {str(one["name"]): one for one in _locations(subject)}
    if location not in known:
        yield failed(
            name,
            f"{location} is no region of this subscription",
            "pulumi config set azure-native:location <one of az account list-locations>",
        )
    else:
        yield ok(name, f"{location} ({known[location].get('displayName', location)})")


def zones(subject: Subject) -> Iterator[Finding]:
    """The region has the zones that any planned resource names."""
    name, location = "Availability zones", subject.settings.location
    wanted = sorted({zone for one in subject.planned.get() for zone in _zones(one.inputs)})
    if not wanted:
        yield ok(name, "none is asked for")
        return
    row = next((one for one in _locations(subject) if one["name"] == location), None)
    there = {str(one["logicalZone"]) for one in items(row, "availabilityZoneMappings")}
    absent = [zone for zone in wanted if zone not in there]
    if not there:
        yield failed(
            name, f"{location} has none, and zones are asked for", "choose a region with zones"
        )
    elif absent:
        yield failed(name, f"{location} has no zone {', '.join(absent)}", "name others")
    else:
        yield ok(name, f"{location} has {', '.join(wanted)}")


def sizes(subject: Subject) -> Iterator[Finding]:
    """Each machine's size can be had in the region and in every zone it is to stand in."""
    location, known = subject.settings.location, skus(subject)
    listing = f"az vm list-skus --location {location} --resource-type virtualMachines --all"
    for machine in machines(subject):
        name = f"Size of {machine.path}"
        row = known.get(machine.size.lower())
        if row is None:
            yield failed(name, f"{location} has no {machine.size}", f"choose one of: {listing}")
            continue
        usable, why = _usable_zones(row, location)
        if usable is None:
            yield failed(
                name,
                f"{machine.size} is not for this subscription in {location} ({why})",
                "choose another size or region, or ask for access (az support)",
            )
            continue
        absent = sorted(set(machine.zones) - usable)
        if absent:
            there = f"only zones {', '.join(sorted(usable))}" if usable else "no zone"
            yield failed(
                name,
                f"{machine.size} is in {there} of {location}, not in {', '.join(absent)}",
                "choose another size, or other zones",
            )
        elif machine.spot and capability(row, "LowPriorityCapable") == "False":
            yield failed(name, f"{machine.size} can't be spot", "choose another size")
        else:
            places = f", zones {', '.join(machine.zones)}" if machine.zones else ""
            yield ok(name, f"{machine.size}{places}")


def kubernetes(subject: Subject) -> Iterator[Finding]:
    """AKS offers the version in the region, with the support that the tier comes with."""
    name, settings = "Kubernetes version", subject.settings
    wanted = settings.cluster.kubernetes_version
    path = (
        f"{subject.subscription}/providers/Microsoft.ContainerService/locations/"
        f"{settings.location}/kubernetesVersions"
    )
    rows = items(subject.answers.get(path, VERSIONS_API), "values")
    minor = ".".join(wanted.split(".")[:2])
    row = next((one for one in rows if one["version"] == minor), None)
    offered = ", ".join(sorted(str(one["version"]) for one in rows))
    if row is None:
        yield failed(name, f"{settings.location} has no {wanted}", f"choose one of {offered}")
        return
    plans = items(row, "capabilities", "supportPlan")
    if plans and set(plans) == {LONG_TERM} and settings.cluster.tier != "Premium":
        yield failed(
            name, f"{wanted} has long-term support only", "set cluster.tier: Premium, or go up"
        )
    elif wanted != minor and wanted not in (at(row, "patchVersions") or ()):
        patches = ", ".join(sorted(at(row, "patchVersions") or ()))
        yield failed(name, f"{wanted} is not offered", f"choose one of {patches}, or {minor}")
    elif row.get("isPreview"):
        yield warning(name, f"{wanted} is a preview", "take it for trials only")
    else:
        yield ok(name, f"{wanted} is offered in {settings.location}")


def skus(subject: Subject) -> dict[str, dict[str, Any]]:
    """Machine sizes of the region by lower-case name, restricted ones included."""
    location = subject.settings.location
    rows = subject.answers.list(
        f"{subject.subscription}/providers/Microsoft.Compute/skus",
        SKUS_API,
        **{"$filter": f"location eq '{location}'"},
    )
    found = {str(row["name"]).lower(): row for row in rows if _is_machine(row)}
    if not found:
        raise Unanswered(
            f"Azure lists no machine sizes for {location}", "look at the region's name"
        )
    return found


def capability(row: dict[str, Any], name: str) -> str:
    """A capability of a size, such as vCPUs; empty where it is not named."""
    rows = items(row, "capabilities")
    return next((text(one, "value") for one in rows if at(one, "name") == name), "")


def _is_machine(row: dict[str, Any]) -> bool:
    return row.get("resourceType") == "virtualMachines"


def _usable_zones(row: dict[str, Any], location: str) -> tuple[set[str] | None, str]:
    """Zones in which this subscription may use the size; None where not at all, and why."""
    there: set[str] = set()
    for place in items(row, "locationInfo"):
        if text(place, "location").lower() == location:
            there |= set(items(place, "zones"))
    for restriction in items(row, "restrictions"):
        named = items(restriction, "restrictionInfo", "locations")
        places = named or items(restriction, "values")
        if location not in {str(one).lower() for one in places}:
            continue
        if at(restriction, "type") == "Location":
            return None, text(restriction, "reasonCode")
        there -= set(items(restriction, "restrictionInfo", "zones"))
    return there, ""


def _locations(subject: Subject) -> list[dict[str, Any]]:
    return subject.answers.list(f"{subject.subscription}/locations", LOCATIONS_API)


def _zones(inputs: Any) -> Iterator[str]:
    """The zones that a resource's inputs name, the pools of a cluster included."""
    if is_mapping(inputs):
        for key, value in inputs.items():
            if key in {"zones", "availabilityZones"} and is_list(value):
                yield from map(str, value)
            else:
                yield from _zones(value)
    elif is_list(inputs):
        for item in inputs:
            yield from _zones(item)
