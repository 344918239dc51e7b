"""The refusals of the simulated cloud."""

from __future__ import annotations


class Refused(Exception):
    """What a simulated service answers in place of a result."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class AlreadyExists(Refused):
    """azure-native's refusal to create what is there already."""

    def __init__(self, resource_id: str) -> None:
        super().__init__(f'cannot create already existing resource "{resource_id}"')


class AzureError(Refused):
    """A refusal in the form Azure Resource Manager gives it.

    `status` is the HTTP status, `code` Azure's own error code, `message` in our own words, `target`
    the property meant (wire name, dotted path) where Azure names one.
    """

    def __init__(self, status: int, code: str, message: str, target: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.target = target

    def __str__(self) -> str:
        target = f' Target="{self.target}"' if self.target else ""
        return f'Status={self.status} Code="{self.code}" Message="{self.message}"{target}'


class KubernetesError(Refused):
    """A refusal by, or on the way to, a Kubernetes API server; `reason` as in a Status object."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
