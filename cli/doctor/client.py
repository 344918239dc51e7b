"""Questions to Azure that change nothing, and what comes back instead of an answer.

Every request goes through `Answers`, which refuses to send anything but GET and the few POSTs that
only ask. How it is carried to Azure, or to a simulated one, is a `Transport`'s affair.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from cli.doctor.findings import Unanswered
from support import nested

Service = Literal["arm", "graph"]
"""Azure Resource Manager, or Microsoft Graph."""

ASKING = (
    r"/subscriptions/[^/]+/providers/Microsoft\.KeyVault/checkNameAvailability",
    r"/subscriptions/[^/]+/providers/Microsoft\.Storage/checkNameAvailability",
    r"/v1\.0/(me|servicePrincipals/[^/]+)/checkMemberGroups",
)
"""Paths of the POSTs that only ask.

Sources: Microsoft Learn, rest/api/keyvault/keyvault/vaults/check-name-availability,
rest/api/storagerp/storage-accounts/check-name-availability, graph/api/user-checkmembergroups.
"""

_ASKING = re.compile("|".join(ASKING))
_MOST_PAGES = 50


@dataclass(frozen=True)
class Request:
    """A request to be carried; `path` begins with a slash and holds no query."""

    method: Literal["GET", "POST"]
    path: str
    query: Mapping[str, str]
    body: Mapping[str, Any] | None = None
    service: Service = "arm"


@dataclass(frozen=True)
class Response:
    """What came back."""

    status: int
    body: Any = None
    retry_after: str = ""


@dataclass(frozen=True)
class SignIn:
    """Who asks, and where."""

    method: str
    """Such as `Azure CLI` or `OIDC`."""
    tenant: str
    subscription: str
    object_id: str
    is_user: bool
    """A person; otherwise a service principal or managed identity."""


class Transport(Protocol):
    """Carries requests."""

    def sign_in(self) -> SignIn:
        """Who asks. Raises `Unanswered` where nobody is signed in."""
        ...

    def send(self, request: Request) -> Response:
        """The response, whatever its status. Raises `Unanswered` where none comes."""
        ...


@dataclass
class Answers:
    """Asks Azure; the same question is sent once."""

    transport: Transport
    _known: dict[Any, Response] = field(default_factory=dict[Any, Response])
    _locks: dict[Any, threading.Lock] = field(default_factory=dict[Any, threading.Lock])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sign_in(self) -> SignIn:
        """Who asks. Raises `Unanswered` where nobody is signed in."""
        return self.transport.sign_in()

    def get(self, path: str, api: str, **query: str) -> dict[str, Any]:
        """The object at `path` in Azure Resource Manager.

        Raises `Unanswered`, also where there is no such object.
        """
        found = self.find(path, api, **query)
        if found is None:
            raise Unanswered(f"Azure knows no {path}", "look at the subscription above")
        return found

    def find(self, path: str, api: str, **query: str) -> dict[str, Any] | None:
        """The object at `path`, or None where there is none (404)."""
        response = self._once(Request("GET", path, {"api-version": api, **query}))
        return None if response.status == 404 else _body(path, response)  # noqa: PLR2004

    def list(self, path: str, api: str, **query: str) -> list[dict[str, Any]]:
        """All of a list, its further pages included."""
        page = self.get(path, api, **query)
        items: list[dict[str, Any]] = nested.items(page, "value")
        for _ in range(_MOST_PAGES):
            following = page.get("nextLink")
            if not following:
                return items
            page = self._page(str(following))
            items = [*items, *nested.items(page, "value")]
        raise Unanswered(f"{path} has more than {_MOST_PAGES} pages", "look at it in the portal")

    def ask(
        self, path: str, api: str, body: Mapping[str, Any], service: Service = "arm"
    ) -> dict[str, Any]:
        """The answer to a POST that only asks. Raises ValueError for any other."""
        if not _ASKING.fullmatch(path):
            message = f"POST {path} is not among the questions that change nothing"
            raise ValueError(message)
        query = {"api-version": api} if api else {}
        return _body(path, self._once(Request("POST", path, query, body, service)))

    def _page(self, link: str) -> dict[str, Any]:
        """A further page; only the path and the query of its link count, never its host."""
        path, _, text = re.sub(r"^https://[^/]+", "", link).partition("?")
        pairs = (pair.partition("=") for pair in text.split("&") if pair)
        query = {_decoded(name): _decoded(value) for name, _, value in pairs}
        return _body(path, self._once(Request("GET", path, query)))

    def _once(self, request: Request) -> Response:
        body = tuple(sorted((request.body or {}).items(), key=str))
        key = (request.method, request.path, tuple(sorted(request.query.items())), str(body))
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._known:
                self._known[key] = self.transport.send(request)
            return self._known[key]


def _decoded(text: str) -> str:
    from urllib.parse import unquote_plus  # noqa: PLC0415

    return unquote_plus(text)


def _body(path: str, response: Response) -> dict[str, Any]:
    """The body of a good response. Raises `Unanswered` for every other, with what to do."""
    if 200 <= response.status < 300 and isinstance(response.body, dict):  # noqa: PLR2004
        return response.body  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    said = _error(response.body)
    about = f"{path} ({said})" if said else path
    match response.status:
        case 401:
            raise Unanswered(f"Azure did not accept the sign-in for {about}", "sign in again")
        case 403:
            raise Unanswered(
                f"no permission to read {about}",
                "ask for the role Reader there, or have someone who may look run this",
            )
        case 404:
            raise Unanswered(f"Azure knows no {about}", "check the name that leads there")
        case 429:
            wait = f"in {response.retry_after} s" if response.retry_after else "in a few minutes"
            raise Unanswered(f"Azure limits requests: {about}", f"run this again {wait}")
        case status if status >= 500:  # noqa: PLR2004
            raise Unanswered(f"Azure failed with status {status}: {about}", "run this again later")
        case status:
            raise Unanswered(
                f"Azure answered with status {status}: {about}", "look at what it says"
            )


def _error(body: Any) -> str:
    """Azure's own code, from `{"error": {"code": …, "message": …}}`."""
    return nested.text(body, "error", "code")
