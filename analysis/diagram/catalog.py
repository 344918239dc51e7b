"""One row for each type of resource that is drawn: its icon, its subnet, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from analysis.diagram.kinds import Kind
from analysis.stack_state import AZURE, Resource, State, key, reference

SUBNET_ANNOTATION = "service.beta.kubernetes.io/azure-load-balancer-internal-subnet"
ADDRESS_ANNOTATION = "service.beta.kubernetes.io/azure-load-balancer-ipv4"

Details = tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """The state, for what a row says of a resource beyond its own properties."""

    state: State

    def name_of(self, resource_id: str) -> str:
        item = self.state.get(resource_id)
        return item.name if item else resource_id.rsplit("/", 1)[-1]

    def subnet_named(self, name: str) -> str:
        """The id of the first subnet of a name, or an empty text."""
        ids = (item.key for item in self.state.of_type("network:Subnet"))
        return next((one for one in ids if one.endswith(f"/{name.lower()}")), "")


@dataclass(frozen=True)
class Row:
    """How a type is drawn."""

    kind: Kind
    details: Callable[[Resource, Facts], Details]
    place: Callable[[Resource, Facts], str] = lambda _, __: ""
    """The id of the subnet it is in; empty where it is in none."""
    group: str = "In no subnet"
    """What it is drawn with where it is in no subnet."""
    public: Callable[[Resource, Facts], Details] = lambda _, __: ()
    """Public names of its own, beside its public addresses."""


def pools_inside(state: State) -> Iterator[Resource]:
    """The node pools that a cluster carries itself, in the form of resources of their own."""
    apart = {item.key for item in state.of_type("containerservice:AgentPool")}
    for cluster in state.of_type("containerservice:ManagedCluster"):
        for pool in cluster.items("agentPoolProfiles"):
            pool_id = f"{cluster.id}/agentPools/{pool['name']}"
            if key(pool_id) not in apart:
                yield Resource("", f"{AZURE}containerservice:AgentPool", pool_id, pool, {})


def _first_configuration(item: Resource, *lists: str) -> str:
    """The subnet of the first IP configuration that has one."""
    for name in lists:
        for part in item.items(name):
            if subnet := reference(part, "subnet"):
                return subnet
    return ""


def _by_configuration(item: Resource, _: Facts) -> str:
    return _first_configuration(item, "ipConfigurations", "gatewayIPConfigurations")


def _by_subnet(item: Resource, _: Facts) -> str:
    return reference(item.properties, "subnet")


def _of_pool(item: Resource, _: Facts) -> str:
    return key(str(item.properties.get("vnetSubnetID") or ""))


def _of_cluster(item: Resource, facts: Facts) -> str:
    """The subnet of its first pool: a cluster itself is in none."""
    pools = (*item.items("agentPoolProfiles"), *(
        pool.properties
        for pool in facts.state.of_type("containerservice:AgentPool")
        if pool.key.startswith(f"{item.key}/")
    ))  # fmt: skip
    return next((key(str(one["vnetSubnetID"])) for one in pools if one.get("vnetSubnetID")), "")


def _card(item: Resource, facts: Facts) -> Resource | None:
    for row in item.mapping("networkProfile").get("networkInterfaces") or ():
        if card := facts.state.get(str(row["id"])):
            return card
    return None


def _of_machine(item: Resource, facts: Facts) -> str:
    card = _card(item, facts)
    return _by_configuration(card, facts) if card else ""


def _of_controller(item: Resource, facts: Facts) -> str:
    """The subnet that its load balancer has its address in."""
    name = _annotation(item.properties, SUBNET_ANNOTATION)
    return facts.subnet_named(name) if name else ""


def _annotation(value: object, name: str) -> str:
    """An annotation wherever it stands: each chart has a place of its own for them."""
    if not isinstance(value, Mapping):
        return ""
    parts = cast("Mapping[str, object]", value)
    if name in parts:
        return str(parts[name])
    return next((found for part in parts.values() if (found := _annotation(part, name))), "")


def _parts_of(item: Resource, facts: Facts, token: str) -> Iterator[Resource]:
    """The resources of a type below another."""
    parts = facts.state.of_type(token)
    return (one for one in parts if one.key.startswith(f"{item.key}/"))


def _of_traffic_controller(item: Resource, facts: Facts) -> str:
    associations = _parts_of(item, facts, "servicenetworking:AssociationsInterface")
    return next((reference(one.properties, "subnet") for one in associations), "")


def _zones(zones: object) -> str:
    return f"zones {', '.join(map(str, zones))}" if isinstance(zones, list) and zones else ""  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _pool(item: Resource, _: Facts) -> Details:
    of = item.properties
    scaled = of.get("enableAutoScaling")
    size = f"{of.get('minCount')} to {of.get('maxCount')}" if scaled else f"{of.get('count')}"
    return (
        f"{of.get('mode') or 'User'}, {of.get('osType') or 'Linux'}",
        f"{size} nodes",
        str(of.get("vmSize") or ""),
        _zones(of.get("availabilityZones")),
    )


def _cluster(item: Resource, _: Facts) -> Details:
    profile = item.mapping("networkProfile")
    access = item.mapping("apiServerAccessProfile")
    words = (profile.get("networkPlugin"), profile.get("networkPluginMode"))
    return (
        f"Kubernetes {item.properties.get('kubernetesVersion') or ''}",
        "private API server" if access.get("enablePrivateCluster") else "public API server",
        " ".join(str(word) for word in words if word),
        f"policy: {profile['networkPolicy']}" if profile.get("networkPolicy") else "",
        f"egress: {profile['outboundType']}" if profile.get("outboundType") else "",
    )


def _application_gateway(item: Resource, facts: Facts) -> Details:
    scale = item.mapping("autoscaleConfiguration")
    policy = facts.state.get(reference(item.properties, "firewallPolicy") or "-")
    mode = policy.mapping("policySettings").get("mode") if policy else None
    return (
        str(item.mapping("sku").get("tier") or ""),
        f"WAF in {mode} mode" if mode else "",
        f"{scale.get('minCapacity', 0)} to {scale.get('maxCapacity')} units" if scale else "",
        _zones(item.properties.get("zones")),
    )


def _bastion(item: Resource, _: Facts) -> Details:
    units = item.properties.get("scaleUnits")
    return (
        str(item.mapping("sku").get("name") or ""),
        f"{units} scale units" if units else "",
        _zones(item.properties.get("zones")),
    )


def _machine(item: Resource, facts: Facts) -> Details:
    card = _card(item, facts)
    addresses = [
        str(part.get("privateIPAddress") or "") for part in card.items("ipConfigurations")
    ] if card else []  # fmt: skip
    return (str(item.mapping("hardwareProfile").get("vmSize") or ""), *addresses)


def _firewall(item: Resource, _: Facts) -> Details:
    addresses = [str(part.get("privateIPAddress") or "") for part in item.items("ipConfigurations")]
    return (str(item.mapping("sku").get("tier") or ""), *addresses)


def _gateway(item: Resource, _: Facts) -> Details:
    kind = {"Vpn": "VPN"}.get(str(item.properties.get("gatewayType")), "ExpressRoute")
    active = "active-active" if item.properties.get("activeActive") else ""
    return (kind, str(item.mapping("sku").get("name") or ""), active)


def _private_endpoint(item: Resource, facts: Facts) -> Details:
    targets = [
        str(row.get("privateLinkServiceId") or "")
        for row in item.items("privateLinkServiceConnections")
    ]
    return tuple(f"to {facts.name_of(target)}" for target in targets)


def _resolver(item: Resource, _: Facts) -> Details:
    return tuple(str(part.get("privateIpAddress") or "") for part in item.items("ipConfigurations"))


def _private_zone(item: Resource, facts: Facts) -> Details:
    linked = [
        facts.name_of(reference(link.properties, "virtualNetwork"))
        for link in facts.state.of_type("privatedns:VirtualNetworkLink")
        if link.key.startswith(f"{item.key}/")
    ]
    return tuple(f"resolves in {name}" for name in sorted(set(linked)))


def _vault(item: Resource, _: Facts) -> Details:
    access = str(item.mapping("properties").get("publicNetworkAccess") or "enabled").lower()
    return ("private access only" if access == "disabled" else "public access",)


def _workspace(item: Resource, _: Facts) -> Details:
    days = item.properties.get("retentionInDays")
    return (f"keeps {days} days" if days else "",)


def _controller(item: Resource, _: Facts) -> Details:
    address = _annotation(item.properties, ADDRESS_ANNOTATION)
    return (f"load balancer {address}" if address else "public load balancer",)


def _chart(item: Resource, _: Facts) -> Details:
    of = item.properties
    address = _annotation(of, ADDRESS_ANNOTATION)
    return (
        f"{str(of.get('chart') or '').rsplit('/', 1)[-1]} {of.get('version') or ''}".strip(),
        f"load balancer {address}" if address else "",
    )


def _frontends(item: Resource, facts: Facts) -> Details:
    frontends = _parts_of(item, facts, "servicenetworking:FrontendsInterface")
    return tuple(str(one.properties.get("fqdn") or one.name) for one in frontends)


def _gateway_class(item: Resource, _: Facts) -> Details:
    return (f"class {item.mapping('spec').get('gatewayClassName')}",)


def _hostnames(item: Resource, _: Facts) -> Details:
    return tuple(map(str, item.mapping("spec").get("hostnames") or ("any host",)))


def _hosts(item: Resource, _: Facts) -> Details:
    rules = item.mapping("spec").get("rules") or ()
    return tuple(str(rule.get("host") or "any host") for rule in rules)


def _nothing(_: Resource, __: Facts) -> Details:
    return ()


DNS, KEYS, APPLICATIONS, RECORDS = "DNS", "Secrets and identities", "Applications", "Observability"

BY_TYPE = {
    "containerservice:ManagedCluster": Row(Kind.CLUSTER, _cluster, _of_cluster),
    "containerservice:AgentPool": Row(Kind.POOL, _pool, _of_pool),
    "network:ApplicationGateway": Row(
        Kind.APPLICATION_GATEWAY, _application_gateway, _by_configuration
    ),
    "network:BastionHost": Row(Kind.BASTION, _bastion, _by_configuration),
    "compute:VirtualMachine": Row(Kind.MACHINE, _machine, _of_machine),
    "network:AzureFirewall": Row(Kind.FIREWALL, _firewall, _by_configuration),
    "network:VirtualNetworkGateway": Row(Kind.GATEWAY, _gateway, _by_configuration),
    "network:PrivateEndpoint": Row(Kind.PRIVATE_ENDPOINT, _private_endpoint, _by_subnet),
    "dnsresolver:InboundEndpoint": Row(Kind.RESOLVER, _resolver, _by_configuration),
    "kubernetes:NginxIngressController": Row(
        Kind.INGRESS, _controller, _of_controller, APPLICATIONS
    ),
    "kubernetes:Release": Row(Kind.CHART, _chart, _of_controller, APPLICATIONS),
    "servicenetworking:TrafficControllerInterface": Row(
        Kind.TRAFFIC_CONTROLLER, _nothing, _of_traffic_controller, public=_frontends
    ),
    "kubernetes:Gateway": Row(Kind.GATEWAY_API, _gateway_class, _of_controller, APPLICATIONS),
    "kubernetes:HTTPRoute": Row(Kind.ROUTE, _hostnames, group=APPLICATIONS),
    "kubernetes:Ingress": Row(Kind.HOSTS, _hosts, group=APPLICATIONS),
    "dns:Zone": Row(Kind.DNS_ZONE, _nothing, group=DNS),
    "privatedns:PrivateZone": Row(Kind.PRIVATE_ZONE, _private_zone, group=DNS),
    "keyvault:Vault": Row(Kind.VAULT, _vault, group=KEYS),
    "managedidentity:UserAssignedIdentity": Row(Kind.IDENTITY, _nothing, group=KEYS),
    "operationalinsights:Workspace": Row(Kind.WORKSPACE, _workspace, group=RECORDS),
    "storage:StorageAccount": Row(Kind.STORAGE, _nothing, group=RECORDS),
}
