"""The refusals of the simulated cloud."""

from __future__ import annotations

from typing import Any


class BadSetting(Exception):
    """A setting of the simulator, an environment variable, that cannot be used."""

    def __init__(self, name: str, value: str, remedy: str) -> None:
        super().__init__(f"{name}: {value!r}: {remedy}")


class Refused(Exception):
    """What a simulated service answers in place of a result.

    `status` is the HTTP status of the answer, 0 where the refusal is not an answer to a request
    but the result of an operation. `code` is the service's own error code. `retry_after` are the
    seconds after which the service asks to try again.
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
    """What the simulator cannot do although the real service can, or would be asked otherwise.

    It has no code, since no service ever answers so. `message` says what is missing and, where
    there is one, the way on.
    """

    def __str__(self) -> str:
        return f"This is the simulator speaking, not Azure: {self.message}"


class AlreadyExists(Refused):
    """azure-native's refusal to create what is there already."""

    def __init__(self, resource_id: str) -> None:
        super().__init__(f'cannot create already existing resource "{resource_id}"')


class AzureError(Refused):
    """A refusal in the form Azure Resource Manager gives it.

    `code` is Azure's own, `message` in our own words, `target` the property meant (wire name,
    dotted path) where Azure names one.
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
    """A refusal by, or on the way to, a Kubernetes API server; `reason` as in a Status object."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class InitializationFailed(Refused):
    """A resource that is there with this id and these outputs, but whose operation failed."""

    def __init__(self, cause: Refused, resource_id: str, outputs: dict[str, Any]) -> None:
        super().__init__(str(cause))
        self.id = resource_id
        self.outputs = outputs
