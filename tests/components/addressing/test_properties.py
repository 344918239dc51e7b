"""What holds for every plan: nothing overlaps, everything fits, growth moves nothing."""

from dataclasses import replace
from functools import partial, reduce
from ipaddress import ip_network
from itertools import combinations

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from components.addressing import AddressPlan, NetworkModel, plan, what_if
from components.addressing.planner import draft
from tests.components.addressing.samples import apply, cluster_vnet, management_vnet, pool, request
from tests.helpers.loops import each
from tests.helpers.thoroughness import examples

bounded = partial(settings, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Bounded by their number of examples, not by the clock of a busy machine."""

SURGES = st.sampled_from([1, 2, "10%", "33%", "50%", "100%"])
LENGTHS = st.integers(min_value=16, max_value=25)
FEATURES = {
    "private_cluster": st.booleans(),
    "api_server_vnet_integration": st.booleans(),
    "internal_load_balancers": st.integers(0, 3),
    "ingress_frontends": st.integers(0, 3),
    "reserved_ingress_addresses": st.integers(0, 3),
    "private_endpoints": st.integers(0, 6),
    "application_gateway_max_capacity": st.none() | st.integers(2, 40),
    "application_gateway_private_frontend": st.booleans(),
    "traffic_controller": st.booleans(),
    "bastion_scale_units": st.none() | st.integers(2, 50),
    "jump_boxes": st.integers(0, 2),
    "vpn_gateway": st.booleans(),
    "express_route_gateway": st.booleans(),
    "firewall": st.booleans(),
    "firewall_management": st.booleans(),
    "dns_resolver": st.booleans(),
}
FIXED = {"nodes": "10.20.0.0/24", "ingress": "10.20.1.0/27", "nodes-5": "10.20.240.0/24"}


@st.composite
def pools(draw, index, most_nodes=60):
    least = draw(st.integers(1, 3))
    return pool(
        index,
        min_count=least,
        max_count=draw(st.integers(least, most_nodes)),
        max_pods=draw(st.integers(30, 120)),
        max_surge=draw(SURGES),
        spot=draw(st.booleans()),
        subnet=draw(st.sampled_from(["nodes", "nodes", "nodes", "nodes-2"])),
    )


@st.composite
def requests(draw):
    """Any request without a mistake in it; whether it fits is the planner's affair."""
    model = draw(st.sampled_from(NetworkModel))
    spaces = [f"10.{20 + index}.0.0/{draw(LENGTHS)}" for index in range(draw(st.integers(1, 3)))]
    fixed = draw(st.sampled_from([{}, {}, {}, FIXED]))
    return request(
        model,
        cluster=cluster_vnet(*spaces, fixed=fixed if spaces[0] == "10.20.0.0/16" else {}),
        management=management_vnet(f"10.90.0.0/{draw(st.integers(20, 26))}"),
        pools=tuple(draw(pools(index)) for index in range(draw(st.integers(1, 4)))),
        pod_allocation=draw(st.sampled_from(["dynamic", "staticBlock"])),
        **{name: draw(values) for name, values in FEATURES.items()},
    )


def fits(wanted) -> bool:
    return not draft(wanted)[1].problems


def plan_of_one_that_fits(wanted) -> AddressPlan:
    """Its plan; Hypothesis looks for another request where there is none."""
    assume(fits(wanted))
    return plan(wanted)


def prefixes(planned):
    return {subnet.key: subnet.prefix for subnet in planned.subnets}


@given(requests())
@bounded(max_examples=examples(80))
def test_nothing_in_a_plan_overlaps(wanted):
    planned = plan_of_one_that_fits(wanted)
    subnets = each((subnet.key, subnet.network) for subnet in planned.subnets)
    outside = [("services", planned.service_range)]
    if planned.pod_range:
        outside.append(("pods", planned.pod_range.network))
    spaces = [(vnet.name, one) for vnet in planned.vnets for one in vnet.ranges]
    for apart in (subnets, [*spaces, *outside]):
        for (one, first), (other, second) in combinations(apart, 2):
            assert not first.overlaps(second), f"{one} and {other}"
    for vnet in each(planned.vnets):
        for subnet in vnet.subnets:
            assert any(subnet.network.subnet_of(one) for one in vnet.ranges)


@given(requests())
@bounded(max_examples=examples(80))
def test_everything_in_a_plan_fits_at_its_maximum_with_surge(wanted):
    planned = plan_of_one_that_fits(wanted)
    for subnet in each(planned.subnets):
        assert subnet.today_required <= subnet.required <= subnet.usable
        assert subnet.azure_required <= subnet.upgrade_required
        assert subnet.headroom >= 0
    if planned.pod_range:
        assert planned.pod_range.headroom >= 0


@given(requests())
@bounded(max_examples=examples(60))
def test_the_same_request_gives_the_same_plan_or_the_same_problems(wanted):
    first, findings = draft(wanted)
    again, same_findings = draft(wanted)
    assert first is not None
    assert again is not None
    assert findings.problems == same_findings.problems
    assert findings.changes == same_findings.changes
    assert first.as_output() == again.as_output()


@st.composite
def growth(draw, before):
    """The request after some edits that only add or raise."""
    grown = before
    for step in draw(st.lists(st.sampled_from(GROWTH), min_size=1, max_size=5)):
        grown = step(draw, grown)
    return grown


def raise_a_pool(draw, grown):
    index = draw(st.integers(0, len(grown.pools) - 1))
    raised = [
        replace(one, max_count=one.max_count + draw(st.integers(1, 200)), max_surge="100%")
        if position == index
        else one
        for position, one in enumerate(grown.pools)
    ]
    return replace(grown, pools=tuple(raised))


def add_a_pool(draw, grown):
    added = draw(pools(len(grown.pools), most_nodes=200))
    first = draw(st.booleans())
    return replace(grown, pools=(added, *grown.pools) if first else (*grown.pools, added))


def turn_on_features(draw, grown):
    wanted = {
        name: draw(values)
        for name, values in FEATURES.items()
        if not getattr(grown, name) and draw(st.booleans())
    }
    return replace(grown, **wanted)


def append_a_range(draw, grown):
    taken = len(grown.cluster.address_space)
    appended = f"10.{20 + taken}.0.0/{draw(LENGTHS)}"
    return replace(
        grown,
        cluster=replace(grown.cluster, address_space=(*grown.cluster.address_space, appended)),
    )


def append_a_management_range(draw, grown):
    taken = len(grown.management.address_space)
    appended = f"10.{90 + taken}.0.0/{draw(st.integers(22, 28))}"
    return replace(
        grown,
        management=replace(
            grown.management, address_space=(*grown.management.address_space, appended)
        ),
    )


def fix_another_subnet(draw, grown):
    return replace(
        grown,
        cluster=replace(
            grown.cluster,
            fixed={
                **grown.cluster.fixed,
                "nodes-7": draw(
                    st.sampled_from(
                        ["10.20.250.0/24", "10.20.128.0/24", "10.20.0.0/26", "10.21.8.0/24"]
                    )
                ),
            },
        ),
    )


GROWTH = (
    raise_a_pool,
    add_a_pool,
    turn_on_features,
    append_a_range,
    append_a_management_range,
    fix_another_subnet,
)


@given(st.data())
@bounded(max_examples=examples(200))
def test_growth_moves_no_subnet_or_is_refused_with_a_remedy(data):
    before_request = data.draw(requests())
    before = plan_of_one_that_fits(before_request)
    grown = data.draw(growth(before_request))
    after, findings = draft(grown)
    if findings.problems:
        assert all(problem.path and problem.remedy for problem in findings.problems)
    else:
        assert after is not None
        assert prefixes(before).items() <= prefixes(after).items()


@given(requests())
@bounded(max_examples=examples(150))
def test_remedies_lead_to_a_plan_and_move_only_what_they_name(wanted):
    drafted, findings = draft(wanted)
    assume(findings.problems)
    assert drafted is not None
    named: set[str] = set()
    for _ in range(10):
        _, findings = draft(wanted)
        if not findings.problems:
            break
        edits = sorted({edit for edits in findings.changes.values() for edit in edits}, key=str)
        assert edits, [str(one) for one in findings.problems]
        wanted = reduce(apply, edits, wanted)
        named |= {edit.path.rpartition(".")[2] for edit in edits}
    after = plan(wanted)
    for subnet in drafted.subnets:
        if subnet.key not in named and after.has(subnet.key):
            assert after.subnet(subnet.key).prefix == subnet.prefix


@given(requests())
@bounded(max_examples=examples(60))
def test_the_outlook_names_the_last_maximum_that_still_plans(wanted):
    planned = plan_of_one_that_fits(wanted)
    for index, outlook in each(enumerate(what_if(planned))):
        assert outlook.most_nodes >= outlook.max_count
        reached = with_maximum(wanted, index, outlook.most_nodes)
        assert fits(reached)
        assert not fits(with_maximum(wanted, index, outlook.most_nodes + 1))


def with_maximum(wanted, index, nodes):
    changed = list(wanted.pools)
    changed[index] = replace(changed[index], max_count=nodes)
    return replace(wanted, pools=tuple(changed))


def hand_out(network, takers):
    """Whether a subnet's addresses last, handing them out one by one.

    An independent count: each taker names how many it wants, one after the other.
    """
    free = iter(list(ip_network(network))[4:-1])
    for wanted in takers:
        for _ in range(wanted):
            if next(free, None) is None:
                return False
    return True


def nodes_in_an_upgrade(one):
    """Counts nodes up one by one, and surge nodes until they are enough of them."""
    surge = 0
    if one.spot:
        return list(range(one.max_count))
    if isinstance(one.max_surge, str):
        while surge * 100 < one.max_count * int(one.max_surge.rstrip("%")):
            surge += 1
    else:
        surge = one.max_surge
    return list(range(one.max_count + surge))


def pod_addresses_of_a_node(allocation, max_pods):
    """Addresses of the pod subnet that one node asks for, batch by batch."""
    held = 16
    while allocation == "staticBlock" and held < max_pods + 1:
        held += 16
    return held


@st.composite
def small_networks(draw):
    """A request on a few hundred addresses at most, all fixed by hand."""
    model = draw(st.sampled_from(NetworkModel))
    pod_length = draw(st.integers(20, 26))
    fixed = {"nodes": f"10.20.0.0/{draw(st.integers(22, 28))}"}
    pod_cidr = None
    if model is NetworkModel.POD_SUBNET:
        fixed["pods"] = f"10.20.64.0/{pod_length}"
    elif model is not NetworkModel.AZURE_CNI:
        pod_cidr = f"10.244.0.0/{pod_length}"
    drawn = [draw(pools(index, most_nodes=14)) for index in range(draw(st.integers(1, 3)))]
    return request(
        model,
        cluster=cluster_vnet(fixed=fixed),
        pools=tuple(replace(one, subnet="nodes") for one in drawn),
        pod_allocation=draw(st.sampled_from(["dynamic", "staticBlock"])),
        internal_load_balancers=draw(st.integers(0, 2)),
        private_cluster=draw(st.booleans()),
        pod_cidr=pod_cidr,
    )


@given(small_networks())
@bounded(max_examples=examples(120))
def test_a_plan_fits_exactly_where_handing_out_addresses_one_by_one_succeeds(wanted):
    azure_cni = wanted.model is NetworkModel.AZURE_CNI
    nodes = [one.max_pods for one in wanted.pools for _ in nodes_in_an_upgrade(one)]
    others = [wanted.internal_load_balancers, int(wanted.private_cluster)]
    takers = [1 + (max_pods if azure_cni else 0) for max_pods in nodes]
    lasts = hand_out(wanted.cluster.fixed["nodes"], [*takers, *others])
    if wanted.model is NetworkModel.POD_SUBNET:
        batches = [pod_addresses_of_a_node(wanted.pod_allocation, pods) for pods in nodes]
        lasts = lasts and hand_out(wanted.cluster.fixed["pods"], batches)
    if wanted.pod_cidr:
        lasts = lasts and len(nodes) <= len(blocks_of_24(ip_network(wanted.pod_cidr)))
    assert fits(wanted) == lasts


def blocks_of_24(network):
    return list(network.subnets(new_prefix=24)) if network.prefixlen <= 24 else []
