"""The program: checks a stack's configuration, registers everything, names the outputs."""

from __future__ import annotations

import asyncio
import atexit
import gc
from pathlib import Path
from typing import Any

# What is imported and registered stays to the end: collecting garbage meanwhile takes two fifths of
# a preview's time, in vain, and so would a last collection when the interpreter ends.
gc.disable()
atexit.register(gc.freeze)

import pulumi  # noqa: E402
from pulumi.runtime.config import get_config_env, get_config_secret_keys_env  # noqa: E402

from components.deployment import sdk, stack_outputs  # noqa: E402
from components.deployment.deployment import Deployment  # noqa: E402
from components.deployment.protected_settings import ProtectedBaseline, find_protected_changes, kept  # noqa: E402
from components.deployment.stack_readme import stack_readme  # noqa: E402
from components.network.existing_network import read_existing_networks  # noqa: E402
from components.problems import ConfigurationError  # noqa: E402
from components.settings.load import Configuration, configuration  # noqa: E402


def keep_what_is_protected(checked: Configuration) -> None:
    """Raise ConfigurationError where a protected stack would lose what it was deployed with."""
    if checked.settings.protect:
        before: ProtectedBaseline = stack_outputs.output("kept") or {}
        problems = list(find_protected_changes(before, checked.settings, checked.plan))
        if problems:
            raise ConfigurationError(problems)


async def main() -> None:
    """Check the whole configuration, then register everything."""
    try:
        checked = configuration(get_config_env(), get_config_secret_keys_env())
        keep_what_is_protected(checked)
        existing = read_existing_networks(checked.settings, checked.plan)
    except ConfigurationError as error:
        raise pulumi.RunError(str(error)) from None
    for warning in checked.warnings:
        pulumi.log.warn(warning)
    # The provider starts while the modules are imported that all the rest needs.
    sdk.start_provider()
    await asyncio.to_thread(sdk.load)
    outputs: dict[str, Any] = {**Deployment(checked, existing).outputs()}
    if checked.settings.protect:
        outputs["kept"] = kept(checked.settings, checked.plan)
    template = Path(__file__).with_name("Pulumi.README.md").read_text(encoding="utf-8")
    outputs["readme"] = stack_readme(template, outputs, checked)
    for key, value in outputs.items():
        pulumi.export(key, value)
    gc.freeze()
    gc.enable()


pulumi.run(main)
