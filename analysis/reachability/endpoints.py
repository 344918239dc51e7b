"""Endpoints of the network: origins and destinations of traffic, and proxies between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from analysis.reachability import services
from analysis.reachability.backends import Backend
from analysis.reachability.intervals import EMPTY, Intervals
from analysis.reachability.policies import Peer, Pod
from analysis.reachability.security_groups import SecurityGroup
from analysis.reachability.virtual_networks import Subnet


class Kind(StrEnum):
    """Kinds of endpoints, in the order of rows and columns."""

    INTERNET = "internet"
    AZURE = "azure"
    PROBES = "probes"
    ON_PREMISES = "on-premises"
    HUB = "hub"
    BASTION = "bastion"
    MACHINE = "machine"
    GATEWAY = "gateway"
    NODES = "nodes"
    API_SERVER = "api server"
    VAULT = "vault"
    REGISTRY = "registry"
    CONTROLLER = "controller"
    DNS = "dns"
    PODS = "pods"

    @property
    def outside(self) -> bool:
        """Whether it is outside all virtual networks of the state."""
        return self in {Kind.INTERNET, Kind.AZURE, Kind.PROBES, Kind.ON_PREMISES, Kind.HUB}

    @property
    def is_client(self) -> bool:
        """Whether it sends requests that proxies forward."""
        return self not in {Kind.AZURE, Kind.PROBES}

    @property
    def in_pods(self) -> bool:
        return self in {Kind.CONTROLLER, Kind.DNS, Kind.PODS}

    @property
    def in_cluster(self) -> bool:
        return self.in_pods or self is Kind.NODES


@dataclass(frozen=True)
class Origin:
    """Where an endpoint sends from: addresses of network interfaces in a subnet."""

    subnet: Subnet
    addresses: Intervals
    security_groups: tuple[SecurityGroup, ...] = ()
    """Security groups of the network interfaces, in addition to the subnet's."""
    translated_to: Intervals | None = None
    """Source addresses outside the cluster, for pods in an overlay network."""
    public_addresses: Intervals = EMPTY
    """Its own public addresses for egress."""
    uses_load_balancer: bool = False
    """Whether its egress goes through the load balancer that AKS manages."""


@dataclass(frozen=True)
class Destination:
    """Addresses where an endpoint accepts traffic."""

    addresses: Intervals
    """The addresses that a client connects to."""
    label: str = ""
    network: str = ""
    """The virtual network of the addresses; empty for public and on-premises addresses."""
    translated_to: Intervals | None = None
    """The addresses behind them, if a public address is translated."""
    filtered_by: Subnet | None = None
    """The subnet whose security group filters the traffic."""
    security_groups: tuple[SecurityGroup, ...] = ()
    """Security groups of the network interfaces, in addition to the subnet's."""
    services: Intervals = services.EVERYTHING
    public: bool = False
    secure_by_default: bool = False
    """A Standard public IP of a virtual machine denies what no security group allows."""
    in_cluster_only: bool = False
    """The addresses are routed only inside the cluster."""
    external_only: bool = False
    """A load balancer's address: clients in the cluster connect to the pods directly."""
    allowed_sources: Intervals | None = None
    """Sources that the service itself accepts; None accepts all."""
    allowed_sources_title: str = ""
    resolves_in: frozenset[str] | None = None
    """Virtual networks in which its private name resolves; None if it needs no private name."""
    zone: str = ""
    target_ports: Mapping[tuple[str, int], int | str] = field(
        default_factory=dict[tuple[str, int], int | str]
    )
    """The ports of the pods behind a load balancer, by protocol and port of the load balancer: a
    number, or the name of a container port."""
    zone_of_others: bool = False
    """Whether the zone is not in the state, so that its links are not known."""
    dialled_by_pods: str = ""
    """The name of a server whose address pods dial, so that a firewall's rules by name do not apply
    (aks/outbound-rules-control-egress)."""
    probed_subnets: tuple[Subnet, ...] = ()
    """Subnets of nodes that a load balancer's health probes must reach."""
    failing_probes: Mapping[tuple[str, int], str] = field(
        default_factory=dict[tuple[str, int], str]
    )
    """Why a load balancer sends nothing to any node, by its protocol and port."""


@dataclass(frozen=True)
class Endpoint:
    """A source or target of traffic: a row and a column of the matrix."""

    name: str
    kind: Kind
    origins: tuple[Origin, ...] = ()
    destinations: tuple[Destination, ...] = ()
    addresses: Intervals = EMPTY
    """Source addresses of an endpoint outside all virtual networks."""
    pod: Pod | None = None
    sends: bool = True

    def as_peer(self, addresses: Intervals) -> Peer:
        """The endpoint as the peer of a pod, for network policies."""
        return Peer(addresses, self.pod, in_cluster=self.kind.in_cluster)


@dataclass(frozen=True)
class ProxyListener:
    """A listener of a gateway that forwards to fixed backends."""

    services: Intervals
    host: str
    """Empty for any host."""
    backend_addresses: Intervals
    backend_services: Intervals
    waf_policy: str
    """The firewall policy in prevention mode; empty if there is none."""


@dataclass(frozen=True)
class Proxy:
    """An endpoint that forwards requests: a gateway or an ingress controller."""

    endpoint: str
    listeners: tuple[ProxyListener, ...] = ()
    """Listeners of a gateway with its own backends."""
    serves: frozenset[str] = frozenset()
    """The ingress classes and Gateways whose routes it serves."""
    services: Intervals = EMPTY
    """The services on which it accepts requests for these routes."""
    waf_policy: str = ""
    """The firewall policy in prevention mode for routes without their own policy."""


@dataclass(frozen=True)
class RoutedPath:
    """A path of an Ingress or HTTPRoute object with the pods behind it."""

    served_by: str
    """The ingress class, or the Gateway."""
    host: str
    """Empty for any host."""
    path: str
    namespace: str
    backend: Backend
    services: Intervals | None = None
    """Services of the listeners that it is attached to; None for all services of its proxy."""
    waf_policy: str | None = None
    """Its firewall policy in prevention mode, empty for none; None for the policy of its proxy."""

    @property
    def title(self) -> str:
        return f"{self.host or 'any host'}{self.path}"
