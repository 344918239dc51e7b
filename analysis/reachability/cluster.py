"""The AKS cluster: pools, where pods have their addresses, the API server.

Sources: Microsoft Learn, "Azure CNI Overlay", "Private AKS clusters", "API Server VNet
Integration". AKS puts a security group of its own on the nodes' interfaces, in its node resource
group, which no state holds: Azure's default rules, and for every public load balancer address of a
Service a rule that lets the Internet in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from analysis.reachability import security_groups, services
from analysis.reachability.addresses import OUTBOUND, network, stretch_of
from analysis.reachability.endpoints import Arrival, Endpoint, Kind, Place
from analysis.reachability.intervals import EMPTY, Intervals, union
from analysis.reachability.policies import NAMESPACE_NAME, Pod
from analysis.reachability.security_groups import SecurityGroup
from analysis.reachability.virtual_networks import Networks, Subnet
from analysis.stack_state import Json, Resource, State, key

AKS_GROUP = "AKS's own group"
API_PORT = services.tcp(443)


@dataclass(frozen=True)
class Pool:
    name: str
    system: bool
    windows: bool
    subnet: str
    """Ids as keys; the pods' is empty where they have none of their own."""
    pod_subnet: str
    public: bool


@dataclass(frozen=True)
class Cluster:
    """What the state says of the cluster."""

    resource: Resource
    pools: tuple[Pool, ...]
    overlay: Intervals
    """The pods' range where it is not the virtual network's."""
    engine: str
    outbound: str

    @classmethod
    def of(cls, state: State) -> Cluster:
        """The only cluster of a state. Raises ValueError when there is none or several."""
        found = state.of_type("containerservice:ManagedCluster")
        if len(found) != 1:
            raise ValueError(f"the state holds {len(found)} clusters; one is analysed")
        resource = found[0]
        profile = resource.mapping("networkProfile")
        found_pools = [
            *resource.items("agentPoolProfiles"),
            *(
                {**i.properties, "name": i.name}
                for i in state.of_type("containerservice:AgentPool")
            ),
        ]
        overlay = profile.get("networkPluginMode") == "overlay"
        apart = overlay or profile.get("networkPlugin") == "kubenet"
        return cls(
            resource=resource,
            pools=tuple(
                # A state's order is that of a deployment; system pools first, then by name.
                sorted(
                    {str(row["name"]): _pool(row) for row in found_pools}.values(),
                    key=lambda pool: (not pool.system, pool.name),
                )
            ),
            overlay=network(str(profile["podCidr"])) if apart else EMPTY,
            engine=str(profile.get("networkPolicy") or ""),
            outbound=str(profile.get("outboundType") or "loadBalancer"),
        )

    @property
    def network(self) -> str:
        return self.pools[0].subnet.partition("/subnets/")[0]

    @property
    def pod_ranges(self) -> Mapping[str, Intervals]:
        return {self.network: self.overlay} if self.overlay else {}

    def node_subnets(self, networks: Networks) -> tuple[Subnet, ...]:
        """The subnets of the Linux nodes, which hold everything that serves requests."""
        ids = dict.fromkeys(pool.subnet for pool in self.pools if not pool.windows)
        return tuple(networks.subnet(name) for name in ids)

    def nodes(self, networks: Networks) -> list[Endpoint]:
        """Each pool's nodes."""
        found: list[Endpoint] = []
        for pool in self.pools:
            subnet = networks.subnet(pool.subnet)
            group = (security_groups.group(AKS_GROUP),)
            ways = [
                Arrival(subnet.addresses, network=subnet.network, guard=subnet, groups=group),
            ]
            if pool.public:
                public = Arrival(
                    stretch_of("AzureCloud"), label="the nodes' public addresses", public=True,
                    inside=subnet.addresses, guard=subnet, groups=group,
                )  # fmt: skip
                ways.append(public)
            place = Place(
                subnet, subnet.addresses, group,
                public=stretch_of("AzureCloud") if pool.public else EMPTY,
                balancer=self.outbound == "loadBalancer",
            )  # fmt: skip
            system = "Windows" if pool.windows else "Linux"
            name = f"nodes {pool.name} ({system})"
            found.append(Endpoint(name, Kind.NODES, (place,), tuple(ways)))
        return found

    def pods(self, name: str, kind: Kind, pod: Pod, networks: Networks) -> Endpoint:
        """Pods that may run on any Linux node."""
        group = (security_groups.group(AKS_GROUP),)
        places: dict[str, Place] = {}
        for pool in self.pools:
            if pool.windows:
                continue
            home = networks.subnet(pool.pod_subnet or pool.subnet)
            places[home.id] = Place(
                home,
                self.overlay or home.addresses,
                group,
                translated=home.addresses if self.overlay else None,
                balancer=self.outbound == "loadBalancer",
            )
        ways = tuple(
            Arrival(
                place.addresses, network=place.subnet.network, guard=place.subnet, groups=group,
                cluster_only=bool(self.overlay),
            )
            for place in places.values()
        )  # fmt: skip
        return Endpoint(name, kind, tuple(places.values()), ways, pod=pod)

    def balancer(
        self, address: Intervals, listens: Intervals, networks: Networks, *, public: bool,
        accepted: Intervals | None = None,
    ) -> list[Arrival]:  # fmt: skip
        """The ways in by a load balancer's address.

        It is no hop: the nodes' interfaces see the client's address and the load balancer's own
        (AKS turns floating IP on), so the group that counts is the nodes', not that of the subnet
        which the address comes from.
        """
        subnets = self.node_subnets(networks)
        return [
            Arrival(
                address, label="load balancer", network="" if public else subnet.network,
                guard=subnet, groups=(_group_for(listens, public=public),),
                listens=listens, public=public, outside_cluster=True, probed=subnets,
                accepted=accepted, accepted_by="the Service's source ranges",
            )
            for subnet in subnets
        ]  # fmt: skip

    def api_server(self, state: State, networks: Networks) -> Endpoint:
        """The API server, as it is reached.

        One inside the network has a public address besides, unless the cluster is private
        (aks/api-server-vnet-integration).
        """
        access = self.resource.mapping("apiServerAccessProfile")
        private = bool(access.get("enablePrivateCluster"))
        inside = (
            self._private_api_server(state, networks, access)
            if private or access.get("enableVnetIntegration")
            else Endpoint("API server", Kind.API_SERVER, sends=False)
        )
        public = () if private else (_public_api_server(access),)
        return replace(inside, arrivals=(*public, *inside.arrivals))

    def _private_api_server(self, state: State, networks: Networks, access: Json) -> Endpoint:
        integrated = bool(access.get("enableVnetIntegration"))
        subnet = networks.subnet(key(str(access["subnetId"]))) if integrated else None
        home = subnet or networks.subnet(self.pools[0].subnet)
        zone = str(access.get("privateDNSZone") or "system")
        resolves: frozenset[str] | None = frozenset({self.network})
        if not access.get("enablePrivateCluster") or access.get("enablePrivateClusterPublicFQDN"):
            resolves = None
        elif zone.startswith("/"):
            resolves = linked_networks(state, zone)
        arrival = Arrival(
            home.addresses, label="private address", network=home.network, listens=API_PORT,
            guard=home if integrated or home.guards_private_endpoints else None,
            resolves_in=resolves, zone=zone.rsplit("/", 1)[-1],
        )  # fmt: skip
        places = (Place(home, home.addresses),) if integrated else ()
        return Endpoint("API server", Kind.API_SERVER, places, (arrival,), sends=integrated)


def _public_api_server(access: Json) -> Arrival:
    ranges = cast("Sequence[str]", access.get("authorizedIPRanges") or ())
    return Arrival(
        stretch_of("AzureCloud"), label="public address", public=True, listens=API_PORT,
        # AKS adds the address of its own load balancer; that of anything else it does not.
        accepted=union(map(network, ranges)) | OUTBOUND if ranges else None,
        accepted_by="authorised ranges of the API server",
    )  # fmt: skip


def linked_networks(state: State, zone: str) -> frozenset[str]:
    """The virtual networks in which the names of a private zone resolve."""
    return frozenset(
        key(str(item.mapping("virtualNetwork")["id"]))
        for item in state.of_type("privatedns:VirtualNetworkLink")
        if item.key.startswith(f"{key(zone)}/virtualnetworklinks/")
    )


def namespace_labels(state: State, namespace: str) -> Mapping[str, str]:
    """A namespace's labels, with the one that Kubernetes itself puts there."""
    for item in state.kubernetes("Namespace"):
        metadata = item.mapping("metadata")
        if metadata["name"] == namespace:
            return {**(metadata.get("labels") or {}), NAMESPACE_NAME: namespace}
    return {NAMESPACE_NAME: namespace}


def _pool(row: Json) -> Pool:
    return Pool(
        name=str(row["name"]),
        system=row.get("mode") == "System",
        windows=row.get("osType") == "Windows",
        subnet=key(str(row["vnetSubnetID"])),
        pod_subnet=key(str(row.get("podSubnetID") or "")),
        public=bool(row.get("enableNodePublicIP")),
    )


def _group_for(listens: Intervals, *, public: bool) -> SecurityGroup:
    if not public:
        return security_groups.group(AKS_GROUP)
    opened = security_groups.SecurityRule(
        "k8s-azure-lb", "Inbound", 500, allow=True, sources=("Internet",), destinations=("*",),
        services=listens,
    )  # fmt: skip
    return security_groups.group(AKS_GROUP, (opened,))
