"""The Kubernetes providers: one applies objects to the cluster, the other renders YAML files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import yaml

_REQUIRED_OPTIONS: Mapping[str, frozenset[str]] = {
    "azurecli": frozenset({"--server-id"}),
    "workloadidentity": frozenset({"--server-id"}),
    "msi": frozenset({"--server-id"}),
    "spn": frozenset({"--server-id", "--tenant-id", "--environment"}),
}
"""The options of AKS' kubeconfig that each login mode requires (kubelogin's `get-token` and
`convert-kubeconfig`). The environment says who signs in. `--client-id`, AKS' client for users, is
therefore left out in every mode."""

_INSTALL_HINT = (
    "kubelogin signs in to clusters with Entra ID and is not on PATH: install it "
    "(https://azure.github.io/kubelogin/install.html), or set "
    "aks-network:kubernetes.delivery: render"
)
"""What Kubernetes clients print where the command is missing."""


def cluster_provider(
    name: str,
    *,
    kubeconfig: pulumi.Input[str],
    cluster_id: pulumi.Input[str],
    login: str,
    opts: pulumi.ResourceOptions | None = None,
) -> kubernetes.Provider:
    """A provider that applies objects to the cluster.

    `login` is kubelogin's login mode (`with_login`). Only a different cluster replaces the
    provider; a changed kubeconfig does not.

    The provider's options for an unreachable cluster stay off. After a network failure
    `deleteUnreachable` would drop objects from the state, and `skipUpdateUnreachable` would report
    changes that never happened. A destroy needs neither, because the objects are `deleted_with`
    their cluster.
    """
    config = pulumi.Output.from_input(kubeconfig)
    return kubernetes.Provider(
        name,
        kubeconfig=pulumi.Output.secret(config.apply(lambda text: with_login(text, login))),
        cluster_identifier=cluster_id,
        enable_server_side_apply=True,
        opts=opts,
    )


def rendering_provider(
    name: str, *, directory: str, opts: pulumi.ResourceOptions | None = None
) -> kubernetes.Provider:
    """A provider that writes objects as YAML files to `directory` and needs no cluster.

    It reads no file back. Without `deleteUnreachable` a refresh would therefore fail on each object
    (pulumi-kubernetes, provider/pkg/provider/provider.go, Read). With it, a refresh drops the
    objects from the state, and the next `up` writes every file again, so that a fresh checkout has
    them all. `skipUpdateUnreachable` would write none: it skips changes, too.
    """
    return kubernetes.Provider(
        name, render_yaml_to_directory=directory, delete_unreachable=True, opts=opts
    )


def with_login(kubeconfig: str, login: str) -> str:
    """The kubeconfig with a login mode of kubelogin in place of the device code.

    `login` is one of kubelogin's modes: azurecli, workloadidentity, spn, msi. The arguments contain
    no secret. A kubeconfig that does not use kubelogin is returned unchanged.
    """
    config: Any = yaml.safe_load(kubeconfig)
    users: list[dict[str, dict[str, Any]]] = config.get("users") or []
    for user in users:
        call: dict[str, Any] | None = user.get("user", {}).get("exec")
        if call and call.get("command") == "kubelogin":
            options = _select(call.get("args") or [], _REQUIRED_OPTIONS[login])
            call["args"] = ["get-token", "--login", login, *options]
            call["installHint"] = _INSTALL_HINT
    return yaml.safe_dump(config, sort_keys=False)


def _select(arguments: Sequence[str], names: frozenset[str]) -> Iterator[str]:
    """The options of these names with their values."""
    for name, value in pairwise(arguments):
        if name in names:
            yield from (name, value)
