"""The gRPC side of a provider executable.

Stands on the SDK's own provider server and replaces the calls in which that one loses something the
simulator needs: unknown values, the old inputs of a diff, and errors without a Python traceback.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from typing import Any, Protocol

import grpc
import grpc.aio
from google.protobuf import empty_pb2
from pulumi.provider.experimental.provider import Provider as BaseProvider
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime import proto
from pulumi.runtime.proto import provider_pb2_grpc

from simulator.errors import Refused
from simulator.wire import Path, Properties, decode, encode


@dataclass(frozen=True)
class Urn:
    """A resource's URN with its parts."""

    text: str

    @property
    def token(self) -> str:
        """Type token of the resource itself (the last of the parent chain)."""
        return self.text.split("::")[2].rsplit("$", 1)[-1]

    @property
    def name(self) -> str:
        return self.text.split("::", 3)[3]


@dataclass(frozen=True)
class Autonaming:
    """The engine's `pulumi:autonaming` setting: `mode` 0 proposes a name, 1 enforces it, 2 forbids one."""

    proposed: str
    mode: int


@dataclass
class Checked:
    """Answer to a check: the inputs to use, and (property, reason) of each failure."""

    inputs: dict[str, Any]
    failures: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


@dataclass
class Difference:
    """Answer to a diff. `changes`: property path to (kind, replaces), kind being add, delete, update."""

    changes: dict[str, tuple[str, bool]] = field(default_factory=dict[str, tuple[str, bool]])
    delete_before_replace: bool = False


@dataclass
class State:
    """A resource as answered to the engine."""

    id: str
    outputs: dict[str, Any]
    secrets: set[Path] = field(default_factory=set[Path])
    inputs: dict[str, Any] | None = None


class Plugin(Protocol):
    """What a provider has to answer. Values are plain; see `simulator.wire`."""

    version: str

    def configure(self, settings: dict[str, Any]) -> None: ...

    def check(
        self, urn: Urn, olds: dict[str, Any], news: dict[str, Any], seed: bytes, names: Autonaming | None
    ) -> Checked: ...

    def diff(
        self, urn: Urn, old_inputs: dict[str, Any], olds: dict[str, Any], news: dict[str, Any]
    ) -> Difference: ...

    async def create(self, urn: Urn, inputs: Properties, preview: bool) -> State: ...

    async def update(
        self, urn: Urn, resource_id: str, olds: Properties, inputs: Properties, preview: bool
    ) -> State: ...

    async def read(
        self, urn: Urn, resource_id: str, olds: Properties, inputs: Properties
    ) -> State | None: ...

    async def delete(self, urn: Urn, resource_id: str, olds: Properties) -> None: ...

    def invoke(self, token: str, args: dict[str, Any]) -> tuple[dict[str, Any], set[Path]]: ...


_KINDS = {
    ("add", False): proto.PropertyDiff.ADD,
    ("add", True): proto.PropertyDiff.ADD_REPLACE,
    ("delete", False): proto.PropertyDiff.DELETE,
    ("delete", True): proto.PropertyDiff.DELETE_REPLACE,
    ("update", False): proto.PropertyDiff.UPDATE,
    ("update", True): proto.PropertyDiff.UPDATE_REPLACE,
}


class Servicer(ProviderServicer):
    """Translates gRPC calls to a `Plugin` and refusals to gRPC errors."""

    def __init__(self, plugin: Plugin, engine_address: str) -> None:
        super().__init__([], plugin.version, BaseProvider(), engine_address)
        self._plugin = plugin

    async def Configure(self, request: Any, context: Any) -> Any:
        settings = {
            key.rsplit(":", 1)[-1]: value for key, value in dict(request.variables).items()
        }
        settings.update(decode(request.args).values)
        self._plugin.configure(settings)
        return proto.ConfigureResponse(
            acceptSecrets=True,
            supportsPreview=True,
            acceptResources=False,
            acceptOutputs=False,
            supports_autonaming_configuration=True,
        )

    async def CheckConfig(self, request: Any, context: Any) -> Any:
        return proto.CheckResponse(inputs=request.news)

    async def DiffConfig(self, request: Any, context: Any) -> Any:
        return proto.DiffResponse()

    async def Check(self, request: Any, context: Any) -> Any:
        news = decode(request.news)
        names = None
        if request.HasField("autonaming"):
            names = Autonaming(request.autonaming.proposed_name, request.autonaming.mode)
        olds = decode(request.olds).values
        try:
            answer = self._plugin.check(Urn(request.urn), olds, news.values, request.randomSeed, names)
        except Refused as error:
            answer = Checked(news.values, [("", error.message)])
        failures = [
            proto.CheckFailure(property=name, reason=reason) for name, reason in answer.failures
        ]
        return proto.CheckResponse(inputs=encode(answer.inputs, news.secrets), failures=failures)

    async def Diff(self, request: Any, context: Any) -> Any:
        answer = self._plugin.diff(
            Urn(request.urn),
            decode(request.old_inputs).values,
            decode(request.olds).values,
            decode(request.news).values,
        )
        replaces = sorted(path for path, (_, replaces) in answer.changes.items() if replaces)
        return proto.DiffResponse(
            changes=proto.DiffResponse.DIFF_SOME if answer.changes else proto.DiffResponse.DIFF_NONE,
            replaces=replaces,
            diffs=sorted({path.split(".")[0].split("[")[0] for path in answer.changes}),
            deleteBeforeReplace=answer.delete_before_replace,
            detailedDiff={
                path: proto.PropertyDiff(kind=_KINDS[change], inputDiff=True)
                for path, change in answer.changes.items()
            },
            hasDetailedDiff=True,
        )

    async def Create(self, request: Any, context: Any) -> Any:
        inputs = decode(request.properties)
        state = await self._refusable(
            context, self._plugin.create(Urn(request.urn), inputs, request.preview)
        )
        return proto.CreateResponse(
            id=state.id, properties=encode(state.outputs, inputs.secrets | state.secrets)
        )

    async def Update(self, request: Any, context: Any) -> Any:
        inputs = decode(request.news)
        olds = decode(request.olds)
        work = self._plugin.update(Urn(request.urn), request.id, olds, inputs, request.preview)
        state = await self._refusable(context, work)
        return proto.UpdateResponse(
            properties=encode(state.outputs, inputs.secrets | state.secrets)
        )

    async def Read(self, request: Any, context: Any) -> Any:
        olds, inputs = decode(request.properties), decode(request.inputs)
        work = self._plugin.read(Urn(request.urn), request.id, olds, inputs)
        state = await self._refusable(context, work)
        if state is None:
            return proto.ReadResponse()
        secrets = inputs.secrets | olds.secrets | state.secrets
        return proto.ReadResponse(
            id=state.id,
            properties=encode(state.outputs, secrets),
            inputs=encode(state.inputs or {}, inputs.secrets),
        )

    async def Delete(self, request: Any, context: Any) -> Any:
        work = self._plugin.delete(Urn(request.urn), request.id, decode(request.properties))
        await self._refusable(context, work)
        return empty_pb2.Empty()

    async def Invoke(self, request: Any, context: Any) -> Any:
        args = decode(request.args)
        try:
            values, secrets = self._plugin.invoke(request.tok, args.values)
        except Refused as error:
            await context.abort(grpc.StatusCode.UNKNOWN, str(error))
            raise
        return proto.InvokeResponse(**{"return": encode(values, secrets)})

    @staticmethod
    async def _refusable(context: Any, work: Any) -> Any:
        try:
            return await work
        except Refused as error:
            await context.abort(grpc.StatusCode.UNKNOWN, str(error))
            raise


def serve(plugin: Plugin) -> None:
    """Serve until the engine ends the process; the port goes to standard output, as it expects."""
    engine_address = next((item for item in sys.argv[1:] if not item.startswith("-")), "")

    async def run() -> None:
        limit = 400 * 1024 * 1024  # The engine's own message size.
        server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", limit),
                ("grpc.max_send_message_length", limit),
            ]
        )
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(
            Servicer(plugin, engine_address), server
        )
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        await server.wait_for_termination()

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        pass
