"""The AKS cluster: node pools, addresses of pods, load balancers, the API server.

Sources: Microsoft Learn, "Azure CNI Overlay", "Private AKS clusters", "API Server VNet
Integration". AKS manages a network security group on the nodes' interfaces, in its node resource
group, which no state contains. It has Azure's default rules, and a rule that allows the Internet
for every public load balancer address of a Service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from analysis.reachability import security_groups, services
from analysis.reachability.addresses import AKS_OUTBOUND, network, service_tag
from analysis.reachability.controllers import IngressController
from analysis.reachability.endpoints import Destination, Endpoint, Kind, Origin
from analysis.reachability.intervals import EMPTY, Intervals, union
from analysis.reachability.policies import NAMESPACE_LABEL, Pod
from analysis.reachability.security_groups import SecurityGroup
from analysis.reachability.virtual_networks import Subnet, VirtualNetworks
from analysis.stack_state import Json, Resource, State, key, reference
from support import nested

AKS_GROUP = "AKS-managed security group"
API_PORT = services.tcp(443)


@dataclass(frozen=True)
class NodePool:
    name: str
    system: bool
    windows: bool
    subnet: str
    """Key of the subnet of the nodes."""
    pod_subnet: str
    """Key of the subnet of the pods; empty if they have no separate subnet."""
    public: bool


@dataclass(frozen=True)
class Cluster:
    """The cluster of a state."""

    resource: Resource
    pools: tuple[NodePool, ...]
    pod_range: Intervals
    """Addresses of pods outside the virtual network: overlay or kubenet."""
    policy_engine: str
    outbound_type: str

    @classmethod
    def of(cls, state: State) -> Cluster:
        """The cluster of a state. Raises ValueError if there is none, or more than one."""
        found = state.of_type("containerservice:ManagedCluster")
        if len(found) != 1:
            raise ValueError(
                f"the state must contain exactly one cluster: it contains {len(found)} clusters"
            )
        resource = found[0]
        profile = resource.mapping("networkProfile")
        rows = [
            *resource.items("agentPoolProfiles"),
            *(
                {**item.properties, "name": item.name}
                for item in state.of_type("containerservice:AgentPool")
            ),
        ]
        overlay = profile.get("networkPluginMode") == "overlay"
        has_pod_range = overlay or profile.get("networkPlugin") == "kubenet"
        return cls(
            resource=resource,
            pools=tuple(
                # The order of a state is the order of its deployment, so pools are sorted: system
                # pools first, then by name.
                sorted(
                    {str(row["name"]): _pool(row) for row in rows}.values(),
                    key=lambda pool: (not pool.system, pool.name),
                )
            ),
            pod_range=network(str(profile["podCidr"])) if has_pod_range else EMPTY,
            policy_engine=str(profile.get("networkPolicy") or ""),
            outbound_type=str(profile.get("outboundType") or "loadBalancer"),
        )

    @property
    def network(self) -> str:
        """Key of the virtual network of the nodes."""
        return self.pools[0].subnet.partition("/subnets/")[0]

    @property
    def pod_ranges(self) -> Mapping[str, Intervals]:
        """The pod range by the virtual network of the nodes."""
        return {self.network: self.pod_range} if self.pod_range else {}

    @property
    def has_agic(self) -> bool:
        """Whether AGIC configures the Application Gateway."""
        addon = self.resource.mapping("addonProfiles", "ingressApplicationGateway")
        return bool(addon.get("enabled"))

    @property
    def overlay_delegations(self) -> frozenset[str]:
        """The services whose gateways Azure connects to overlay pods, in lower case.

        The controller of a gateway requests the routes, so Application Gateway needs AGIC.
        """
        gateway = {"microsoft.network/applicationgateways"} if self.has_agic else set[str]()
        return frozenset({"microsoft.servicenetworking/trafficcontrollers", *gateway})

    def node_subnets(self, networks: VirtualNetworks) -> tuple[Subnet, ...]:
        """The subnets of the Linux nodes, which run everything that serves requests."""
        ids = dict.fromkeys(pool.subnet for pool in self.pools if not pool.windows)
        return tuple(networks.subnet(name) for name in ids)

    def nodes(self, networks: VirtualNetworks) -> list[Endpoint]:
        """The nodes of each pool."""
        return [self._nodes_of(pool, networks.subnet(pool.subnet)) for pool in self.pools]

    def _nodes_of(self, pool: NodePool, subnet: Subnet) -> Endpoint:
        group = (security_groups.with_default_rules(AKS_GROUP),)
        public = service_tag("AzureCloud") if pool.public else EMPTY
        destinations = [
            Destination(
                subnet.addresses, network=subnet.network, filtered_by=subnet, security_groups=group
            )
        ]
        if public:
            destinations.append(
                Destination(
                    public, label="public addresses of the nodes", public=True,
                    translated_to=subnet.addresses, filtered_by=subnet, security_groups=group,
                )
            )  # fmt: skip
        origin = Origin(
            subnet, subnet.addresses, group, public_addresses=public,
            uses_load_balancer=self.outbound_type == "loadBalancer",
        )  # fmt: skip
        system = "Windows" if pool.windows else "Linux"
        return Endpoint(f"nodes {pool.name} ({system})", Kind.NODES, (origin,), tuple(destinations))

    def pods(self, name: str, kind: Kind, pod: Pod, networks: VirtualNetworks) -> Endpoint:
        """Pods that may run on any Linux node."""
        group = (security_groups.with_default_rules(AKS_GROUP),)
        origins: dict[str, Origin] = {}
        for pool in self.pools:
            if pool.windows:
                continue
            subnet = networks.subnet(pool.pod_subnet or pool.subnet)
            origins[subnet.id] = Origin(
                subnet,
                self.pod_range or subnet.addresses,
                group,
                translated_to=subnet.addresses if self.pod_range else None,
                uses_load_balancer=self.outbound_type == "loadBalancer",
            )
        destinations = tuple(
            Destination(
                origin.addresses, network=origin.subnet.network, filtered_by=origin.subnet,
                security_groups=group, in_cluster_only=bool(self.pod_range),
            )
            for origin in origins.values()
        )  # fmt: skip
        return Endpoint(name, kind, tuple(origins.values()), destinations, pod=pod)

    def load_balancer_destinations(
        self, controller: IngressController, networks: VirtualNetworks
    ) -> list[Destination]:
        """The destinations behind the address of a controller's load balancer.

        A load balancer is not a hop: the nodes' interfaces see the client's address and the load
        balancer's own address, because AKS turns floating IP on. So the security group of the
        nodes' subnet applies, not that of the subnet of the load balancer's address.
        """
        subnets = self.node_subnets(networks)
        listens, public = controller.services, controller.public
        return [
            Destination(
                controller.address, label="load balancer",
                network="" if public else subnet.network,
                filtered_by=subnet, security_groups=(_group_for(listens, public=public),),
                services=listens, public=public, external_only=True, probed_subnets=subnets,
                allowed_sources=controller.allowed_sources,
                allowed_sources_title="source ranges of the Service",
                target_ports=controller.target_ports,
                failing_probes=controller.failing_probes,
            )
            for subnet in subnets
        ]  # fmt: skip

    def api_server(self, state: State, networks: VirtualNetworks) -> Endpoint:
        """The API server with its public and private addresses.

        With API Server VNet Integration it has both, unless the cluster is private
        (aks/api-server-vnet-integration).
        """
        access = self.resource.mapping("apiServerAccessProfile")
        private = bool(access.get("enablePrivateCluster"))
        inside = (
            self._private_api_server(state, networks, access)
            if private or access.get("enableVnetIntegration")
            else Endpoint("API server", Kind.API_SERVER, sends=False)
        )
        integrated = bool(access.get("enableVnetIntegration"))
        dialled = "" if integrated else str(self.resource.properties.get("fqdn") or "")
        public = () if private else (_public_api_server(access, dialled),)
        return replace(inside, destinations=(*public, *inside.destinations))

    def _private_api_server(
        self, state: State, networks: VirtualNetworks, access: Json
    ) -> Endpoint:
        integrated = bool(access.get("enableVnetIntegration"))
        subnet = networks.subnet(key(access["subnetId"]) if integrated else self.pools[0].subnet)
        zone = str(access.get("privateDNSZone") or "system")
        of_others = zone.startswith("/") and state.get(zone) is None
        # AKS links the nodes' network to a zone that is not linked to it (Azure/AKS#2711).
        resolves_in: frozenset[str] | None = frozenset({self.network})
        if not access.get("enablePrivateCluster") or access.get("enablePrivateClusterPublicFQDN"):
            resolves_in = None
        elif zone.startswith("/") and not of_others:
            resolves_in = linked_networks(state, zone)
        destination = Destination(
            subnet.addresses, label="private address", network=subnet.network, services=API_PORT,
            filtered_by=subnet if integrated or subnet.filters_private_endpoints else None,
            resolves_in=resolves_in, zone=zone.rsplit("/", 1)[-1],
            zone_of_others=of_others,
        )  # fmt: skip
        origins = (Origin(subnet, subnet.addresses),) if integrated else ()
        return Endpoint("API server", Kind.API_SERVER, origins, (destination,), sends=integrated)


def _public_api_server(access: Json, dialled: str) -> Destination:
    ranges = nested.items(access, "authorizedIPRanges")
    return Destination(
        service_tag("AzureCloud"), label="public address", public=True, services=API_PORT,
        # AKS adds the outbound address of its own load balancer, but no other egress address.
        allowed_sources=union(map(network, ranges)) | AKS_OUTBOUND if ranges else None,
        allowed_sources_title="authorized IP ranges of the API server",
        dialled_by_pods=dialled,
    )  # fmt: skip


def linked_networks(state: State, zone: str) -> frozenset[str]:
    """The virtual networks that a private DNS zone is linked to."""
    return frozenset(
        reference(item.properties, "virtualNetwork")
        for item in state.of_type("privatedns:VirtualNetworkLink")
        if item.key.startswith(f"{key(zone)}/virtualnetworklinks/")
    )


def namespace_labels(state: State, namespace: str) -> Mapping[str, str]:
    """The labels of a namespace, with the label that Kubernetes adds."""
    for item in state.kubernetes("Namespace"):
        if item.at("metadata", "name") == namespace:
            return {**item.mapping("metadata", "labels"), NAMESPACE_LABEL: namespace}
    return {NAMESPACE_LABEL: namespace}


def _pool(row: Json) -> NodePool:
    return NodePool(
        name=str(row["name"]),
        system=row.get("mode") == "System",
        windows=row.get("osType") == "Windows",
        subnet=key(row["vnetSubnetID"]),
        pod_subnet=key(row.get("podSubnetID") or ""),
        public=bool(row.get("enableNodePublicIP")),
    )


def _group_for(listens: Intervals, *, public: bool) -> SecurityGroup:
    if not public:
        return security_groups.with_default_rules(AKS_GROUP)
    rule = security_groups.SecurityRule(
        "k8s-azure-lb", "Inbound", 500, allow=True, sources=("Internet",), destinations=("*",),
        services=listens,
    )  # fmt: skip
    return security_groups.with_default_rules(AKS_GROUP, (rule,))
