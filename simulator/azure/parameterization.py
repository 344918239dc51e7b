"""What azure-native is parameterised with: a module of Azure at one of its API versions.

Source: pulumi-azure-native, provider/pkg/provider/provider_parameterize.go. On the command line the
parameter has two arguments, such as `containerservice v20260301`. A program sends the same as JSON
in base64.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.azure import api_versions
from simulator.errors import NotSimulated, Refused

PACKAGE = "azure-native"
_VERSION = re.compile(r"v(\d{4})(\d\d)(\d\d)")


@dataclass(frozen=True)
class Parameter:
    """A module and an API version in the form `v20260301`."""

    module: str
    version: str

    @staticmethod
    def of(given: Sequence[str] | bytes) -> Parameter:
        """Read the arguments, or a program's value; raises `Refused`."""
        if isinstance(given, bytes):
            try:
                parsed = json.loads(base64.b64decode(given, validate=True))
                parameter = Parameter(parsed["module"], parsed["version"])
            except (binascii.Error, ValueError, KeyError, TypeError) as error:
                raise Refused(f"failed to deserialize parameterize args: {error}") from error
        elif len(given) == 2:
            parameter = Parameter(*given)
        else:
            raise Refused(f"expected 2 arguments (module and API version), got {len(given)}")
        parameter._check()
        return parameter

    @property
    def package(self) -> str:
        """Name of the package."""
        return f"{PACKAGE}_{self.module}_{self.version}"

    def _check(self) -> None:
        found = _VERSION.fullmatch(self.version)
        known = api_versions.VERSIONS.get(self.module, {})
        if not found or "-".join(found.groups()) not in known:
            raise NotSimulated(
                f"{self.module} is not simulated at {self.version}. Add what that version adds to"
                " VERSIONS in simulator/azure/api_versions.py.",
            )
