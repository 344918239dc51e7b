"""Errors of the simulated cloud."""

from __future__ import annotations

from typing import Any


class BadSetting(Exception):
    """A setting of the simulator, usually an environment variable, has an invalid value."""

    def __init__(self, name: str, value: str, remedy: str) -> None:
        super().__init__(f"{name}: {value!r}: {remedy}")


class Refused(Exception):
    """A simulated service refuses a request, or an operation fails.

    `status` is the HTTP status of the response. It is 0 where the request was accepted and the
    operation failed. `code` is the service's own error code. `retry_after` is the number of seconds
    after which the service asks the client to try again.
    """

    def __init__(
        self, message: str, *, status: int = 0, code: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.retry_after = retry_after

    def __str__(self) -> str:
        if not self.code:
            return self.message
        status = f"Status={self.status} " if self.status else ""
        return f'{status}Code="{self.code}" Message="{self.message}"'


class NotSimulated(Refused):
    """The simulator cannot do what the real service can.

    It has no code, since no service answers this. `message` says what is missing and, where
    possible, how to add it.
    """

    def __str__(self) -> str:
        return f"This is the simulator speaking, not Azure: {self.message}"


class AlreadyExists(Refused):
    """azure-native refuses to create a resource that exists already."""

    def __init__(self, resource_id: str) -> None:
        super().__init__(f'cannot create already existing resource "{resource_id}"')


class AzureError(Refused):
    """A refusal in the form of Azure Resource Manager.

    `code` is Azure's own. `message` is in the simulator's words. `target` is the path of the
    property, with dots and wire names, where Azure names one.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        target: str | None = None,
        *,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, status=status, code=code, retry_after=retry_after)
        self.target = target

    def __str__(self) -> str:
        target = f' Target="{self.target}"' if self.target else ""
        return super().__str__() + target


class KubernetesError(Refused):
    """A Kubernetes API server refuses a request or is unreachable; `reason` as in a Status."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class InitializationFailed(Refused):
    """The resource exists with this id and these outputs, but its operation failed."""

    def __init__(self, cause: Refused, resource_id: str, outputs: dict[str, Any]) -> None:
        super().__init__(str(cause))
        self.id = resource_id
        self.outputs = outputs
