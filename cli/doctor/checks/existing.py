"""Existing resources that the settings name: they exist, and the user may read and use them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cli.doctor.checks.permissions import lacking
from cli.doctor.context import Context
from cli.doctor.findings import CheckUnavailable, Finding, failed, ok
from components.network import subnet_specs
from components.settings import private_dns_rules
from components.settings.load import Configuration
from components.settings.management import ExpressRouteGateway
from components.settings.private_dns import REGISTRY_ZONE, VAULT_ZONE, zone_name
from components.settings.stack import Settings
from support.nested import items, text

APIS = {
    "microsoft.network/virtualnetworks": "2024-05-01",
    "microsoft.network/virtualnetworks/subnets": "2024-05-01",
    "microsoft.network/routetables": "2024-05-01",
    "microsoft.network/expressroutecircuits": "2024-05-01",
    "microsoft.network/privatednszones": "2024-06-01",
    "microsoft.network/ddosprotectionplans": "2024-05-01",
    "microsoft.keyvault/vaults": "2024-11-01",
    "microsoft.operationalinsights/workspaces": "2023-09-01",
    # Not azure-native's version, which has no roleAssignmentMode.
    "microsoft.containerregistry/registries": "2025-11-01",
}
"""API versions, those that azure-native 3.29 uses."""

JOIN_SUBNET = "Microsoft.Network/virtualNetworks/subnets/join/action"
GRANT = "Microsoft.Authorization/roleAssignments/write"
JOIN_NETWORK = "Microsoft.Network/virtualNetworks/join/action"
JOIN_ZONE = "Microsoft.Network/privateDnsZones/join/action"
PEER = "Microsoft.Network/virtualNetworks/peer/action"
JOIN_PLAN = "Microsoft.Network/ddosProtectionPlans/join/action"
JOIN_CIRCUIT = "Microsoft.Network/expressRouteCircuits/join/action"


@dataclass(frozen=True)
class ExistingResource:
    """An existing resource that a setting names."""

    setting: str
    id: str
    actions: tuple[str, ...] = ()
    """The actions that the deployment takes on it."""
    other_subscription: bool = False
    """Whether it is in a subscription that the user need not have access to."""
    delegation: str | None = None
    """The service that a subnet must be delegated to."""
    role_assignment_mode: str | None = None
    """The mode of a container registry in the settings, which decides the role of the nodes."""

    @property
    def kind(self) -> str:
        """The ARM type in lower case."""
        namespace, *pairs = self.id.lower().rpartition("/providers/")[2].split("/")
        return "/".join([namespace, *pairs[0::2]])


def named(checked: Configuration, account: str) -> Iterator[ExistingResource]:
    """Every resource that the settings name by id; `account` is the id of the subscription."""
    settings = checked.settings
    network, management = settings.network, settings.management
    if network.existing is not None:
        # A private cluster's identity gets a role on the network, to link the API server's zone.
        path = "network.existing.virtualNetworkId"
        actions = (
            *((JOIN_NETWORK,) if private_dns_rules.own_zones(settings) else ()),
            *((GRANT,) if settings.cluster.private else ()),
        )
        yield ExistingResource(path, network.existing.virtual_network_id, actions)
        expected = subnet_specs.expected_subnets(network, checked.plan)
        for subnet in expected.values():
            setting = subnet.path.removeprefix("aks-network:")
            delegation = subnet.delegation if subnet.must_be_delegated else None
            yield ExistingResource(setting, subnet.id, (JOIN_SUBNET, GRANT), delegation=delegation)
    if management.existing is not None:
        # With an existing cluster network, its owner creates the peering.
        linked = private_dns_rules.own_zones(settings) and (
            private_dns_rules.links_management_network(network, management)
        )
        actions = (
            *((PEER,) if network.existing is None else ()),
            *((JOIN_NETWORK,) if linked else ()),
        )
        path = "management.existing.virtualNetworkId"
        yield ExistingResource(path, management.existing.virtual_network_id, actions)
    yield from _zones(settings)
    yield from _ddos_protection_plans(settings)
    if isinstance(management.gateway, ExpressRouteGateway):
        path, circuit = "management.gateway.circuitId", management.gateway.circuit_id
        # An authorization key, not a role, allows joining a circuit of another subscription.
        other = circuit.split("/")[2].lower() != account.lower()
        yield ExistingResource(path, circuit, () if other else (JOIN_CIRCUIT,), other)
    if settings.observability.existing_workspace is not None:
        yield ExistingResource(
            "observability.workspace.existing", settings.observability.existing_workspace
        )
    for position, registry in enumerate(settings.cluster.registries):
        yield ExistingResource(
            f"cluster.registries[{position}].registryId",
            registry.registry_id,
            (GRANT,),
            role_assignment_mode=registry.role_assignment_mode,
        )
    if settings.ingress.certificate_vault_id is not None:
        vault = settings.ingress.certificate_vault_id
        yield ExistingResource("ingress.waf.certificate.vaultId", vault, (GRANT,))
    for vault in dict.fromkeys(settings.kubernetes.certificate_vault_ids):
        yield ExistingResource("kubernetes.applications[].tls.vaultId", vault, (GRANT,))


def _ddos_protection_plans(settings: Settings) -> Iterator[ExistingResource]:
    for section, plan_id in (
        ("network", settings.network.ddos_protection_plan_id),
        ("management", settings.management.ddos_protection_plan_id),
    ):
        if plan_id is not None:
            yield ExistingResource(f"{section}.ddosProtectionPlanId", plan_id, (JOIN_PLAN,))


def _zones(settings: Settings) -> Iterator[ExistingResource]:
    """Another team's private DNS zones.

    A private endpoint's DNS zone group joins the zone. The identities that manage records in the
    other zones get a role on them (private-link/rbac-permissions, aks/private-clusters).
    """
    for position, zone_id in enumerate(settings.network.private_dns.existing_zones):
        setting = f"network.privateDns.existingZones[{position}]"
        name = zone_name(zone_id)
        if name in {VAULT_ZONE, REGISTRY_ZONE}:
            actions: tuple[str, ...] = (JOIN_ZONE,)
        elif name in settings.ingress.private_dns_zones and (
            settings.ingress.controller != "app-routing"
        ):
            actions = ()  # No identity manages records in it.
        else:
            actions = (GRANT,)
        yield ExistingResource(setting, zone_id, actions)


def existing(context: Context) -> Iterator[Finding]:
    """Each existing resource can be read and used."""
    account = context.azure.sign_in().subscription
    resources = list(named(context.checked.get(), account))
    if not resources:
        yield ok("Existing resources", "the settings name none")
    for resource in resources:
        try:
            yield from _check(context, resource)
        except CheckUnavailable as unavailable:
            yield unavailable.finding(resource.setting)


def _check(context: Context, resource: ExistingResource) -> Iterator[Finding]:
    api = APIS.get(resource.kind)
    if api is None:
        kinds = ", ".join(sorted(APIS))
        yield failed(resource.setting, f"{resource.id} must be one of {kinds}", "correct the id")
        return
    found = context.azure.find(resource.id, api)
    if found is None and resource.other_subscription:
        raise CheckUnavailable(
            f"you can't read {resource.id}", "ask its owner whether it is provisioned"
        )
    if found is None:
        yield failed(resource.setting, f"{resource.id} does not exist", "correct the id")
        return
    if problem := _problem(resource, found):
        yield failed(resource.setting, *problem)
        return
    missing = lacking(context, resource.id, resource.actions)
    if missing:
        yield failed(
            resource.setting,
            f"you may not do this on {resource.id}: {', '.join(missing)}",
            "ask its owner for a role with these actions",
        )
        return
    name = resource.id.rpartition("/")[2]
    route = text(found, "properties", "routeTable", "id")
    if not route:
        yield ok(resource.setting, f"{name} exists")
        return
    # kubenet writes its routes to the table, so the user must at least be able to read it.
    if context.azure.find(route, APIS["microsoft.network/routetables"]) is None:
        yield failed(resource.setting, f"its route table {route} does not exist", "ask its owner")
    else:
        yield ok(resource.setting, f"{name} exists, with route table {route.rpartition('/')[2]}")


def _problem(resource: ExistingResource, outputs: dict[str, Any]) -> tuple[str, str] | None:
    """What is wrong with a resource that exists, and the remedy."""
    if resource.kind == "microsoft.network/expressroutecircuits":
        state = text(outputs, "properties", "serviceProviderProvisioningState")
        if state != "Provisioned":
            # expressroute/expressroute-workflows: connect a gateway once the provider is done.
            return f"the provider's side is {state}", "wait until the provider has provisioned it"
    wanted = resource.role_assignment_mode
    mode = text(outputs, "properties", "roleAssignmentMode") or "LegacyRegistryPermissions"
    if wanted and mode != wanted:
        # The role that the other mode asks for has no effect.
        return (
            f"its role assignment mode is {mode}, not {wanted}",
            f"set roleAssignmentMode: {mode}",
        )
    state = text(outputs, "properties", "provisioningState")
    if state == "Failed":
        return f"{resource.id} is in state {state}", "ask its owner to repair it"
    delegations = items(outputs, "properties", "delegations")
    delegated = {text(one, "properties", "serviceName") for one in delegations}
    if resource.delegation and resource.delegation not in delegated:
        lacks = f"{resource.id} is not delegated to {resource.delegation}"
        return lacks, "ask its owner to delegate it"
    return None
