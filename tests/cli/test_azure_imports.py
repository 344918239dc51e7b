"""No command on Azure imports the simulator or the tools of this repository's developers.

Each command runs in a process of its own, with programs in place of Pulumi and the Azure CLI.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from support.repository import ROOT

PULUMI = """#!/bin/sh
case "$*" in
    version) echo v3.300.0 ;;
    *"stack export"*) cat "$STATE" ;;
    *"stack output"*) echo '{"readme": "# Stack ${outputs.name}", "name": "it"}' ;;
    *"config get"*) echo 11111111-1111-4111-8111-111111111111 ;;
    *whoami*) echo '{"url": "azblob://state", "user": "me"}' ;;
    *"plugin ls"*) echo '[]' ;;
    *preview*) echo '{"steps": []}' ;;
esac
"""

RUN = """
import json, runpy, sys
module, report, *arguments = sys.argv[1:]
sys.argv = [module, *arguments]
status = None
try:
    runpy.run_module(module, run_name="__main__", alter_sys=True)
except SystemExit as end:
    status = end.code
finally:
    with open(report, "w") as file:
        json.dump({"status": status, "modules": sorted(sys.modules)}, file)
"""

NETWORK = "urn:pulumi:dev::aks-network::azure-native:network:VirtualNetwork::network"
STATE = {
    "version": 3,
    "deployment": {
        "resources": [
            {
                "urn": NETWORK,
                "type": "azure-native:network:VirtualNetwork",
                "custom": True,
                "id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network"
                "/virtualNetworks/vnet",
                "inputs": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}},
                "outputs": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}},
            }
        ]
    },
}


@dataclass(frozen=True)
class Ended:
    """A command that has ended: its exit status and the modules that it imported."""

    status: int | None
    modules: set[str]
    output: str

    def of(self, *packages: str) -> set[str]:
        return {name for name in self.modules if name.partition(".")[0] in packages}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in {
        "pulumi": PULUMI,
        "pulumi-language-python": "#!/bin/sh\n",
        "az": "#!/bin/sh\necho '[]'\n",
        "make": "#!/bin/sh\necho '{\"steps\": []}'\n",
    }.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    state = tmp_path / "state.json"
    state.write_text(json.dumps(STATE))
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ARM_", "AZURE_", "PULUMI_", "PYTEST_"))
    }
    return {
        **inherited,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "STATE": str(state),
        "HOME": str(tmp_path),
        # Signing in then fails before any request is sent.
        "ARM_USE_OIDC": "true",
    }


def run(environment: dict[str, str], module: str, *arguments: str) -> Ended:
    report = Path(environment["HOME"], "report.json")
    answer = subprocess.run(
        [sys.executable, "-c", RUN, module, str(report), *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    text = answer.stdout + answer.stderr
    assert "Traceback" not in text, text
    found = json.loads(report.read_text())
    return Ended(found["status"], set(found["modules"]), text)


PINNED = {
    canonicalize_name(found)
    for found in re.findall(
        r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements-azure.txt").read_text(), re.MULTILINE
    )
}
OWNERS = packages_distributions()
AT_EVERY_START = {"_distutils_hack"}
"""setuptools has Python import it."""


def foreign(ended: Ended) -> dict[str, list[str]]:
    """Imported packages that `requirements-azure.txt` does not pin, with who ships them."""
    return {
        package: OWNERS[package]
        for package in {name.partition(".")[0] for name in ended.modules} - AT_EVERY_START
        if package in OWNERS and not {canonicalize_name(one) for one in OWNERS[package]} & PINNED
    }


COMMANDS = {
    "up": ("cli.run", "up"),
    "preview": ("cli.run", "preview"),
    "refresh": ("cli.run", "refresh"),
    "destroy": ("cli.run", "destroy"),
    "destroy in two steps": ("cli.run", "destroy", "--in-two-steps"),
    "outputs": ("cli.run", "outputs"),
    "doctor": ("cli.doctor",),
    "recover": ("cli.recover",),
    "audit": ("cli.audit",),
    "reachability": ("cli.reachability",),
    "diagram": ("cli.diagram", "--mermaid"),
    "readme": ("cli.stack_readme",),
    "changes": ("cli.changes",),
}
STATUSES = {"doctor": 1, "audit": 1, "reachability": 1}
"""Exit statuses other than 0: nobody is signed in, and a network alone is not a secure cluster."""


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_on_azure_imports_no_simulator_and_no_developer_tool(
    name: str, environment: dict[str, str]
):
    module, *arguments = COMMANDS[name]
    ended = run(environment, module, *arguments, "--cloud", "azure", "--stack", "dev")
    assert ended.status in {0, None, STATUSES.get(name)}, ended.output
    assert f"{module}.__main__" in ended.modules or "__main__" in ended.modules
    assert ended.of("simulator", "dev") == set()
    assert {one for one in ended.modules if one.startswith("cli.simulated")} == set()
    assert foreign(ended) == {}


def test_the_address_plan_needs_no_simulator_either(environment: dict[str, str]):
    ended = run(environment, "cli.plan", "--stack", "prod")
    assert ended.status == 0
    assert "Address plan" in ended.output
    assert ended.of("simulator", "dev") == set()


def test_the_check_sees_the_simulator_where_it_is_imported(environment: dict[str, str]):
    """Were nothing ever found, the tests above would prove nothing."""
    ended = run(environment, "cli.doctor", "--cloud", "simulated", "--stack", "dev")
    assert "simulator.azure.cloud" in ended.of("simulator")
    assert "cli.simulated.workspace" in ended.modules
    assert "cryptography" in {name.partition(".")[0] for name in ended.modules}
