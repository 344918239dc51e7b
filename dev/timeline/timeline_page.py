"""The page docs/timeline.md: the duration of every stack and example, and its lower bound."""

from __future__ import annotations

from collections.abc import Mapping

from dev.timeline.comparison import Comparison

COLUMNS = (
    "stack",
    "resources",
    "deployment",
    "lower bound",
    "ratio",
    "component by component",
    "one after the other",
    "destroy",
    "in two steps",
    "without waves",
)


def row(stack: str, compared: Comparison) -> str:
    """A row of the table."""
    cells = [
        f"`{stack}`",
        compared.resources,
        f"{compared.makespan:.0f}",
        f"{compared.lower_bound.seconds:.0f}",
        f"{compared.ratio:.3f}",
        f"{compared.by_component:.0f}",
        f"{compared.serial:.0f}",
        f"{compared.destroy:.0f}",
        f"{compared.destroy_in_two_steps:.0f}",
        f"{compared.destroy_without_waves:.0f}",
    ]
    return f"| {' | '.join(map(str, cells))} |"


def table(compared: Mapping[str, Comparison]) -> str:
    """The table, in the order given."""
    head = [f"| {' | '.join(COLUMNS)} |", f"|---|{'--:|' * (len(COLUMNS) - 1)}"]
    return "\n".join([*head, *(row(stack, item) for stack, item in compared.items())])


def page(compared: Mapping[str, Comparison]) -> str:
    """The whole page."""
    return f"{_BEFORE}\n{table(compared)}\n{_AFTER}"


_BEFORE = """# How long a deployment takes

Look up how long each stack and example takes to deploy and to destroy, and how close that is to
the minimum that Azure imposes. To draw the chart of one stack, run `make timeline STACK=prod`,
which deploys it under the engine in simulated time.

All figures are seconds, in typical durations: the `seconds` of each resource type, and
`simulator/azure/durations.py`. These are means taken from public reports, and estimates where no
report was found. Use them to compare orders, not to promise a time.

- *lower bound*: what Azure itself [imposes](#the-lower-bound); *ratio*: the deployment divided by
  it
- *component by component*: if each component waited for the whole one before it, as in programs
  that pass components to `depends_on`
- *one after the other*: if only one operation ran at a time
- *destroy*, *in two steps*, *without waves*: see [Destroying](#destroying)

`make timeline ARGS='--all --write'` writes this page. It calculates the figures from each stack's
dependency graph, with the same durations, locks and retries, but without waiting. A test repeats
the calculation for every row. Another test compares the graph, the operations, their retries and
the waves of a deletion with a run under the engine; the seconds themselves are calculated only.
"""

_AFTER = """
## The lower bound

The lower bound does not depend on the order in this program (`dev/timeline/lower_bound.py`). It
follows from:

- **References**: parents, ids and values among the inputs, such as a principal's id or a secret's
  address.
- **Rules**, from a table with sources (`dev/timeline/ordering.py`):
  - the cluster waits for its identity's roles
  - nodes wait for the default route, the firewall with its rules, and the peering to it
  - the cluster waits for the link of its private DNS zone; otherwise AKS creates one of its own
  - a peering waits for the gateway that it uses
  - the Application Gateway waits for the role on its certificate's vault and for the vault's
    private name
- **Locks**: Azure accepts one write at a time to a virtual network, its subnets and its peerings.
  A cluster or pool cannot be created during such a write. The engine can only wait for the end of
  an operation, so these operations run one after the other, in any order.

The bound is the longest chain of references and rules. Where a network's lock takes longer, the
bound is the best possible order of the locked operations, with what must precede the first one and
follow the last one.

In most stacks, Bastion (600 s) or a gateway (2,100 s) finishes last. Each starts as soon as the
first subnet of its network exists. Where nothing takes that long, the cluster and its slowest pool
finish last.

## Why each edge exists

`make timeline STACK=dev ARGS=--edges` lists every edge of the dependency graph with its purpose.
To find the purpose, it requests the resources from the simulated cloud in the wrong order. An edge
is:

- a reference
- a rule, with the error code of the refusal
- a lock
- needed for the deletion
- implied by other edges
- harmless, with the reason why it is kept

The tests check, for both stacks and an example of each kind, that:

- no edge lengthens the deployment without need
- every resource can be created with only what it waits for
- operations that may run at the same time do not lock each other out

With a gateway to on-premises, the cluster's side of the peering waits for the gateway, which is
ready 35 minutes after the start. It waits for the cluster too. This costs nothing in the first
run. In a later run the gateway already exists; without the edge, the peering and the cluster would
then be written at the same time.

## Egress through a hub with a gateway

Azure refuses `useRemoteGateways` on a peering while the hub has no gateway
(RemoteVnetHasNoGateways), and Pulumi writes each resource once per run. A cluster whose egress
goes through the hub's firewall or appliance needs that peering before its nodes start. With a
gateway in the hub, the cluster therefore waits for the gateway, 2,100 s longer.

To have the cluster sooner, deploy without the gateway and add it in a second run. The cluster is
then ready after a quarter of an hour, and the second run changes the peering in place. A second
peering is no alternative: Azure allows only one between the same two networks.

## Destroying

Pulumi deletes in waves. The first wave is all resources at the greatest depth of the graph. When
the last of them is deleted, the next depth follows. A cluster (480 s), Bastion (300 s), a gateway
(600 s) and an Application Gateway (220 s) are at different depths, so their times add up. *Without
waves* is the time if each deletion started as soon as nothing needs the resource.

Destroying in two steps deletes the slow resources at the same time:

```sh
make destroy STACK=prod ARGS=--in-two-steps
```

This runs `pulumi destroy --target-dependents` with a `--target` for each cluster, gateway,
firewall and Bastion, and then `pulumi destroy`. On Azure, both steps ask for confirmation. A
protected resource stops them, as it stops a single step. Compare the two columns first: not every
stack gains.

Node pools and Kubernetes objects are always deleted with their cluster (`deletedWith`). Azure
deletes the pools in the same operation, which saves a wave of 180 s. Nothing else can use
`deletedWith`:

- Subnets would be deleted with their network, but in the same wave as their network security
  groups, which are in use until then.
- Links keep a DNS zone from being deleted.
- The deletion of a resource group fails at the first resource that another group still uses,
  because Resource Manager tries again only after 408, 429 and 5xx.

## Limits

- The durations are means, and some are estimates. A cluster that takes 15 minutes instead of 5
  changes every figure.
- Azure may start an operation later than it was requested.
- Simultaneous runs, and other teams' writes to the same network, are not counted.
"""
