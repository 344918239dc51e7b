"""A client for reading requests to Azure.

`Client` refuses to send anything but GET and the few POSTs that only read. A `Transport` carries
the requests to Azure or to the simulated Azure.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol
from urllib.parse import parse_qsl

from cli.doctor.findings import CheckUnavailable
from support.nested import items, text

Service = Literal["arm", "graph", "vault"]
"""Azure Resource Manager, Microsoft Graph, or the data plane of a key vault."""

READ_ONLY_POSTS = (
    r"/subscriptions/[^/]+/providers/Microsoft\.KeyVault/checkNameAvailability",
    r"/subscriptions/[^/]+/providers/Microsoft\.Storage/checkNameAvailability",
    r"/v1\.0/(me|servicePrincipals/[^/]+)/checkMemberGroups",
)
"""Paths of the POSTs that change nothing.

Sources: Microsoft Learn, rest/api/keyvault/keyvault/vaults/check-name-availability,
rest/api/storagerp/storage-accounts/check-name-availability, graph/api/user-checkmembergroups.
"""

VAULT_API = "7.4"
"""Microsoft Learn: rest/api/keyvault/secrets/get-secret-versions."""

_READ_ONLY_POST = re.compile("|".join(READ_ONLY_POSTS))
_VAULT_HOST = re.compile(r"https://[a-zA-Z0-9-]{3,24}\.vault\.azure\.net")
_MAX_PAGES = 50


@dataclass(frozen=True)
class Request:
    """A request; `path` begins with a slash and has no query."""

    method: Literal["GET", "POST"]
    path: str
    query: Mapping[str, str]
    body: Mapping[str, Any] | None = None
    service: Service = "arm"
    host: str = ""
    """The key vault of a request to `vault`; the other services have one host each."""


@dataclass(frozen=True)
class Response:
    """The response to a request."""

    status: int
    body: Any = None
    retry_after: str = ""


@dataclass(frozen=True)
class SignIn:
    """Who is signed in, and where."""

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
        """Who is signed in. Raises `CheckUnavailable` where nobody is."""
        ...

    def send(self, request: Request) -> Response:
        """The response, whatever its status. Raises `CheckUnavailable` where there is none."""
        ...


@dataclass
class Client:
    """Asks Azure; sends the same request only once."""

    transport: Transport
    _known: dict[Any, Response] = field(default_factory=dict[Any, Response])
    _locks: dict[Any, threading.Lock] = field(default_factory=dict[Any, threading.Lock])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sign_in(self) -> SignIn:
        """Who is signed in. Raises `CheckUnavailable` where nobody is."""
        return self.transport.sign_in()

    def get(self, path: str, api: str, **query: str) -> dict[str, Any]:
        """The object at `path` in Azure Resource Manager.

        Raises `CheckUnavailable`, also where there is no such object.
        """
        found = self.find(path, api, **query)
        if found is None:
            raise CheckUnavailable(f"Azure has no {path}", "check the subscription above")
        return found

    def find(self, path: str, api: str, **query: str) -> dict[str, Any] | None:
        """The object at `path`, or None where there is none (404)."""
        return self._find(Request("GET", path, {"api-version": api, **query}))

    def _find(self, request: Request) -> dict[str, Any] | None:
        response = self._send_once(request)
        return None if response.status == 404 else _body(request, response)  # noqa: PLR2004

    def list(self, path: str, api: str, **query: str) -> list[dict[str, Any]]:
        """The items on all pages of a list."""
        return self._pages(Request("GET", path, {}), self.get(path, api, **query))

    def secret_versions(self, host: str, name: str) -> list[dict[str, Any]]:
        """The versions of a secret in the key vault at `host`, without their values.

        Empty where there is no such secret. Raises `ValueError` for a host that is no key vault,
        because the request carries a token for all key vaults of the user.
        """
        if not _VAULT_HOST.fullmatch(host):
            message = f"{host} is not a key vault"
            raise ValueError(message)
        path, query = f"/secrets/{name}/versions", {"api-version": VAULT_API}
        request = Request("GET", path, query, service="vault", host=host)
        page = self._find(request)
        return [] if page is None else self._pages(request, page)

    def _pages(self, request: Request, page: dict[str, Any]) -> list[dict[str, Any]]:
        """The items on the first page of a list, and on all further ones."""
        found: list[dict[str, Any]] = items(page, "value")
        for _ in range(_MAX_PAGES):
            following = page.get("nextLink")
            if not following:
                return found
            page = self._page(request, str(following))
            found = [*found, *items(page, "value")]
        raise CheckUnavailable(
            f"{request.path} has more than {_MAX_PAGES} pages", "check it in the portal"
        )

    def post(
        self, path: str, api: str, body: Mapping[str, Any], service: Service = "arm"
    ) -> dict[str, Any]:
        """The response to a POST that changes nothing. Raises `ValueError` for any other."""
        if not _READ_ONLY_POST.fullmatch(path):
            message = f"POST {path} is not among the requests that change nothing"
            raise ValueError(message)
        query = {"api-version": api} if api else {}
        request = Request("POST", path, query, body, service)
        return _body(request, self._send_once(request))

    def _page(self, first: Request, link: str) -> dict[str, Any]:
        """The page behind a link; only its path and query are used, never its host."""
        path, _, query_text = re.sub(r"^https://[^/]+", "", link).partition("?")
        query = dict(parse_qsl(query_text, keep_blank_values=True))
        request = replace(first, path=path, query=query)
        return _body(request, self._send_once(request))

    def _send_once(self, request: Request) -> Response:
        body = tuple(sorted((request.body or {}).items(), key=str))
        url = request.host + request.path
        key = (request.method, url, tuple(sorted(request.query.items())), str(body))
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._known:
                self._known[key] = self.transport.send(request)
            return self._known[key]


def _body(request: Request, response: Response) -> dict[str, Any]:
    """The body of a successful response. Raises `CheckUnavailable` for every other response."""
    path = request.host + request.path
    if 200 <= response.status < 300 and isinstance(response.body, dict):  # noqa: PLR2004
        return response.body  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    code = _error(response.body)
    what = f"{path} ({code})" if code else path
    match response.status:
        case 401:
            raise CheckUnavailable(f"Azure did not accept the sign-in for {what}", "sign in again")
        case 403 if request.service == "vault":
            raise CheckUnavailable(
                f"no permission to read {what}",
                "ask for the role Key Vault Reader on the key vault, and run this from a network "
                "that it admits",
            )
        case 403:
            raise CheckUnavailable(
                f"no permission to read {what}",
                "ask for the role Reader there, or let someone with that role run this",
            )
        case 404:
            raise CheckUnavailable(f"Azure has no {what}", "check the setting that names it")
        case 429:
            wait = f"in {response.retry_after} s" if response.retry_after else "in a few minutes"
            raise CheckUnavailable(f"Azure limits requests: {what}", f"run this again {wait}")
        case status if status >= 500:  # noqa: PLR2004
            raise CheckUnavailable(f"Azure failed with status {status}: {what}", "run this later")
        case status:
            raise CheckUnavailable(
                f"Azure answered with status {status}: {what}", "see Azure's error code"
            )


def _error(body: Any) -> str:
    """Azure's error code, from `{"error": {"code": …, "innererror": {"code": …}}}`.

    The inner code, which only key vaults give, says more: `ForbiddenByRbac` under `Forbidden`.
    """
    return text(body, "error", "innererror", "code") or text(body, "error", "code")
