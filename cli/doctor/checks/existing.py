"""What the settings name of other teams: that it is there, may be read and may be used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cli.doctor.checks.permissions import lacking
from cli.doctor.context import Subject
from cli.doctor.findings import Finding, Unanswered, failed, ok
from components.network import subnet_specs
from components.settings.load import Configuration
from components.settings.management import ExpressRouteGateway
from support.nested import text

APIS = {
    "microsoft.network/virtualnetworks": "2024-05-01",
    "microsoft.network/virtualnetworks/subnets": "2024-05-01",
    "microsoft.network/routetables": "2024-05-01",
    "microsoft.network/expressroutecircuits": "2024-05-01",
    "microsoft.keyvault/vaults": "2024-11-01",
    "microsoft.operationalinsights/workspaces": "2023-09-01",
}
"""API versions, those that azure-native 3.29 uses."""

JOIN_SUBNET = "Microsoft.Network/virtualNetworks/subnets/join/action"
GRANT = "Microsoft.Authorization/roleAssignments/write"
PEER = "Microsoft.Network/virtualNetworks/peer/action"
JOIN_CIRCUIT = "Microsoft.Network/expressRouteCircuits/join/action"


@dataclass(frozen=True)
class Theirs:
    """A resource of another team that a setting names."""

    setting: str
    id: str
    actions: tuple[str, ...] = ()
    """What the deployment does with it."""
    foreign: bool = False
    """It lies in a subscription that whoever deploys need not see into."""

    @property
    def kind(self) -> str:
        """ARM's type in lower case."""
        namespace, *pairs = self.id.lower().rpartition("/providers/")[2].split("/")
        return "/".join([namespace, *pairs[0::2]])


def named(checked: Configuration, account: str) -> Iterator[Theirs]:
    """Every resource that the settings name by its id; `account` is the subscription's id."""
    settings = checked.settings
    network, management = settings.network, settings.management
    if network.existing is not None:
        path = "network.existing.virtualNetworkId"
        yield Theirs(path, network.existing.virtual_network_id)
        expected = subnet_specs.expected_subnets(network, checked.plan, settings.ingress)
        for subnet in expected.values():
            setting = subnet.path.removeprefix("aks-network:")
            yield Theirs(setting, subnet.id, (JOIN_SUBNET, GRANT))
    if management.existing is not None:
        # A network that is another team's too is peered by that team.
        actions = (PEER,) if network.existing is None else ()
        path = "management.existing.virtualNetworkId"
        yield Theirs(path, management.existing.virtual_network_id, actions)
    if isinstance(management.gateway, ExpressRouteGateway):
        path, circuit = "management.gateway.circuitId", management.gateway.circuit_id
        # A circuit of another subscription is joined by an authorization, and by no right.
        foreign = circuit.split("/")[2].lower() != account.lower()
        yield Theirs(path, circuit, () if foreign else (JOIN_CIRCUIT,), foreign=foreign)
    if settings.observability.existing_workspace is not None:
        yield Theirs("observability.workspace.existing", settings.observability.existing_workspace)
    if settings.ingress.certificate_vault_id is not None:
        vault = settings.ingress.certificate_vault_id
        yield Theirs("ingress.waf.certificate.vaultId", vault, (GRANT,))
    for vault in dict.fromkeys(settings.kubernetes.certificate_vault_ids):
        yield Theirs("kubernetes.applications[].tls.vaultId", vault, (GRANT,))


def existing(subject: Subject) -> Iterator[Finding]:
    """Each is there, may be read, and may be used."""
    account = subject.answers.sign_in().subscription
    theirs = list(named(subject.checked.get(), account))
    if not theirs:
        yield ok("Others' resources", "the settings name none")
    for one in theirs:
        try:
            yield from _one(subject, one)
        except Unanswered as why:
            yield why.finding(one.setting)


def _one(subject: Subject, theirs: Theirs) -> Iterator[Finding]:
    api = APIS.get(theirs.kind)
    if api is None:
        kinds = ", ".join(sorted(APIS))
        yield failed(theirs.setting, f"{theirs.id} is none of {kinds}", "correct the id")
        return
    found = subject.answers.find(theirs.id, api)
    if found is None and theirs.foreign:
        raise Unanswered(
            f"{theirs.id} can't be seen from here", "ask its owner whether it is provisioned"
        )
    if found is None:
        yield failed(theirs.setting, f"{theirs.id} does not exist", "correct the id")
        return
    if wrong := _wrong(theirs, found):
        yield failed(theirs.setting, *wrong)
        return
    missing = lacking(subject, theirs.id, theirs.actions)
    if missing:
        yield failed(
            theirs.setting,
            f"{theirs.id} is there, but you may not {', '.join(missing)}",
            "ask its owner for a role there that has these actions",
        )
        return
    name = theirs.id.rpartition("/")[2]
    route = text(found, "properties", "routeTable", "id")
    if not route:
        yield ok(theirs.setting, f"{name} is there")
        return
    # kubenet writes its routes there; that the table may be read is the least.
    if subject.answers.find(route, APIS["microsoft.network/routetables"]) is None:
        yield failed(theirs.setting, f"its route table {route} does not exist", "ask its owner")
    else:
        yield ok(theirs.setting, f"{name} is there, with route table {route.rpartition('/')[2]}")


def _wrong(theirs: Theirs, found: dict[str, Any]) -> tuple[str, str] | None:
    """What is wrong with a resource that is there, and what to do."""
    if theirs.kind == "microsoft.network/expressroutecircuits":
        state = text(found, "properties", "serviceProviderProvisioningState")
        if state != "Provisioned":
            # expressroute/expressroute-workflows: links are made once the provider has provisioned.
            return f"the provider's side is {state}", "wait until the provider has provisioned it"
    state = text(found, "properties", "provisioningState")
    if state == "Failed":
        return f"{theirs.id} is in state {state}", "ask its owner to mend it"
    return None
