"""How Kubernetes objects reach the cluster: applied to its API, or written as files."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import yaml

LOGIN = "azurecli"
"""kubelogin's way to sign in: as whoever `az login` or the pipeline signed in."""


def applying(
    name: str, *, kubeconfig: pulumi.Input[str], cluster_id: pulumi.Input[str]
) -> kubernetes.Provider:
    """A provider that applies objects to the cluster.

    Only another cluster makes another provider: a changed kubeconfig does not replace it.
    """
    return kubernetes.Provider(
        name,
        kubeconfig=pulumi.Output.secret(pulumi.Output.from_input(kubeconfig).apply(with_login)),
        cluster_identifier=cluster_id,
        enable_server_side_apply=True,
    )


def rendering(name: str, *, directory: str) -> kubernetes.Provider:
    """A provider that writes objects as YAML files into `directory`, and needs no cluster."""
    return kubernetes.Provider(name, render_yaml_to_directory=directory)


def with_login(kubeconfig: str) -> str:
    """The kubeconfig with kubelogin told to use an existing sign-in instead of a device code.

    Left as it is where it does not call kubelogin.
    """
    config: Any = yaml.safe_load(kubeconfig)
    users: list[dict[str, dict[str, Any]]] = config.get("users") or []
    for user in users:
        call: dict[str, Any] | None = user.get("user", {}).get("exec")
        if call and call.get("command") == "kubelogin":
            arguments: list[str] = list(call.get("args") or [])
            if "--login" in arguments:
                arguments[arguments.index("--login") + 1] = LOGIN
            else:
                arguments += ["--login", LOGIN]
            call["args"] = arguments
    return yaml.safe_dump(config, sort_keys=False)
