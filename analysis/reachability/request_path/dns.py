"""DNS: whether the host's name leads to the public address, or what to enter where."""

from __future__ import annotations

from analysis.load_balancers import LoadBalancer
from analysis.reachability.request_path.request import FRONT_DOOR, Outcome, Request, Step
from analysis.stack_state import Resource, State, key, reference
from support import nested

NAME = "DNS"
_PIP_NAME = "service.beta.kubernetes.io/azure-pip-name"
_PIP_GROUP = "service.beta.kubernetes.io/azure-load-balancer-resource-group"


def dns(request: Request) -> Step | None:
    """Whether a public zone of the state answers for the host with the address of the entry.

    Where no zone of the state holds the name, the step says what to enter.
    """
    if not request.host:
        return Step(NAME, Outcome.NOTE, "the route is for every host: any name may lead here")
    what = public_entry(request)
    if what is None:
        return None  # the next step says that there is no public address
    zone = _zone_of(request.state, request.host)
    if zone is None:
        enter = f"enter in the public DNS of {request.host}: {what.to_enter}"
        return Step(NAME, Outcome.TO_DO, enter)
    outcome, detail = _answer(request, zone, what)
    return Step(NAME, outcome, detail)


def _answer(request: Request, zone: Resource, what: PublicEntry) -> tuple[Outcome, str]:
    """What a zone answers for the host."""
    where = f"zone {zone.name} (delegate it to {_servers(zone)})"
    record = _record_of(request.state, zone, request.host)
    if record is None and _maintained(request, zone):
        return Outcome.PASSES, f"the controller writes {request.host} into {where}"
    if what.only_for:
        return _behind_another(request.host, where, record, what)
    if record is None:
        add = f"add it: {request.host} {what.record}"
        return Outcome.BREAKS, f"zone {zone.name} has no record {request.host}; {add}"
    if _leads_to(record, what.resource, what.answers):
        return Outcome.PASSES, f"{request.host} → {what.record} in {where}"
    found = ", ".join(_answers(record)) or "nothing"
    remedy = f"set it to {what.record}"
    return Outcome.BREAKS, f"{request.host} leads to {found}, not to the entry; {remedy}"


def _behind_another(
    host: str, where: str, record: Resource | None, what: PublicEntry
) -> tuple[Outcome, str]:
    """What a zone answers for a host that only a firewall outside the state may connect to."""
    found = ", ".join(_answers(record)) if record else ""
    if record is None or not found:
        return Outcome.TO_DO, f"enter {host} in {where}: {what.to_enter}"
    known = tuple(one for one in what.answers if not one.startswith("<"))
    if _leads_to(record, what.resource, known):
        past = f"past the firewall in front: only {what.only_for} may connect"
        return Outcome.NOTE, f"{host} → {what.record} in {where} leads {past}"
    forward = f"it must forward to {', '.join(what.answers)}, which admits only {what.only_for}"
    return Outcome.NOTE, f"{host} leads to {found} in {where}; {forward}"


class PublicEntry:
    """What the name of a host must lead to."""

    def __init__(
        self, kind: str, answers: tuple[str, ...], resource: str = "", only_for: str = ""
    ) -> None:
        self.answers = answers
        """Addresses, or the name of an Azure frontend."""
        self.resource = resource
        """The key of the public address, for alias records."""
        self.only_for = only_for
        """What alone may connect, such as the ranges of a third party's firewall; empty if all."""
        self.record = f"{kind} {', '.join(answers)}"

    @property
    def to_enter(self) -> str:
        """The record to enter: of an entry that few may reach, that of the firewall in front."""
        if not self.only_for:
            return self.record
        origin = f"which forwards to {', '.join(self.answers)}"
        return f"the address of the firewall in {self.only_for}, {origin}"


def public_entry(request: Request) -> PublicEntry | None:
    """The public address of the gateway, the traffic controller or the load balancer, if any."""
    front_door = FRONT_DOOR if request.only_front_door else ""
    if request.gateway is not None:
        for frontend in request.gateway.items("frontendIPConfigurations"):
            if address := reference(frontend, "publicIPAddress"):
                found = request.state.get(address)
                text = str(found.at("ipAddress") or found.name) if found else address
                return PublicEntry("A", (text,), address, front_door)
        return None
    if request.traffic_controller is not None:
        children = f"{request.traffic_controller.key}/frontends/"
        names = tuple(
            str(item.at("fqdn"))
            for item in request.state.of_type("servicenetworking:FrontendsInterface")
            if item.key.startswith(children) and item.at("fqdn")
        )
        return PublicEntry("CNAME", names or ("<name of the frontend>",), only_for=front_door)
    balancer = request.load_balancer
    if balancer is None or not balancer.public:
        return None
    where = f"<address of the load balancer of {balancer.namespace}/{balancer.name}>"
    static = _static_address(request.state, balancer)
    found = str(static.at("ipAddress") or "") if static else ""
    only_for = ", ".join((*balancer.allowed_ranges, *balancer.allowed_tags))
    return PublicEntry(
        "A",
        (balancer.address or found or where,),
        static.key if static else "",
        only_for="" if balancer.open_to_all else only_for,
    )


def _static_address(state: State, balancer: LoadBalancer) -> Resource | None:
    """The public address of the state that the annotations of a load balancer name."""
    name = str(balancer.annotations.get(_PIP_NAME) or "")
    group = str(balancer.annotations.get(_PIP_GROUP) or "")
    end = key(f"/providers/Microsoft.Network/publicIPAddresses/{name}")
    if group:
        end = key(f"/resourceGroups/{group}{end}")
    addresses = state.of_type("network:PublicIPAddress")
    return next((one for one in addresses if name and one.key.endswith(end)), None)


def _zone_of(state: State, host: str) -> Resource | None:
    """The public zone of the state with the longest name that the host lies in."""
    zones = [
        item
        for item in state.of_type("dns:Zone")
        if host == item.name or host.endswith(f".{item.name}")
    ]
    return max(zones, key=lambda item: len(item.name), default=None)


def _record_of(state: State, zone: Resource, host: str) -> Resource | None:
    """The address record of a host, or the wildcard record that answers for it."""
    relative = host.removesuffix(zone.name).rstrip(".") or "@"
    records = {
        item.name.lower(): item
        for item in state.of_type("dns:RecordSet")
        if item.key.startswith(f"{zone.key}/") and item.key.split("/")[-2] in {"a", "cname"}
    }
    wildcard = "*" if "." not in relative else f"*.{relative.partition('.')[2]}"
    found = records.get(relative.lower())
    return found or (records.get(wildcard) if relative != "@" else None)


def _answers(record: Resource) -> tuple[str, ...]:
    addresses = (str(row.get("ipv4Address")) for row in record.items("aRecords"))
    alias = record.at("cnameRecord", "cname")
    target = reference(record.properties, "targetResource")
    return (*addresses, *([str(alias)] if alias else ()), *([target] if target else ()))


def _leads_to(record: Resource, resource: str, answers: tuple[str, ...]) -> bool:
    found = {one.rstrip(".").lower() for one in _answers(record)}
    unknown = {one for one in answers if one.startswith("<")}
    wanted = {one.lower() for one in (*answers, resource) if one}
    return bool(found & wanted) or (bool(unknown) and bool(found))


def _maintained(request: Request, zone: Resource) -> bool:
    """Whether application routing or ExternalDNS writes records into the zone."""
    listed: set[str] = set()
    for cluster in request.state.of_type("containerservice:ManagedCluster"):
        add_on = cluster.mapping("ingressProfile", "webAppRouting")
        listed |= {key(one) for one in nested.items(add_on, "dnsZoneResourceIds")}
    for kind in ("ClusterExternalDNS", "ExternalDNS"):
        for item in request.state.kubernetes(kind):
            listed |= {key(one) for one in nested.items(item.mapping("spec"), "dnsZoneResourceIDs")}
    return zone.key in listed


def _servers(zone: Resource) -> str:
    return ", ".join(str(one).rstrip(".") for one in zone.items("nameServers")) or "its servers"
