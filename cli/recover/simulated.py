"""Recovery on the simulated cloud."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

from cli.simulated.workspace import SimulatedCloud
from cli.workspace import capture


@dataclass(frozen=True)
class SimulatedAccess:
    """A stack on the simulated cloud."""

    cloud: SimulatedCloud
    stack: str

    def pulumi(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return capture(self.cloud, command, self.stack, "--non-interactive", *arguments)

    def subscription(self) -> str:
        return self.cloud.subscription

    def names(self, group: str, arm_type: str) -> list[str]:
        return self.cloud.names(group, arm_type)
