"""The programs on this machine, and the Python environment."""

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

from cli import pulumi_cli
from cli.console import Failure
from cli.doctor import sign_in
from cli.doctor.context import Context
from cli.doctor.findings import CheckUnavailable, Finding, failed, ok, warning

PYTHON = (3, 11)
_MAX_SHOWN = 3
"""Packages that a finding names before it counts the rest."""

PACKAGE_SETTINGS = (3, 245, 0)
"""The first Pulumi CLI that gives a parameterised azure-native its settings (pulumi-azure-native
issues 4751, 4755)."""
KUBELOGIN = "https://azure.github.io/kubelogin/install.html"
AZURE_CLI = "https://learn.microsoft.com/cli/azure/install-azure-cli"
PULUMI = "https://www.pulumi.com/docs/install"


def python(context: Context) -> Iterator[Finding]:
    """The interpreter, which also runs the program, is new enough."""
    del context
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON:
        wanted = ".".join(map(str, PYTHON))
        yield failed(
            "Python", f"{found}, but {wanted} or newer is needed", "install a newer Python"
        )
    else:
        yield ok("Python", found)


def packages(context: Context) -> Iterator[Finding]:
    """The installed packages are those that the requirements file pins."""
    name = "Python packages"
    wrong: list[str] = []
    pinned = list(_pinned(context.lock_file))
    for requirement in pinned:
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            wrong.append(f"{requirement.name} is {installed}, not {requirement.specifier}")
    if not wrong:
        yield ok(name, f"the {len(pinned)} of {context.lock_file.name}")
        return
    rest = f" and {len(wrong) - _MAX_SHOWN} more" if len(wrong) > _MAX_SHOWN else ""
    yield failed(
        name,
        f"not those of {context.lock_file.name}: {', '.join(wrong[:_MAX_SHOWN])}{rest}",
        "remove .venv; the next make installs it again",
    )


def _pinned(lock_file: Path) -> Iterator[Requirement]:
    """The requirements of a file that apply to this machine, without their hashes."""
    for line in lock_file.read_text().splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            requirement = Requirement(line.rstrip("\\ "))
            if requirement.marker is None or requirement.marker.evaluate():
                yield requirement


def pulumi(context: Context) -> Iterator[Finding]:
    """`make` has a CLI to use; the check obtains none."""
    del context
    name, wanted = "Pulumi CLI", ".".join(map(str, pulumi_cli.VERSION))
    found = shutil.which("pulumi")
    reason = "none on PATH"
    if found is not None:
        try:
            engine = pulumi_cli.examine(Path(found).parent)
        except Failure as failure:
            reason = str(failure)
        else:
            dotted = ".".join(map(str, engine.version))
            if engine.version >= pulumi_cli.VERSION:
                yield ok(name, f"{dotted} ({found})")
                return
            reason = f"{found} is {dotted}, but {wanted} or newer is needed"
            if engine.version < PACKAGE_SETTINGS:
                reason += (
                    ": before 3.245.0 the provider of an API version's package gets no settings, "
                    "and would use another subscription or sign-in"
                )
    cached = pulumi_cli.cached()
    if cached is not None:
        yield ok(name, f"{wanted}, which make obtained")
    else:
        yield failed(
            name, reason, f"make up CLOUD=simulated obtains {wanted}, or install it: {PULUMI}"
        )


def plugins(context: Context) -> Iterator[Finding]:
    """Pulumi's provider plugins are installed in the versions of the Python packages."""
    if context.simulated:
        yield ok("Provider plugins", "not needed: the simulated cloud has its own")
        return
    result = context.pulumi.run("plugin", "ls", "--json")
    if result.status != 0:
        raise CheckUnavailable(f"pulumi plugin ls: {result.error}", "run it yourself")
    installed = {(item["name"], item["version"]) for item in json.loads(result.stdout)}
    for plugin, package in pulumi_cli.PROVIDER_PACKAGES.items():
        wanted, name = version(package), f"Plugin {plugin}"
        command = f"pulumi plugin install resource {plugin} {wanted}"
        if (plugin, wanted) in installed:
            yield ok(name, wanted)
        elif os.environ.get("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"):
            yield failed(
                name, f"{wanted} is not installed, and Pulumi may not download it", command
            )
        else:
            yield warning(name, f"{wanted} is not installed; the first run downloads it", command)


def azure_cli(context: Context) -> Iterator[Finding]:
    """The Azure CLI is installed, where the stack signs in with it."""
    name = "Azure CLI"
    if context.simulated:
        yield ok(name, "not needed on the simulated cloud")
        return
    users = ["azure-native"] if sign_in.method(context.options).name == sign_in.CLI else []
    kubernetes = context.settings.kubernetes
    if kubernetes.delivery == "apply" and kubernetes.login == "azurecli":
        users.append("kubelogin (kubernetes.login: azurecli)")
    if not users:
        yield ok(name, "not needed: nothing signs in with it")
        return
    output = _output("az", "version", "--output", "json")
    if output is None:
        needed = f"missing, and {' and '.join(users)} sign in with it"
        yield failed(name, needed, f"install it: {AZURE_CLI}")
    else:
        yield ok(name, str(json.loads(output).get("azure-cli", "installed")))


def kubelogin(context: Context) -> Iterator[Finding]:
    """The program kubelogin is installed, where the program applies objects to a cluster."""
    name = "kubelogin"
    if context.simulated:
        yield ok(name, "not needed on the simulated cloud")
    elif context.settings.kubernetes.delivery != "apply":
        delivery = context.settings.kubernetes.delivery
        yield ok(name, f"not needed: kubernetes.delivery is {delivery}")
    elif (output := _output("kubelogin", "--version")) is None:
        yield failed(
            name,
            "missing, and kubernetes.delivery: apply signs in to the cluster with it",
            f"install it ({KUBELOGIN}), or set kubernetes.delivery: render",
        )
    else:
        found = re.search(r"v\d+\.\d+\.\d+", output)
        yield ok(name, found[0] if found else "installed")


def _output(*command: str) -> str | None:
    """The output of a program; None where it is missing or fails."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout if result.returncode == 0 else None
