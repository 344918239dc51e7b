"""How Kubernetes objects reach the cluster: applied to its API, or written as files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import yaml

_KEPT_ARGUMENTS: Mapping[str, frozenset[str]] = {
    "azurecli": frozenset({"--server-id"}),
    "workloadidentity": frozenset({"--server-id"}),
    "msi": frozenset({"--server-id"}),
    "spn": frozenset({"--server-id", "--tenant-id", "--environment"}),
}
"""What of AKS' own arguments each login mode needs (kubelogin's `get-token` and the way its
`convert-kubeconfig` chooses). Who signs in comes from the environment, so `--client-id`, which is
that of AKS' client for people, never stays."""

_INSTALL_HINT = (
    "kubelogin signs in to clusters with Entra ID and is not on PATH: install it "
    "(https://azure.github.io/kubelogin/install.html), or set "
    "aks-network:kubernetes.delivery: render"
)
"""What clients of Kubernetes print when they can't find the command."""


def applying(
    name: str,
    *,
    kubeconfig: pulumi.Input[str],
    cluster_id: pulumi.Input[str],
    login: str,
    opts: pulumi.ResourceOptions | None = None,
) -> kubernetes.Provider:
    """A provider that applies objects to the cluster.

    Only another cluster makes another provider: a changed kubeconfig does not replace it. The
    provider's ways to go on without its cluster stay off: `deleteUnreachable` forgets objects for
    good, and `skipUpdateUnreachable` reports changes that never happened, each for a mere failure
    of the network. Destroying needs neither, as the objects are `deleted_with` their cluster.
    """
    known = pulumi.Output.from_input(kubeconfig)
    return kubernetes.Provider(
        name,
        kubeconfig=pulumi.Output.secret(known.apply(lambda text: with_login(text, login))),
        cluster_identifier=cluster_id,
        enable_server_side_apply=True,
        opts=opts,
    )


def rendering(
    name: str, *, directory: str, opts: pulumi.ResourceOptions | None = None
) -> kubernetes.Provider:
    """A provider that writes objects as YAML files into `directory`, and needs no cluster."""
    return kubernetes.Provider(name, render_yaml_to_directory=directory, opts=opts)


def with_login(kubeconfig: str, login: str) -> str:
    """The kubeconfig with kubelogin told how to sign in, instead of by a device code.

    `login` is one of kubelogin's modes: azurecli, workloadidentity, spn, msi. No secret is in the
    arguments. Left as it is where it does not call kubelogin.
    """
    config: Any = yaml.safe_load(kubeconfig)
    users: list[dict[str, dict[str, Any]]] = config.get("users") or []
    for user in users:
        call: dict[str, Any] | None = user.get("user", {}).get("exec")
        if call and call.get("command") == "kubelogin":
            given: list[str] = list(call.get("args") or [])
            call["args"] = ["get-token", "--login", login, *_kept(given, _KEPT_ARGUMENTS[login])]
            call["installHint"] = _INSTALL_HINT
    return yaml.safe_dump(config, sort_keys=False)


def _kept(arguments: Sequence[str], names: frozenset[str]) -> Iterator[str]:
    """The options of these names with their values."""
    for name, value in pairwise(arguments):
        if name in names:
            yield from (name, value)
