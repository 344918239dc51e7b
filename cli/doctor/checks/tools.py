"""Programs on this machine, and the Python environment."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

from cli import pulumi_cli as engines
from cli.console import Failure
from cli.doctor import sign_in
from cli.doctor.context import Subject
from cli.doctor.findings import Finding, Unanswered, failed, ok, warning

PYTHON = (3, 11)
PLUGINS = {"azure-native": "pulumi-azure-native", "kubernetes": "pulumi-kubernetes"}
"""Provider plugins, and the Python packages that ask for the provider of their own version."""

_NAMED = 3
"""Packages that are named before the rest is counted."""

KUBELOGIN = "https://azure.github.io/kubelogin/install.html"
AZURE_CLI = "https://learn.microsoft.com/cli/azure/install-azure-cli"
PULUMI = "https://www.pulumi.com/docs/install"


def python(subject: Subject) -> Iterator[Finding]:
    """The interpreter that runs this, which runs the program, too."""
    del subject
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON:
        wanted = ".".join(map(str, PYTHON))
        yield failed("Python", f"{found}, and {wanted} or newer is needed", "install a newer one")
    else:
        yield ok("Python", found)


def packages(subject: Subject) -> Iterator[Finding]:
    """What is installed is what the lock file pins."""
    name = "Python packages"
    wrong: list[str] = []
    pinned = list(_pinned(subject.lock_file))
    for requirement in pinned:
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            wrong.append(f"{requirement.name} is {installed}, not {requirement.specifier}")
    if not wrong:
        yield ok(name, f"the {len(pinned)} of {subject.lock_file.name}")
        return
    rest = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
    yield failed(
        name,
        f"not those of {subject.lock_file.name}: {', '.join(wrong[:_NAMED])}{rest}",
        "remove .venv; the next make builds it anew",
    )


def _pinned(lock_file: Path) -> Iterator[Requirement]:
    """The requirements of a lock file that count on this machine; hashes are pip's affair."""
    for line in lock_file.read_text().splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            requirement = Requirement(line.rstrip("\\ "))
            if requirement.marker is None or requirement.marker.evaluate():
                yield requirement


def pulumi(subject: Subject) -> Iterator[Finding]:
    """The CLI that `make` would use, without obtaining one."""
    del subject
    name, wanted = "Pulumi CLI", ".".join(map(str, engines.VERSION))
    found = shutil.which("pulumi")
    why = "none on PATH"
    if found is not None:
        try:
            engine = engines.examine(Path(found).parent)
        except Failure as failure:
            why = str(failure)
        else:
            dotted = ".".join(map(str, engine.version))
            if engine.version >= engines.VERSION:
                yield ok(name, f"{dotted} ({found})")
                return
            why = f"{found} is {dotted}, and {wanted} or newer is needed"
    cached = engines.cached()
    if cached is not None:
        yield ok(name, f"{wanted}, obtained by make")
    else:
        yield failed(
            name, why, f"make up CLOUD=simulated obtains {wanted}, or install it: {PULUMI}"
        )


def plugins(subject: Subject) -> Iterator[Finding]:
    """Pulumi's providers, in the versions that the Python packages ask for."""
    if subject.simulated:
        yield ok("Provider plugins", "the simulated Azure stands in for them")
        return
    answer = subject.pulumi.run("plugin", "ls", "--json")
    if answer.status != 0:
        raise Unanswered(f"pulumi plugin ls: {answer.complaint}", "run it yourself")
    installed = {(item["name"], item["version"]) for item in json.loads(answer.stdout)}
    for plugin, package in PLUGINS.items():
        wanted, name = version(package), f"Plugin {plugin}"
        command = f"pulumi plugin install resource {plugin} {wanted}"
        if (plugin, wanted) in installed:
            yield ok(name, wanted)
        elif os.environ.get("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"):
            yield failed(name, f"{wanted} is not installed, and must not be fetched", command)
        else:
            yield warning(name, f"{wanted} is not installed; the first run fetches it", command)


def azure_cli(subject: Subject) -> Iterator[Finding]:
    """Azure CLI, where someone signs in by it."""
    name = "Azure CLI"
    if subject.simulated:
        yield ok(name, "not needed on the simulated cloud")
        return
    users = ["azure-native"] if sign_in.method(subject.options).name == sign_in.CLI else []
    kubernetes = subject.settings.kubernetes
    if kubernetes.delivery == "apply" and kubernetes.login == "azurecli":
        users.append("kubelogin (kubernetes.login: azurecli)")
    if not users:
        yield ok(name, "not needed: nothing signs in by it")
        return
    answer = _output("az", "version", "--output", "json")
    if answer is None:
        who = " and ".join(users)
        yield failed(name, f"missing, and {who} sign in by it", f"install it: {AZURE_CLI}")
    else:
        yield ok(name, str(json.loads(answer).get("azure-cli", "installed")))


def kubelogin(subject: Subject) -> Iterator[Finding]:
    """kubelogin, where objects are applied to a cluster that people sign in to by Entra ID."""
    name = "kubelogin"
    if subject.simulated:
        yield ok(name, "not needed on the simulated cloud")
    elif subject.settings.kubernetes.delivery != "apply":
        delivery = subject.settings.kubernetes.delivery
        yield ok(name, f"not needed: kubernetes.delivery is {delivery}")
    elif (answer := _output("kubelogin", "--version")) is None:
        yield failed(
            name,
            "missing, and kubernetes.delivery: apply signs in to the cluster by it",
            f"install it ({KUBELOGIN}), or set kubernetes.delivery: render",
        )
    else:
        found = re.search(r"v\d+\.\d+\.\d+", answer)
        yield ok(name, found[0] if found else "installed")


def _output(*command: str) -> str | None:
    """What a program prints; None where it is missing or fails."""
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout if answer.returncode == 0 else None
