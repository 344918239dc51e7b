"""The resources that the program would register, from a run of it against Pulumi's mocks.

The run needs no engine, state or cloud, so it works before any of them does. As in a first preview,
only the inputs of a resource are known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from components.addressing import AddressPlan
from components.settings.load import Configuration
from components.settings.stack import PROJECT, Settings
from support.arm_ids import AZURE, PATHS, id_of
from support.type_tokens import plain_token

if TYPE_CHECKING:
    from components.network.existing_network import ExistingNetwork

GROUP = "Microsoft.Resources/subscriptions/resourceGroups"
"""ARM's type of a resource group, as its permissions are named."""

_CLUSTER = "containerservice:ManagedCluster"
"""The mocks return no id for a cluster: with an id the program would ask for its credentials and
identities, which exist only after the deployment."""

UNKNOWN_ID = "00000000-0000-0000-0000-000000000000"
"""Stands for a subscription, tenant or user that is not known."""


@dataclass(frozen=True)
class Planned:
    """An azure-native resource that a deployment registers."""

    token: str
    """Without the package, such as `network:Subnet`."""
    name: str
    """Logical name."""
    inputs: Mapping[str, Any]
    """By the names of the REST API; what only the deployment will know is None or missing."""

    @property
    def arm_type(self) -> str:
        """Such as `Microsoft.Network/virtualNetworks/subnets`."""
        return arm_type(self.token, self.inputs)

    @property
    def namespace(self) -> str:
        """Such as `Microsoft.Network`."""
        return self.arm_type.partition("/")[0]

    def id(self, subscription: str) -> str | None:
        """Its resource id; None where azure-native makes up its name or the name is unknown."""
        return id_of(AZURE + self.token, self.inputs, subscription)


def arm_type(token: str, inputs: Mapping[str, Any]) -> str:
    """The ARM type of a token without package, from its path in the REST API.

    Each kind of record in a DNS zone is a type of its own, such as `Microsoft.Network/dnsZones/A`;
    an input names it.
    """
    path = PATHS[token]
    head, provider, rest = path.rpartition("Microsoft.")
    if not provider:
        return GROUP
    del head
    namespace, *parts = (provider + rest).split("/")
    kinds = [str(inputs.get(part.strip("{}"), part)) for part in parts[0::2]]
    return "/".join([namespace, *kinds])


def planned(
    checked: Configuration, subscription: str = UNKNOWN_ID, tenant: str = UNKNOWN_ID
) -> list[Planned]:
    """The resources of a deployment to this subscription, in the order of their registration."""
    import pulumi  # noqa: PLC0415 - takes most of a second
    from pulumi.runtime import mocks  # noqa: PLC0415

    from components.deployment.deployment import Deployment  # noqa: PLC0415
    from components.deployment.phases import NetworksOnly  # noqa: PLC0415

    found: list[Planned] = []
    user = {"clientId": UNKNOWN_ID, "objectId": UNKNOWN_ID}
    hub = {"addressPrefixes": list(checked.settings.management.address_space)}
    # Existing resources are as the settings describe them; another check compares them with Azure.
    answers: dict[str, dict[str, Any]] = {
        "authorization:getClientConfig": {
            **user,
            "subscriptionId": subscription,
            "tenantId": tenant,
        },
        "network:getVirtualNetwork": {"addressSpace": hub},
    }

    class Recorder(mocks.Mocks):
        def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
            token = plain_token(args.typ)
            if not token.startswith(AZURE):
                return "", {}
            inputs = cast("dict[str, Any]", args.inputs)  # pyright: ignore[reportUnknownMemberType]
            resource = Planned(token.removeprefix(AZURE), args.name, _known(inputs))
            found.append(resource)
            if resource.token == _CLUSTER:
                return "", {}
            known = resource.id(subscription) or ""
            # Azure may return objects and lists in another form, but not text and numbers.
            outputs = {k: v for k, v in resource.inputs.items() if isinstance(v, str | int | float)}
            return known, {**outputs, "name": known.rpartition("/")[2]} if known else outputs

        def call(self, args: mocks.MockCallArgs) -> Any:
            if args.token.endswith(":readStackOutputs"):
                no_outputs: dict[str, Any] = {"name": "", "outputs": {}}
                return no_outputs
            answer = answers.get(plain_token(args.token).removeprefix(AZURE))
            return answer or ({}, [("", f"{args.token} has no answer before the deployment")])

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        mocks.set_mocks(Recorder(), project=PROJECT, stack="doctor", preview=True)

        @pulumi.runtime.test  # pyright: ignore[reportUnknownMemberType, reportUntypedFunctionDecorator]
        def run() -> None:
            existing_network = _existing_network(checked.settings, checked.plan)
            if checked.settings.phase == "networks":
                NetworksOnly(checked, existing_network)
            else:
                Deployment(checked, existing_network)

        run()
    finally:
        loop.close()
    return found


def _existing_network(settings: Settings, plan: AddressPlan) -> ExistingNetwork | None:
    """The existing network as the settings describe it."""
    from pulumi import Output  # noqa: PLC0415

    from components.azure.resource_ids import segment  # noqa: PLC0415
    from components.network import subnet_specs  # noqa: PLC0415
    from components.network.existing_network import ExistingNetwork  # noqa: PLC0415

    existing = settings.network.existing
    if existing is None:
        return None
    network = existing.virtual_network_id
    subnets = subnet_specs.expected_subnets(settings.network, plan)
    routed = any(subnet.route_table for subnet in subnets.values())
    return ExistingNetwork(
        virtual_network_id=Output.from_input(network),
        virtual_network_name=Output.from_input(segment(network, "virtualNetworks")),
        resource_group_name=Output.from_input(segment(network, "resourceGroups")),
        address_space=settings.network.address_space,
        subnet_ids={key: Output.from_input(subnet.id) for key, subnet in subnets.items()},
        # Its id is in the cloud only; whether there is one decides what is registered.
        route_table_id=Output.from_input(f"{network}/unknown") if routed else None,
    )


def _known(value: Any) -> Any:
    """The value, with None for what is not known yet."""
    from pulumi.output import Unknown  # noqa: PLC0415

    match value:
        case Unknown():
            return None
        case dict():
            return {key: _known(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [_known(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value


def tokens(resources: Iterable[Planned]) -> dict[str, int]:
    """The number of resources of each token."""
    counts: dict[str, int] = {}
    for resource in resources:
        counts[resource.token] = counts.get(resource.token, 0) + 1
    return counts
