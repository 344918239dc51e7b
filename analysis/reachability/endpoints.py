"""Who sends and who receives, with the places on the network where they do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analysis.reachability import services
from analysis.reachability.backends import Backend
from analysis.reachability.intervals import EMPTY, Intervals
from analysis.reachability.policies import Party, Pod
from analysis.reachability.security_groups import SecurityGroup
from analysis.reachability.virtual_networks import Subnet


class Kind(StrEnum):
    """What an endpoint is; the order is that of rows and columns."""

    INTERNET = "internet"
    AZURE = "azure"
    PROBES = "probes"
    ON_PREMISES = "on-premises"
    BASTION = "bastion"
    MACHINE = "machine"
    GATEWAY = "gateway"
    NODES = "nodes"
    API_SERVER = "api server"
    VAULT = "vault"
    CONTROLLER = "controller"
    DNS = "dns"
    PODS = "pods"

    @property
    def outside(self) -> bool:
        """Whether it stands in no virtual network."""
        return self in {Kind.INTERNET, Kind.AZURE, Kind.PROBES, Kind.ON_PREMISES}

    @property
    def asks(self) -> bool:
        """Whether it sends requests as a client does, which proxies pass on."""
        return self not in {Kind.AZURE, Kind.PROBES}

    @property
    def in_pods(self) -> bool:
        return self in {Kind.CONTROLLER, Kind.DNS, Kind.PODS}

    @property
    def in_cluster(self) -> bool:
        return self.in_pods or self is Kind.NODES


@dataclass(frozen=True)
class Place:
    """Where an endpoint sends from: addresses at network interfaces in a subnet."""

    subnet: Subnet
    addresses: Intervals
    groups: tuple[SecurityGroup, ...] = ()
    """At the network interfaces, behind the subnet's."""
    translated: Intervals | None = None
    """What the addresses become outside the cluster, for pods on an overlay."""
    public: Intervals = EMPTY
    """Public addresses of its own to leave by."""
    balancer: bool = False
    """Whether AKS' own load balancer is its way out."""


@dataclass(frozen=True)
class Arrival:
    """A way in to an endpoint."""

    addresses: Intervals
    """What a sender names."""
    label: str = ""
    network: str = ""
    """The virtual network that holds the addresses; empty for public ones and on-premises."""
    inside: Intervals | None = None
    """What the addresses become on the way in, where a public one is translated."""
    guard: Subnet | None = None
    """The subnet whose security group counts."""
    groups: tuple[SecurityGroup, ...] = ()
    listens: Intervals = services.EVERYTHING
    public: bool = False
    secure_by_default: bool = False
    """A Standard address of a machine lets nothing in that no security group allows."""
    cluster_only: bool = False
    """An address that exists inside the cluster only."""
    outside_cluster: bool = False
    """A load balancer's: inside the cluster its pods are reached without it."""
    accepted: Intervals | None = None
    """Sources that the service itself accepts; None accepts all."""
    accepted_by: str = ""
    resolves_in: frozenset[str] | None = None
    """Virtual networks in which its name leads here; None where it needs no private name."""
    zone: str = ""
    probed: tuple[Subnet, ...] = ()
    """Subnets of the nodes that a load balancer has to probe before it sends anything to them."""


@dataclass(frozen=True)
class Endpoint:
    """Someone who sends or receives."""

    name: str
    kind: Kind
    places: tuple[Place, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    addresses: Intervals = EMPTY
    """Where one that stands in no virtual network sends from."""
    pod: Pod | None = None
    sends: bool = True

    def party(self, addresses: Intervals) -> Party:
        """It as the other end of a connection, for network policies."""
        return Party(addresses, self.pod, in_cluster=self.kind.in_cluster)


@dataclass(frozen=True)
class Listener:
    """A proxy's entry: what it listens to leads to `host`, then to these addresses and ports."""

    services: Intervals
    host: str
    """Empty for every host."""
    targets: Intervals
    target_services: Intervals
    inspects: str
    """The firewall policy that it applies in prevention mode; empty where there is none."""


@dataclass(frozen=True)
class Relay:
    """An endpoint that passes requests on: a gateway or an ingress controller."""

    endpoint: str
    listeners: tuple[Listener, ...] = ()
    """Of a gateway with targets of its own."""
    serves: frozenset[str] = frozenset()
    """What routes name to be served by it: ingress classes, Gateways."""
    entries: Intervals = EMPTY
    """What it takes requests on, for such routes."""
    inspects: str = ""
    """The firewall policy that it applies to them in prevention mode, if they say nothing else."""


@dataclass(frozen=True)
class RoutedPath:
    """A path of an Ingress or HTTPRoute object, followed to the pods behind it."""

    served_by: str
    """The ingress class, or the Gateway."""
    host: str
    """Empty for every host."""
    path: str
    namespace: str
    backend: Backend
    entries: Intervals | None = None
    """Of the listeners that it is attached to; None for everything that its relay takes."""
    inspects: str | None = None
    """The firewall policy applied in prevention mode, empty for none; None for the relay's."""

    @property
    def title(self) -> str:
        return f"{self.host or 'any host'}{self.path}"
