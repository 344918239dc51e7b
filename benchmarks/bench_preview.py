"""What `pulumi preview` takes, whole command: `python -m benchmarks.bench_preview [runs]`.

Each stack against two floors, programs that import the same modules of the SDKs and register
nothing: one with plain imports, one that keeps the garbage collector out of them as the program
does. Runs are interleaved, so that ratios hold where times drift; the first run of each warms up.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import yaml

from tools import engine as engines
from tools.local import PROJECT, ROOT, SimulatedCloud

IMPORTS = """
import pulumi
from pulumi_azure_native import (
    authorization, compute, containerservice, dns, keyvault, managedidentity, network, privatedns,
    resources,
)
import pulumi_kubernetes as kubernetes

for module, name in (
    (authorization, "RoleAssignment"), (compute, "VirtualMachine"),
    (containerservice, "ManagedCluster"), (dns, "Zone"), (keyvault, "Vault"),
    (managedidentity, "UserAssignedIdentity"), (network, "Subnet"), (privatedns, "PrivateZone"),
    (resources, "ResourceGroup"), (kubernetes.core.v1, "Namespace"),
    (kubernetes.networking.v1, "Ingress"), (kubernetes, "Provider"),
):
    getattr(module, name)
"""
WITHOUT_COLLECTOR = f"import gc\ngc.disable()\n{IMPORTS}\ngc.freeze()\ngc.enable()\n"


@dataclass
class Case:
    """A program whose preview is timed."""

    name: str
    cloud: SimulatedCloud
    stack: str
    seconds: list[float] = field(default_factory=list[float])

    def run(self) -> float:
        """Preview once; returns wall-clock seconds. Raises where the engine refuses."""
        command = self.cloud.command("preview", self.stack, "--non-interactive")
        start = time.perf_counter()
        subprocess.run(
            command,
            env=self.cloud.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
        return time.perf_counter() - start


def floor(directory: Path, name: str, program: str) -> Case:
    """A program that registers nothing, in a project of its own."""
    home = directory / name
    home.mkdir()
    (home / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")
    (home / "__main__.py").write_text(program)
    committed = home / "Pulumi.floor.yaml"
    committed.write_text(yaml.safe_dump({"config": {}}))
    cloud = SimulatedCloud(home / "local", engines.obtain(), home)
    cloud.prepare("floor", committed)
    return Case(name, cloud, "floor")


def stack(directory: Path, name: str) -> Case:
    """A stack of the program, not deployed yet, on a cloud of its own."""
    cloud = SimulatedCloud(directory / f"{name}-local", engines.obtain())
    cloud.prepare(name, ROOT / f"Pulumi.{name}.yaml")
    return Case(name, cloud, name)


def main(runs: int) -> None:
    """Time all cases in turns and print a row for each."""
    with tempfile.TemporaryDirectory() as text:
        directory = Path(text)
        cases = [
            floor(directory, "floor, plain imports", IMPORTS),
            floor(directory, "floor, collector kept out", WITHOUT_COLLECTOR),
            stack(directory, "dev"),
            stack(directory, "prod"),
        ]
        for case in cases:
            case.run()
        for _ in range(runs):
            for case in cases:
                case.seconds.append(case.run())
    print(machine())
    print(f"{'pulumi preview of':28} {'min':>6} {'median':>7} {'max':>6} {'of floor':>9}")
    base = statistics.median(cases[0].seconds)
    for case in cases:
        low, high, middle = min(case.seconds), max(case.seconds), statistics.median(case.seconds)
        print(f"{case.name:28} {low:6.2f} {middle:7.2f} {high:6.2f} {middle / base:8.2f}x")


def machine() -> str:
    """The machine and the versions that figures belong to."""
    packages = ("pulumi", "pulumi-azure-native", "pulumi-kubernetes")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {versions}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
