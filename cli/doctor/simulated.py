"""The simulated cloud for the checks. Reads the files below `.local/` and writes none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cli import pulumi_cli
from cli.doctor.client import Request, Response, SignIn, Transport
from cli.doctor.context import Pulumi
from cli.doctor.pulumi import PulumiCli
from cli.pulumi_cli import Engine
from cli.simulated.rest import RestApi, rest_api
from cli.simulated.workspace import SimulatedCloud


@dataclass(frozen=True)
class SimulatedTransport:
    """Carries requests to the simulated Azure in this process."""

    api: RestApi

    def sign_in(self) -> SignIn:
        cloud = self.api.cloud
        return SignIn(
            method="the simulated Azure",
            tenant=cloud.tenant,
            subscription=cloud.subscription,
            object_id=self.api.object_id,
            is_user=True,
        )

    def send(self, request: Request) -> Response:
        url = request.host + request.path
        status, body = self.api.answer(request.method, url, request.query, request.body or {})
        return Response(status, body)


def clients(stack: str, stack_file: Path, root: Path) -> tuple[Pulumi, Transport]:
    """The Pulumi CLI and the transport for a stack on the simulated cloud below `root`.

    Raises `Failure` where the fixture or the environment does not describe a subscription.
    """
    engine = pulumi_cli.present()
    # Without a CLI the workspace only names directories; `PulumiCli` reports the missing CLI.
    cloud = SimulatedCloud(root / ".local", engine or Engine(root, pulumi_cli.VERSION))
    directory = cloud.stacks if cloud.has_stacks() else None
    pulumi = PulumiCli(engine, stack, cloud.environment(), directory)
    return pulumi, SimulatedTransport(rest_api(cloud.state, stack_file))
