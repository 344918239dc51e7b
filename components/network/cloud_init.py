"""What a jump box does at its first boot, as cloud-init's user data. Pure: no Pulumi.

Azure CLI and kubectl come from their vendors' package repositories, so that the machine's own
updates keep them current. kubelogin is in no repository; Azure CLI installs it.
"""

from __future__ import annotations

from dataclasses import dataclass

import yaml

_KEYRINGS = "/etc/apt/keyrings"
_UNFOLDED = 1000
"""Longest line, in characters: none is broken."""


@dataclass(frozen=True)
class Repository:
    """A package repository, the key that signs it, and what is wanted of it."""

    name: str
    key_url: str
    line: str
    """Of sources.list, behind its options."""
    package: str

    @property
    def key_file(self) -> str:
        return f"{_KEYRINGS}/{self.name}.asc"

    @property
    def source_file(self) -> str:
        return f"/etc/apt/sources.list.d/{self.name}.list"

    @property
    def source(self) -> str:
        return f"deb [arch=amd64 signed-by={self.key_file}] {self.line}"


def repositories(kubernetes_version: str, release: str) -> tuple[Repository, ...]:
    """The repositories for a cluster of `kubernetes_version` on the Ubuntu release `release`.

    kubectl is of the cluster's minor version: it supports one version to either side.
    Sources: cli/azure/install-azure-cli-linux; kubernetes.io, "Install kubectl on Linux".
    """
    minor = ".".join(kubernetes_version.split(".")[:2])
    kubernetes = f"https://pkgs.k8s.io/core:/stable:/v{minor}/deb/"
    return (
        Repository(
            "microsoft",
            "https://packages.microsoft.com/keys/microsoft.asc",
            f"https://packages.microsoft.com/repos/azure-cli/ {release} main",
            "azure-cli",
        ),
        Repository("kubernetes", f"{kubernetes}Release.key", f"{kubernetes} /", "kubectl"),
    )


def jump_box(kubernetes_version: str, *, release: str = "noble") -> str:
    """User data that installs the tools for operating AKS: az, kubectl, kubelogin."""
    wanted = repositories(kubernetes_version, release)
    fetch = "curl -fsSL --retry 10 --retry-all-errors"
    packages = " ".join(one.package for one in wanted)
    # It installs a kubectl, too; the packaged one is the one in use.
    unused, kubelogin = "/root/kubectl", "/usr/local/bin/kubelogin"
    commands = [
        # Others use apt in the first minutes: the machine's own updates, Azure's extensions.
        'again() { for _ in $(seq 60); do "$@" && return; sleep 10; done; return 1; }',
        f"install -d -m 0755 {_KEYRINGS}",
        *(f"{fetch} -o {one.key_file} {one.key_url}" for one in wanted),
        *(f"chmod 0644 {one.key_file}" for one in wanted),
        # Only with its key in place: a source without one fails everyone's `apt-get update`.
        *(f"echo '{one.source}' > {one.source_file}" for one in wanted),
        "export DEBIAN_FRONTEND=noninteractive",
        "again apt-get update",
        f"again apt-get install -y {packages}",
        f"az aks install-cli --install-location {unused} --kubelogin-install-location {kubelogin}",
        f"rm -f {unused}",
    ]
    # One shell that stops at the first failure, which `cloud-init status` then shows.
    document = {"runcmd": [["bash", "-ceu", "\n".join(commands)]]}
    return "#cloud-config\n" + yaml.safe_dump(document, sort_keys=False, width=_UNFOLDED)
