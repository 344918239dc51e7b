"""What both stacks register, as a whole: promises that hold for every environment."""

import itertools
import json
import re
from collections import Counter
from unittest import mock

import pytest

from components.azure.roles import Role
from simulator.azure.cloud import Cloud
from tests.helpers.loops import each
from tests.helpers.mocks import Recording
from tests.helpers.stacks import STACKS, configuration_of, example, recorded, run_program

STATEFUL = {
    "resources:ResourceGroup",
    "network:VirtualNetwork",
    "network:Subnet",
    "containerservice:ManagedCluster",
    "keyvault:Vault",
    "network:ApplicationGateway",
    "dns:Zone",
    "privatedns:PrivateZone",
}


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> Recording:
    return recorded(request.param)


def test_no_network_carries_its_subnets(stack: Recording):
    assert stack.of_type("network:VirtualNetwork")
    for network in stack.of_type("network:VirtualNetwork"):
        assert "subnets" not in network.inputs


def test_no_subnet_has_default_outbound_access(stack: Recording):
    for subnet in each(stack.of_type("network:Subnet")):
        assert subnet.inputs["defaultOutboundAccess"] is False


def test_every_subnet_that_may_have_a_security_group_has_one(stack: Recording):
    for subnet in each(stack.of_type("network:Subnet")):
        assert "networkSecurityGroup" in subnet.inputs, subnet.name


def test_the_subnet_of_the_gateway_is_delegated_to_it(stack: Recording):
    (gateway,) = [s for s in stack.of_type("network:Subnet") if "applicationGateway" in s.name]
    (delegation,) = gateway.inputs["delegations"]
    assert delegation["serviceName"] == "Microsoft.Network/applicationGateways"


def test_the_subnets_of_a_network_are_made_one_after_the_other(stack: Recording):
    for network in ("network", "management"):
        subnets = [s for s in stack.of_type("network:Subnet") if s.name.startswith(f"{network}-")]
        assert len(subnets) > 1
        for before, after in itertools.pairwise(subnets):
            assert before.urn in after.dependencies


def test_the_subnet_on_the_longest_path_is_made_first(stack: Recording):
    first = {s.name.split("-")[0]: s for s in reversed(stack.of_type("network:Subnet"))}
    assert first["network"].name == "network-nodes"
    assert first["management"].name == "management-bastion"


def test_a_peering_waits_for_every_subnet_of_both_networks(stack: Recording):
    subnets = {s.urn for s in stack.of_type("network:Subnet")}
    peerings = stack.of_type("network:VirtualNetworkPeering")
    assert len(peerings) == 2
    for peering in peerings:
        assert subnets <= stack.waits_for(peering)


def test_a_peering_that_waits_for_a_gateway_waits_for_the_cluster_and_all_its_pools():
    config = example("vpn")
    pools = config["aks-network:cluster"]["nodePools"]
    pools.append({**pools[0], "name": "apps", "mode": "User"})
    made = run_program(config)
    (peering,) = (
        item
        for item in made.of_type("network:VirtualNetworkPeering")
        if item.inputs["useRemoteGateways"]
    )
    waiting = made.waits_for(peering)
    assert made.one("containerservice:ManagedCluster").urn in waiting
    assert made.one("containerservice:AgentPool", "cluster-pool-apps").urn in waiting


def test_the_cluster_waits_for_its_identitys_roles(stack: Recording):
    cluster = stack.one("containerservice:ManagedCluster")
    roles = {r.urn for r in stack.of_type("authorization:RoleAssignment") if "identity" in r.urn}
    assert roles
    assert roles <= stack.waits_for(cluster)


def test_every_role_names_its_principals_type(stack: Recording):
    for role in each(stack.of_type("authorization:RoleAssignment")):
        assert role.inputs["principalType"] == "ServicePrincipal"


def test_the_identity_has_its_subnet_role_on_subnets_only(stack: Recording):
    roles = [r for r in stack.of_type("authorization:RoleAssignment") if "identity-" in r.name]
    assert {r.name for r in roles} == {
        "identity-nodes-network-contributor",
        "identity-ingress-network-contributor",
    }
    for role in roles:
        assert re.search(r"/virtualNetworks/[^/]+/subnets/[^/]+$", role.inputs["scope"])


@pytest.mark.parametrize("subnet_role", ["network-contributor", "custom"])
def test_the_identity_of_a_private_cluster_may_link_its_zone_and_no_more(subnet_role: str):
    config = configuration_of("prod")
    config["aks-network:cluster"]["identity"] = {"subnetRole": subnet_role}
    grants = {r.name: r.inputs for r in run_program(config).of_type("authorization:RoleAssignment")}
    for grant in ("cluster-vnet-contributor", "cluster-zone-contributor"):
        assert Role.PRIVATE_DNS_ZONE_CONTRIBUTOR in grants[grant]["roleDefinitionId"]
    networks = r"/virtualNetworks/[^/]+$"
    on_networks = [name for name, made in grants.items() if re.search(networks, made["scope"])]
    assert on_networks == ["cluster-vnet-contributor"]


@pytest.mark.parametrize(
    ("version", "setting", "mode"),
    [
        ("1.35", {}, "Disabled"),
        ("1.35", {"localDns": True}, "Required"),
        ("1.36", {}, "Required"),
        ("1.36", {"localDns": False}, "Disabled"),
        ("1.36", {"vmSize": "Standard_D2ds_v5"}, "Disabled"),
    ],
)
def test_local_dns_is_on_where_it_is_asked_for_and_from_1_36_on_by_itself(
    version: str, setting: dict[str, object], mode: str
):
    config = configuration_of("prod")
    config["aks-network:cluster"]["kubernetesVersion"] = version
    for pool in config["aks-network:cluster"]["nodePools"]:
        if pool.get("os") != "Windows":
            pool.update(setting)
    recording = run_program(config)
    (inner,) = recording.one("containerservice:ManagedCluster").inputs["agentPoolProfiles"]
    assert inner["localDNSProfile"] == {"mode": mode}
    others = {p.name: p.inputs for p in recording.of_type("containerservice:AgentPool")}
    assert others["cluster-pool-apps"]["localDNSProfile"] == {"mode": mode}
    assert "localDNSProfile" not in others["cluster-pool-win"]


@pytest.mark.parametrize("policy", ["calico", "azure"])
@pytest.mark.parametrize("on", [True, False])
def test_pods_may_ask_the_dns_server_of_their_node_before_it_is_on(policy: str, *, on: bool):
    config = configuration_of("prod")
    config["aks-network:network"]["policy"] = policy
    for pool in config["aks-network:cluster"]["nodePools"][:2]:
        pool["localDns"] = on
    recording = run_program(config)
    policies = [r.inputs for r in recording.registrations if "allow-dns" in r.name]
    assert policies
    for item in policies:
        (rule,) = item["spec"]["egress"]
        assert {"ipBlock": {"cidr": "169.254.10.0/24"}} in rule["to"]
        ports = {(one["protocol"], one["port"]) for one in rule["ports"]}
        assert ports == {("UDP", 53), ("TCP", 53)}


@pytest.mark.parametrize("on", [True, False])
def test_on_cilium_a_policy_of_its_own_opens_the_nodes_dns_server(*, on: bool):
    config = configuration_of("dev")
    config["aks-network:cluster"]["nodePools"][0]["localDns"] = on
    made = run_program(config).of_type("kubernetes:cilium.io/v2:CiliumNetworkPolicy")
    assert [one.inputs["metadata"]["namespace"] for one in made] == ["myapp"]


def test_exactly_one_pool_is_inside_the_cluster_and_it_is_a_system_pool(stack: Recording):
    (pool,) = stack.one("containerservice:ManagedCluster").inputs["agentPoolProfiles"]
    assert pool["mode"] == "System"
    assert pool["osType"] == "Linux"


def test_what_the_autoscaler_owns_is_ignored_by_later_runs(stack: Recording):
    cluster = stack.one("containerservice:ManagedCluster")
    assert "agentPoolProfiles[0].count" in cluster.ignore_changes
    for pool in stack.of_type("containerservice:AgentPool"):
        assert "count" in pool.ignore_changes


@pytest.mark.parametrize(
    ("channel", "version", "ignored"),
    [
        ("none", "1.35.4", False),
        ("patch", "1.35", True),
        ("patch", "1.35.4", True),
        ("stable", "1.35", True),
        ("node-image", "1.35.4", False),
    ],
)
def test_the_version_is_ignored_only_where_a_channel_raises_it(
    channel: str, version: str, *, ignored: bool
):
    config = configuration_of("prod")
    config["aks-network:cluster"] |= {"upgradeChannel": channel, "kubernetesVersion": version}
    recording = run_program(config)
    cluster = recording.one("containerservice:ManagedCluster")
    assert ("kubernetesVersion" in cluster.ignore_changes) is ignored
    for pool in recording.of_type("containerservice:AgentPool"):
        assert ("orchestratorVersion" in pool.ignore_changes) is ignored


@pytest.mark.parametrize(("last", "ignored"), [("1.35", True), ("1.34", False), (None, True)])
def test_an_edited_version_is_sent_whatever_the_channel(last: str | None, *, ignored: bool):
    config = configuration_of("prod")
    config["aks-network:cluster"] |= {"upgradeChannel": "stable", "kubernetesVersion": "1.35"}
    outputs = {"kubernetesVersion": last}
    with mock.patch("components.deployment.stack_outputs.last_outputs", return_value=outputs):
        recording = run_program(config)
    cluster = recording.one("containerservice:ManagedCluster")
    assert ("kubernetesVersion" in cluster.ignore_changes) is ignored
    same = last == "1.35"
    assert ("agentPoolProfiles[0].orchestratorVersion" in cluster.ignore_changes) is same
    for pool in recording.of_type("containerservice:AgentPool"):
        assert ("orchestratorVersion" in pool.ignore_changes) is ignored


@pytest.mark.parametrize("stack", STACKS)
def test_the_pool_inside_the_cluster_names_no_version(stack: str):
    cluster = recorded(stack).one("containerservice:ManagedCluster")
    (pool,) = cluster.inputs["agentPoolProfiles"]
    assert "orchestratorVersion" not in pool
    assert "agentPoolProfiles[0].orchestratorVersion" not in cluster.ignore_changes


@pytest.mark.parametrize(
    ("tier", "version", "plan", "written"),
    [
        ("Standard", "1.35", None, "KubernetesOfficial"),
        ("Premium", "1.35", None, "KubernetesOfficial"),
        ("Premium", "1.33", None, "AKSLongTermSupport"),
        ("Premium", "1.35", "AKSLongTermSupport", "AKSLongTermSupport"),
    ],
)
def test_the_support_plan_follows_from_version_and_tier(
    tier: str, version: str, plan: str | None, written: str
):
    config = configuration_of("dev")
    config["aks-network:cluster"] |= {"tier": tier, "kubernetesVersion": version}
    if plan:
        config["aks-network:cluster"]["supportPlan"] = plan
    cluster = run_program(config).one("containerservice:ManagedCluster")
    assert cluster.inputs["supportPlan"] == written


def test_each_maintenance_window_is_a_configuration_under_azures_own_name():
    config = configuration_of("dev")
    config["aks-network:cluster"]["maintenance"] = {
        "nodeOs": {"day": "Tuesday", "start": "21:00", "hours": 8, "utcOffset": "+01:00"},
        "kubernetes": {"day": "Sunday", "start": "01:30", "intervalWeeks": 2},
    }
    made = run_program(config).of_type("containerservice:MaintenanceConfiguration")
    windows = {item.inputs["configName"]: item.inputs["maintenanceWindow"] for item in made}
    assert windows == {
        "aksManagedNodeOSUpgradeSchedule": {
            "durationHours": 8,
            "startTime": "21:00",
            "utcOffset": "+01:00",
            "schedule": {"weekly": {"dayOfWeek": "Tuesday", "intervalWeeks": 1}},
        },
        "aksManagedAutoUpgradeSchedule": {
            "durationHours": 4,
            "startTime": "01:30",
            "utcOffset": "+00:00",
            "schedule": {"weekly": {"dayOfWeek": "Sunday", "intervalWeeks": 2}},
        },
    }


def test_a_changed_windows_password_never_replaces_the_cluster():
    cluster = run_program(configuration_of("prod")).one("containerservice:ManagedCluster")
    assert "windowsProfile.adminPassword" in cluster.ignore_changes
    assert "adminPassword" in cluster.inputs["windowsProfile"]


@pytest.mark.parametrize(("stack", "read"), [("dev", True), ("prod", False)])
def test_credentials_of_the_cluster_are_read_only_where_objects_are_applied(
    stack: str, *, read: bool
):
    with mock.patch.object(Cloud, "invoke", autospec=True, side_effect=Cloud.invoke) as invoke:
        run_program(configuration_of(stack))
    functions = [call.args[1].rsplit(":", 1)[-1] for call in invoke.call_args_list]
    assert "getClientConfig" in functions
    assert ("listManagedClusterUserCredentials" in functions) is read


def test_the_clusters_ranges_are_all_written_out(stack: Recording):
    profile = stack.one("containerservice:ManagedCluster").inputs["networkProfile"]
    assert {"serviceCidr", "dnsServiceIP", "outboundType", "networkPolicy"} <= profile.keys()
    assert profile["serviceCidr"] != "10.0.0.0/16"
    assert ("podCidr" in profile) == (profile.get("networkPluginMode") == "overlay")


def test_local_accounts_of_the_cluster_are_off(stack: Recording):
    cluster = stack.one("containerservice:ManagedCluster").inputs
    assert cluster["disableLocalAccounts"] is True
    assert cluster["aadProfile"]["enableAzureRBAC"] is True


def test_the_firewall_prevents(stack: Recording):
    policy = stack.one("network:WebApplicationFirewallPolicy").inputs
    assert policy["policySettings"]["mode"] == "Prevention"
    gateway = stack.one("network:ApplicationGateway").inputs
    assert gateway["sku"] == {"name": "WAF_v2", "tier": "WAF_v2"}
    assert gateway["firewallPolicy"]["id"].endswith(policy["policyName"])


def test_every_reference_inside_the_gateway_leads_to_a_part_of_it(stack: Recording):
    gateway = stack.one("network:ApplicationGateway").inputs
    found = re.findall(r"/applicationGateways/[^/]+/(\w+)/([\w-]+)", json.dumps(gateway))
    assert found
    for collection, name in found:
        assert name in {part["name"] for part in gateway[collection]}, (collection, name)


def test_http_is_redirected_and_https_leads_to_the_controller(stack: Recording):
    gateway = stack.one("network:ApplicationGateway").inputs
    listeners = {part["name"]: part["protocol"] for part in gateway["httpListeners"]}
    for rule in each(gateway["requestRoutingRules"]):
        listener = listeners[rule["httpListener"]["id"].rsplit("/", 1)[-1]]
        assert ("redirectConfiguration" in rule) == (listener == "Http")
        assert ("backendAddressPool" in rule) == (listener == "Https")


def test_the_only_public_addresses_are_the_gateways_bastions_and_nats(stack: Recording):
    names = {address.name for address in stack.of_type("network:PublicIPAddress")}
    kinds = {re.sub(r"-\d+$", "", name) for name in names}
    nat = {"network-nat-ip", "network-nat-v2-ip"} & kinds
    assert kinds == {"waf-ip", "management-bastion-ip", "management-nat-ip", *nat}
    assert len(nat) == 1


def test_no_network_interface_has_a_public_address(stack: Recording):
    for card in each(stack.of_type("network:NetworkInterface")):
        assert "publicIPAddress" not in json.dumps(card.inputs)


def test_the_vault_is_closed_and_keeps_what_is_deleted(stack: Recording):
    vault = stack.one("keyvault:Vault").inputs["properties"]
    assert vault["publicNetworkAccess"] == "disabled"
    assert vault["enableRbacAuthorization"] is True
    assert vault["enablePurgeProtection"] is True


def test_the_certificate_is_secret_and_goes_with_its_vault_only(stack: Recording):
    assert len(stack.of_type("keyvault:Secret")) == 2
    for secret in stack.of_type("keyvault:Secret"):
        assert secret.secrets == {"properties"}
        assert secret.deleted_with == stack.one("keyvault:Vault").urn
        assert secret.retained


def test_no_versioned_alias_is_sent(stack: Recording):
    aliases = each(alias for r in stack.azure() for alias in r.aliases)
    assert not [alias for alias in aliases if re.search(r"/v20\d{6}", alias)]


def test_every_resource_stands_in_a_component_or_is_a_group(stack: Recording):
    urns = {r.urn for r in stack.registrations if r.type.startswith("aks-network:index:")}
    for resource in each(stack.azure()):
        assert resource.parent in urns or resource.type.endswith(":ResourceGroup"), resource.name


def test_every_resource_that_takes_tags_has_them(stack: Recording):
    types = {r.type for r in stack.azure() if "tags" in r.inputs}
    tagged = [r for r in stack.azure() if r.type in types]
    assert tagged
    for resource in tagged:
        assert resource.inputs["tags"]["workload"] == "shop", resource.name


def test_no_two_resources_have_one_logical_name(stack: Recording):
    urns = Counter(r.urn for r in stack.registrations)
    assert max(urns.values()) == 1


def test_what_holds_state_is_protected_in_production_only():
    for stack, expected in (("dev", False), ("prod", True)):
        found = [item for token in STATEFUL for item in recorded(stack).of_type(token)]
        for resource in each(found):
            assert resource.protect is expected, resource.name


def test_production_has_a_private_api_server_known_in_both_networks():
    prod = recorded("prod")
    access = prod.one("containerservice:ManagedCluster").inputs["apiServerAccessProfile"]
    assert access["enablePrivateCluster"] is True
    zone = prod.one("privatedns:PrivateZone", "cluster-api-zone")
    assert access["privateDNSZone"].endswith(zone.inputs["privateZoneName"])
    links = [r for r in prod.of_type("privatedns:VirtualNetworkLink") if "api-zone" in r.name]
    assert len({r.inputs["virtualNetwork"]["id"] for r in links}) == 2
    cluster = prod.one("containerservice:ManagedCluster")
    waited_for = {r.name for r in links if r.urn in prod.waits_for(cluster)}
    assert waited_for == {"cluster-api-zone-cluster"}


def test_pools_vanish_with_their_cluster():
    prod = recorded("prod")
    pools = prod.of_type("containerservice:AgentPool")
    assert pools
    cluster = prod.one("containerservice:ManagedCluster").urn
    assert {r.deleted_with for r in pools} == {cluster}


def test_production_has_windows_nodes_with_a_secret_password():
    prod = recorded("prod")
    pools = {r.inputs["agentPoolName"]: r for r in prod.of_type("containerservice:AgentPool")}
    assert pools["win"].inputs["osType"] == "Windows"
    assert "windowsProfile" in prod.one("containerservice:ManagedCluster").secrets


def test_development_delivers_objects_that_vanish_with_their_cluster():
    dev = recorded("dev")
    cluster = dev.one("containerservice:ManagedCluster")
    objects = [
        r
        for r in dev.registrations
        if r.type.startswith("kubernetes:") and not r.type.startswith("pulumi:")
    ]
    assert objects
    assert {r.deleted_with for r in objects} == {cluster.urn}


def test_the_kubeconfig_is_secret_on_its_way_to_the_provider():
    provider = recorded("dev").one("pulumi:providers:kubernetes")
    assert "kubeconfig" in provider.secrets


def test_a_second_run_registers_the_same(stack: Recording, request: pytest.FixtureRequest):
    again = run_program(configuration_of(request.node.callspec.params["stack"]))
    first = {r.urn: (r.inputs, r.dependencies) for r in stack.registrations}
    assert {r.urn: (r.inputs, r.dependencies) for r in again.registrations} == first


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_domain_of_ones_own_replaces_the_samples_everywhere(stack: str):
    config = json.loads(json.dumps(configuration_of(stack)).replace("myapp.com", "shop.example"))
    recording = run_program(config)
    named = {item.name for item in recording.registrations if "shop.example" in str(item.inputs)}
    assert {"routing-shop.example", "waf-agw"} <= named
    assert not [item.name for item in recording.registrations if "myapp.com" in str(item.inputs)]
