"""The transport to Azure: signs in as azure-native does, and sends reading requests.

azure-identity gets the tokens and urllib3 retries. Both are in `requirements-azure.txt`.
"""

from __future__ import annotations

import base64
import json
import logging
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, cast

from cli.doctor.client import Request, Response, Service, SignIn
from cli.doctor.findings import CheckUnavailable, Lazy
from cli.doctor.sign_in import CERTIFICATE, CLI, DEFAULT, IDENTITY, SECRET, Options, method, missing
from components.settings.stack import CLOUDS

SECONDS = (10, 60)
"""To connect, and to answer: the list of a region's machine sizes is megabytes long."""
RETRIES = 2
MAX_WAIT_SECONDS = 20
"""Between two tries, even if Azure asks for more: a check must not take minutes."""

AUDIENCE = "api://AzureADTokenExchange"

HOSTS: dict[Service, str] = {
    "arm": "https://management.azure.com",
    "graph": "https://graph.microsoft.com",
    "vault": "https://vault.azure.net",
}
"""The hosts of Azure's public cloud, which are also the audiences of the tokens.

That of `vault` is an audience only: each key vault has a host of its own.
"""


class _Token(Protocol):
    @property
    def token(self) -> str: ...


class Credential(Protocol):
    """The part of azure-identity's credentials that is used here."""

    def get_token(self, *scopes: str) -> _Token: ...


class Azure:
    """Sends requests to Azure with the sign-in of one stack's settings and this environment."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._tokens: dict[str, str] = {}
        self._lock = threading.Lock()
        self._credential: Credential | None = None
        self._account = Lazy(self._signed_in)

    def sign_in(self) -> SignIn:
        """Who is signed in, from the token's claims."""
        return self._account.get()

    def _signed_in(self) -> SignIn:
        options = self._options
        if options.cloud and options.cloud.lower() not in CLOUDS:
            raise CheckUnavailable(
                f"this program supports only Azure's public cloud, not {options.cloud}",
                "unset ARM_ENVIRONMENT and AZURE_ENVIRONMENT, or set them to public",
            )
        name = method(options).name
        if lacking := missing(options):
            raise CheckUnavailable(
                f"signing in by {name} needs {', '.join(lacking)}", f"set {', '.join(lacking)}"
            )
        claims = _claims(self._token("arm"))
        subscription = options.subscription or _subscription_of_cli()
        return SignIn(
            method=name,
            tenant=str(claims.get("tid", "")),
            subscription=subscription,
            object_id=str(claims.get("oid", "")),
            is_user=claims.get("idtyp") == "user" or ("scp" in claims and "idtyp" not in claims),
        )

    def _token(self, service: Service) -> str:
        host = HOSTS[service]
        if host not in self._tokens:
            try:
                if self._credential is None:
                    self._credential = credential(self._options)
                self._tokens[host] = self._credential.get_token(f"{host}/.default").token
            except CheckUnavailable:
                raise
            except Exception as error:
                # azure-identity raises many types; the first line says what to do.
                lines = str(error).strip().splitlines() or [type(error).__name__]
                name = method(self._options).name
                raise CheckUnavailable(
                    f"signing in by {name} failed: {lines[0]}",
                    "az login" if name == CLI else "check the ARM_ variables",
                ) from error
        return self._tokens[host]

    def send(self, request: Request) -> Response:
        """Send a request, and again a few times where Azure is busy."""
        import requests  # noqa: PLC0415 - only this transport needs it

        self.sign_in()
        with self._lock:
            token = self._token(request.service)
        host = request.host or HOSTS[request.service]
        try:
            with _session(host) as session:
                response = session.request(
                    request.method,
                    host + request.path,
                    params=dict(request.query),
                    json=request.body,
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=SECONDS,
                    allow_redirects=False,
                )
        except requests.Timeout:
            raise CheckUnavailable(
                f"no answer within {SECONDS[1]} s: {request.path}", "run this again"
            ) from None
        except requests.RequestException as error:
            raise CheckUnavailable(
                f"{host} can't be reached: {type(error).__name__}",
                "check the network and HTTPS_PROXY",
            ) from error
        try:
            body = response.json()
        except ValueError:
            body = None
        return Response(response.status_code, body, response.headers.get("Retry-After", ""))


def _session(host: str) -> Any:
    import requests  # noqa: PLC0415
    from requests.adapters import HTTPAdapter  # noqa: PLC0415
    from urllib3.util import Retry  # noqa: PLC0415

    session = requests.Session()
    retry = Retry(
        total=RETRIES,
        backoff_factor=1,
        status_forcelist={429, 500, 502, 503, 504},
        allowed_methods={"GET", "POST"},
        raise_on_status=False,
        retry_after_max=MAX_WAIT_SECONDS,
    )
    session.mount(host, HTTPAdapter(max_retries=retry))
    return session


def credential(options: Options) -> Credential:
    """azure-identity's credential for the method that azure-native uses.

    Raises `CheckUnavailable` where azure-identity or the token for OIDC is missing.
    """
    # azure-identity logs what it raises.
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    try:
        from azure import identity  # noqa: PLC0415
    except ImportError:
        raise CheckUnavailable(
            "azure-identity is not installed", "make doctor CLOUD=azure installs it"
        ) from None

    ids = {"tenant_id": options.tenant, "client_id": options.client}
    result: Any
    match method(options).name:
        case name if name == DEFAULT:
            result = identity.DefaultAzureCredential()
        case name if name == CERTIFICATE:
            result = identity.CertificateCredential(
                **ids,
                certificate_path=options.value(
                    "clientCertificatePath", "ARM_CLIENT_CERTIFICATE_PATH"
                ),
                password=options.value(
                    "clientCertificatePassword", "ARM_CLIENT_CERTIFICATE_PASSWORD"
                ),
            )
        case name if name == SECRET:
            secret = options.value("clientSecret", "ARM_CLIENT_SECRET")
            result = identity.ClientSecretCredential(**ids, client_secret=secret)
        case name if name == IDENTITY:
            result = identity.ManagedIdentityCredential(client_id=options.client or None)
        case name if name == CLI:
            result = identity.AzureCliCredential(
                tenant_id=options.tenant, subscription=options.subscription or None
            )
        case _:
            result = identity.ClientAssertionCredential(**ids, func=assertion(options))
    return cast("Credential", result)


def assertion(options: Options) -> Callable[[], str]:
    """A function that returns the token for OIDC: from a setting, a file or the CI service."""
    if token := options.value("oidcToken", "ARM_OIDC_TOKEN"):
        return lambda: token
    if file := options.value("oidcTokenFilePath", "ARM_OIDC_TOKEN_FILE_PATH"):
        return lambda: Path(file).read_text().strip()
    url = options.value("oidcRequestUrl", "ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL")
    bearer = options.value(
        "oidcRequestToken", "ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
    )
    if not url or not bearer:
        raise CheckUnavailable(
            "OIDC is on, but there is neither a token nor a service that issues one",
            "set ARM_OIDC_TOKEN or ARM_OIDC_TOKEN_FILE_PATH; in GitHub Actions give the job the "
            "permission id-token: write",
        )

    def request() -> str:
        import requests  # noqa: PLC0415

        audience = options.value("oidcAudience", "ARM_OIDC_AUDIENCE") or AUDIENCE
        response = requests.get(
            url,
            params={"audience": audience},
            headers={"Authorization": f"Bearer {bearer}", "Accept": "application/json"},
            timeout=SECONDS,
        )
        response.raise_for_status()
        return str(response.json()["value"])

    return request


def _claims(token: str) -> dict[str, Any]:
    """The claims of a token. They are read only; Azure verifies the token."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        return {}
    padded = parts[1] + "=" * (-len(parts[1]) % 4)
    return json.loads(base64.urlsafe_b64decode(padded))


def _subscription_of_cli() -> str:
    """The subscription that `az` has selected, which azure-native uses where none is set."""
    command = ["az", "account", "show", "--query", "id", "--output", "tsv"]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        result = None
    if result is None or result.returncode != 0 or not result.stdout.strip():
        raise CheckUnavailable(
            "no subscription is selected",
            "pulumi config set azure-native:subscriptionId <id>, or: az account set "
            "--subscription <id>",
        )
    return result.stdout.strip()
