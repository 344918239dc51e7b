"""The cloud-init user data of a jump box: it installs the tools at first boot. Pure.

Azure CLI and kubectl come from their vendors' package repositories, so that the updates of the
operating system keep them current. kubelogin is in no package repository; Azure CLI installs it.
"""

from __future__ import annotations

from dataclasses import dataclass

import yaml

_KEYRINGS = "/etc/apt/keyrings"
_LINE_WIDTH = 1000
"""Maximum length of a line of YAML in characters, so that no line is folded."""


@dataclass(frozen=True)
class Repository:
    """A package repository, its signing key, and the package to install from it."""

    name: str
    key_url: str
    line: str
    """The entry in sources.list after its options."""
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
    """The repositories for a cluster of `kubernetes_version`, on the Ubuntu release `release`.

    kubectl has the minor version of the cluster; it supports one version older and one newer.
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
    """User data that installs the tools to operate AKS: az, kubectl and kubelogin."""
    required = repositories(kubernetes_version, release)
    fetch = "curl -fsSL --retry 10 --retry-all-errors"
    packages = " ".join(repository.package for repository in required)
    # `az aks install-cli` also installs a kubectl; the packaged one is used instead.
    unused, kubelogin = "/root/kubectl", "/usr/local/bin/kubelogin"
    commands = [
        # Automatic updates and Azure's extensions also use apt in the first minutes.
        'again() { for _ in $(seq 60); do "$@" && return; sleep 10; done; return 1; }',
        f"install -d -m 0755 {_KEYRINGS}",
        *(f"{fetch} -o {item.key_file} {item.key_url}" for item in required),
        *(f"chmod 0644 {item.key_file}" for item in required),
        # Only after its key: a source without a key makes every `apt-get update` fail.
        *(f"echo '{item.source}' > {item.source_file}" for item in required),
        "export DEBIAN_FRONTEND=noninteractive",
        "again apt-get update",
        f"again apt-get install -y {packages}",
        f"az aks install-cli --install-location {unused} --kubelogin-install-location {kubelogin}",
        f"rm -f {unused}",
    ]
    # One shell that stops at the first failure; `cloud-init status` then shows it.
    document = {"runcmd": [["bash", "-ceu", "\n".join(commands)]]}
    return "#cloud-config\n" + yaml.safe_dump(document, sort_keys=False, width=_LINE_WIDTH)
