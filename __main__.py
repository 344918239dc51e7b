"""The program: checks a stack's configuration, registers all resources, exports the outputs."""

from __future__ import annotations

import asyncio
import atexit
import gc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Imported modules and registered resources live until the end of the run. Garbage collection would
# find nothing and take two fifths of a preview's time; so would a collection at the end.
gc.disable()
atexit.register(gc.freeze)

import pulumi  # noqa: E402
from pulumi.runtime.config import get_config_env, get_config_secret_keys_env  # noqa: E402

from components.deployment import (  # noqa: E402
    ingress_change,
    local_dns_change,
    nat_gateway_change,
    phases,
    protected_settings,
    sdk,
    stack_outputs,
    windows_pools,
)
from components.deployment.deployment import Deployment  # noqa: E402
from components.deployment.stack_readme import stack_readme  # noqa: E402
from components.network.existing_network import ExistingNetwork, read_existing_networks  # noqa: E402
from components.problems import ConfigurationError  # noqa: E402
from components.settings.load import Configuration, configuration  # noqa: E402


def check_changes(checked: Configuration, last_outputs: Mapping[str, Any]) -> list[str]:
    """Check what changes since the last run; returns warnings.

    Raises ConfigurationError where Azure or the stack's protection would refuse a change, and where
    only a new default of the program would interrupt what runs.
    """
    settings = checked.settings
    problems = [
        *windows_pools.find_conflicts(last_outputs, settings.cluster),
        *local_dns_change.find_conflicts(last_outputs, settings),
        *ingress_change.find_conflicts(last_outputs, settings.ingress),
    ]
    if settings.protect:
        baseline = protected_settings.baseline_of(last_outputs)
        problems += protected_settings.find_protected_changes(baseline, settings, checked.plan)
    if problems:
        raise ConfigurationError(problems)
    return [
        *nat_gateway_change.warnings(last_outputs, settings.network),
        *ingress_change.warnings(last_outputs, settings.ingress),
    ]


async def main() -> None:
    """Check the whole configuration, then register all resources."""
    try:
        checked = configuration(get_config_env(), get_config_secret_keys_env())
        # Before anything is registered: from then on the engine writes the state that this reads.
        last_outputs = stack_outputs.last_outputs()
        phases.check_deletion(checked.settings, last_outputs)
        warnings = [*checked.warnings, *check_changes(checked, last_outputs)]
        existing_network = read_existing_networks(checked.settings, checked.plan)
        phases.check_phase(checked.settings, checked.plan, last_outputs)
    except ConfigurationError as error:
        raise pulumi.RunError(str(error)) from None
    for warning in warnings:
        pulumi.log.warn(warning)
    # The engine starts the provider while the remaining modules are imported.
    sdk.start_provider()
    await asyncio.to_thread(sdk.load)
    outputs = _deploy(checked, existing_network, last_outputs)
    for key, value in outputs.items():
        pulumi.export(key, value)
    gc.freeze()
    gc.enable()


def _deploy(
    checked: Configuration,
    existing_network: ExistingNetwork | None,
    last_outputs: Mapping[str, Any],
) -> dict[str, Any]:
    """Register the resources of the phase, and return the stack's outputs."""
    if checked.settings.phase == "networks":
        return phases.NetworksOnly(checked, existing_network).outputs()
    deployment = Deployment(
        checked, existing_network, last_version=last_outputs.get("kubernetesVersion")
    )
    outputs: dict[str, Any] = {**deployment.outputs()}
    if checked.settings.protect:
        outputs[protected_settings.OUTPUT] = protected_settings.protected_baseline(
            checked.settings, checked.plan
        )
    template = Path(__file__).with_name("Pulumi.README.md").read_text(encoding="utf-8")
    outputs["readme"] = stack_readme(template, outputs, checked)
    return outputs


pulumi.run(main)
