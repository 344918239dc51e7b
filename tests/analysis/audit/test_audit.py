"""The security rules: every stack and example passes, and each rule is able to fail."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest

from analysis.audit import REQUIREMENTS, RULES, AuditResult, Requirement, audit
from analysis.audit.show import render
from cli.audit import exceptions, tables
from tests.analysis.reachability.changes import Change, both
from tests.helpers.audited import Resources, exported_by
from tests.helpers.loops import each
from tests.helpers.stacks import ROOT, STACKS

EXAMPLES = sorted(
    file.stem
    for file in (ROOT / "examples").glob("*.yaml")
    if not file.name.endswith(".cloud.yaml")
)
TODAY = dt.date(2026, 12, 1)
"""A day on which no exception of the repository has expired."""
SOURCES = "service.beta.kubernetes.io/azure-allowed-ip-ranges"
PUBLIC_ZONE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/myapp.com"


@pytest.mark.parametrize("stack", [*STACKS, *EXAMPLES])
def test_every_stack_and_example_passes(stack: str):
    result = audit(exported_by(stack), stack, exceptions=exceptions(), today=TODAY)
    assert result.passed, render(result, RULES)


def test_production_needs_no_exception():
    assert not [one for one in exceptions() if "prod" in one.stacks]
    result = audit(exported_by("prod"), "prod")
    assert (result.findings, result.accepted) == ((), ())


def test_without_exceptions_the_accepted_violations_are_findings():
    result = audit(exported_by("dev"), "dev")
    assert {finding.rule.id for finding in result.findings} == {"AKS-1"}


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda one: f"{one.rule} {one.feature}")
def test_what_azure_requires_occurs_in_a_stack_of_any_name(requirement: Requirement):
    """A requirement holds wherever the feature is used, and nowhere else."""
    prefix = f"required for {requirement.feature}: "
    occurs = {
        stack
        for stack in ("dev", "prod", "agic", "agc", "traefik")
        for finding in audit(exported_by(stack), "somebodys").accepted
        if finding.rule.id == requirement.rule and (finding.accepted or "").startswith(prefix)
    }
    assert len(occurs) == 1


def test_what_azure_requires_of_one_identity_is_not_accepted_of_another():
    resources = exported_by("agic")
    for item in resources:
        if item["type"].endswith(":RoleAssignment"):
            item["outputs"]["principalId"] = "somebody"
    found = {finding.rule.id for finding in audit(resources, "agic").findings}
    assert {"ROLE-1", "ROLE-2"} <= found


def test_a_whole_network_is_not_accepted_of_an_add_ons_identity():
    """AGIC must join the gateway's address and firewall policy, and nothing that is larger."""
    resources = exported_by("agic")
    network = of_type(resources, "VirtualNetwork")[0]
    (granted,) = [
        one
        for one in of_type(resources, "RoleAssignment")
        if "/publicIPAddresses/" in one["outputs"]["scope"]
    ]
    granted["outputs"]["scope"] = granted["inputs"]["scope"] = network["id"]
    findings = audit(resources, "somebodys").findings
    assert [one.rule.id for one in findings if one.rule.id != "AKS-1"] == ["ROLE-2"]


def test_a_controllers_namespace_is_closed_in_a_stack_of_any_name():
    for example in ("traefik", "contour", "haproxy", "agc"):
        found = {finding.rule.id for finding in audit(exported_by(example), "somebodys").findings}
        assert found == {"AKS-1"}, example


def test_a_stack_that_is_not_deployed_is_refused():
    with pytest.raises(ValueError, match="make up"):
        audit([{"type": "pulumi:pulumi:Stack", "id": "", "urn": "u"}], "dev")


def of_type(resources: Resources, token: str) -> list[dict[str, Any]]:
    found = [one for one in resources if one["type"].endswith(f":{token}")]
    assert found, token
    return found


def put(token: str, *path: str, **values: Any) -> Change:
    """Change properties of the first resource of a type, in the object at a path."""

    def change(resources: Resources) -> None:
        item = of_type(resources, token)[0]
        for side in ("inputs", "outputs"):
            target = item[side]
            for key in path:
                if not isinstance(target.get(key), dict):
                    target[key] = {}
                target = target[key]
            target.update(values)

    return change


def drop(token: str, name: str) -> Change:
    def change(resources: Resources) -> None:
        for item in of_type(resources, token):
            item["inputs"].pop(name, None)
            item["outputs"].pop(name, None)

    return change


def without(token: str) -> Change:
    def change(resources: Resources) -> None:
        for item in of_type(resources, token):
            resources.remove(item)

    return change


def add(token: str, resource: str, /, **properties: Any) -> Change:
    def change(resources: Resources) -> None:
        resources.append(
            {
                "type": f"azure-native:{token}",
                "urn": f"urn:{resource}",
                "id": f"/subscriptions/s/resourceGroups/g/providers/Microsoft.X/y/{resource}",
                "inputs": copy.deepcopy(properties),
                "outputs": copy.deepcopy(properties),
            }
        )

    return change


def export(**outputs: Any) -> Change:
    """Add outputs to the stack, which has no id in a state."""

    def change(resources: Resources) -> None:
        resources.append({"type": "pulumi:pulumi:Stack", "urn": "urn:stack", "outputs": outputs})

    return change


def allow(port: str, source: str, **more: Any) -> Change:
    rule = {
        "name": "AllowIt",
        "access": "Allow",
        "direction": "Inbound",
        "protocol": "Tcp",
        "sourceAddressPrefix": source,
        "destinationPortRange": port,
    }
    return add("network:NetworkSecurityGroup", "open", securityRules=[rule | more, DENY])


DENY = {
    "name": "DenyOthers",
    "access": "Deny",
    "direction": "Inbound",
    "protocol": "*",
    "sourceAddressPrefix": "*",
    "destinationPortRange": "*",
}


def grant(role: str, scope: str) -> Change:
    definition = f"/providers/Microsoft.Authorization/roleDefinitions/{role}"
    return add("authorization:RoleAssignment", "grant", scope=scope, roleDefinitionId=definition)


GROUP = "/subscriptions/s/resourceGroups/g"
NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
AKS = "containerservice:ManagedCluster"
REGISTRY: dict[str, Any] = {
    "adminUserEnabled": False,
    "anonymousPullEnabled": False,
    "publicNetworkAccess": "Disabled",
}
OWN_KEY = "-----BEGIN RSA PRIVATE KEY-----"

PUBLIC = {"type": "LoadBalancer"}
INTERNAL = {"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}
ALLOWED = {"service.beta.kubernetes.io/azure-allowed-ip-ranges": "203.0.113.0/24"}


def kubernetes(token: str, **properties: Any) -> Change:
    def change(resources: Resources) -> None:
        made = {"type": f"kubernetes:{token}", "urn": f"urn:{token}", "id": "ingress/made"}
        resources.append({**made, "inputs": properties, "outputs": properties})

    return change


def chart(name: str, values: dict[str, Any]) -> Change:
    return kubernetes("helm.sh/v3:Release", chart=name, name=name, values=values)


def nginx(annotations: dict[str, str]) -> Change:
    return kubernetes(
        "approuting.kubernetes.azure.com/v1alpha1:NginxIngressController",
        apiVersion="approuting.kubernetes.azure.com/v1alpha1",
        metadata={"name": "publicingress"},
        spec={"ingressClassName": "publicingress", "loadBalancerAnnotations": annotations},
    )


def gateway(annotations: dict[str, str]) -> Change:
    return kubernetes(
        "gateway.networking.k8s.io/v1:Gateway",
        apiVersion="gateway.networking.k8s.io/v1",
        metadata={"name": "web", "namespace": "ingress"},
        spec={
            "gatewayClassName": "approuting-istio",
            "infrastructure": {"annotations": annotations},
        },
    )


BROKEN: list[tuple[str, Change]] = [
    ("NET-1", add("network:PublicIPAddress", "loose")),
    ("NET-2", put("network:NetworkInterface", ipConfigurations=[{"publicIPAddress": {"id": "x"}}])),
    ("NET-3", allow("22", "*")),
    ("NET-3", allow("3389", "Internet")),
    ("NET-3", allow("*", "0.0.0.0/0")),
    ("NET-3", allow("20-30", "203.0.113.0/24".replace("203.0.113", "8.8.8"))),
    ("NET-3", allow("443", "*", destinationPortRanges=["5986", "80"])),
    ("NET-3", allow("22", "10.0.0.0/8", sourceAddressPrefixes=["9.9.9.0/24"])),
    ("NET-3", add("network:SecurityRule", "alone", **{**DENY, "access": "Allow", "name": "r"})),
    ("NET-4", drop("network:Subnet", "networkSecurityGroup")),
    ("NET-5", put("network:NetworkSecurityGroup", securityRules=[])),
    ("NET-6", drop("network:Subnet", "defaultOutboundAccess")),
    ("NET-7", put("network:BastionHost", enableShareableLink=True)),
    ("NET-8", add("network:FirewallPolicy", "policy", sku={"tier": "Standard"})),
    (
        "NET-9",
        add("network:VirtualNetworkGatewayConnection", "tunnel", connectionType="IPsec"),
    ),
    ("AKS-1", put(AKS, "apiServerAccessProfile", enablePrivateCluster=False)),
    (
        "AKS-1",
        put(AKS, apiServerAccessProfile={"authorizedIPRanges": ["0.0.0.0/0"]}),
    ),
    ("AKS-2", put(AKS, disableLocalAccounts=False)),
    ("AKS-2", put(AKS, "aadProfile", enableAzureRBAC=False)),
    ("AKS-2", put(AKS, enableRBAC=False)),
    ("AKS-3", put(AKS, "networkProfile", networkPolicy="none")),
    ("AKS-4", put("containerservice:AgentPool", enableNodePublicIP=True)),
    ("AKS-4", put(AKS, agentPoolProfiles=[{"name": "p", "enableNodePublicIP": True}])),
    ("AKS-5", drop(AKS, "identity")),
    ("AKS-6", put(AKS, "oidcIssuerProfile", enabled=False)),
    ("AKS-7", put(AKS, "autoUpgradeProfile", nodeOSUpgradeChannel="Unmanaged")),
    ("AKS-8", put(AKS, "apiServerAccessProfile", disableRunCommand=False)),
    ("AKS-9", put(AKS, "addonProfiles", "azureKeyvaultSecretsProvider", config={})),
    ("K8S-1", without("NetworkPolicy")),
    ("K8S-2", put("Namespace", "metadata", labels={})),
    ("K8S-3", put("Service", "spec", type="LoadBalancer")),
    (
        "K8S-3",
        put("Service", "spec", type="LoadBalancer", loadBalancerSourceRanges=["0.0.0.0/0"]),
    ),
    ("K8S-3", nginx({})),
    ("K8S-3", put(AKS, "ingressProfile", "webAppRouting", nginx={})),
    ("K8S-3", chart("traefik", {})),
    ("K8S-3", chart("ingress-nginx", {"controller": {"service": {"annotations": {}}}})),
    ("K8S-3", chart("kubernetes-ingress", {"controller": {"service": PUBLIC}})),
    ("K8S-3", gateway({})),
    (
        "K8S-4",
        both(
            nginx({SOURCES: "192.0.2.0/24"}),
            put(AKS, "ingressProfile", "webAppRouting", dnsZoneResourceIds=[PUBLIC_ZONE]),
        ),
    ),
    (
        "K8S-4",
        both(
            put("Service", "metadata", annotations={SOURCES: "192.0.2.0/24"}),
            put(AKS, "ingressProfile", "webAppRouting", dnsZoneResourceIds=[PUBLIC_ZONE]),
        ),
    ),
    ("WAF-1", put("network:WebApplicationFirewallPolicy", "policySettings", mode="Detection")),
    ("WAF-1", put("network:WebApplicationFirewallPolicy", "policySettings", state="Disabled")),
    ("WAF-1", put("network:WebApplicationFirewallPolicy", "managedRules", managedRuleSets=[])),
    (
        "WAF-1",
        put("network:WebApplicationFirewallPolicy", "policySettings", requestBodyCheck=False),
    ),
    ("WAF-2", drop("network:ApplicationGateway", "firewallPolicy")),
    ("WAF-2", put("network:ApplicationGateway", "sku", tier="Standard_v2")),
    ("WAF-3", drop("network:ApplicationGateway", "sslPolicy")),
    ("WAF-3", put("network:ApplicationGateway", "sslPolicy", policyName="AppGwSslPolicy20150501")),
    (
        "WAF-3",
        put(
            "network:ApplicationGateway",
            httpListeners=[{"name": "h", "protocol": "Http"}],
            requestRoutingRules=[{"name": "r", "httpListener": {"id": "/x/h"}}],
        ),
    ),
    ("DATA-1", put("keyvault:Vault", "properties", enablePurgeProtection=False)),
    ("DATA-1", put("keyvault:Vault", "properties", enableRbacAuthorization=False)),
    ("DATA-1", put("keyvault:Vault", "properties", publicNetworkAccess="enabled")),
    ("DATA-1", put("keyvault:Vault", "properties", networkAcls={"defaultAction": "Allow"})),
    ("DATA-2", put("storage:StorageAccount", minimumTlsVersion="TLS1_0")),
    ("DATA-2", put("storage:StorageAccount", allowSharedKeyAccess=True)),
    ("DATA-2", put("storage:StorageAccount", networkRuleSet={"defaultAction": "Allow"})),
    (
        "DATA-3",
        put(
            "compute:VirtualMachine",
            "osProfile",
            "linuxConfiguration",
            disablePasswordAuthentication=False,
        ),
    ),
    ("DATA-3", drop("compute:VirtualMachine", "securityProfile")),
    *(
        ("DATA-4", add("containerregistry:Registry", "cr", **REGISTRY | wrong))
        for wrong in (
            {"publicNetworkAccess": "Enabled"},
            {"adminUserEnabled": True},
            {"anonymousPullEnabled": True},
        )
    ),
    ("SEC-1", put("keyvault:Secret", properties={"value": "hunter2"})),
    ("SEC-1", add("network:VirtualNetworkGatewayConnection", "c", sharedKey="hunter2")),
    ("SEC-2", put(AKS, windowsProfile={"adminPassword": "hunter2"})),
    ("SEC-2", put(AKS, servicePrincipalProfile={"clientId": "x", "secret": "hunter2"})),
    ("SEC-3", put("resources:ResourceGroup", tags={"key": OWN_KEY})),
    ("SEC-3", export(key=OWN_KEY)),
    ("ROLE-1", grant("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", f"{GROUP}/providers/a/b/c")),
    ("ROLE-1", grant("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", f"{GROUP}/providers/a/b/c")),
    ("ROLE-2", grant(NETWORK_CONTRIBUTOR, GROUP)),
    # The stack that the cases start from has a private cluster with a custom zone.
    (
        "ROLE-2",
        grant(NETWORK_CONTRIBUTOR, f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v"),
    ),
    ("ROLE-3", grant(READER, "/subscriptions/11111111-1111-4111-8111-111111111111")),
    ("ROLE-4", add("authorization:RoleDefinition", "r", permissions=[{"actions": ["*/read"]}])),
    (
        "ROLE-4",
        add(
            "authorization:RoleDefinition",
            "r",
            permissions=[{"actions": ["Microsoft.Authorization/roleAssignments/write"]}],
        ),
    ),
]


@pytest.mark.parametrize(
    ("rule", "change"), BROKEN, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(BROKEN)]
)
def test_what_breaks_a_rule_is_found(rule: str, change: Change):
    resources = exported_by("prod")
    change(resources)
    result = audit(resources, "prod")
    assert rule in {finding.rule.id for finding in result.findings}
    text = render(result, RULES)
    assert next(one.remedy for one in RULES if one.id == rule) in text
    assert "hunter2" not in text
    assert OWN_KEY not in text


def test_every_rule_has_a_case_that_breaks_it():
    assert {rule for rule, _ in BROKEN} == {rule.id for rule in RULES}


@pytest.mark.parametrize(
    "change",
    [
        allow("443", "*"),
        allow("22", "10.0.0.0/8"),
        allow("22", "AzureLoadBalancer"),
        allow("22", "*", protocol="Udp"),
        allow("22", "*", direction="Outbound"),
        grant(
            NETWORK_CONTRIBUTOR, f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
        ),
        put("Service", "spec", type="LoadBalancer", loadBalancerSourceRanges=["203.0.113.0/24"]),
        nginx(ALLOWED),
        chart("traefik", {"service": {"annotations": INTERNAL}}),
        chart("traefik", {"service": {"loadBalancerSourceRanges": ["203.0.113.0/24"]}}),
        chart("kubernetes-ingress", {}),
        chart("alb-controller", {}),
        gateway(INTERNAL),
        add("containerregistry:Registry", "cr", **REGISTRY),
    ],
)
def test_what_breaks_no_rule_is_not_found(change: Change):
    resources = exported_by("prod")
    change(resources)
    assert audit(resources, "prod").passed


def test_the_most_severe_finding_comes_first():
    resources = exported_by("prod")
    for _, change in BROKEN:
        change(resources)
    result: AuditResult = audit(resources, "prod")
    severities = [finding.rule.severity for finding in result.findings]
    assert severities == sorted(severities, key=["critical", "high", "medium", "low"].index)


def test_the_documentation_has_the_tables_of_the_code():
    text = (ROOT / "docs" / "security.md").read_text()
    for table in each(tables()):
        assert table in text
