"""Every controller and firewall as the program registers it, by its example."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from cli.simulated.fixture import load_fixture
from cli.stack_file import config_with_placeholders
from components.azure.roles import Role
from components.ingress.application_gateway_config import AGIC_MANAGED_PROPERTIES
from components.kubernetes.helm_charts import CHARTS
from components.settings.pfx import read_pfx
from simulator.azure.certificate_files import tls_secret_problem
from simulator.azure.cloud import Cloud
from simulator.azure.namespaces import keyvault, vault_secrets
from tests.helpers.certificates import PFX, elliptic, packed, signed
from tests.helpers.mocks import Recording, Registration
from tests.helpers.stacks import ROOT, configuration_of, recorded_file, run_program

INGRESS = "aks-network:ingress"

PREFIX = "service.beta.kubernetes.io/azure-load-balancer"
LINUX = {"kubernetes.io/os": "linux"}
BY_CHART = ("traefik", "contour", "haproxy")


def example(name: str) -> dict[str, Any]:
    return config_with_placeholders(ROOT / "examples" / f"{name}.yaml")


def run(name: str, config: dict[str, Any]) -> Recording:
    return run_program(config, seed=ROOT / "examples" / f"{name}.cloud.yaml")


def deployed(name: str) -> Recording:
    return recorded_file(ROOT / "examples" / f"{name}.yaml")


@functools.cache
def with_gateway_api() -> Recording:
    config = example("gateway-api")
    config["aks-network:ingress"]["appRouting"]["gatewayApiEnabled"] = True
    return run("gateway-api", config)


def objects(recording: Recording, kind: str) -> list[Registration]:
    return [
        r
        for r in recording.registrations
        if r.type.startswith("kubernetes:") and r.type.endswith(f":{kind}")
    ]


def one(recording: Recording, kind: str, name: str | None = None) -> Registration:
    (found,) = [r for r in objects(recording, kind) if name in {None, r.inputs["metadata"]["name"]}]
    return found


def release(recording: Recording) -> Registration:
    return recording.one("kubernetes:helm.sh/v3:Release")


def roles(recording: Recording, stem: str) -> dict[str, tuple[str, str]]:
    """Role and scope's type by the assignment's key."""
    found: dict[str, tuple[str, str]] = {}
    for assignment in recording.of_type("authorization:RoleAssignment"):
        if assignment.name.startswith(stem):
            guid = assignment.inputs["roleDefinitionId"].rsplit("/", 1)[-1]
            scope = assignment.inputs["scope"].split("/")
            found[assignment.name.removeprefix(stem)] = (guid, scope[-2])
    return found


def nested(value: Any, key: str) -> Iterator[Any]:
    """Everything under a key, wherever it stands."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == key:
                yield item
            yield from nested(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from nested(item, key)


def node_rules(recording: Recording) -> dict[str, dict[str, Any]]:
    group = recording.one("network:NetworkSecurityGroup", "network-nodes-nsg")
    return {rule["name"]: rule for rule in group.inputs["securityRules"]}


def subnet(recording: Recording, key: str) -> dict[str, Any]:
    return recording.one("network:Subnet", f"network-{key}").inputs


# --- controllers that come as charts


@pytest.mark.parametrize("name", BY_CHART)
def test_a_chart_is_installed_in_its_pinned_version_into_a_guarded_namespace(name: str):
    made = release(deployed(name))
    chart = CHARTS[name]
    assert (made.inputs["chart"], made.inputs["version"]) == (chart.name, chart.version)
    assert made.inputs["repositoryOpts"]["repo"] == chart.repository
    namespace = one(deployed(name), "Namespace", chart.namespace)
    labels = namespace.inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] in {"baseline", "restricted"}
    assert namespace.urn in made.dependencies
    assert made.inputs["createNamespace"] is False


@pytest.mark.parametrize("name", BY_CHART)
def test_all_pods_of_a_chart_run_on_linux_nodes(name: str):
    parts = {"traefik": 1, "contour": 2, "haproxy": 2}
    selectors = list(nested(release(deployed(name)).inputs["values"], "nodeSelector"))
    assert selectors == [LINUX] * parts[name]


@pytest.mark.parametrize("name", BY_CHART)
def test_every_controller_has_the_same_internal_address(name: str):
    (annotations,) = nested(release(deployed(name)).inputs["values"], "annotations")
    assert annotations[f"{PREFIX}-internal"] == "true"
    assert (
        annotations[f"{PREFIX}-internal-subnet"] == subnet(deployed(name), "ingress")["subnetName"]
    )
    nginx = example(name)
    nginx["aks-network:ingress"]["controller"] = "app-routing"
    controller = one(run(name, nginx), "NginxIngressController")
    assert controller.inputs["spec"]["loadBalancerAnnotations"] == annotations


@pytest.mark.parametrize("name", ["traefik", "haproxy"])
def test_the_gateway_leads_to_whichever_controller_there_is(name: str):
    gateway = deployed(name).one("network:ApplicationGateway").inputs
    (annotations,) = nested(release(deployed(name)).inputs["values"], "annotations")
    (pool,) = gateway["backendAddressPools"]
    assert pool["backendAddresses"] == [{"ipAddress": annotations[f"{PREFIX}-ipv4"]}]


@pytest.mark.parametrize("name", BY_CHART)
def test_only_the_controllers_own_namespace_reaches_exposed_pods(name: str):
    policy = one(deployed(name), "NetworkPolicy", "allow-ingress-controller").inputs["spec"]
    (source,) = policy["ingress"][0]["from"]
    labels = source["namespaceSelector"]["matchLabels"]
    assert labels == {"kubernetes.io/metadata.name": CHARTS[name].namespace}


@pytest.mark.parametrize("name", BY_CHART)
def test_an_ingress_waits_for_its_controller_and_names_its_class(name: str):
    ingress = one(deployed(name), "Ingress")
    assert release(deployed(name)).urn in ingress.dependencies
    values = release(deployed(name)).inputs["values"]
    assert ingress.inputs["spec"]["ingressClassName"] == "publicingress"
    assert "publicingress" in json.dumps(values)


@pytest.mark.parametrize("name", BY_CHART)
def test_a_chart_vanishes_with_its_cluster(name: str):
    cluster = deployed(name).one("containerservice:ManagedCluster")
    assert release(deployed(name)).deleted_with == cluster.urn


# --- AGIC


def test_agic_drives_the_gateway_that_is_made_for_it():
    agic = deployed("agic")
    addon = agic.one("containerservice:ManagedCluster").inputs["addonProfiles"][
        "ingressApplicationGateway"
    ]
    gateway = agic.one("network:ApplicationGateway").inputs
    assert addon["enabled"] is True
    assert addon["config"]["applicationGatewayId"].endswith(gateway["applicationGatewayName"])


def test_only_the_properties_that_agic_manages_are_ignored():
    gateway = deployed("agic").one("network:ApplicationGateway")
    assert gateway.ignore_changes == AGIC_MANAGED_PROPERTIES
    owned = {path.partition("[")[0] for path in gateway.ignore_changes}
    assert not owned & {"firewallPolicy", "sku", "sslPolicy", "autoscaleConfiguration", "identity"}
    assert gateway.inputs["firewallPolicy"]["id"]
    assert "tags" not in gateway.ignore_changes


def test_nothing_of_another_gateway_is_ignored():
    assert deployed("traefik").one("network:ApplicationGateway").ignore_changes == ()


def test_agics_identity_has_roles_on_the_gateway_and_what_it_refers_to_only():
    assert roles(deployed("agic"), "waf-agic-") == {
        "group": (Role.READER, "resourceGroups"),
        "gateway": (Role.CONTRIBUTOR, "applicationGateways"),
        "subnet": (Role.NETWORK_CONTRIBUTOR, "subnets"),
        "address": (Role.NETWORK_CONTRIBUTOR, "publicIPAddresses"),
        "policy": (Role.NETWORK_CONTRIBUTOR, "ApplicationGatewayWebApplicationFirewallPolicies"),
        "identity": (Role.MANAGED_IDENTITY_OPERATOR, "userAssignedIdentities"),
    }


def test_agics_ingress_has_agics_class_and_the_gateways_certificate():
    ingress = one(deployed("agic"), "Ingress").inputs
    assert ingress["spec"]["ingressClassName"] == "azure-application-gateway"
    assert "tls" not in ingress["spec"]
    annotations = ingress["metadata"]["annotations"]
    (certificate,) = deployed("agic").one("network:ApplicationGateway").inputs["sslCertificates"]
    prefix = "appgw.ingress.kubernetes.io"
    assert annotations[f"{prefix}/appgw-ssl-certificate"] == certificate["name"]
    assert annotations[f"{prefix}/ssl-redirect"] == "true"


@pytest.mark.parametrize(
    ("name", "key", "delegation"),
    [
        ("agic", "applicationGateway", "Microsoft.Network/applicationGateways"),
        ("agc", "trafficController", "Microsoft.ServiceNetworking/trafficControllers"),
    ],
)
def test_a_gateway_that_speaks_to_pods_is_let_in_to_their_ports_only(
    name: str, key: str, delegation: str
):
    prefix = subnet(deployed(name), key)["addressPrefix"]
    assert [d["serviceName"] for d in subnet(deployed(name), key)["delegations"]] == [delegation]
    policy = one(deployed(name), "NetworkPolicy", "allow-ingress-controller").inputs["spec"]
    assert policy["ingress"][0]["from"] == [{"ipBlock": {"cidr": prefix}}]
    assert policy["ingress"][0]["ports"] == [{"protocol": "TCP", "port": 8080}]
    (rule,) = [
        rule
        for rule in node_rules(deployed(name)).values()
        if prefix in (rule.get("sourceAddressPrefix"), *rule.get("sourceAddressPrefixes", ()))
    ]
    ports = {rule.get("destinationPortRange"), *rule.get("destinationPortRanges", ())} - {None}
    assert (rule["access"], ports) == ("Allow", {"8080"})
    assert "AllowIngressInbound" not in node_rules(deployed(name))


# --- Application Gateway for Containers


def test_the_traffic_controller_has_one_association_and_a_public_frontend():
    agc = deployed("agc")
    association = agc.one("servicenetworking:AssociationsInterface").inputs
    assert association["subnet"]["id"].endswith(subnet(agc, "trafficController")["subnetName"])
    frontend = agc.one("servicenetworking:FrontendsInterface")
    gateway = one(agc, "Gateway").inputs
    (address,) = gateway["spec"]["addresses"]
    assert address == {
        "type": "alb.networking.azure.io/alb-frontend",
        "value": frontend.inputs["frontendName"],
    }
    controller = agc.one("servicenetworking:TrafficControllerInterface").inputs
    alb_id = gateway["metadata"]["annotations"]["alb.networking.azure.io/alb-id"]
    assert alb_id.endswith(controller["trafficControllerName"])


def test_the_firewalls_policy_guards_the_whole_gateway():
    agc = deployed("agc")
    policy_id = agc.one("servicenetworking:SecurityPoliciesInterface").inputs["wafPolicy"]["id"]
    guard = one(agc, "WebApplicationFirewallPolicy").inputs["spec"]
    assert guard["webApplicationFirewall"]["id"] == policy_id
    assert guard["targetRef"]["kind"] == "Gateway"
    assert guard["targetRef"]["name"] == one(agc, "Gateway").inputs["metadata"]["name"]


def test_without_a_firewall_there_is_no_policy_and_a_warning_instead():
    config = example("agc")
    config["aks-network:ingress"]["waf"] = "none"
    agc = run("agc", config)
    assert not agc.of_type("servicenetworking:SecurityPoliciesInterface")
    assert not objects(agc, "WebApplicationFirewallPolicy")


def test_the_alb_controller_signs_in_by_its_service_account():
    agc = deployed("agc")
    federation = agc.one("managedidentity:FederatedIdentityCredential").inputs
    assert federation["subject"] == "system:serviceaccount:azure-alb-system:alb-controller-sa"
    assert federation["audiences"] == ["api://AzureADTokenExchange"]
    values = release(agc).inputs["values"]["albController"]
    assert values["podIdentity"]["clientID"]
    assert values["controller"]["nodeSelector"] == LINUX
    assert agc.one("managedidentity:FederatedIdentityCredential").urn in release(agc).dependencies


def test_the_alb_controllers_roles_are_those_of_its_documentation():
    assert roles(deployed("agc"), "alb-") == {
        "configuration": (Role.APPGW_FOR_CONTAINERS_CONFIGURATION_MANAGER, "resourceGroups"),
        "subnet": (Role.NETWORK_CONTRIBUTOR, "subnets"),
        "nodes": (Role.READER, "resourceGroups"),
        "policy": (Role.NETWORK_CONTRIBUTOR, "ApplicationGatewayWebApplicationFirewallPolicies"),
    }


def test_the_public_name_leads_to_the_frontends_own():
    record = deployed("agc").one("dns:RecordSet").inputs
    assert (record["recordType"], record["relativeRecordSetName"]) == ("CNAME", "www")
    assert record["cnameRecord"]["cname"].endswith(".alb.azure.com")


def test_no_other_gateway_and_no_load_balancer_stand_beside_it():
    agc = deployed("agc")
    assert not agc.of_type("network:ApplicationGateway")
    assert not [s for s in agc.of_type("network:Subnet") if s.name == "network-ingress"]


def test_the_traffic_controller_sends_its_own_logs():
    config = example("agc")
    config["aks-network:observability"] = {"diagnostics": {"applicationGatewayForContainers": True}}
    made = run("agc", config)
    setting = made.one("monitor:DiagnosticSetting").inputs
    assert setting["resourceUri"].lower().rpartition("/")[0].endswith("/trafficcontrollers")
    assert {log["category"] for log in setting["logs"]} == {
        "TrafficControllerAccessLog",
        "TrafficControllerFirewallLog",
    }


# --- Gateway API


@pytest.fixture(params=["agc", "gateway-api"])
def gateway_api(request: pytest.FixtureRequest) -> Recording:
    return deployed("agc") if request.param == "agc" else with_gateway_api()


def test_each_hosts_listener_takes_routes_of_its_own_application_only(gateway_api: Recording):
    (listener,) = [
        item
        for item in one(gateway_api, "Gateway").inputs["spec"]["listeners"]
        if item["protocol"] == "HTTPS"
    ]
    allowed = listener["allowedRoutes"]["namespaces"]["selector"]["matchLabels"]
    assert allowed == {"kubernetes.io/metadata.name": "myapp"}
    route = one(gateway_api, "HTTPRoute", f"myapp-{listener['name']}").inputs
    assert route["spec"]["hostnames"] == [listener["hostname"]]
    assert route["spec"]["parentRefs"][0]["sectionName"] == listener["name"]
    assert [rule["matches"][0]["path"]["value"] for rule in route["spec"]["rules"]] == [
        "/blog",
        "/store",
    ]
    assert not objects(gateway_api, "Ingress")


def test_http_is_redirected_by_the_gateway_itself(gateway_api: Recording):
    (redirected,) = [
        item
        for item in one(gateway_api, "Gateway").inputs["spec"]["listeners"]
        if item["protocol"] == "HTTP"
    ]
    assert redirected["allowedRoutes"]["namespaces"]["from"] == "Same"
    route = one(gateway_api, "HTTPRoute", "to-https").inputs["spec"]
    assert route["parentRefs"][0]["sectionName"] == redirected["name"]
    assert route["rules"][0]["filters"][0]["requestRedirect"]["scheme"] == "https"


def test_the_gateway_may_read_an_applications_certificate_and_no_other_secret():
    (grant,) = objects(deployed("agc"), "ReferenceGrant")
    assert grant.inputs["metadata"]["namespace"] == "myapp"
    assert grant.inputs["spec"]["to"] == [{"group": "", "kind": "Secret", "name": "myapp-tls"}]


def test_the_addons_gateway_takes_the_vaults_certificate_by_workload_identity():
    made = with_gateway_api()
    gateway = one(made, "Gateway").inputs
    assert gateway["spec"]["gatewayClassName"] == "approuting-istio"
    assert gateway["spec"]["infrastructure"]["annotations"][f"{PREFIX}-internal"] == "true"
    (options,) = nested(gateway["spec"]["listeners"], "options")
    account = one(made, "ServiceAccount").inputs["metadata"]
    assert options["kubernetes.azure.com/tls-cert-service-account"] == account["name"]
    assert options["kubernetes.azure.com/tls-cert-keyvault-uri"].endswith(
        "/secrets/waf-certificate-pem"
    )
    federation = made.one("managedidentity:FederatedIdentityCredential").inputs
    assert (
        federation["subject"] == f"system:serviceaccount:{account['namespace']}:{account['name']}"
    )
    assert roles(made, "gateway-") == {"vault": (Role.KEY_VAULT_SECRETS_USER, "vaults")}
    policy = one(made, "NetworkPolicy", "allow-ingress-controller").inputs["spec"]
    (source,) = policy["ingress"][0]["from"]
    labels = source["namespaceSelector"]["matchLabels"]
    assert labels == {"kubernetes.io/metadata.name": gateway["metadata"]["namespace"]}


def test_the_addons_gateway_keeps_zones_by_objects_of_one_kind_each():
    config = example("gateway-api")
    ingress = config["aks-network:ingress"]
    ingress["appRouting"]["gatewayApiEnabled"] = True
    del ingress["waf"]
    ingress |= {"exposure": "external", "privateDnsZones": ["shop.internal"]}
    config["aks-network:kubernetes"]["applications"][0]["tls"] = {"secretName": "myapp-tls"}
    made = run("gateway-api", config)
    zones = {
        r.inputs["metadata"]["name"]: r.inputs["spec"]["dnsZoneResourceIDs"]
        for r in objects(made, "ClusterExternalDNS")
    }
    assert {name: len(ids) for name, ids in zones.items()} == {
        "applications-public": 1,
        "applications-private": 1,
    }
    # Its certificate comes from a secret, so no vault is opened.
    assert {role for role, _ in roles(made, "gateway-").values()} == {
        Role.DNS_ZONE_CONTRIBUTOR,
        Role.PRIVATE_DNS_ZONE_CONTRIBUTOR,
    }


def test_before_the_gateway_api_is_there_nothing_of_it_is_delivered():
    made = deployed("gateway-api")
    for kind in ("Gateway", "HTTPRoute", "Ingress", "NginxIngressController"):
        assert not objects(made, kind)
    names = {r.inputs["metadata"]["name"] for r in objects(made, "NetworkPolicy")}
    assert "default-deny" in names
    assert "allow-ingress-controller" not in names


# --- firewalls


def test_only_a_third_partys_firewall_reaches_the_public_controller():
    made = deployed("external-waf")
    ranges = ["198.51.100.0/24", "203.0.113.0/24"]
    controller = one(made, "NginxIngressController").inputs["spec"]
    assert controller["loadBalancerAnnotations"] == {
        "service.beta.kubernetes.io/azure-allowed-ip-ranges": ",".join(ranges),
        "service.beta.kubernetes.io/azure-pip-name": "pip-shop-external-westeurope-origin",
        f"{PREFIX}-resource-group": "rg-shop-external-westeurope-origin",
    }
    rule = node_rules(made)["AllowIngressInbound"]
    assert rule["sourceAddressPrefixes"] == ranges
    assert not made.of_type("network:ApplicationGateway")


def test_exclusions_and_custom_rules_reach_the_policy_as_azure_names_them():
    policy = deployed("waf-rules").one("network:WebApplicationFirewallPolicy").inputs
    scoped, everywhere = policy["managedRules"]["exclusions"]
    assert scoped == {
        "matchVariable": "RequestCookieValues",
        "selectorMatchOperator": "StartsWith",
        "selector": "session",
        "exclusionManagedRuleSets": [
            {
                "ruleSetType": "Microsoft_DefaultRuleSet",
                "ruleSetVersion": "2.2",
                "ruleGroups": [{"ruleGroupName": "SQLI", "rules": [{"ruleId": "942440"}]}],
            }
        ],
    }
    assert "exclusionManagedRuleSets" not in everywhere
    offices, limit = policy["customRules"]
    assert offices["ruleType"] == "MatchRule"
    assert [c["negationConditon"] for c in offices["matchConditions"]] == [False, True]
    assert offices["matchConditions"][0]["transforms"] == ["Lowercase"]
    assert (limit["ruleType"], limit["rateLimitThreshold"]) == ("RateLimitRule", 300)
    assert set(nested(limit["groupByUserSession"], "variableName")) == {"ClientAddr"}


def test_the_gateway_and_the_addon_get_roles_on_an_existing_vault():
    made = deployed("waf-rules")
    theirs = {
        (r.name, r.inputs["roleDefinitionId"].rsplit("/", 1)[-1])
        for r in made.of_type("authorization:RoleAssignment")
        if r.inputs["scope"].endswith("/vaults/kv-certificates")
    }
    assert theirs == {
        ("waf-vault", Role.KEY_VAULT_SECRETS_USER),
        ("routing-addon-certificate-vault-kv-certificates", Role.KEY_VAULT_CERTIFICATE_USER),
    }
    gateway = made.one("network:ApplicationGateway")
    (certificate,) = gateway.inputs["sslCertificates"]
    assert certificate["keyVaultSecretId"].startswith("https://kv-certificates.vault.azure.net/")
    vault_role = made.one("authorization:RoleAssignment", "waf-vault")
    assert vault_role.urn in gateway.dependencies
    assert not made.of_type("keyvault:Secret")


def values(recording: Recording) -> dict[str, tuple[str, str]]:
    """The content type and the value of each secret of the stack's vault, by its name."""
    found = {recording.made(r).name: r.inputs for r in recording.of_type("keyvault:Secret")}
    return {
        name: (inputs["properties"]["contentType"], inputs["properties"]["value"])
        for name, inputs in found.items()
    }


def secret_of(uri: str) -> str:
    return uri.rpartition("/secrets/")[2]


@pytest.mark.parametrize("implementation", ["nginx", "gateway-api"])
def test_gateway_and_addon_read_the_same_certificate_each_in_its_form(implementation: str):
    config = configuration_of("dev")
    config[INGRESS]["appRouting"] = {
        "implementation": implementation,
        "gatewayApiEnabled": implementation == "gateway-api",
    }
    made = run_program(config)
    (certificate,) = made.one("network:ApplicationGateway").inputs["sslCertificates"]
    content, value = values(made)[secret_of(certificate["keyVaultSecretId"])]
    assert (content, value) == ("application/x-pkcs12", PFX)
    kind = "Gateway" if implementation == "gateway-api" else "Ingress"
    (uri,) = nested(one(made, kind).inputs, KEY_VAULT_URI)
    content, value = values(made)[secret_of(uri)]
    assert content == "application/x-pem-file"
    assert tls_secret_problem(value) is None


def test_only_what_reads_the_certificate_as_pem_gets_it():
    assert list(values(deployed("haproxy"))) == ["waf-certificate"]
    assert list(values(deployed("agic"))) == ["waf-certificate"]
    config = configuration_of("dev")
    config["aks-network:kubernetes"]["applications"][0]["tls"] = {"secretName": "tls"}
    assert list(values(run_program(config))) == ["waf-certificate"]


def test_the_gateway_trusts_what_the_controller_serves_and_nobody_else_knows():
    made = run_program(configuration_of("dev")).one("network:ApplicationGateway").inputs
    (root,) = made["trustedRootCertificates"]
    assert root["data"] == read_pfx(PFX).roots[0]
    (settings,) = made["backendHttpSettingsCollection"]
    (trusted,) = settings["trustedRootCertificates"]
    assert trusted["id"].endswith(f"/trustedRootCertificates/{root['name']}")


def test_a_publicly_issued_certificate_is_trusted_without_an_authority_of_its_own():
    root, key = elliptic(), elliptic()
    leaf = signed("myapp.com", key, "Authority", root, hosts=("myapp.com",))
    config = configuration_of("dev")
    config[INGRESS]["waf"]["certificate"] = {"pfx": packed(key, leaf)}
    made = run_program(config).one("network:ApplicationGateway").inputs
    assert "trustedRootCertificates" not in made
    (settings,) = made["backendHttpSettingsCollection"]
    assert "trustedRootCertificates" not in settings


def two_applications(**tls: Any) -> Recording:
    """The example `waf-rules`, with a second application that has a certificate of its own."""
    config = example("waf-rules")
    second = {
        "name": "partners",
        "host": "partners.myapp.com",
        "tls": tls,
        "services": [{"name": "web", "app": "web", "path": "/"}],
    }
    config["aks-network:kubernetes"]["applications"].append(second)
    cloud = Cloud()
    load_fixture(cloud, ROOT / "examples" / "waf-rules.cloud.yaml")
    vault = keyvault.find_vault(cloud, "kv-certificates")
    assert vault is not None
    vault_secrets.put_certificate(cloud, vault, "myapp-com-partners", "application/x-pkcs12")
    return run_program(config, cloud=cloud)


def served(recording: Recording) -> dict[str, str]:
    """The Key Vault id of the certificate of each HTTPS listener, by its host."""
    gateway = recording.one("network:ApplicationGateway").inputs
    ids = {item["name"]: item["keyVaultSecretId"] for item in gateway["sslCertificates"]}
    return {
        listener["hostName"]: ids[listener["sslCertificate"]["id"].rpartition("/")[2]]
        for listener in gateway["httpListeners"]
        if listener["protocol"] == "Https"
    }


SHARED = "https://kv-certificates.vault.azure.net/secrets/myapp-com"


def test_each_host_is_served_with_its_applications_own_certificate():
    made = two_applications(certificateId=f"{CERTIFICATE_ID}-partners")
    assert served(made) == {"myapp.com": SHARED, "partners.myapp.com": f"{SHARED}-partners"}


def test_a_kubernetes_secret_is_out_of_the_gateways_reach():
    assert set(served(two_applications(secretName="tls")).values()) == {SHARED}


def vault_roles(recording: Recording) -> dict[str, str]:
    """The vaults on which the gateway's identity has a role, by the assignment."""
    found = recording.of_type("authorization:RoleAssignment")
    return {
        r.name: r.inputs["scope"].rpartition("/")[2]
        for r in found
        if r.name.startswith("waf-") and "/vaults/" in r.inputs["scope"]
    }


def test_the_gateway_gets_a_role_on_every_vault_that_it_reads_and_once_on_each():
    certificates = "/resourceGroups/rg-certificates/providers/Microsoft.KeyVault/vaults/"
    subscription = "/subscriptions/11111111-1111-4111-8111-111111111111"
    same = two_applications(
        certificateId=CERTIFICATE_ID, vaultId=f"{subscription}{certificates}kv-certificates"
    )
    assert vault_roles(same) == {"waf-vault": "kv-certificates"}
    assert set(served(same).values()) == {SHARED}


def test_the_gateway_gets_a_role_on_another_vault_that_an_application_names():
    vaults = "/resourceGroups/rg-others/providers/Microsoft.KeyVault/vaults/"
    subscription = "/subscriptions/11111111-1111-4111-8111-111111111111"
    config = example("waf-rules")
    tls = {
        "certificateId": "https://kv-others.vault.azure.net/certificates/partners",
        "vaultId": f"{subscription}{vaults}kv-others",
    }
    config["aks-network:kubernetes"]["applications"][0]["tls"] = tls
    cloud = Cloud()
    load_fixture(cloud, ROOT / "examples" / "waf-rules.cloud.yaml")
    cloud.put(
        "resources:ResourceGroup", {"resourceGroupName": "rg-others", "location": "westeurope"}
    )
    properties = {
        "tenantId": cloud.tenant,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
    }
    names = {"resourceGroupName": "rg-others", "vaultName": "kv-others"}
    vault = cloud.put(
        "keyvault:Vault", {**names, "location": "westeurope", "properties": properties}
    )
    vault_secrets.put_certificate(cloud, vault, "partners", "application/x-pkcs12")
    made = run_program(config, cloud=cloud)
    assert vault_roles(made) == {
        "waf-vault": "kv-certificates",
        "waf-certificate-vault-kv-others": "kv-others",
    }
    gateway = made.one("network:ApplicationGateway")
    role = made.one("authorization:RoleAssignment", "waf-certificate-vault-kv-others")
    assert role.urn in gateway.dependencies


KEY_VAULT_URI = "kubernetes.azure.com/tls-cert-keyvault-uri"
CERTIFICATE_ID = "https://kv-certificates.vault.azure.net/certificates/myapp-com"


def with_certificate(name: str, **tls: Any) -> Recording:
    """The example `kv-certificate` or one like it, the first application's `tls` changed."""
    config = example("kv-certificate")
    if name == "gateway-api":
        routing = {"implementation": "gateway-api", "gatewayApiEnabled": True}
        config["aks-network:ingress"]["appRouting"] = routing
    if tls:
        config["aks-network:kubernetes"]["applications"][0]["tls"] = tls
    return run("kv-certificate", config)


def test_without_a_gateway_the_addon_fetches_an_applications_certificate_from_its_vault():
    made = deployed("kv-certificate")
    ingress = one(made, "Ingress", "myapp-ingress").inputs
    assert ingress["metadata"]["annotations"][KEY_VAULT_URI] == CERTIFICATE_ID
    secret = "keyvault-myapp-ingress"
    assert ingress["spec"]["tls"] == [{"hosts": ["myapp.com"], "secretName": secret}]
    other = one(made, "Ingress", "partners-ingress").inputs
    assert KEY_VAULT_URI not in other["metadata"].get("annotations", {})
    assert other["spec"]["tls"][0]["secretName"] == "partners-tls"


def test_the_addon_may_read_certificates_of_a_vault_in_another_subscription_before_it_has_to():
    made = deployed("kv-certificate")
    (granted,) = [
        r
        for r in made.of_type("authorization:RoleAssignment")
        if r.inputs["scope"].endswith("/vaults/kv-certificates")
    ]
    definition = granted.inputs["roleDefinitionId"]
    assert definition.startswith("/subscriptions/33333333-")
    assert definition.endswith(Role.KEY_VAULT_CERTIFICATE_USER)
    cluster = made.one("containerservice:ManagedCluster")
    assert cluster.urn in made.waits_for(granted)
    for kind in ("NginxIngressController", "Ingress"):
        assert all(granted.urn in made.waits_for(r) for r in objects(made, kind)), kind


def test_a_certificate_in_the_stacks_own_vault_is_named_and_no_other_vault_is_opened():
    made = with_certificate("nginx", certificateName="myapp-com")
    vault = made.one("keyvault:Vault")
    annotations = one(made, "Ingress", "myapp-ingress").inputs["metadata"]["annotations"]
    uri = annotations[KEY_VAULT_URI]
    name = made.cloud.store.of_type("keyvault:Vault")
    own = {item.name for item in name} - {"kv-certificates"}
    assert uri in {f"https://{one_}.vault.azure.net/certificates/myapp-com" for one_ in own}
    roles_on_vaults = [
        r.inputs["scope"].rsplit("/", 1)[-1]
        for r in made.of_type("authorization:RoleAssignment")
        if "/vaults/" in r.inputs["scope"]
    ]
    assert set(roles_on_vaults) == own
    assert vault.urn in made.waits_for(one(made, "Ingress", "myapp-ingress"))


def test_a_listener_of_the_gateway_api_takes_its_certificate_from_a_vault():
    made = with_certificate("gateway-api")
    listeners = {
        item.get("hostname"): item for item in one(made, "Gateway").inputs["spec"]["listeners"]
    }
    account = one(made, "ServiceAccount").inputs["metadata"]["name"]
    assert listeners["myapp.com"]["tls"] == {
        "mode": "Terminate",
        "options": {
            KEY_VAULT_URI: CERTIFICATE_ID,
            "kubernetes.azure.com/tls-cert-service-account": account,
        },
    }
    (reference,) = listeners["partners.myapp.com"]["tls"]["certificateRefs"]
    assert reference["name"] == "partners-tls"
    grants = {r.inputs["metadata"]["namespace"] for r in objects(made, "ReferenceGrant")}
    assert grants == {"partners"}
    found = {
        scope: role for role, scope in roles_and_scopes(made, "gateway-") if "/vaults/" in scope
    }
    (scope,) = found
    assert scope.endswith("/vaults/kv-certificates")
    assert found[scope] == Role.KEY_VAULT_SECRETS_USER


def roles_and_scopes(made: Recording, prefix: str) -> list[tuple[str, str]]:
    return [
        (r.inputs["roleDefinitionId"].rsplit("/", 1)[-1], r.inputs["scope"])
        for r in made.of_type("authorization:RoleAssignment")
        if r.name.startswith(prefix)
    ]


def test_the_gateways_tls_policy_is_the_one_that_is_set():
    policies = {
        name: deployed(name).one("network:ApplicationGateway").inputs["sslPolicy"]["policyName"]
        for name in ("waf-rules", "traefik")
    }
    assert policies == {
        "waf-rules": "AppGwSslPolicy20220101",
        "traefik": "AppGwSslPolicy20220101S",
    }


def test_managed_rules_are_overridden_in_their_rule_set_and_requests_limited_as_set():
    config = example("traefik")
    config["aks-network:ingress"]["waf"] |= {
        "ruleOverrides": [
            {"ruleGroup": "SQLI", "rules": ["942430"], "enabled": False},
            {"ruleGroup": "SQLI", "rules": ["942440"], "action": "Log"},
            {"ruleGroup": "UnknownBots", "rules": "Bot300600", "action": "Block"},
        ],
        "requestLimits": {"bodyKb": 1024, "inspectedKb": 512, "fileUploadMb": 750},
    }
    policy = run("traefik", config).one("network:WebApplicationFirewallPolicy").inputs
    core, bots = policy["managedRules"]["managedRuleSets"]
    assert core["ruleGroupOverrides"] == [
        {
            "ruleGroupName": "SQLI",
            "rules": [
                {"ruleId": "942430", "state": "Disabled"},
                {"ruleId": "942440", "state": "Enabled", "action": "Log"},
            ],
        }
    ]
    (group,) = bots["ruleGroupOverrides"]
    assert group["ruleGroupName"] == "UnknownBots"
    assert group["rules"] == [{"ruleId": "Bot300600", "state": "Enabled", "action": "Block"}]
    limits = policy["policySettings"]
    assert (limits["maxRequestBodySizeInKb"], limits["requestBodyInspectLimitInKB"]) == (1024, 512)
    assert limits["fileUploadLimitInMb"] == 750


def with_hosts(count: int) -> Recording:
    config = example("traefik")
    application = config["aks-network:kubernetes"]["applications"][0]
    application["host"] = None
    application["services"] = [
        {"name": f"w{number}", "app": "frontend", "path": "/", "host": f"w{number}.myapp.com"}
        for number in range(count)
    ] + [{"name": "backendservice", "app": "backend"}]
    return run("traefik", config)


def test_more_records_than_an_address_may_have_aliases_are_ordinary_ones():
    few = with_hosts(20).of_type("dns:RecordSet")
    assert len(few) == 20
    assert all(record.inputs["targetResource"]["id"] for record in few)
    made = with_hosts(21)
    many = made.of_type("dns:RecordSet")
    assert len(many) == 21
    assert not any("targetResource" in record.inputs for record in many)
    (address,) = {record["ipv4Address"] for r in many for record in r.inputs["aRecords"]}
    public = [
        item.outputs.get("ipAddress")
        for item in made.cloud.store.of_type("network:PublicIPAddress")
    ]
    assert address in public


def test_a_gateway_of_a_hundred_hosts_is_within_azures_limits():
    gateway = with_hosts(100).one("network:ApplicationGateway").inputs
    assert len(gateway["httpListeners"]) == 200
    for collection in ("backendHttpSettingsCollection", "redirectConfigurations"):
        assert len(gateway[collection]) == 100


def test_a_private_authority_is_trusted_by_every_hosts_settings():
    gateway = deployed("haproxy").one("network:ApplicationGateway").inputs
    (root,) = gateway["trustedRootCertificates"]
    for settings in gateway["backendHttpSettingsCollection"]:
        (reference,) = settings["trustedRootCertificates"]
        assert reference["id"].endswith(f"/trustedRootCertificates/{root['name']}")


def test_a_backend_without_tls_is_spoken_to_and_probed_by_http():
    config = example("traefik")
    config["aks-network:ingress"]["waf"]["backendProtocol"] = "Http"
    gateway = run("traefik", config).one("network:ApplicationGateway").inputs
    (settings,) = gateway["backendHttpSettingsCollection"]
    assert (settings["protocol"], settings["port"]) == ("Http", 80)
    assert gateway["probes"][0]["protocol"] == "Http"


@pytest.mark.parametrize(
    ("name", "annotation"),
    [
        ("waf-rules", "nginx.ingress.kubernetes.io/ssl-redirect"),
        ("haproxy", "haproxy.org/ssl-redirect"),
    ],
)
def test_a_controller_that_hears_http_sends_nobody_back_to_https(name: str, annotation: str):
    config = example(name)
    firewall = config["aks-network:ingress"]["waf"]
    firewall["backendProtocol"] = "Http"
    firewall.pop("backendRootCertificates", None)
    annotations = one(run(name, config), "Ingress").inputs["metadata"]["annotations"]
    assert annotations[annotation] == "false"
    over_tls = one(deployed(name), "Ingress").inputs["metadata"]["annotations"]
    assert annotation not in over_tls


# --- two classes


def test_the_internal_class_has_an_address_of_its_own_beside_the_firewalls():
    made = deployed("internal-class")
    addresses = {
        r.inputs["metadata"]["name"]: r.inputs["spec"]["loadBalancerAnnotations"][f"{PREFIX}-ipv4"]
        for r in objects(made, "NginxIngressController")
    }
    assert set(addresses) == {"publicingress", "internalingress"}
    (pool,) = made.one("network:ApplicationGateway").inputs["backendAddressPools"]
    assert pool["backendAddresses"] == [{"ipAddress": addresses["publicingress"]}]
    assert addresses["internalingress"] != addresses["publicingress"]
    for group in ("nodes", "ingress"):
        rules = made.one("network:NetworkSecurityGroup", f"network-{group}-nsg").inputs
        (rule,) = [r for r in rules["securityRules"] if r["name"] == "AllowInternalIngressInbound"]
        assert rule["sourceAddressPrefix"] == "VirtualNetwork"
        assert rule["destinationAddressPrefix"] == f"{addresses['internalingress']}/32"


def test_an_internal_application_is_neither_listened_for_nor_published():
    made = deployed("internal-class")
    office = one(made, "Ingress", "office-ingress").inputs
    assert office["spec"]["ingressClassName"] == "internalingress"
    assert one(made, "Ingress", "myapp-ingress").inputs["spec"]["ingressClassName"] == (
        "publicingress"
    )
    gateway = made.one("network:ApplicationGateway").inputs
    assert {item["hostName"] for item in gateway["httpListeners"]} == {"myapp.com"}
    assert len(made.of_type("dns:RecordSet")) == 1


def test_a_public_controller_and_an_internal_one_stand_side_by_side():
    config = example("internal-class")
    ingress = config["aks-network:ingress"]
    ingress |= {"exposure": "external", "waf": {"external": {"sourceRanges": "198.51.100.0/24"}}}
    config["aks-network:kubernetes"]["applications"][0]["tls"] = {"secretName": "myapp-tls"}
    made = run("internal-class", config)
    rules = node_rules(made)
    assert rules["AllowIngressInbound"]["sourceAddressPrefix"] == "198.51.100.0/24"
    assert rules["AllowIngressInbound"]["destinationAddressPrefix"] == "*"
    internal = rules["AllowInternalIngressInbound"]["destinationAddressPrefix"]
    group = made.one("network:NetworkSecurityGroup", "network-ingress-nsg").inputs
    names = {r["name"] for r in group["securityRules"] if r["access"] == "Allow"}
    assert names == {"AllowInternalIngressInbound"}
    assert internal.endswith("/32")


# --- none


def test_an_external_controller_reaches_pods_from_its_namespace():
    config = example("contour")
    config["aks-network:ingress"] = {"controller": "none", "controllerNamespace": "own"}
    made = run("contour", config)
    assert not made.of_type("kubernetes:helm.sh/v3:Release")
    policy = one(made, "NetworkPolicy", "allow-ingress-controller").inputs["spec"]
    (source,) = policy["ingress"][0]["from"]
    assert source["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "own"}
    assert one(made, "Ingress").inputs["spec"]["ingressClassName"] == "publicingress"


def test_without_any_controller_no_one_speaks_http_to_the_nodes():
    config = example("contour")
    config["aks-network:ingress"] = {"controller": "none"}
    application = config["aks-network:kubernetes"]["applications"][0]
    del application["host"], application["tls"]
    for service in application["services"]:
        service.pop("path", None)
    made = run("contour", config)
    assert "AllowIngressInbound" not in node_rules(made)
    assert not objects(made, "Ingress")
    assert not [s for s in made.of_type("network:Subnet") if re.search("ingress", s.name)]


def test_in_an_existing_network_the_controller_uses_the_existing_subnet():
    config = example("byo-vnet")
    config["aks-network:kubernetes"] = {"delivery": "apply"}
    made = run("byo-vnet", config)
    annotations = one(made, "NginxIngressController").inputs["spec"]["loadBalancerAnnotations"]
    assert annotations[f"{PREFIX}-internal-subnet"] == "snet-aks-ingress"
