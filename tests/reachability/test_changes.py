"""What a change to the network does to the matrix: a stack's state with one thing different."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reachability import Matrix, compute
from tests.reachability.states import Resource, Resources, named, passes, state_of

NODES, FRONTEND, BACKEND = "nodes system (Linux)", "myapp/frontend", "myapp/backend"
GATEWAY, CONTROLLER, API = "Application Gateway", "ingress controller", "API server"

Change = Callable[[Resources], None]


def after(stack: str, *changes: Change) -> Matrix:
    resources = state_of(stack)
    for change in changes:
        change(resources)
    return compute(resources)


def put(token: str, ending: str, **outputs: Any) -> Change:
    """Set outputs of a resource."""

    def change(resources: Resources) -> None:
        named(resources, token, ending)["outputs"].update(outputs)

    return change


def nested(token: str, ending: str, *path: str, **values: Any) -> Change:
    """Set properties inside an output."""

    def change(resources: Resources) -> None:
        target = named(resources, token, ending)["outputs"]
        for step in path:
            target = target[step]
        target.update(values)

    return change


def drop(token: str, ending: str) -> Change:
    def change(resources: Resources) -> None:
        resources.remove(named(resources, token, ending))

    return change


def add(token: str, resource_id: str, **outputs: Any) -> Change:
    made: Resource = {"type": token, "id": resource_id, "inputs": {}, "outputs": outputs}
    return lambda resources: resources.append(made)


def allow_probes(resources: Resources) -> None:
    """The rule that lets the load balancer's probes reach the nodes, if it is not there."""
    named(resources, "NetworkSecurityGroup", "-nodes")["outputs"]["securityRules"].append(
        security_rule("AllowProbes", 310, sourceAddressPrefix="AzureLoadBalancer")
    )


def security_rule(name: str, priority: int, **more: Any) -> dict[str, Any]:
    row = {
        "name": name,
        "priority": priority,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "*",
        "sourceAddressPrefix": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
    }
    return {**row, **more}


# The way in


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_probes_that_reach_the_nodes_open_the_way_in(stack: str):
    matrix = after(stack, allow_probes)
    through = f"tcp 443 through {GATEWAY} with WAF"
    assert passes(matrix, "Internet", CONTROLLER) == through
    assert passes(matrix, "Internet", FRONTEND) == f"{through}, {CONTROLLER}"
    assert passes(matrix, "Internet", BACKEND) == "none"


def test_a_firewall_that_only_detects_inspects_nothing():
    detecting = nested("WebApplicationFirewallPolicy", "", "policySettings", mode="Detection")
    matrix = after("dev", allow_probes, detecting)
    (passage,) = matrix.between("Internet", FRONTEND).passages
    assert passage.inspected_by == ()
    assert passes(matrix, "Internet", FRONTEND) == f"tcp 443 through {GATEWAY}, {CONTROLLER}"


def test_a_gateway_without_a_firewall_policy_inspects_nothing():
    matrix = after("dev", allow_probes, put("ApplicationGateway", "", firewallPolicy=None))
    (passage,) = matrix.between("Internet", FRONTEND).passages
    assert passage.inspected_by == ()


def test_a_pool_that_leads_elsewhere_leads_to_nobody():
    pool = [{"name": "ingress-controller", "backendAddresses": [{"ipAddress": "10.20.195.9"}]}]
    matrix = after("dev", allow_probes, put("ApplicationGateway", "", backendAddressPools=pool))
    assert passes(matrix, "Internet", FRONTEND) == "none"


def test_an_ingress_for_another_host_is_not_reached_through_the_listener():
    def elsewhere(resources: Resources) -> None:
        rules = named(resources, "Ingress", "myapp-ingress")["outputs"]["spec"]["rules"]
        rules[0]["host"] = "other.example.com"

    matrix = after("dev", allow_probes, elsewhere)
    assert passes(matrix, "Internet", CONTROLLER) != "none"
    assert passes(matrix, "Internet", FRONTEND) == "none"


def test_an_ingress_of_another_class_is_not_served():
    matrix = after(
        "dev", allow_probes, nested("Ingress", "-ingress", "spec", ingressClassName="internal")
    )
    assert passes(matrix, "Internet", FRONTEND) == "none"


def test_a_target_port_that_no_policy_opens_is_not_reached():
    def other_port(resources: Resources) -> None:
        for name in ("blogservice", "storeservice"):
            named(resources, "Service", name)["outputs"]["spec"]["ports"][0]["targetPort"] = 9090

    matrix = after("dev", allow_probes, other_port)
    assert passes(matrix, "Internet", FRONTEND) == "none"


def test_a_public_controller_is_reached_past_the_firewall():
    def publish(resources: Resources) -> None:
        controller = named(resources, "NginxIngressController", "")
        controller["outputs"]["spec"].pop("loadBalancerAnnotations")
        named(resources, "NetworkSecurityGroup", "-nodes")["outputs"]["securityRules"].append(
            security_rule(
                "AllowInternet", 320, sourceAddressPrefix="Internet", protocol="Tcp",
                destinationPortRanges=["80", "443"], destinationPortRange="",
            )
        )  # fmt: skip

    matrix = after("dev", allow_probes, publish)
    assert passes(matrix, "Internet", CONTROLLER) == "tcp 80, 443"
    (passage,) = matrix.between("Internet", FRONTEND).passages
    assert passage.through == (CONTROLLER,)
    assert passage.inspected_by == ()


def test_a_firewall_elsewhere_is_let_in_by_its_ranges_only():
    def theirs(resources: Resources) -> None:
        controller = named(resources, "NginxIngressController", "")
        controller["outputs"]["spec"].pop("loadBalancerAnnotations")
        rules = named(resources, "NetworkSecurityGroup", "-nodes")["outputs"]["securityRules"]
        row = next(rule for rule in rules if rule["name"] == "AllowIngressInbound")
        row |= {"sourceAddressPrefix": "203.0.113.0/24", "sourceAddressPrefixes": None}
        # A public load balancer's address is none of the ingress subnet's.
        row |= {"destinationAddressPrefix": "*", "destinationAddressPrefixes": None}

    matrix = after("dev", allow_probes, theirs)
    assert passes(matrix, "Internet", CONTROLLER) == "tcp 80, 443 from 203.0.113.0/24"


def test_the_gateway_as_controller_speaks_to_the_pods_themselves():
    def agic(resources: Resources) -> None:
        cluster = named(resources, "ManagedCluster", "")
        cluster["outputs"]["addonProfiles"]["ingressApplicationGateway"] = {"enabled": True}
        resources.remove(named(resources, "NginxIngressController", ""))
        ingress = named(resources, "Ingress", "-ingress")
        ingress["outputs"]["spec"]["ingressClassName"] = "azure-application-gateway"
        rules = named(resources, "NetworkSecurityGroup", "-nodes")["outputs"]["securityRules"]
        rules.append(
            security_rule("AllowGateway", 305, sourceAddressPrefix="10.40.192.0/24",
                          destinationPortRange="8080", protocol="Tcp")
        )  # fmt: skip
        policy = named(resources, "NetworkPolicy", "allow-ingress-controller")
        peers = [{"ipBlock": {"cidr": "10.40.192.0/24"}}]
        policy["outputs"]["spec"]["ingress"][0]["from"] = peers

    matrix = after("prod", agic)
    assert passes(matrix, GATEWAY, FRONTEND) == "tcp 8080"
    assert passes(matrix, "Internet", FRONTEND) == f"tcp 80, 443 through {GATEWAY} with WAF"


def test_a_controller_of_a_helm_release_is_one_like_any_other():
    prefix = "service.beta.kubernetes.io/azure-load-balancer"

    def traefik(resources: Resources) -> None:
        resources.remove(named(resources, "NginxIngressController", ""))
        outputs = {
            "name": "traefik",
            "chart": "traefik",
            "namespace": "traefik",
            "metadata": {"name": "traefik", "namespace": "traefik"},
            "values": {
                "ingressClass": {"name": "publicingress"},
                "service": {
                    "annotations": {f"{prefix}-internal": "true", f"{prefix}-ipv4": "10.20.195.4"}
                },
            },
        }
        made = {"type": "kubernetes:helm.sh/v3:Release", "id": "traefik", "inputs": {}}
        resources.append({**made, "outputs": outputs})
        peers = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "traefik"}}}]
        policy = named(resources, "NetworkPolicy", "allow-ingress-controller")
        policy["outputs"]["spec"]["ingress"][0]["from"] = peers

    matrix = after("dev", allow_probes, traefik)
    through = f"tcp 443 through {GATEWAY} with WAF, {CONTROLLER}"
    assert passes(matrix, "Internet", FRONTEND) == through


# Machines and their addresses


def test_nodes_with_public_addresses_stay_closed_by_the_default_rules():
    def publish(resources: Resources) -> None:
        pools = named(resources, "ManagedCluster", "")["outputs"]["agentPoolProfiles"]
        pools[0]["enableNodePublicIP"] = True

    assert passes(after("dev", publish), "Internet", NODES) == "none"


def test_a_rule_for_the_internet_opens_nodes_only_where_they_have_public_addresses():
    def open_ssh(resources: Resources) -> None:
        rules = named(resources, "NetworkSecurityGroup", "-nodes")["outputs"]["securityRules"]
        rules.append(security_rule("Open", 110, sourceAddressPrefix="Internet"))

    assert passes(after("dev", open_ssh), "Internet", NODES) == "none"


@pytest.mark.parametrize(("group", "passed"), [(True, "none"), (False, "none")])
def test_a_public_address_of_the_jump_box_lets_nothing_in_by_itself(*, group: bool, passed: str):
    def publish(resources: Resources) -> None:
        card = named(resources, "NetworkInterface", "jump-box")
        address = named(resources, "PublicIPAddress", "-bastion")
        card["outputs"]["ipConfigurations"][0]["publicIPAddress"] = {"id": address["id"]}
        if not group:
            subnet = named(resources, "Subnet", "-jumpbox")
            subnet["outputs"]["networkSecurityGroup"] = None
            subnet["inputs"].pop("networkSecurityGroup", None)

    assert passes(after("dev", publish), "Internet", "jump box") == passed


def test_a_group_at_the_interface_counts_besides_the_subnets():
    def closed_card(resources: Resources) -> None:
        group = "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/nsg/card"
        deny = security_rule("DenyRdp", 100, access="Deny", destinationPortRange="3389")
        made = {"type": "azure-native:network:NetworkSecurityGroup", "id": group, "inputs": {}}
        resources.append({**made, "outputs": {"name": "card", "securityRules": [deny]}})
        card = named(resources, "NetworkInterface", "jump-box")
        card["outputs"]["networkSecurityGroup"] = {"id": group}

    assert passes(after("dev", closed_card), "Bastion", "jump box") == "tcp 22"


def test_rules_that_are_resources_of_their_own_count():
    def apart(resources: Resources) -> None:
        group = named(resources, "NetworkSecurityGroup", "-jumpbox")
        rules = group["outputs"].pop("securityRules")
        group["inputs"].pop("securityRules")
        for rule in rules:
            made = {"type": "azure-native:network:SecurityRule", "inputs": {}, "outputs": rule}
            resources.append({**made, "id": f"{group['id']}/securityRules/{rule['name']}"})

    assert passes(after("dev", apart), "Bastion", "jump box") == "tcp 22, 3389"


# Peerings, gateways, routes


def test_a_disconnected_peering_carries_nothing():
    matrix = after(
        "dev", put("VirtualNetworkPeering", "-from-cluster", peeringState="Disconnected")
    )
    assert passes(matrix, "jump box", NODES) == "none"


def test_the_half_that_was_made_first_may_say_initiated_for_ever():
    matrix = after("dev", put("VirtualNetworkPeering", "-to-cluster", peeringState="Initiated"))
    assert passes(matrix, "jump box", NODES) == "tcp 22, 3389"


@pytest.mark.parametrize("side", ["-to-cluster", "-from-cluster"])
def test_a_peering_carries_what_the_remote_network_had_when_it_was_synced(side: str):
    """Neither to a range that the other network got since, nor answers from it."""
    known = {"addressPrefixes": ["10.99.0.0/16"]}
    matrix = after("dev", put("VirtualNetworkPeering", side, remoteAddressSpace=known))
    assert passes(matrix, "jump box", NODES) == "none"


def test_forbidding_access_over_a_peering_only_takes_it_out_of_the_tag():
    """Bastion's group sends to VirtualNetwork only, which is then its own network alone."""
    forbidden = put("VirtualNetworkPeering", "-to-cluster", allowVirtualNetworkAccess=False)
    matrix = after("dev", forbidden)
    assert passes(matrix, "Bastion", NODES) == "none"
    rule = security_rule(
        "AllowCluster", 200, direction="Outbound", destinationAddressPrefix="10.20.0.0/16"
    )

    def explicit(resources: Resources) -> None:
        group = named(resources, "NetworkSecurityGroup", "-bastion")
        group["outputs"]["securityRules"].append(rule)

    assert passes(after("dev", forbidden, explicit), "Bastion", NODES) == "tcp 22, 3389"


NETWORK = "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network"


def on_premises(resources: Resources) -> None:
    """A VPN gateway in the management network, with the head office behind it."""
    network = named(resources, "VirtualNetwork", "-management")["id"]
    subnet = f"{network}/subnets/GatewaySubnet"
    vpn = f"{NETWORK}/virtualNetworkGateways/vpn"
    add("azure-native:network:Subnet", subnet, name="GatewaySubnet", addressPrefix="10.30.0.96/27")(
        resources
    )
    add("azure-native:network:VirtualNetworkGateway", vpn, name="vpn",
        ipConfigurations=[{"subnet": {"id": subnet}}])(resources)  # fmt: skip
    space = {"addressPrefixes": ["192.168.0.0/16"]}
    add("azure-native:network:LocalNetworkGateway", f"{NETWORK}/localNetworkGateways/office",
        name="office", localNetworkAddressSpace=space)(resources)  # fmt: skip


def open_nodes_to_the_office(resources: Resources) -> None:
    rules = named(resources, "NetworkSecurityGroup", "-nodes")["outputs"]["securityRules"]
    rules.append(
        security_rule("AllowOffice", 320, sourceAddressPrefix="192.168.0.0/16", protocol="Tcp",
                      destinationPortRange="443")
    )  # fmt: skip


transit = (
    put("VirtualNetworkPeering", "-to-cluster", allowGatewayTransit=True),
    put("VirtualNetworkPeering", "-from-cluster", useRemoteGateways=True),
)


def test_without_a_gateway_there_is_no_on_premises():
    assert "on-premises" not in {one.name for one in after("dev").endpoints}


def test_on_premises_reaches_peers_of_the_gateways_network_only_by_transit():
    without = after("dev", on_premises, open_nodes_to_the_office)
    assert passes(without, "on-premises", NODES) == "none"
    assert passes(without, NODES, "on-premises") == "none"
    matrix = after("dev", on_premises, open_nodes_to_the_office, *transit)
    assert passes(matrix, "on-premises", NODES) == "tcp 443"
    assert passes(matrix, NODES, "on-premises") == "all"


@pytest.mark.parametrize("half", range(2))
def test_transit_takes_both_halves(half: int):
    matrix = after("dev", on_premises, open_nodes_to_the_office, transit[half])
    assert passes(matrix, "on-premises", NODES) == "none"


def route(next_hop: str, prefix: str, address: str | None = None) -> Change:
    """A route table at the nodes' subnet with a route."""

    def change(resources: Resources) -> None:
        table = f"{NETWORK}/routeTables/rt"
        row = {"name": "r", "addressPrefix": prefix, "nextHopType": next_hop}
        row |= {"nextHopIpAddress": address} if address else {}
        add("azure-native:network:RouteTable", table, name="rt", routes=[row])(resources)
        subnet = named(resources, "Subnet", "-nodes")
        subnet["outputs"]["routeTable"] = {"id": table}

    return change


def test_a_route_to_nowhere_drops_what_it_is_for():
    matrix = after("dev", route("None", "0.0.0.0/0"))
    assert passes(matrix, NODES, "Internet") == "none"
    assert passes(matrix, NODES, API) == "none"
    assert passes(matrix, NODES, "key vault") == "tcp 443", "Azure's own route is more specific"
    matrix = after("dev", route("None", "10.20.194.0/24"))
    assert passes(matrix, NODES, "key vault") == "none"
    assert passes(matrix, NODES, "Internet") == "all"


def test_an_appliance_that_the_state_does_not_hold_lets_through_what_it_likes():
    matrix = after("dev", route("VirtualAppliance", "0.0.0.0/0", "10.30.0.132"))
    assert passes(matrix, NODES, "Internet") == "all"
    (flow, *_) = matrix.between(NODES, "Internet").direct
    assert "as far as the appliance 10.30.0.132 lets it" in flow.reasons


def test_a_default_route_makes_everywhere_the_virtual_network():
    """Azure counts the prefixes of user-defined routes as VirtualNetwork."""

    def open_node(resources: Resources) -> None:
        pools = named(resources, "ManagedCluster", "")["outputs"]["agentPoolProfiles"]
        pools[0]["enableNodePublicIP"] = True
        group = named(resources, "NetworkSecurityGroup", "-nodes")
        group["outputs"]["securityRules"] = []
        group["inputs"]["securityRules"] = []

    assert passes(after("dev", open_node), "Internet", NODES) == "none"
    routed = after("dev", open_node, route("VirtualAppliance", "0.0.0.0/0", "10.30.0.132"))
    assert passes(routed, "Internet", NODES) == "all"


def test_a_subnet_without_a_way_out_has_none():
    matrix = after("dev", put("Subnet", "-nodes", natGateway=None), without_input("natGateway"))
    assert passes(matrix, NODES, "Internet") == "none"


def without_input(name: str) -> Change:
    return lambda resources: named(resources, "Subnet", "-nodes")["inputs"].pop(name, None)


def test_azure_firewall_lets_through_what_its_rules_allow():
    def firewall(resources: Resources) -> None:
        network = named(resources, "VirtualNetwork", "-management")["id"]
        subnet = f"{network}/subnets/AzureFirewallSubnet"
        policy = f"{NETWORK}/firewallPolicies/p"
        rules = [
            {
                "name": "web",
                "ruleType": "ApplicationRule",
                "sourceAddresses": ["10.20.0.0/16"],
                "targetFqdns": ["example.com"],
                "protocols": [{"protocolType": "Https", "port": 443}],
            },
            {
                "name": "time",
                "ruleType": "NetworkRule",
                "ipProtocols": ["UDP"],
                "sourceAddresses": ["*"],
                "destinationAddresses": ["203.0.113.0/24"],
                "destinationPorts": ["123"],
            },
        ]
        add("azure-native:network:Subnet", subnet, name="AzureFirewallSubnet",
            addressPrefix="10.30.0.128/26")(resources)  # fmt: skip
        add("azure-native:network:AzureFirewall", f"{NETWORK}/azureFirewalls/afw", name="afw",
            firewallPolicy={"id": policy}, ipConfigurations=[{"subnet": {"id": subnet}}])(
            resources
        )  # fmt: skip
        add(
            "azure-native:network:FirewallPolicyRuleCollectionGroup",
            f"{policy}/ruleCollectionGroups/aks",
            name="aks",
            priority=200,
            ruleCollections=[{"priority": 100, "action": {"type": "Allow"}, "rules": rules}],
        )(resources)

    matrix = after("dev", firewall, route("VirtualAppliance", "0.0.0.0/0", "10.30.0.132"))
    assert passes(matrix, NODES, "Internet") == "tcp 443; udp 123 to 203.0.113.0/24"


# The API server and the vault


def test_authorised_ranges_close_the_api_server_to_everybody_else():
    ranges = nested("ManagedCluster", "", apiServerAccessProfile={
        "authorizedIPRanges": ["198.51.100.0/24"]
    })  # fmt: skip
    matrix = after("dev", ranges)
    assert passes(matrix, "Internet", API) == "tcp 443 from 198.51.100.0/24"
    assert passes(matrix, NODES, API) == "none", "the NAT gateway's address is not among them"


def test_authorised_ranges_hold_the_load_balancer_of_aks_by_themselves():
    ranges = nested("ManagedCluster", "", apiServerAccessProfile={
        "authorizedIPRanges": ["198.51.100.0/24"]
    })  # fmt: skip
    balancer = nested("ManagedCluster", "", "networkProfile", outboundType="loadBalancer")
    without_nat = put("Subnet", "-nodes", natGateway=None)
    assert passes(after("dev", ranges, balancer, without_nat), NODES, API) == "tcp 443"


def test_authorised_ranges_with_the_nat_gateways_address_let_the_nodes_in():
    def ranges(resources: Resources) -> None:
        nat = named(resources, "PublicIPAddress", "-nodes-nat1")["outputs"]["ipAddress"]
        cluster = named(resources, "ManagedCluster", "")
        cluster["outputs"]["apiServerAccessProfile"]["authorizedIPRanges"] = [f"{nat}/32"]

    assert passes(after("dev", ranges), NODES, API) == "tcp 443"


@pytest.mark.parametrize(("link", "source"), [("-management", "jump box"), ("-cluster", NODES)])
def test_a_private_api_server_is_reached_only_where_its_name_resolves(link: str, source: str):
    def unlink(resources: Resources) -> None:
        resources[:] = [
            item
            for item in resources
            if not (
                item["type"].endswith(":VirtualNetworkLink")
                and ".azmk8s.io/" in item["id"]
                and item["id"].endswith(link)
            )
        ]

    assert passes(after("prod"), source, API) == "tcp 443"
    matrix = after("prod", unlink)
    assert passes(matrix, source, API) == "none"
    assert "does not resolve" in matrix.between(source, API).denied[0].reasons[-1]


def test_a_guarded_private_endpoint_listens_to_the_group_of_its_subnet():
    """Azure applies security groups to private endpoints only where the subnet says so."""
    guarded = put("Subnet", "-nodes", privateEndpointNetworkPolicies="NetworkSecurityGroupEnabled")
    assert passes(after("prod"), GATEWAY, API) == "tcp 443"
    assert passes(after("prod", guarded), "jump box", API) == "none"
    assert passes(after("prod", guarded), NODES, API) == "tcp 443"


def test_a_vault_without_its_zone_group_is_not_found():
    def ungroup(resources: Resources) -> None:
        resources[:] = [r for r in resources if not r["type"].endswith(":PrivateDnsZoneGroup")]

    assert passes(after("dev", ungroup), NODES, "key vault") == "none"


def test_a_public_vault_is_everybodys():
    public = nested("Vault", "", "properties", publicNetworkAccess="enabled", networkAcls={
        "defaultAction": "Allow"
    })  # fmt: skip
    assert passes(after("dev", public), "Internet", "key vault") == "tcp 443"
    guarded = nested("Vault", "", "properties", publicNetworkAccess="enabled", networkAcls={
        "defaultAction": "Deny", "ipRules": [{"value": "198.51.100.7"}]
    })  # fmt: skip
    assert passes(after("dev", guarded), "Internet", "key vault") == "tcp 443 from 198.51.100.7"


# Policies and pods


def test_policies_that_no_engine_enforces_protect_nobody():
    off = nested("ManagedCluster", "", "networkProfile", networkPolicy="none")
    matrix = after("dev", off)
    assert passes(matrix, "other pods", BACKEND).startswith("all")


def test_pods_of_the_virtual_network_are_seen_from_outside_and_those_of_an_overlay_are_not():
    for stack, expected in (("dev", "none"), ("prod", "tcp 22, 3389")):
        assert passes(after(stack), "jump box", "other pods") == expected


def test_a_workload_names_its_pods():
    def worker(resources: Resources) -> None:
        template = {"metadata": {"labels": {"app": "worker"}}, "spec": {"containers": []}}
        add("kubernetes:apps/v1:Deployment", "worker", kind="Deployment",
            metadata={"namespace": "myapp", "name": "worker"}, spec={"template": template})(
            resources
        )  # fmt: skip

    matrix = after("dev", worker)
    assert passes(matrix, "myapp/worker", "cluster DNS") == "tcp 53; udp 53"
    assert passes(matrix, "myapp/frontend", "myapp/worker") == "none"


# What can't be analysed


def test_a_stack_that_is_not_deployed_is_refused_with_what_to_do():
    with pytest.raises(ValueError, match="deploy the stack first"):
        compute([{"type": "pulumi:pulumi:Stack", "urn": "x"}])


def test_a_state_without_a_cluster_is_refused():
    with pytest.raises(ValueError, match="0 clusters"):
        after("dev", drop("ManagedCluster", ""))


def test_what_awaits_deletion_is_not_there():
    def doomed(resources: Resources) -> None:
        named(resources, "NetworkPolicy", "default-deny")["delete"] = True

    assert passes(after("dev", doomed), "other pods", "myapp/(other pods)").startswith("all")
