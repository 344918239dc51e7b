"""Application Gateway: its size, its parts, its subnet, its certificates; and WAF policies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from simulator.azure.namespaces import vault_secrets
from simulator.errors import AzureError
from tests.helpers.certificates import PFX, as_pem, elliptic, packed, signed
from tests.simulator.landscape import DELEGATED, SECRET, Waf, interface, policy, ref

_KEY = elliptic()
PROTECTED = packed(_KEY, signed("shop", _KEY), password="hunter2")
STANDARD = {"sku": {"name": "Standard_v2", "tier": "Standard_v2"}}
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


@pytest.fixture
def waf(azure) -> Waf:
    return Waf(azure)


def test_a_complete_gateway_is_accepted(waf):
    assert waf.put().outputs["operationalState"] == "Running"


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"sku": {"name": "WAF_Medium", "tier": "WAF"}}, "BadRequest", "not available"),
        ({"sku": {"name": "WAF_v2", "tier": "Standard_v2"}}, "BadRequest", "tier"),
        (
            {"autoscaleConfiguration": None},
            "ApplicationGatewayV2SkuMustSpecifyEitherCapacityOrAutoscaleConfiguration",
            "either",
        ),
        (
            {"sku": {"name": "WAF_v2", "tier": "WAF_v2", "capacity": 2}},
            "ApplicationGatewayV2SkuMustSpecifyEitherCapacityOrAutoscaleConfiguration",
            "either",
        ),
        (
            {"autoscaleConfiguration": {"minCapacity": 5, "maxCapacity": 4}},
            "BadRequest",
            "above maxCapacity",
        ),
        (
            {"sslPolicy": {"policyType": "Predefined", "policyName": "AppGwSslPolicy20170401"}},
            "ApplicationGatewayDeprecatedTlsVersionUsedInSslPolicy",
            "deprecated",
        ),
        (
            {"sslPolicy": {"policyType": "Custom", "minProtocolVersion": "TLSv1_1"}},
            "ApplicationGatewayDeprecatedTlsVersionUsedInSslPolicy",
            "deprecated",
        ),
        (
            {"sslPolicy": {"policyType": "Predefined"}},
            "BadRequest",
            "requires policyName",
        ),
        (STANDARD, "ApplicationGatewayFirewallCannotBeEnabledForSelectedSku", "Standard_v2"),
        (
            {"firewallPolicy": None},
            "ApplicationGatewayFirewallNotConfiguredForSelectedSku",
            "policy",
        ),
    ],
)
def test_a_gateway_of_a_kind_that_does_not_exist_is_refused(waf, changes, code, text):
    error = waf.refused(**changes)
    assert error.code == code
    assert text in error.message


@pytest.mark.parametrize(
    "own",
    [
        {"policyType": "Predefined", "policyName": "AppGwSslPolicy20150501"},
        {"policyType": "Custom", "minProtocolVersion": "TLSv1_0"},
    ],
)
def test_a_listeners_own_profile_has_no_older_tls_either(waf, own):
    profiles = [{"name": "old", "sslPolicy": own}]
    listener = waf.listener(sslProfile=waf.to("sslProfiles", "old"))
    error = waf.refused(sslProfiles=profiles, httpListeners=[listener])
    assert error.code == "ApplicationGatewayDeprecatedTlsVersionUsedInSslPolicy"
    assert error.target == "sslProfiles"
    profiles[0]["sslPolicy"] = {"policyType": "Custom", "minProtocolVersion": "TLSv1_2"}
    assert waf.put(sslProfiles=profiles, httpListeners=[listener])


def test_a_gateway_without_a_firewall_is_of_the_standard_sku(waf):
    assert waf.put(**STANDARD, firewallPolicy=None)


@pytest.mark.parametrize(
    "collection",
    [
        "gatewayIPConfigurations",
        "backendAddressPools",
        "backendHttpSettingsCollection",
        "requestRoutingRules",
    ],
)
def test_a_gateway_without_one_of_its_parts_is_refused(waf, collection):
    changes: dict[str, Any] = {collection: []}
    if collection.startswith("backend"):
        changes["requestRoutingRules"] = [
            waf.routing(backendAddressPool=None, backendHttpSettings=None)
        ]
    error = waf.refused(**changes)
    assert (error.code, error.target) == ("BadRequest", collection)


def test_a_reference_to_a_part_of_another_kind_is_refused(waf):
    wrong = waf.listener(frontendPort=waf.to("backendAddressPools", "pool"))
    error = waf.refused(httpListeners=[wrong])
    assert error.code == "InvalidResourceReference"
    assert "which is not in frontendPorts" in error.message


@pytest.mark.parametrize("back", ["requestRoutingRules", "urlPathMaps", "pathRules"])
def test_azure_fills_in_what_refers_to_a_redirect(waf, back):
    redirect = {"name": "away", "targetUrl": "https://example.com", "redirectType": "Permanent"}
    ghost = waf.to("requestRoutingRules", "none")
    assert waf.put(redirectConfigurations=[{**redirect, back: [ghost]}])
    wrong = {**redirect, "targetListener": waf.to("httpListeners", "none")}
    assert waf.refused(redirectConfigurations=[wrong]).code == "InvalidResourceReference"


def test_two_parts_of_one_name_are_refused(waf):
    pools = [{"name": "pool"}, {"name": "Pool"}]
    assert waf.refused(backendAddressPools=pools).code == "DuplicateResourceName"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"no file", "ApplicationGatewaySslCertificateInvalidData"),
        (b"", "ApplicationGatewaySslCertificateInvalidData"),
        (b"".join(as_pem(PFX)), "ApplicationGatewaySslCertificateInvalidData"),
        ("password", "ApplicationGatewaySslCertificatePasswordIncorrect"),
    ],
    ids=["another file", "nothing", "PEM", "a PFX with a password"],
)
def test_a_listeners_secret_is_a_pfx_without_a_password(waf, value, code):
    text = value.decode() if isinstance(value, bytes) else PROTECTED
    waf.azure.put(
        "keyvault:Secret", vaultName="kv-test", secretName="tls", properties={"value": text}
    )
    assert waf.refused().code == code


@pytest.mark.parametrize("content_type", ["application/x-pkcs12", "application/x-pem-file"])
def test_a_certificates_own_secret_is_a_pfx_by_its_content_type(waf, content_type):
    vault_secrets.put_certificate(waf.azure.cloud, waf.vault, "tls", content_type)
    if content_type == "application/x-pkcs12":
        assert waf.put()
    else:
        assert waf.refused().code == "ApplicationGatewaySslCertificateInvalidData"


def test_a_listener_without_a_port_is_refused(waf):
    error = waf.refused(httpListeners=[waf.listener(frontendPort=None)])
    assert "l of httpListeners requires frontendPort" in error.message


def test_a_rule_that_leads_nowhere_is_refused(waf):
    error = waf.refused(requestRoutingRules=[waf.routing(backendAddressPool=None)])
    assert "requires backendAddressPool with backendHttpSettings" in error.message
    error = waf.refused(requestRoutingRules=[waf.routing(ruleType="PathBasedRouting")])
    assert "requires urlPathMap" in error.message


def test_a_rule_without_a_priority_is_refused(waf):
    error = waf.refused(requestRoutingRules=[waf.routing(priority=None)])
    assert error.code == "ApplicationGatewayRequestRoutingRulePriorityCannotBeEmpty"


def test_two_rules_with_one_priority_are_refused(waf):
    changes = {
        "httpListeners": [waf.listener(), waf.listener("l2")],
        "requestRoutingRules": [waf.routing(), waf.routing("r2", "l2")],
    }
    assert "the same priority 100" in waf.refused(**changes).message
    changes["requestRoutingRules"][1]["priority"] = 110
    assert waf.put(**changes)


def test_a_gateway_that_passes_on_tcp_has_other_collections(waf):
    listener = waf.listener(protocol="Tcp", hostName=None, sslCertificate=None)
    rule = {
        "name": "r",
        "ruleType": "Basic",
        "priority": 100,
        "listener": waf.to("listeners", "l"),
        "backendAddressPool": waf.to("backendAddressPools", "pool"),
        "backendSettings": waf.to("backendSettingsCollection", "s"),
    }
    changes: dict[str, Any] = {
        "httpListeners": None,
        "backendHttpSettingsCollection": None,
        "requestRoutingRules": None,
        "listeners": [{key: value for key, value in listener.items() if value is not None}],
        "backendSettingsCollection": [{"name": "s", "port": 1433, "protocol": "Tcp"}],
        "routingRules": [rule],
    }
    assert waf.put(**changes)
    changes["routingRules"] = None
    assert "requestRoutingRules or routingRules" in waf.refused(**changes).message


def test_two_rules_for_one_listener_are_refused(waf):
    rules = [waf.routing(), waf.routing("r2", priority=110)]
    assert "the same listener" in waf.refused(requestRoutingRules=rules).message


@pytest.mark.parametrize("host", ["l.example.com", "L.example.com"])
def test_two_listeners_of_one_host_are_refused(waf, host):
    listeners = [waf.listener(), waf.listener("l2", hostName=host)]
    error = waf.refused(httpListeners=listeners)
    assert error.code == "ApplicationGatewayHttpListenersUsingSameFrontendPort"


def test_an_https_listener_without_a_certificate_is_refused(waf):
    error = waf.refused(httpListeners=[waf.listener(sslCertificate=None)])
    assert "requires a certificate" in error.message


@pytest.mark.parametrize("port", [0, 65000, 65503])
def test_a_frontend_port_beyond_64999_is_refused(waf, port):
    error = waf.refused(frontendPorts=[{"name": "p443", "port": port}])
    assert error.code == "ApplicationGatewayFrontendPortInvalidPortNumber"


@pytest.mark.parametrize(
    ("probe", "code"),
    [
        ({"host": "a", "path": "healthz"}, "ApplicationGatewayProbePathIsInvalid"),
        ({"path": "/healthz"}, "ApplicationGatewayProbeHostIsNull"),
    ],
)
def test_a_probe_of_nothing_is_refused(waf, probe, code):
    assert waf.refused(probes=[{"name": "p", "protocol": "Https", **probe}]).code == code


def test_a_private_frontend_is_static(waf):
    private = {"name": "private", "subnet": ref(waf.subnet)}
    public = {"name": "public", "publicIPAddress": ref(waf.address)}
    error = waf.refused(frontendIPConfigurations=[public, private])
    assert error.code == "ApplicationGatewayFrontendIpPrivateIpAddressInvalidAllocationType"
    chosen = {"privateIPAllocationMethod": "Static", "privateIPAddress": "10.0.1.10"}
    assert waf.put(frontendIPConfigurations=[public, {**private, **chosen}])


@pytest.fixture
def write_subnet(azure: Any) -> Callable[..., Any]:
    """Writes the gateway's subnet with these delegations."""
    return lambda *services: azure.subnet(
        "agw",
        "10.0.1.0/24",
        delegations=[{"name": service[-9:], "serviceName": service} for service in services],
    )


def before_the_delegation(waf: Any, azure: Any) -> None:
    """A gateway that was created when Azure did not require the delegation."""
    made = waf.put()
    store = azure.cloud.store
    plain = {key: value for key, value in waf.subnet.inputs.items() if key != "delegations"}
    store.put(replace(waf.subnet, inputs=plain))
    assert made.id


def test_a_subnet_with_a_machine_takes_no_gateway(waf, azure, write_subnet):
    write_subnet()
    azure.put(**interface(waf.subnet))
    assert waf.refused().code == "ApplicationGatewaySubnetCannotHaveOtherResources"


def test_a_subnet_with_a_gateway_takes_no_machine(waf, azure):
    before_the_delegation(waf, azure)
    error = azure.refused(**interface(waf.subnet))
    assert error.code == "ApplicationGatewaySubnetCannotBeUsedByOtherResources"


def test_a_subnet_that_is_delegated_to_another_service_takes_no_gateway(waf, write_subnet):
    write_subnet("Microsoft.Web/serverFarms")
    assert waf.refused().code == "ApplicationGatewaySubnetCannotHaveDelegations"


def test_a_subnet_without_a_delegation_takes_no_new_gateway(waf, write_subnet):
    write_subnet()
    error = waf.refused()
    assert error.code == "ApplicationGatewayNetworkIsolationRequiresSubnetDelegation"
    assert "delegate subnet" in error.message
    write_subnet(DELEGATED["serviceName"])
    assert waf.put()


def test_a_subnet_with_nothing_but_a_gateway_is_delegated_in_place(waf, azure, write_subnet):
    before_the_delegation(waf, azure)
    assert waf.put(tags={"still": "updated"})
    assert write_subnet(DELEGATED["serviceName"])
    with pytest.raises(AzureError) as error:
        write_subnet()
    assert error.value.code == "SubnetDelegationsCannotChangeWhenSubnetUsedByResource"


def appliance(azure: Any) -> Any:
    route = {
        "name": "default",
        "addressPrefix": "0.0.0.0/0",
        "nextHopType": "VirtualAppliance",
        "nextHopIpAddress": "10.0.9.4",
    }
    return azure.put("network:RouteTable", routeTableName="rt", routes=[route])


def test_a_subnet_behind_an_appliance_takes_no_gateway(waf, azure):
    table = ref(appliance(azure))
    azure.subnet("agw", "10.0.1.0/24", delegations=[DELEGATED], routeTable=table)
    assert waf.refused().code == "ApplicationGatewaySubnetUserDefinedRouteNotAllowed"


def test_a_subnet_with_a_gateway_is_not_led_through_an_appliance(waf, azure):
    waf.put()
    error = azure.refused(
        "network:Subnet",
        virtualNetworkName="vnet",
        subnetName="agw",
        addressPrefix="10.0.1.0/24",
        delegations=[DELEGATED],
        routeTable=ref(appliance(azure)),
    )
    assert error.code == "ApplicationGatewaySubnetUserDefinedRouteNotAllowed"


def test_an_empty_certificate_is_refused(waf):
    error = waf.refused(sslCertificates=[{"name": "tls"}])
    assert error.code == "ApplicationGatewayCertificateDataOrKeyVaultSecretIdMustBeSpecified"


@pytest.mark.parametrize(
    "secret",
    [
        SECRET.replace("kv-test", "kv-none"),
        SECRET.replace("tls", "other"),
        "https://example.com/tls",
    ],
)
def test_a_certificate_that_no_vault_has_is_refused(waf, secret):
    error = waf.refused(sslCertificates=[{"name": "tls", "keyVaultSecretId": secret}])
    assert error.code == "ApplicationGatewayKeyVaultSecretException"
    assert "does not exist" in error.message


ENDPOINT = {"name": "vault", "groupIds": ["vault"]}
ZONE = "privatelink.vaultcore.azure.net"


@pytest.mark.parametrize("left_out", ["group", "link", "endpoint", None])
def test_a_closed_vault_is_reached_by_its_name_in_a_zone_of_the_gateways_network(
    waf, azure, left_out
):
    properties = {**waf.vault.inputs["properties"], "publicNetworkAccess": "disabled"}
    azure.put("keyvault:Vault", vaultName="kv-test", properties=properties)
    zone = azure.put("privatedns:PrivateZone", privateZoneName=ZONE, location="global")
    target = azure.network("other", "10.9.0.0/16") if left_out == "link" else waf.subnet
    azure.put(
        "privatedns:VirtualNetworkLink",
        privateZoneName=ZONE,
        virtualNetworkLinkName="link",
        location="global",
        registrationEnabled=False,
        virtualNetwork={"id": target.id.split("/subnets/")[0]},
    )
    if left_out != "endpoint":
        azure.put(
            "network:PrivateEndpoint",
            privateEndpointName="pep",
            subnet=ref(azure.subnet("endpoints", "10.0.2.0/24")),
            privateLinkServiceConnections=[{**ENDPOINT, "privateLinkServiceId": waf.vault.id}],
        )
        if left_out != "group":
            azure.put(
                "network:PrivateDnsZoneGroup",
                privateEndpointName="pep",
                privateDnsZoneGroupName="default",
                privateDnsZoneConfigs=[{"name": "vault", "privateDnsZoneId": zone.id}],
            )
    if left_out:
        error = waf.refused()
        assert error.code == "ApplicationGatewayKeyVaultSecretException"
        assert "does not resolve" in error.message
    else:
        assert waf.put()


def test_a_version_of_a_certificate_may_be_named(waf):
    assert waf.put(sslCertificates=[{"name": "tls", "keyVaultSecretId": f"{SECRET}/0123"}])


@pytest.mark.parametrize("role", [None, CONTRIBUTOR])
def test_a_gateway_without_a_role_for_secrets_is_refused(waf, azure, role):
    for item in azure.cloud.store.of_type("authorization:RoleAssignment"):
        azure.cloud.delete(item.id)
    if role:
        azure.role(waf.vault.id, waf.identity.outputs["principalId"], role)
    error = waf.refused()
    assert (error.code, error.target) == ("ApplicationGatewayKeyVaultSecretException", "identity")


def test_a_custom_role_for_secrets_counts_by_its_data_actions(waf, azure):
    for item in azure.cloud.store.of_type("authorization:RoleAssignment"):
        azure.cloud.delete(item.id)
    name = "aaaaaaaa-0000-4000-8000-000000000002"
    azure.put(
        "authorization:RoleDefinition",
        scope=f"/subscriptions/{azure.cloud.subscription}",
        roleDefinitionId=name,
        roleName="read certificates",
        permissions=[{"dataActions": ["Microsoft.KeyVault/vaults/secrets/getSecret/action"]}],
    )
    azure.role(waf.vault.id, waf.identity.outputs["principalId"], name)
    assert waf.put()


def test_a_gateway_without_an_identity_is_refused(waf):
    error = waf.refused(identity=None)
    assert error.code == "ApplicationGatewayKeyVaultSecretException"
    assert "no identity" in error.message


def test_an_access_policy_lets_the_gateway_read(azure):
    waf = Waf(azure, rbac=False)
    assert waf.refused().code == "ApplicationGatewayKeyVaultSecretException"
    principal = waf.identity.outputs["principalId"]
    entry = {
        "objectId": principal,
        "tenantId": azure.cloud.tenant,
        "permissions": {"secrets": ["get"]},
    }
    properties = {**waf.vault.inputs["properties"], "accessPolicies": [entry]}
    azure.put("keyvault:Vault", vaultName="kv-test", properties=properties)
    assert waf.put()


@pytest.mark.parametrize(
    ("sets", "text"),
    [
        ([("OWASP", "4.0")], "managed rule set"),
        ([("Microsoft_BotManagerRuleSet", "1.1")], "requires one rule set"),
        ([("OWASP", "3.2"), ("Microsoft_DefaultRuleSet", "2.1")], "requires one rule set"),
    ],
)
def test_a_policy_without_one_core_rule_set_is_refused(azure, sets, text):
    error = azure.refused(**policy(*sets))
    assert (error.code, error.target) == ("BadRequest", "managedRules")
    assert text in error.message


def test_two_custom_rules_with_one_priority_are_refused(azure):
    custom = {
        "ruleType": "MatchRule",
        "action": "Block",
        "priority": 1,
        "matchConditions": [],
    }
    rules = [{"name": name, **custom} for name in ("a", "b")]
    error = azure.refused(**policy(customRules=rules))
    assert error.target == "customRules"


def test_an_old_rule_set_is_warned_of(azure):
    assert azure.put(**policy(("OWASP", "3.1")))
    assert "out of support; use 3.2" in azure.cloud.warnings[0]


def test_a_policy_of_a_gateway_is_not_deleted(waf, azure):
    waf.put()
    assert "is in use by" in azure.delete_refused(waf.policy).message
