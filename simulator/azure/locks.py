"""What Azure refuses because of another operation that is still under way.

One row for each rule, checked in their order for every operation under way against the one that is
asked for. Operations of one provider process are seen, those of another engine run are not.

Pools of one cluster are written side by side: the service accepts that (Azure/AKS#1913, released;
azurerm runs them so unless they share a subnet).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from simulator.errors import AzureError
from simulator.operations import Operation
from support import arm_ids
from support.arm_ids import ids_in

_NETWORK, _SUBNET = "network:VirtualNetwork", "network:Subnet"
_PEERING = "network:VirtualNetworkPeering"
_CLUSTER, _POOL = "containerservice:ManagedCluster", "containerservice:AgentPool"
EXCLUSIVE = frozenset({_NETWORK, _SUBNET, _PEERING, _CLUSTER, _POOL})
"""Types whose operations lock others out."""


@dataclass(frozen=True)
class Ongoing:
    """An operation with the ids that matter to others."""

    asked: Operation
    type: str
    """Token without the package."""
    id: str
    """Lower case, as all ids here."""
    networks: frozenset[str]
    """Virtual networks that the operation writes to: for a peering those of both sides."""
    references: frozenset[str]
    """Ids among the inputs."""

    @staticmethod
    def of(asked: Operation) -> Ongoing:
        token = asked.token.removeprefix("azure-native:")
        own = asked.id.lower()
        references = frozenset(item.lower().rstrip("/") for item in ids_in(asked.inputs))
        networks: set[str] = set()
        if token in {_NETWORK, _SUBNET, _PEERING}:
            networks.add(_network_of(own))
        if token == _PEERING:
            networks |= {_network_of(item) for item in references if _is_network(item)}
        return Ongoing(asked, token, own, frozenset(networks), references)

    @property
    def subnet_networks(self) -> set[str]:
        """Virtual networks of the subnets among the inputs."""
        return {_network_of(item) for item in self.references if "/subnets/" in item}

    @property
    def cluster(self) -> str:
        """Cluster that a cluster's or a pool's operation is about."""
        return self.id.split("/agentpools/")[0]


def _is_network(resource_id: str) -> bool:
    return "/virtualnetworks/" in resource_id


def _network_of(resource_id: str) -> str:
    head, _, tail = resource_id.partition("/virtualnetworks/")
    return f"{head}/virtualnetworks/{tail.split('/')[0]}"


Check = Callable[[Ongoing, Ongoing], bool]


@dataclass(frozen=True)
class Lock:
    """A refusal: whether it concerns `(asked, under way)`, and what is answered."""

    name: str
    status: int
    code: str
    source: str
    holds: Check
    message: str
    """May name `{asked}`, `{other}` (ids) and `{state}` (what happens to the other)."""


def _peering_meets_subnet(asked: Ongoing, other: Ongoing) -> bool:
    return (
        asked.type == _PEERING
        and other.type in {_SUBNET, _NETWORK}
        and bool(asked.networks & other.networks)
    )


def _same_network(asked: Ongoing, other: Ongoing) -> bool:
    return bool(asked.networks & other.networks)


def _cluster_meets_network(asked: Ongoing, other: Ongoing) -> bool:
    """A peering counts: it writes to the networks of both sides, as their lock shows."""
    return (
        asked.type in {_CLUSTER, _POOL}
        and asked.asked.kind == "create"
        and bool(asked.subnet_networks & other.networks)
    )


def _same_cluster(asked: Ongoing, other: Ongoing) -> bool:
    types = {asked.type, other.type}
    if not types <= {_CLUSTER, _POOL} or asked.cluster != other.cluster:
        return False
    if asked.type == _CLUSTER and asked.asked.kind == "delete":
        return other.type == _CLUSTER  # The deletion preempts what its pools are about.
    return _CLUSTER in types or asked.id == other.id


def _network_user_meets_used(asked: Ongoing, other: Ongoing) -> bool:
    return asked.type.startswith("network:") and other.id in asked.references


def _in_group_being_created(asked: Ongoing, other: Ongoing) -> bool:
    return (
        other.type == "resources:ResourceGroup"
        and other.asked.kind == "create"
        and arm_ids.group_of(asked.id) == other.id
    )


def _child_of_one_being_created(asked: Ongoing, other: Ongoing) -> bool:
    return other.asked.kind == "create" and asked.id.startswith(other.id + "/")


def _refers_to_one_being_created(asked: Ongoing, other: Ongoing) -> bool:
    return other.asked.kind == "create" and other.id in asked.references


LOCKS = (
    Lock(
        "a_peering_waits_for_the_networks_of_both_sides",
        400,
        "ReferencedResourceNotProvisioned",
        "pulumi/pulumi-azure-native#4340",
        _peering_meets_subnet,
        "{asked} uses a virtual network that is not in Succeeded state: {state} {other}.",
    ),
    Lock(
        "a_virtual_network_is_written_by_one_operation_at_a_time",
        409,
        "AnotherOperationInProgress",
        "pulumi/pulumi-azure-native#903",
        _same_network,
        "Another operation on this or a dependent resource is in progress: {state} {other}.",
    ),
    Lock(
        "nodes_join_a_virtual_network_at_rest",
        400,
        "VirtualNetworkNotInSucceededState",
        "Azure/AKS#4522; hashicorp/terraform-provider-azurerm#32682",
        _cluster_meets_network,
        "The ownership of the virtual network cannot be set while it is in Updating state: {state}"
        " {other}.",
    ),
    Lock(
        "a_cluster_is_written_by_one_operation_at_a_time",
        409,
        "OperationNotAllowed",
        "Microsoft Learn: troubleshoot/azure/azure-kubernetes/error-codes/"
        "operationnotallowed-error; cilium/cilium#25944",
        _same_cluster,
        "Another operation of the cluster is in progress: {state} {other}.",
    ),
    Lock(
        "what_a_network_resource_uses_is_at_rest",
        429,
        "RetryableError",
        "hashicorp/terraform#7153; hashicorp/terraform-provider-azurerm#70",
        _network_user_meets_used,
        "ReferencedResourceNotProvisioned: {other}, used by {asked}, is not in Succeeded state"
        " ({state} it).",
    ),
    Lock(
        "a_resource_group_is_there_when_its_creation_has_ended",
        404,
        "ResourceGroupNotFound",
        "Microsoft Learn: azure-resource-manager/troubleshooting/error-not-found",
        _in_group_being_created,
        "{asked} needs {other}, which is still being created.",
    ),
    Lock(
        "a_parent_is_there_when_its_creation_has_ended",
        404,
        "ParentResourceNotFound",
        "Microsoft Learn: azure-resource-manager/troubleshooting/error-parent-resource",
        _child_of_one_being_created,
        "{asked} needs its parent {other}, which is still being created.",
    ),
    Lock(
        "what_is_referred_to_is_there_when_its_creation_has_ended",
        404,
        "ResourceNotFound",
        "Microsoft Learn: azure-resource-manager/troubleshooting/error-not-found",
        _refers_to_one_being_created,
        "{asked} refers to {other}, which is still being created.",
    ),
)
_STATES = {"create": "creating", "update": "updating", "delete": "deleting"}


class Locks:
    """The operations under way in this process."""

    def __init__(self) -> None:
        self._ongoing: list[Ongoing] = []

    @contextmanager
    def held(self, asked: Operation) -> Generator[bool]:
        """Be under way; raises `AzureError` where another operation forbids it.

        Tells whether the operation locks others out.
        """
        mine = Ongoing.of(asked)
        for other in self._ongoing:
            _refuse(mine, other)
        self._ongoing.append(mine)
        try:
            yield mine.type in EXCLUSIVE
        finally:
            self._ongoing.remove(mine)


def _refuse(asked: Ongoing, other: Ongoing) -> None:
    for lock in LOCKS:
        if lock.holds(asked, other):
            state: Any = _STATES.get(other.asked.kind, other.asked.kind)
            text = lock.message.format(asked=asked.asked.id, other=other.asked.id, state=state)
            raise AzureError(lock.status, lock.code, text)
