"""States for tests: what a stack's registrations leave behind, in the form of a state.

The engine is not needed: the simulated cloud that unit tests run on holds every Azure resource with
its outputs, and Kubernetes objects are what was registered.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from analysis.reachability import Matrix, compute
from analysis.reachability.snapshot import cell_texts
from cli import stack_file
from cli.simulated.fixture import fixture_of
from tests.helpers.copies import copied
from tests.helpers.mocks import Recording
from tests.helpers.stacks import ROOT, STACKS, recorded, recorded_file, run_program

Resource = dict[str, Any]
Resources = list[Resource]


def as_state(recording: Recording) -> Resources:
    """What `deployment.resources` of an export would hold, as far as it matters."""
    cloud = recording.cloud
    registered = {
        cloud.id_of(item.type, {cloud.type_of(item.type).name_parameter: item.name, **item.inputs})
        for item in recording.azure()
    }
    azure = [
        {
            "type": f"azure-native:{item.token}",
            "id": item.id,
            "inputs": item.inputs,
            "outputs": item.outputs,
        }
        for item in cloud.store.all()
        if item.id in registered
    ]
    objects = [
        {
            "type": item.type,
            "id": item.urn,
            "inputs": item.inputs,
            "outputs": item.inputs,
        }
        for item in recording.registrations
        if item.type.startswith("kubernetes:")
    ]
    return copied(azure + objects)


EXAMPLES = tuple(
    sorted(
        path.stem
        for path in (ROOT / "examples").glob("*.yaml")
        if not path.name.endswith(".cloud.yaml")
    )
)
ENABLED = "nginx, with the Gateway API"
"""The example nginx with application routing's default implementation instead."""
BYO_VNET = "byo-vnet"
"""An example whose nodes are in another team's subnet, which is in no state."""
LARGE = "agc, large"
"""The example agc with ten further applications and four further pools."""


@functools.cache
def _state(stack: str) -> Resources:
    if stack in STACKS:
        return as_state(recorded(stack))
    example = ROOT / "examples" / f"{stack.partition(',')[0]}.yaml"
    if stack in EXAMPLES:
        return as_state(recorded_file(example))
    config = stack_file.config_with_placeholders(example)
    if stack == ENABLED:
        del config["aks-network:ingress"]["appRouting"]
    if stack == LARGE:
        config["aks-network:kubernetes"]["applications"] += map(_application, range(10))
        pools = config["aks-network:cluster"]["nodePools"]
        pools += [{**pools[0], "name": f"apps{n}", "mode": "User"} for n in range(4)]
    return as_state(run_program(config, seed=fixture_of(example)))


def _application(number: int) -> dict[str, Any]:
    name = f"shop{number}"
    return {
        "name": name,
        "host": f"{name}.myapp.com",
        "tls": {"secretName": f"{name}-tls"},
        "services": [{"name": "web", "app": "web", "path": "/"}, {"name": "api", "app": "api"}],
        "allow": [{"from": "web", "to": "api"}],
    }


def state_of(stack: str) -> Resources:
    """The state of a stack or an example, to be changed at will."""
    return copied(_state(stack))


@functools.cache
def matrix_of(stack: str) -> Matrix:
    """Who reaches whom in a stack or an example."""
    return compute(_state(stack))


def named(resources: Resources, token: str, ending: str) -> Resource:
    """The only resource of a type whose name ends so; Kubernetes objects by namespace/name."""
    found = [
        item
        for item in resources
        if item["type"].endswith(f":{token}") and _name(item).endswith(ending)
    ]
    assert len(found) == 1, f"{len(found)} of {token} {ending}"
    return found[0]


def _name(item: Resource) -> str:
    metadata = item["outputs"].get("metadata")
    if metadata:
        return f"{metadata.get('namespace', '')}/{metadata['name']}"
    return item["id"].rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Removal:
    """Something that can be taken out of a state: a security rule, a policy or a peering."""

    name: str
    """Such as `nodes: AllowClusterInbound`, `policy myapp/default-deny`, `peering to-cluster`,
    `firewall policy`."""
    take_out: Callable[[Resources], None]

    def of(self, resources: Resources) -> Resources:
        """The state without it."""
        changed = copied(resources)
        self.take_out(changed)
        return changed


_FIREWALL_POLICIES = {
    "azure-native:network:WebApplicationFirewallPolicy": "firewall policy",
    "azure-native:servicenetworking:SecurityPoliciesInterface": "security policy",
    "kubernetes:alb.networking.azure.io/v1:WebApplicationFirewallPolicy": "firewall at the Gateway",
}
"""What makes a gateway inspect requests, by type; a state has one of each at most."""


def removals(stack: str) -> Iterator[Removal]:
    """Everything in a stack's state that this is about."""
    for item in _state(stack):
        kind = item["type"].rsplit(":", 1)[-1]
        if kind == "NetworkSecurityGroup":
            group = _name(item).rsplit("-", 1)[-1]
            for rule in item["outputs"].get("securityRules") or ():
                name = rule["name"]
                yield Removal(f"{group}: {name}", _without_rule(item["id"], name))
        elif kind == "NetworkPolicy":
            yield Removal(f"policy {_name(item)}", _without(item["id"]))
        elif item["type"] in _FIREWALL_POLICIES:
            yield Removal(_FIREWALL_POLICIES[item["type"]], _without(item["id"]))
        elif kind == "VirtualNetworkPeering":
            side = _name(item).rsplit("-management-", 1)[-1]
            yield Removal(f"peering {side}", _without(item["id"]))


def removal(stack: str, name: str) -> Removal:
    found = [one for one in removals(stack) if one.name == name]
    assert len(found) == 1, f"{len(found)} of {name}: {[one.name for one in removals(stack)]}"
    return found[0]


@functools.cache
def matrix_without(stack: str, name: str) -> Matrix:
    """Who reaches whom in a stack or an example after a removal."""
    return compute(removal(stack, name).of(_state(stack)))


def _without(resource_id: str) -> Callable[[Resources], None]:
    def take_out(resources: Resources) -> None:
        resources[:] = [item for item in resources if item["id"] != resource_id]

    return take_out


def _without_rule(group_id: str, name: str) -> Callable[[Resources], None]:
    def take_out(resources: Resources) -> None:
        for item in resources:
            if item["id"] == group_id:
                for side in ("inputs", "outputs"):
                    rules = item[side]["securityRules"]
                    item[side]["securityRules"] = [r for r in rules if r["name"] != name]

    return take_out


def passes(matrix: Matrix, source: str, target: str) -> str:
    """What passes between two, in words; `none` when nothing does."""
    ends = {one.name: one for one in matrix.endpoints}
    return "; ".join(cell_texts(matrix, ends[source], ends[target])) or "none"
