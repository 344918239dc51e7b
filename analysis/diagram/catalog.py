"""The table of resource types that are drawn: icon, subnet and details of each."""

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
class StateLookup:
    """Finds other resources that the details of a resource mention."""

    state: State

    def name_of(self, resource_id: str) -> str:
        item = self.state.get(resource_id)
        return item.name if item else resource_id.rsplit("/", 1)[-1]

    def subnet_named(self, name: str) -> str:
        """The key of the first subnet with a name, or an empty string."""
        ids = (item.key for item in self.state.of_type("network:Subnet"))
        return next((one for one in ids if one.endswith(f"/{name.lower()}")), "")


@dataclass(frozen=True)
class DrawnType:
    """How resources of a type are drawn."""

    kind: Kind
    details: Callable[[Resource, StateLookup], Details]
    subnet: Callable[[Resource, StateLookup], str] = lambda _, __: ""
    """The key of the subnet that contains the resource; empty if none does."""
    group: str = "In no subnet"
    """The group of a resource outside all subnets."""
    public: Callable[[Resource, StateLookup], Details] = lambda _, __: ()
    """Public host names, in addition to public IP addresses."""


def inline_node_pools(state: State) -> Iterator[Resource]:
    """The node pools in a cluster's properties, in the form of separate resources."""
    separate = {item.key for item in state.of_type("containerservice:AgentPool")}
    for cluster in state.of_type("containerservice:ManagedCluster"):
        for pool in cluster.items("agentPoolProfiles"):
            pool_id = f"{cluster.id}/agentPools/{pool['name']}"
            if key(pool_id) not in separate:
                yield Resource("", f"{AZURE}containerservice:AgentPool", pool_id, pool, {})


def _first_configuration(item: Resource, *lists: str) -> str:
    """The subnet of the first IP configuration with a subnet."""
    for name in lists:
        for part in item.items(name):
            if subnet := reference(part, "subnet"):
                return subnet
    return ""


def _by_configuration(item: Resource, _: StateLookup) -> str:
    return _first_configuration(item, "ipConfigurations", "gatewayIPConfigurations")


def _by_subnet(item: Resource, _: StateLookup) -> str:
    return reference(item.properties, "subnet")


def _pool_subnet(item: Resource, _: StateLookup) -> str:
    return key(str(item.properties.get("vnetSubnetID") or ""))


def _cluster_subnet(item: Resource, lookup: StateLookup) -> str:
    """The subnet of its first pool: the cluster itself has no subnet."""
    pools = (*item.items("agentPoolProfiles"), *(
        pool.properties
        for pool in lookup.state.of_type("containerservice:AgentPool")
        if pool.key.startswith(f"{item.key}/")
    ))  # fmt: skip
    return next((key(str(one["vnetSubnetID"])) for one in pools if one.get("vnetSubnetID")), "")


def _network_interface(item: Resource, lookup: StateLookup) -> Resource | None:
    for row in item.mapping("networkProfile").get("networkInterfaces") or ():
        if interface := lookup.state.get(str(row["id"])):
            return interface
    return None


def _machine_subnet(item: Resource, lookup: StateLookup) -> str:
    interface = _network_interface(item, lookup)
    return _by_configuration(interface, lookup) if interface else ""


def _controller_subnet(item: Resource, lookup: StateLookup) -> str:
    """The subnet of its load balancer's address."""
    name = _annotation(item.properties, SUBNET_ANNOTATION)
    return lookup.subnet_named(name) if name else ""


def _annotation(value: object, name: str) -> str:
    """An annotation at any depth: each chart puts annotations in a different place."""
    if not isinstance(value, Mapping):
        return ""
    parts = cast("Mapping[str, object]", value)
    if name in parts:
        return str(parts[name])
    return next((found for part in parts.values() if (found := _annotation(part, name))), "")


def _children(item: Resource, lookup: StateLookup, token: str) -> Iterator[Resource]:
    """The child resources of a type."""
    found = lookup.state.of_type(token)
    return (one for one in found if one.key.startswith(f"{item.key}/"))


def _traffic_controller_subnet(item: Resource, lookup: StateLookup) -> str:
    associations = _children(item, lookup, "servicenetworking:AssociationsInterface")
    return next((reference(one.properties, "subnet") for one in associations), "")


def _zones(zones: object) -> str:
    return f"zones {', '.join(map(str, zones))}" if isinstance(zones, list) and zones else ""  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _pool(item: Resource, _: StateLookup) -> Details:
    of = item.properties
    scaled = of.get("enableAutoScaling")
    size = f"{of.get('minCount')} to {of.get('maxCount')}" if scaled else f"{of.get('count')}"
    return (
        f"{of.get('mode') or 'User'}, {of.get('osType') or 'Linux'}",
        f"{size} nodes",
        str(of.get("vmSize") or ""),
        _zones(of.get("availabilityZones")),
    )


def _cluster(item: Resource, _: StateLookup) -> Details:
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


def _application_gateway(item: Resource, lookup: StateLookup) -> Details:
    scale = item.mapping("autoscaleConfiguration")
    policy = lookup.state.get(reference(item.properties, "firewallPolicy") or "-")
    mode = policy.mapping("policySettings").get("mode") if policy else None
    return (
        str(item.mapping("sku").get("tier") or ""),
        f"WAF in {mode} mode" if mode else "",
        f"{scale.get('minCapacity', 0)} to {scale.get('maxCapacity')} units" if scale else "",
        _zones(item.properties.get("zones")),
    )


def _bastion(item: Resource, _: StateLookup) -> Details:
    units = item.properties.get("scaleUnits")
    return (
        str(item.mapping("sku").get("name") or ""),
        f"{units} scale units" if units else "",
        _zones(item.properties.get("zones")),
    )


def _machine(item: Resource, lookup: StateLookup) -> Details:
    interface = _network_interface(item, lookup)
    addresses = [
        str(part.get("privateIPAddress") or "") for part in interface.items("ipConfigurations")
    ] if interface else []  # fmt: skip
    return (str(item.mapping("hardwareProfile").get("vmSize") or ""), *addresses)


def _firewall(item: Resource, _: StateLookup) -> Details:
    addresses = [str(part.get("privateIPAddress") or "") for part in item.items("ipConfigurations")]
    return (str(item.mapping("sku").get("tier") or ""), *addresses)


def _gateway(item: Resource, _: StateLookup) -> Details:
    kind = {"Vpn": "VPN"}.get(str(item.properties.get("gatewayType")), "ExpressRoute")
    active = "active-active" if item.properties.get("activeActive") else ""
    return (kind, str(item.mapping("sku").get("name") or ""), active)


def _private_endpoint(item: Resource, lookup: StateLookup) -> Details:
    targets = [
        str(row.get("privateLinkServiceId") or "")
        for row in item.items("privateLinkServiceConnections")
    ]
    return tuple(f"to {lookup.name_of(target)}" for target in targets)


def _resolver(item: Resource, _: StateLookup) -> Details:
    return tuple(str(part.get("privateIpAddress") or "") for part in item.items("ipConfigurations"))


def _private_zone(item: Resource, lookup: StateLookup) -> Details:
    linked = [
        lookup.name_of(reference(link.properties, "virtualNetwork"))
        for link in lookup.state.of_type("privatedns:VirtualNetworkLink")
        if link.key.startswith(f"{item.key}/")
    ]
    return tuple(f"resolves in {name}" for name in sorted(set(linked)))


def _vault(item: Resource, _: StateLookup) -> Details:
    access = str(item.mapping("properties").get("publicNetworkAccess") or "enabled").lower()
    return ("private access only" if access == "disabled" else "public access",)


def _registry(item: Resource, _: StateLookup) -> Details:
    access = str(item.properties.get("publicNetworkAccess") or "enabled").lower()
    return ("private access only" if access == "disabled" else "public access",)


def _workspace(item: Resource, _: StateLookup) -> Details:
    days = item.properties.get("retentionInDays")
    return (f"retention {days} days" if days else "",)


def _controller(item: Resource, _: StateLookup) -> Details:
    address = _annotation(item.properties, ADDRESS_ANNOTATION)
    return (f"load balancer {address}" if address else "public load balancer",)


def _chart(item: Resource, _: StateLookup) -> Details:
    of = item.properties
    address = _annotation(of, ADDRESS_ANNOTATION)
    return (
        f"{str(of.get('chart') or '').rsplit('/', 1)[-1]} {of.get('version') or ''}".strip(),
        f"load balancer {address}" if address else "",
    )


def _frontends(item: Resource, lookup: StateLookup) -> Details:
    frontends = _children(item, lookup, "servicenetworking:FrontendsInterface")
    return tuple(str(one.properties.get("fqdn") or one.name) for one in frontends)


def _gateway_class(item: Resource, _: StateLookup) -> Details:
    address = _annotation(item.properties, ADDRESS_ANNOTATION)
    return (
        f"class {item.mapping('spec').get('gatewayClassName')}",
        f"load balancer {address}" if address else "",
    )


def _hostnames(item: Resource, _: StateLookup) -> Details:
    return tuple(map(str, item.mapping("spec").get("hostnames") or ("any host",)))


def _hosts(item: Resource, _: StateLookup) -> Details:
    rules = item.mapping("spec").get("rules") or ()
    return tuple(str(rule.get("host") or "any host") for rule in rules)


def _no_details(_: Resource, __: StateLookup) -> Details:
    return ()


DNS, SECRETS, IMAGES = "DNS", "Secrets and identities", "Images"
APPLICATIONS, OBSERVABILITY = "Applications", "Observability"

BY_TYPE = {
    "containerservice:ManagedCluster": DrawnType(Kind.CLUSTER, _cluster, _cluster_subnet),
    "containerservice:AgentPool": DrawnType(Kind.POOL, _pool, _pool_subnet),
    "network:ApplicationGateway": DrawnType(
        Kind.APPLICATION_GATEWAY, _application_gateway, _by_configuration
    ),
    "network:BastionHost": DrawnType(Kind.BASTION, _bastion, _by_configuration),
    "compute:VirtualMachine": DrawnType(Kind.MACHINE, _machine, _machine_subnet),
    "network:AzureFirewall": DrawnType(Kind.FIREWALL, _firewall, _by_configuration),
    "network:VirtualNetworkGateway": DrawnType(Kind.GATEWAY, _gateway, _by_configuration),
    "network:PrivateEndpoint": DrawnType(Kind.PRIVATE_ENDPOINT, _private_endpoint, _by_subnet),
    "dnsresolver:InboundEndpoint": DrawnType(Kind.RESOLVER, _resolver, _by_configuration),
    "kubernetes:NginxIngressController": DrawnType(
        Kind.INGRESS, _controller, _controller_subnet, APPLICATIONS
    ),
    "kubernetes:Release": DrawnType(Kind.CHART, _chart, _controller_subnet, APPLICATIONS),
    "servicenetworking:TrafficControllerInterface": DrawnType(
        Kind.TRAFFIC_CONTROLLER, _no_details, _traffic_controller_subnet, public=_frontends
    ),
    "kubernetes:Gateway": DrawnType(
        Kind.GATEWAY_API, _gateway_class, _controller_subnet, APPLICATIONS
    ),
    "kubernetes:HTTPRoute": DrawnType(Kind.ROUTE, _hostnames, group=APPLICATIONS),
    "kubernetes:Ingress": DrawnType(Kind.HOSTS, _hosts, group=APPLICATIONS),
    "dns:Zone": DrawnType(Kind.DNS_ZONE, _no_details, group=DNS),
    "privatedns:PrivateZone": DrawnType(Kind.PRIVATE_ZONE, _private_zone, group=DNS),
    "keyvault:Vault": DrawnType(Kind.VAULT, _vault, group=SECRETS),
    "containerregistry:Registry": DrawnType(Kind.REGISTRY, _registry, group=IMAGES),
    "managedidentity:UserAssignedIdentity": DrawnType(Kind.IDENTITY, _no_details, group=SECRETS),
    "operationalinsights:Workspace": DrawnType(Kind.WORKSPACE, _workspace, group=OBSERVABILITY),
    "storage:StorageAccount": DrawnType(Kind.STORAGE, _no_details, group=OBSERVABILITY),
}
