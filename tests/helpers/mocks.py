"""Pulumi's mocks on the simulated Azure's model, with everything that a registration says recorded.

Python runs the program; there is no engine. What a component registers is created in a cloud in
memory, by the same rules and with the same outputs as under the engine.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import pulumi
from pulumi.runtime import mocks, rpc

from simulator.azure.cloud import Cloud
from simulator.errors import Refused
from simulator.store import Resource
from support.secrets import SECRET, SIGNATURE
from support.type_tokens import api_version, plain_token

PROJECT, STACK = "aks-network", "test"


@dataclass(frozen=True)
class Registration:
    """One resource as the program registered it."""

    urn: str
    type: str
    """Plain type token."""
    package_type: str
    """Type token with the package that the program takes the type from."""
    name: str
    parent: str
    inputs: dict[str, Any]
    secrets: frozenset[str]
    """Paths of the inputs that are secret."""
    dependencies: frozenset[str]
    """URNs that it waits for, given or by its inputs."""
    protect: bool
    ignore_changes: tuple[str, ...]
    aliases: tuple[str, ...]
    """Types and names of its aliases."""
    property_dependencies: dict[str, list[str]]
    """By input: URNs that its value is made of."""
    provider: str
    """URN and id of the provider, empty for the default one."""
    deleted_with: str
    retained: bool
    """Whether it stays in the cloud when it is deleted from the stack."""
    timeouts: tuple[str, str, str]


@dataclass
class Recording:
    """All registrations of a run, and the cloud that they made."""

    cloud: Cloud = field(default_factory=Cloud)
    registrations: list[Registration] = field(default_factory=list[Registration])
    updates: bool = False
    """Whether the cloud has what earlier runs of the program created, which this one updates."""

    def of_type(self, token: str) -> list[Registration]:
        """Registrations of a type, `network:Subnet` being short for azure-native's."""
        return [r for r in self.registrations if r.type in {token, f"azure-native:{token}"}]

    def one(self, token: str, name: str | None = None) -> Registration:
        """The only registration of a type (and logical name)."""
        found = [r for r in self.of_type(token) if name in {None, r.name}]
        assert len(found) == 1, f"{len(found)} of {token} {name or ''}"
        return found[0]

    def waits_for(self, registration: Registration) -> set[str]:
        """URNs of everything that a registration waits for, however indirectly."""
        by_urn = {r.urn: r for r in self.registrations}
        seen: set[str] = set()
        waiting = list(registration.dependencies)
        while waiting:
            urn = waiting.pop()
            if urn not in seen:
                seen.add(urn)
                waiting.extend(by_urn[urn].dependencies if urn in by_urn else ())
        return seen

    def resources(self) -> list[dict[str, Any]]:
        """What `deployment.resources` of a state would hold, in the engine's form."""
        return [self._resource(item) for item in self.registrations]

    def _resource(self, item: Registration) -> dict[str, Any]:
        made = self.made(item) if item.type.startswith("azure-native:") else None
        version = api_version(item.package_type)
        # azure-native adds the version of a package to the inputs.
        own = {"azureApiVersion": version} if version else {}
        return {
            "urn": item.urn,
            "type": item.package_type,
            "custom": not item.type.startswith(f"{PROJECT}:"),
            "id": made.id if made else f"{item.name}-id",
            "inputs": {**made.inputs, **own} if made else item.inputs,
            "outputs": {**made.inputs, **made.outputs, **own} if made else item.inputs,
            "parent": item.parent,
            "dependencies": sorted(item.dependencies),
            "propertyDependencies": item.property_dependencies,
            "provider": item.provider,
            "protect": item.protect,
            "deletedWith": item.deleted_with,
        }

    def made(self, item: Registration) -> Resource:
        """The resource in the cloud that a registration made."""
        kind = self.cloud.type_of(item.type)
        names = {kind.name_parameter: item.name, **item.inputs}
        made = self.cloud.get(self.cloud.id_of(item.type, names))
        assert made is not None, item.urn
        return made

    def azure(self) -> Iterator[Registration]:
        return (r for r in self.registrations if r.type.startswith("azure-native:"))


def plain(value: Any) -> Any:
    """The value without the wire's peculiarities: secrets unwrapped, 4.0 an integer again."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return plain(value["value"])
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def secrets(value: Any, path: str = "") -> Iterator[str]:
    """Paths of the secrets in a value."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            yield path
            return
        for key, item in value.items():
            yield from secrets(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from secrets(item, f"{path}[{index}]")


class _Cloud(mocks.Mocks):
    """Registrations come in several threads; the cloud takes one request at a time, as under the
    engine, where the provider's event loop does it."""

    def __init__(self, cloud: Cloud, *, updates: bool) -> None:
        self._cloud = cloud
        self._write = cloud.put if updates else cloud.create
        self._one_at_a_time = threading.Lock()

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        token = plain_token(args.typ)
        if not token.startswith("azure-native:"):
            return (f"{args.name}-id" if args.custom else ""), dict(args.inputs)
        kind = self._cloud.type_of(token)
        inputs = {kind.name_parameter: args.name, **plain(args.inputs)}
        with self._one_at_a_time:
            made = self._write(args.typ, inputs)
        return made.id, {**inputs, **made.outputs}

    def call(self, args: mocks.MockCallArgs) -> Any:
        if args.token == "pulumi:pulumi:readStackOutputs":
            return {"name": args.args["name"], "outputs": {}}
        try:
            with self._one_at_a_time:
                return self._cloud.invoke(plain_token(args.token), args.args)
        except Refused as error:
            return {}, [("", str(error))]  # as the engine answers: the program may catch it


class _Monitor(mocks.MockMonitor):
    def __init__(self, recording: Recording) -> None:
        super().__init__(_Cloud(recording.cloud, updates=recording.updates))
        self._recording = recording

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the monitor's own name
        response = super().RegisterResource(request)
        inputs = rpc.deserialize_properties(request.object)
        if request.type != "pulumi:pulumi:Stack":
            self._recording.registrations.append(
                Registration(
                    urn=response.urn,
                    type=plain_token(request.type),
                    package_type=request.type,
                    name=request.name,
                    parent=request.parent,
                    inputs=plain(inputs),
                    secrets=frozenset(secrets(inputs)),
                    dependencies=frozenset(request.dependencies),
                    protect=request.protect,
                    ignore_changes=tuple(request.ignoreChanges),
                    aliases=tuple(
                        alias.spec.type or alias.spec.name or alias.urn for alias in request.aliases
                    ),
                    property_dependencies={
                        key: list(item.urns) for key, item in request.propertyDependencies.items()
                    },
                    provider=request.provider,
                    deleted_with=request.deletedWith,
                    retained=request.retainOnDelete,
                    timeouts=(
                        request.customTimeouts.create,
                        request.customTimeouts.update,
                        request.customTimeouts.delete,
                    ),
                )
            )
        return response


def record(
    program: Callable[[], Any], *, cloud: Cloud | None = None, updates: bool = False
) -> Recording:
    """Run a program under mocks and return what it registered. Its exceptions come through.

    With `updates`, the cloud is that of an earlier run.
    """
    recording = Recording(cloud=cloud or Cloud(), updates=updates)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    monitor = _Monitor(recording)
    mocks.set_mocks(monitor.mocks, project=PROJECT, stack=STACK, monitor=monitor)

    entries: list[Callable[[], Any]] = []

    async def whole_program() -> None:
        program()
        for entry in entries:
            await entry()

    @pulumi.runtime.test
    def run() -> Any:
        return whole_program()

    try:
        # Under mocks nobody takes what a program hands to `pulumi.run`.
        with mock.patch("pulumi.run", entries.append):
            run()
    finally:
        loop.close()
    return recording
