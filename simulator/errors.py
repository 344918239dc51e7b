"""The one error of the simulated cloud."""

from __future__ import annotations


class AzureError(Exception):
    """A refusal in the form Azure Resource Manager gives it.

    `status` is the HTTP status, `code` Azure's own error code, `message` in our own words, `target` the
    property meant (wire name, dotted path) where Azure names one.
    """

    def __init__(self, status: int, code: str, message: str, target: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.target = target

    def __str__(self) -> str:
        target = f' Target="{self.target}"' if self.target else ""
        return f'Status={self.status} Code="{self.code}" Message="{self.message}"{target}'
