"""What Azure refuses because of another operation that is still in progress.

Each lock is a row. They are checked in their order, for the requested operation and each operation
in progress, in whichever provider process of this cloud that is.

Pools of one cluster can be written in parallel: the service accepts that (Azure/AKS#1913, released;
azurerm does so unless they share a subnet).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from simulator.errors import AzureError
from simulator.operations import Operation
from simulator.processes import Processes
from support import arm_ids
from support.arm_ids import ids_in

_NETWORK, _SUBNET = "network:VirtualNetwork", "network:Subnet"
_PEERING = "network:VirtualNetworkPeering"
_CLUSTER, _POOL = "containerservice:ManagedCluster", "containerservice:AgentPool"
_FIREWALL = "network:AzureFirewall"
_RULE_GROUP = "network:FirewallPolicyRuleCollectionGroup"
EXCLUSIVE = frozenset({_NETWORK, _SUBNET, _PEERING, _CLUSTER, _POOL, _FIREWALL, _RULE_GROUP})
"""Types whose operations lock others out."""


@dataclass(frozen=True)
class Ongoing:
    """An operation and the ids that the locks compare."""

    kind: str
    """`create`, `update` or `delete`."""
    type: str
    """Token without the package."""
    shown_id: str
    """The id as it was requested."""
    networks: frozenset[str]
    """Virtual networks that the operation writes to; for a peering those on both sides."""
    references: frozenset[str]
    """Ids among the inputs. They are in lower case, as all ids here but the shown one."""

    @staticmethod
    def of(operation: Operation) -> Ongoing:
        """The operation with its ids."""
        token = operation.token.removeprefix("azure-native:")
        own = operation.id.lower()
        references = frozenset(item.lower().rstrip("/") for item in ids_in(operation.inputs))
        networks: set[str] = set()
        if token in {_NETWORK, _SUBNET, _PEERING}:
            networks.add(_network_of(own))
        if token == _PEERING:
            networks |= {_network_of(item) for item in references if _is_network(item)}
        return Ongoing(operation.kind, token, operation.id, frozenset(networks), references)

    @staticmethod
    def parse(values: Mapping[str, Any]) -> Ongoing:
        """The operation that `values` is the JSON of."""
        return Ongoing(
            kind=values["kind"],
            type=values["type"],
            shown_id=values["shown_id"],
            networks=frozenset(values["networks"]),
            references=frozenset(values["references"]),
        )

    def as_json(self) -> dict[str, Any]:
        """In a form for other processes."""
        ids = {"networks": sorted(self.networks), "references": sorted(self.references)}
        return {**asdict(self), **ids}

    @property
    def id(self) -> str:
        """In lower case."""
        return self.shown_id.lower()

    @property
    def subnet_networks(self) -> set[str]:
        """Virtual networks of the subnets among the inputs."""
        return {_network_of(item) for item in self.references if "/subnets/" in item}

    @property
    def cluster(self) -> str:
        """Id of the cluster that an operation on a cluster or a pool concerns."""
        return self.id.split("/agentpools/")[0]


def _is_network(resource_id: str) -> bool:
    return "/virtualnetworks/" in resource_id


def _network_of(resource_id: str) -> str:
    head, _, tail = resource_id.partition("/virtualnetworks/")
    return f"{head}/virtualnetworks/{tail.split('/')[0]}"


Check = Callable[[Ongoing, Ongoing], bool]
"""Whether the first operation, which is requested, is refused because of the second."""


@dataclass(frozen=True)
class Lock:
    """A refusal: when it applies, and what the service answers."""

    name: str
    status: int
    code: str
    source: str
    applies: Check
    message: str
    """May contain `{requested}` and `{other}` (ids) and `{state}` (what happens to the other)."""


def _peering_meets_subnet(requested: Ongoing, other: Ongoing) -> bool:
    return (
        requested.type == _PEERING
        and other.type in {_SUBNET, _NETWORK}
        and bool(requested.networks & other.networks)
    )


def _same_network(requested: Ongoing, other: Ongoing) -> bool:
    return bool(requested.networks & other.networks)


def _cluster_meets_network(requested: Ongoing, other: Ongoing) -> bool:
    """A peering counts, since it writes to the networks on both sides, as their lock shows."""
    return (
        requested.type in {_CLUSTER, _POOL}
        and requested.kind == "create"
        and bool(requested.subnet_networks & other.networks)
    )


def _same_cluster(requested: Ongoing, other: Ongoing) -> bool:
    types = {requested.type, other.type}
    if not types <= {_CLUSTER, _POOL} or requested.cluster != other.cluster:
        return False
    if requested.type == _CLUSTER and requested.kind == "delete":
        return other.type == _CLUSTER  # The deletion preempts operations on the pools.
    return _CLUSTER in types or requested.id == other.id


def _network_user_meets_used(requested: Ongoing, other: Ongoing) -> bool:
    return requested.type.startswith("network:") and other.id in requested.references


def _policy_of(ongoing: Ongoing) -> str:
    """Id of the firewall policy that a rule collection group or a firewall belongs to."""
    if ongoing.type == _RULE_GROUP:
        return ongoing.id.partition("/rulecollectiongroups/")[0]
    policies = (item for item in ongoing.references if "/firewallpolicies/" in item)
    return next(policies, "") if ongoing.type == _FIREWALL else ""


def _rules_meet_firewall(requested: Ongoing, other: Ongoing) -> bool:
    return {requested.type, other.type} == {_RULE_GROUP, _FIREWALL} and (
        _policy_of(requested) == _policy_of(other)
    )


def _same_firewall_policy(requested: Ongoing, other: Ongoing) -> bool:
    return requested.type == other.type == _RULE_GROUP and (
        _policy_of(requested) == _policy_of(other)
    )


def _in_group_being_created(requested: Ongoing, other: Ongoing) -> bool:
    return (
        other.type == "resources:ResourceGroup"
        and other.kind == "create"
        and arm_ids.group_of(requested.id) == other.id
    )


def _child_of_one_being_created(requested: Ongoing, other: Ongoing) -> bool:
    return other.kind == "create" and requested.id.startswith(other.id + "/")


def _refers_to_one_being_created(requested: Ongoing, other: Ongoing) -> bool:
    return other.kind == "create" and other.id in requested.references


LOCKS = (
    Lock(
        "a_peering_waits_for_the_networks_of_both_sides",
        400,
        "ReferencedResourceNotProvisioned",
        "pulumi/pulumi-azure-native#4340",
        _peering_meets_subnet,
        "{requested} uses a virtual network that is not in Succeeded state: {state} {other}.",
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
        "the_rules_of_a_firewall_are_written_while_it_is_at_rest",
        400,
        "FirewallPolicyUpdateFailed",
        "hashicorp/terraform-provider-azurerm#19843; mspnp/aks-baseline, where the firewall waits"
        " for its rule collection groups",
        _rules_meet_firewall,
        "Put on Firewall Policy failed with 1 faulted referenced firewalls: {requested} is written"
        " while Azure is {state} {other}.",
    ),
    Lock(
        "the_rules_of_a_firewall_policy_are_written_by_one_operation_at_a_time",
        409,
        "AnotherOperationInProgress",
        "mspnp/aks-baseline, where the rule collection groups wait for each other",
        _same_firewall_policy,
        "Another operation on the firewall policy is in progress: {state} {other}.",
    ),
    Lock(
        "what_a_network_resource_uses_is_at_rest",
        429,
        "RetryableError",
        "hashicorp/terraform#7153; hashicorp/terraform-provider-azurerm#70",
        _network_user_meets_used,
        "ReferencedResourceNotProvisioned: {other}, used by {requested}, is not in Succeeded state"
        " ({state} it).",
    ),
    Lock(
        "a_resource_group_is_there_when_its_creation_has_ended",
        404,
        "ResourceGroupNotFound",
        "Microsoft Learn: azure-resource-manager/troubleshooting/error-not-found",
        _in_group_being_created,
        "{requested} needs {other}, which is still being created.",
    ),
    Lock(
        "a_parent_is_there_when_its_creation_has_ended",
        404,
        "ParentResourceNotFound",
        "Microsoft Learn: azure-resource-manager/troubleshooting/error-parent-resource",
        _child_of_one_being_created,
        "{requested} needs its parent {other}, which is still being created.",
    ),
    Lock(
        "what_is_referred_to_is_there_when_its_creation_has_ended",
        404,
        "ResourceNotFound",
        "Microsoft Learn: azure-resource-manager/troubleshooting/error-not-found",
        _refers_to_one_being_created,
        "{requested} refers to {other}, which is still being created.",
    ),
)
_STATES = {"create": "creating", "update": "updating", "delete": "deleting"}


_TOLD = "operations"


class Locks:
    """The operations in progress, here and in the other processes of the cloud."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._ongoing: list[Ongoing] = []
        self._told: list[dict[str, Any]] = []
        """The same for the other processes."""

    @contextmanager
    def acquire(self, operation: Operation) -> Generator[bool]:
        """Count the operation as in progress; raises `AzureError` if another one forbids it.

        The context's value is whether the operation locks others out.
        """
        requested = Ongoing.of(operation)
        with self._processes.exclusive():
            elsewhere = self._processes.heard(_TOLD)
            for other in (*self._ongoing, *(Ongoing.parse(o) for many in elsewhere for o in many)):
                _refuse(requested, other)
            told = requested.as_json()
            self._ongoing.append(requested)
            self._told.append(told)
            self._processes.tell(**{_TOLD: self._told})
        try:
            yield requested.type in EXCLUSIVE
        finally:
            self._ongoing.remove(requested)
            self._told.remove(told)
            self._processes.tell(**{_TOLD: self._told})


def _refuse(requested: Ongoing, other: Ongoing) -> None:
    for lock in LOCKS:
        if lock.applies(requested, other):
            state = _STATES.get(other.kind, other.kind)
            text = lock.message.format(
                requested=requested.shown_id, other=other.shown_id, state=state
            )
            raise AzureError(lock.status, lock.code, text)
