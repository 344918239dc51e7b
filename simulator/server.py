"""The gRPC server of a provider executable.

It extends the SDK's own provider server and replaces the calls in which that server loses something
that the simulator needs: unknown values, the old inputs of a diff, errors without a traceback.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol, TypeVar

import grpc
import grpc.aio
from google.protobuf import empty_pb2
from pulumi.provider.experimental.provider import Provider as BaseProvider
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime import proto
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, provider_pb2_grpc, status_pb2

from simulator import clock
from simulator.errors import InitializationFailed, Refused
from simulator.wire import Path, Properties, decode, encode
from support import urns
from support.type_tokens import plain_token

_MESSAGE_LIMIT = 400 * 1024 * 1024
"""The engine's own limit on the size of a message."""

T = TypeVar("T")


@dataclass(frozen=True)
class Urn:
    """A resource's URN and its parts."""

    text: str

    @property
    def package_token(self) -> str:
        """The engine's type token of the resource itself (the last of the parent chain)."""
        return urns.type_token(self.text)

    @property
    def token(self) -> str:
        """The same in its plain form."""
        return plain_token(self.package_token)

    @property
    def name(self) -> str:
        """Logical name."""
        return urns.logical_name(self.text)


@dataclass(frozen=True)
class Autonaming:
    """The engine's `pulumi:autonaming` setting: a proposed name, or no default names at all."""

    proposed: str
    disabled: bool


@dataclass(frozen=True)
class CheckRequest:
    """Inputs to check, and those of the last deployment."""

    urn: Urn
    olds: dict[str, Any]
    news: dict[str, Any]
    seed: bytes = b""
    autonaming: Autonaming | None = None


@dataclass
class CheckResponse:
    """The result of a check: the inputs to use, and what is wrong with them."""

    inputs: dict[str, Any]
    failures: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class DiffRequest:
    """Inputs to compare; `olds` are the old outputs."""

    urn: Urn
    old_inputs: dict[str, Any]
    olds: dict[str, Any]
    news: dict[str, Any]


@dataclass
class DiffResponse:
    """The result of a diff. `changes`: path to (kind, replaces); kind is add, delete or update."""

    changes: dict[str, tuple[str, bool]] = field(default_factory=dict[str, tuple[str, bool]])
    delete_before_replace: bool = False


@dataclass
class ResourceState:
    """A resource as returned to the engine."""

    id: str
    outputs: dict[str, Any]
    secrets: set[Path] = field(default_factory=set[Path])
    inputs: dict[str, Any] | None = None


class Plugin(Protocol):
    """The calls that a provider implements. Values are in the form of `simulator.wire`."""

    version: str

    def parameterize(self, arguments: Sequence[str] | bytes) -> tuple[str, str]:
        """Become another package: from the command line's arguments, or a program's parameter.

        Returns the package's name and version.
        """
        ...

    def configure(self, settings: dict[str, Any]) -> None: ...

    def take_warnings(self) -> list[str]: ...

    def diff_config(
        self, olds: Mapping[str, Any], news: Mapping[str, Any]
    ) -> DiffResponse | None: ...

    def check(self, request: CheckRequest) -> CheckResponse: ...

    def diff(self, request: DiffRequest) -> DiffResponse: ...

    async def create(self, urn: Urn, inputs: Properties, *, preview: bool) -> ResourceState: ...

    async def update(
        self, urn: Urn, resource_id: str, olds: Properties, inputs: Properties, *, preview: bool
    ) -> ResourceState: ...

    async def read(
        self, urn: Urn, resource_id: str, olds: Properties, inputs: Properties
    ) -> ResourceState | None: ...

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
_AUTONAMING_DISABLED = 2


class Servicer(ProviderServicer):
    """Translates gRPC calls to those of a `Plugin`, and `Refused` to gRPC errors."""

    def __init__(self, plugin: Plugin, engine_address: str) -> None:
        super().__init__([], plugin.version, BaseProvider(), engine_address)
        self._plugin = plugin

    async def Parameterize(self, request: Any, context: Any) -> Any:
        given = request.value.value if request.HasField("value") else list(request.args.args)
        try:
            name, version = self._plugin.parameterize(given)
        except Refused as error:
            await _abort(context, error)
        return proto.ParameterizeResponse(name=name, version=version)

    async def Configure(self, request: Any, context: Any) -> Any:
        settings = {key.rsplit(":", 1)[-1]: value for key, value in request.variables.items()}
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
        news = decode(request.news).values
        diff = self._plugin.diff_config(decode(request.old_inputs).values, news)
        return proto.DiffResponse() if diff is None else _diff_response(diff)

    async def Check(self, request: Any, context: Any) -> Any:
        clock.engine_activity.record_request()
        news = decode(request.news)
        autonaming = None
        if request.HasField("autonaming"):
            setting = request.autonaming
            autonaming = Autonaming(setting.proposed_name, setting.mode == _AUTONAMING_DISABLED)
        olds = decode(request.olds).values
        check = CheckRequest(Urn(request.urn), olds, news.values, request.randomSeed, autonaming)
        try:
            response = self._plugin.check(check)
        except Refused as error:
            response = CheckResponse(news.values, [str(error)])
        await self._warn(request.urn)
        # The generated signature confuses the two message types.
        failures: Any = [proto.CheckFailure(reason=reason) for reason in response.failures]
        return proto.CheckResponse(
            inputs=encode(response.inputs, news.secrets),
            failures=failures,
        )

    async def Diff(self, request: Any, context: Any) -> Any:
        diff = DiffRequest(
            Urn(request.urn),
            decode(request.old_inputs).values,
            decode(request.olds).values,
            decode(request.news).values,
        )
        return _diff_response(self._plugin.diff(diff))

    async def Create(self, request: Any, context: Any) -> Any:
        inputs = decode(request.properties)
        work = self._plugin.create(Urn(request.urn), inputs, preview=request.preview)
        state = await self._answer(request.urn, context, work)
        secrets = inputs.secrets | state.secrets
        return proto.CreateResponse(id=state.id, properties=encode(state.outputs, secrets))

    async def Update(self, request: Any, context: Any) -> Any:
        inputs, olds = decode(request.news), decode(request.olds)
        urn = Urn(request.urn)
        work = self._plugin.update(urn, request.id, olds, inputs, preview=request.preview)
        state = await self._answer(request.urn, context, work)
        secrets = inputs.secrets | state.secrets
        return proto.UpdateResponse(properties=encode(state.outputs, secrets))

    async def Read(self, request: Any, context: Any) -> Any:
        olds, inputs = decode(request.properties), decode(request.inputs)
        work = self._plugin.read(Urn(request.urn), request.id, olds, inputs)
        state = await self._answer(request.urn, context, work)
        if state is None:
            return proto.ReadResponse()
        secrets = inputs.secrets | olds.secrets | state.secrets
        return proto.ReadResponse(
            id=state.id,
            properties=encode(state.outputs, secrets),
            inputs=encode(state.inputs or {}, inputs.secrets),
        )

    async def Delete(self, request: Any, context: Any) -> Any:
        olds = decode(request.properties)
        work = self._plugin.delete(Urn(request.urn), request.id, olds)
        await self._answer(request.urn, context, work)
        return empty_pb2.Empty()

    async def Invoke(self, request: Any, context: Any) -> Any:
        args = decode(request.args)
        try:
            values, secrets = self._plugin.invoke(request.tok, args.values)
        except Refused as error:
            await _abort(context, error)
        response: dict[str, Any] = {
            "return": encode(values, secrets)
        }  # `return` is a Python keyword
        return proto.InvokeResponse(**response)

    async def _answer(self, urn: str, context: Any, work: Awaitable[T]) -> T:
        """The result of `work`; `Refused` becomes the call's error, advice a warning."""
        try:
            return await work
        except Refused as error:
            await _abort(context, error)
        finally:
            await self._warn(urn)

    async def _warn(self, urn: str) -> None:
        warnings = self._plugin.take_warnings()
        if not warnings:
            return
        async with grpc.aio.insecure_channel(self._engine_address) as channel:
            engine: Any = engine_pb2_grpc.EngineStub(channel)  # pyright: ignore[reportArgumentType]
            for text in warnings:
                severity = proto.engine_pb2.WARNING
                await engine.Log(proto.LogRequest(severity=severity, message=text, urn=urn))


async def _abort(context: Any, error: Refused) -> NoReturn:
    if isinstance(error, InitializationFailed):
        # A detail of the status: the engine keeps the resource in its state, and retries it.
        detail = provider_pb2.ErrorResourceInitFailed(
            id=error.id, properties=encode(error.outputs), reasons=[error.message]
        )
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=error.message)
        status.details.add().Pack(detail)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    await context.abort(grpc.StatusCode.UNKNOWN, str(error))
    raise error


def _diff_response(diff: DiffResponse) -> Any:
    changed = proto.DiffResponse.DIFF_SOME if diff.changes else proto.DiffResponse.DIFF_NONE
    return proto.DiffResponse(
        changes=changed,
        replaces=sorted(path for path, (_, replaces) in diff.changes.items() if replaces),
        diffs=sorted({path.split(".")[0].split("[")[0] for path in diff.changes}),
        deleteBeforeReplace=diff.delete_before_replace,
        detailedDiff={
            path: proto.PropertyDiff(kind=_KINDS[change], inputDiff=True)
            for path, change in diff.changes.items()
        },
        hasDetailedDiff=True,
    )


def serve(plugin: Plugin) -> None:
    """Serve until the engine ends the process; the engine reads the port from standard output."""
    engine_address = next((item for item in sys.argv[1:] if not item.startswith("-")), "")

    async def run() -> None:
        server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", _MESSAGE_LIMIT),
                ("grpc.max_send_message_length", _MESSAGE_LIMIT),
            ]
        )
        servicer = Servicer(plugin, engine_address)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        await server.wait_for_termination()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())
