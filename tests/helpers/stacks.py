"""The repository's stacks for tests: their configuration completed with throwaway secrets."""

from __future__ import annotations

import copy
import functools
import json
import os
import pickle
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from cli import stack_file
from cli.simulated.fixture import fixture_of, load_fixture
from simulator.azure.cloud import Cloud
from tests.helpers.certificates import PFX
from tests.helpers.mocks import Recording, record
from tests.helpers.once import once

ROOT = Path(__file__).parents[2]
STACKS = ("dev", "prod")


def configuration_of(stack: str) -> dict[str, Any]:
    """A stack file's configuration as plain data, with what is secret or personal made up."""
    config = copy.deepcopy(_file(stack))
    config["aks-network:management"]["jumpBox"]["sshPublicKey"] = "ssh-ed25519 AAAAC3Nza"
    config["aks-network:ingress"]["waf"]["certificate"] = {"pfx": PFX}
    if any(p.get("os") == "Windows" for p in config["aks-network:cluster"]["nodePools"]):
        config["aks-network:cluster"]["windows"] = {"adminPassword": "Throw-away-1"}
    return config


def example(name: str) -> dict[str, Any]:
    """An example's configuration as plain data, with what is secret or personal made up."""
    return copy.deepcopy(stack_file.config_with_placeholders(ROOT / "examples" / f"{name}.yaml"))


def with_dns_servers(name: str, servers: list[str], **network: Any) -> dict[str, Any]:
    """The configuration of an example whose cluster network has these DNS servers."""
    config = example(name)
    config["aks-network:network"] |= {"dnsServers": servers, **network}
    return config


def cloud_of_others(name: str) -> Cloud:
    """A cloud with what other teams have there before the first run of an example."""
    cloud = Cloud()
    load_fixture(cloud, fixture_of(ROOT / "examples" / f"{name}.yaml"))
    return cloud


@functools.cache
def _file(stack: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]


def run_program(
    config: dict[str, Any], *, seed: Path | None = None, cloud: Cloud | None = None
) -> Recording:
    """Run `__main__.py` under mocks with this configuration, in this cloud or an empty one.

    `seed` is a file of what others have in the cloud already, if it exists. `cloud` is that of an
    earlier run.
    """
    updates, cloud = cloud is not None, cloud or Cloud()
    if seed is not None:
        load_fixture(cloud, seed)
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in config.items()}
    environment = {
        "PULUMI_CONFIG": json.dumps(texts),
        # As if what is made up had been set with --secret.
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(config)),
    }
    # The program freezes all objects. Here what each run leaves behind would then stay for good.
    with mock.patch.dict(os.environ, environment), mock.patch("gc.freeze"):
        return record(
            lambda: runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__"),
            cloud=cloud,
            updates=updates,
        )


@functools.cache
def recorded_file(file: Path) -> Recording:
    """What a stack file registers, in the cloud that goes with it; as `recorded`, read-only."""
    return _once(
        file.name,
        lambda: run_program(stack_file.config_with_placeholders(file), seed=fixture_of(file)),
    )


def recorded_example(name: str) -> Recording:
    """What an example registers; read-only, as `recorded`."""
    return recorded_file(ROOT / "examples" / f"{name}.yaml")


@functools.cache
def recorded(stack: str) -> Recording:
    """What a stack registers, run once for all tests; treat it as read-only."""
    return _once(stack, lambda: run_program(configuration_of(stack)))


def _once(name: str, run: Callable[[], Recording]) -> Recording:
    file = once(f"{name}.recording", lambda place: place.write_bytes(pickle.dumps(run())))
    return pickle.loads(file.read_bytes())  # noqa: S301 - written by this test run
