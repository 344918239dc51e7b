"""The page docs/timeline.md: what every stack and example takes, and what Azure imposes."""

from __future__ import annotations

from collections.abc import Mapping

from dev.timeline.comparison import Comparison

COLUMNS = (
    "stack",
    "resources",
    "deployment",
    "imposed",
    "ratio",
    "component by component",
    "one after the other",
    "destroy",
    "in two steps",
    "without waves",
)


def row(stack: str, found: Comparison) -> str:
    """A row of the table."""
    cells = [
        f"`{stack}`",
        found.resources,
        f"{found.makespan:.0f}",
        f"{found.imposed.seconds:.0f}",
        f"{found.ratio:.3f}",
        f"{found.by_component:.0f}",
        f"{found.serial:.0f}",
        f"{found.destroy:.0f}",
        f"{found.destroy_in_two:.0f}",
        f"{found.destroy_at_once:.0f}",
    ]
    return f"| {' | '.join(map(str, cells))} |"


def table(found: Mapping[str, Comparison]) -> str:
    """The table, in the order given."""
    head = [f"| {' | '.join(COLUMNS)} |", f"|---|{'--:|' * (len(COLUMNS) - 1)}"]
    return "\n".join([*head, *(row(stack, one) for stack, one in found.items())])


def page(found: Mapping[str, Comparison]) -> str:
    """The whole page."""
    return f"{_BEFORE}\n{table(found)}\n{_AFTER}"


_BEFORE = """# How long it takes

Seconds in Azure's documented durations (`simulator/azure/durations.py` and the `seconds` of
each type: means of what was seen, estimates where nothing was found), so good for comparing
orders, not for promising a time. Made by `make timeline ARGS='--all --write'`; a test works
every row out anew. `make timeline STACK=prod` runs one stack in simulated time under the engine
and draws the chart; the figures here come from the same graph, durations, locks and retries
without waiting. A test under the engine holds the graph, the operations, their retries and the
waves of a deletion against that; the seconds themselves are worked out.
"""

_AFTER = """
## What Azure imposes

The column *imposed* is a lower bound that knows nothing of this program's order
(`dev/timeline/lower_bound.py`):

- **references**: parents, ids and values among the inputs (a principal's id, a secret's
  address);
- **rules**, a table with sources (`dev/timeline/ordering.py`): the identity's roles before the
  cluster, the default route, the firewall with its rules and the peering to it before nodes
  start, the link of a zone before AKS makes its own, a gateway before its use by a peering, the
  role for and the private name of a certificate's vault before the Application Gateway;
- **locks**: writes to one virtual network (its subnets and peerings) go one at a time, and a
  cluster or pool is not begun while one runs. An engine can only wait for an operation's end,
  so these run one after the other, whichever comes first.

The bound is the longest chain of references and rules, or, where a network's lock is what
counts, the operations behind it in the best order that there could be, with what precedes the
first and follows the last. Most stacks end with Bastion (600 s) or a gateway (2,100 s), which
start with the first subnet of their network; where nothing takes as long, with the cluster and
its slowest pool.

*Component by component* lets each component wait for the whole one before it, as programs do
that pass components to `depends_on`.

## Why each edge is there

`make timeline STACK=dev ARGS=--edges` lists every edge of the dependency graph and what it is
for, found out by asking the simulated cloud in the wrong order: a reference, a rule (with the
code of the refusal), a lock, the deletion, implied by others, or harmless, with the reason why
it is kept. The tests hold, for both stacks and an example of each kind, that no edge lengthens
the deployment without need, that everything can be made with nothing but what it waits for, and
that what may run side by side does not lock each other out. With a gateway to on-premises the
cluster's side of the peering waits for the gateway, 35 minutes after the start, and for the
cluster too, which costs nothing then: in a later run the gateway is there already, and the two
would meet.

## A gateway and a way out over the hub

`useRemoteGateways` is refused while the hub has no gateway (RemoteVnetHasNoGateways), and a
resource is written once in a run. A cluster whose egress goes through the hub's firewall or
appliance needs that peering to start its nodes, so with both it waits for the gateway: 2,100 s
more. Who is in a hurry deploys without the gateway first and adds it then: the peering is
changed in place, and the cluster runs since a quarter of an hour. Two peerings between the same
networks are no way out, Azure allows one.

## Destroying

Pulumi deletes in waves: all resources of the greatest depth in the graph, then, when the last
has ended, those above. A cluster (480 s), Bastion (300 s), a gateway (600 s) and an Application
Gateway (220 s) stand at different depths and so add up. What helps:

- node pools are `deletedWith` their cluster: Azure deletes both in one operation, which saves a
  wave of 180 s. Kubernetes objects are, too. Nothing else is: subnets would be left to the
  network in the same wave as their security groups, which are in use until then; links keep a
  zone from being deleted; and a resource group gives up at the first resource that another
  group still uses, since Resource Manager tries again only after 408, 429 and 5xx;
- two steps instead of one. By itself what takes long goes side by side:

  ```sh
  make destroy STACK=prod ARGS=--in-two-steps
  ```

  runs `pulumi destroy --target-dependents` with a `--target` for each cluster, gateway,
  firewall and Bastion, then `pulumi destroy`. Both steps ask; a protected resource stops them
  as it does one.

## Limits

Durations are means; a cluster that takes 15 minutes in place of 5 moves every figure. Azure may
take a request later than it was asked for. Two runs at once, and others' writes to the same
network, are not counted.
"""
