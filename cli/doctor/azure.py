"""Azure itself: signs in as azure-native would, and carries reading requests.

Credentials are the affair of azure-identity, retries that of urllib3. Both come with
`requirements-azure.txt`, which only `make doctor CLOUD=azure` installs.
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
from cli.doctor.findings import Once, Unanswered
from cli.doctor.sign_in import CERTIFICATE, CLI, DEFAULT, IDENTITY, SECRET, Options, method, missing
from components.settings.stack import CLOUDS

SECONDS = (10, 60)
"""To connect, and to answer: the machine sizes of a region are megabytes."""
RETRIES = 2
LONGEST_WAIT_SECONDS = 20
"""Between two tries, whatever Azure asks for: nobody waits minutes for a check."""

AUDIENCE = "api://AzureADTokenExchange"

HOSTS: dict[Service, str] = {
    "arm": "https://management.azure.com",
    "graph": "https://graph.microsoft.com",
}
"""Of Azure's public cloud."""


class _Token(Protocol):
    @property
    def token(self) -> str: ...


class Credential(Protocol):
    """What azure-identity's credentials have in common."""

    def get_token(self, *scopes: str) -> _Token: ...


class Azure:
    """A transport to Azure, for one stack's settings and this environment."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._tokens: dict[str, str] = {}
        self._lock = threading.Lock()
        self._credential: Credential | None = None
        self._account = Once(self._signed_in)

    def sign_in(self) -> SignIn:
        """Who this is, by the token's own claims."""
        return self._account.get()

    def _signed_in(self) -> SignIn:
        options = self._options
        if options.cloud and options.cloud.lower() not in CLOUDS:
            raise Unanswered(
                f"{options.cloud} is not Azure's public cloud, which this program is for",
                "unset ARM_ENVIRONMENT and AZURE_ENVIRONMENT, or set them to public",
            )
        name = method(options).name
        if lacking := missing(options):
            raise Unanswered(
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
            except Unanswered:
                raise
            except Exception as error:
                # azure-identity raises many kinds; the first line says what to do.
                first = str(error).strip().splitlines() or [type(error).__name__]
                name = method(self._options).name
                raise Unanswered(
                    f"nobody is signed in by {name}: {first[0]}",
                    "az login" if name == CLI else "look at the ARM_ variables",
                ) from error
        return self._tokens[host]

    def send(self, request: Request) -> Response:
        """Carry a request, with a few tries where Azure is busy."""
        import requests  # noqa: PLC0415 - only a check of Azure itself needs it

        self.sign_in()
        with self._lock:
            token = self._token(request.service)
        host = HOSTS[request.service]
        try:
            with _session(host) as session:
                answer = session.request(
                    request.method,
                    host + request.path,
                    params=dict(request.query),
                    json=request.body,
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=SECONDS,
                    allow_redirects=False,
                )
        except requests.Timeout:
            raise Unanswered(
                f"no answer within {SECONDS[1]} s: {request.path}", "run this again"
            ) from None
        except requests.RequestException as error:
            raise Unanswered(
                f"{host} can't be reached: {type(error).__name__}",
                "look at the network and at HTTPS_PROXY",
            ) from error
        try:
            body = answer.json()
        except ValueError:
            body = None
        return Response(answer.status_code, body, answer.headers.get("Retry-After", ""))


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
        retry_after_max=LONGEST_WAIT_SECONDS,
    )
    session.mount(host, HTTPAdapter(max_retries=retry))
    return session


def credential(options: Options) -> Credential:
    """azure-identity's credential for the method that azure-native takes.

    Raises `Unanswered` where azure-identity is missing or a token for OIDC is.
    """
    # It logs what it raises.
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    try:
        from azure import identity  # noqa: PLC0415
    except ImportError:
        raise Unanswered(
            "azure-identity is not installed", "make doctor CLOUD=azure installs it"
        ) from None

    client = {"tenant_id": options.tenant, "client_id": options.client}
    made: Any
    match method(options).name:
        case name if name == DEFAULT:
            made = identity.DefaultAzureCredential()
        case name if name == CERTIFICATE:
            made = identity.CertificateCredential(
                **client,
                certificate_path=options.value(
                    "clientCertificatePath", "ARM_CLIENT_CERTIFICATE_PATH"
                ),
                password=options.value(
                    "clientCertificatePassword", "ARM_CLIENT_CERTIFICATE_PASSWORD"
                ),
            )
        case name if name == SECRET:
            secret = options.value("clientSecret", "ARM_CLIENT_SECRET")
            made = identity.ClientSecretCredential(**client, client_secret=secret)
        case name if name == IDENTITY:
            made = identity.ManagedIdentityCredential(client_id=options.client or None)
        case name if name == CLI:
            made = identity.AzureCliCredential(
                tenant_id=options.tenant, subscription=options.subscription or None
            )
        case _:
            made = identity.ClientAssertionCredential(**client, func=assertion(options))
    return cast("Credential", made)


def assertion(options: Options) -> Callable[[], str]:
    """What gives the token that OIDC trades in: given, in a file, or asked of the CI service."""
    if token := options.value("oidcToken", "ARM_OIDC_TOKEN"):
        return lambda: token
    if file := options.value("oidcTokenFilePath", "ARM_OIDC_TOKEN_FILE_PATH"):
        return lambda: Path(file).read_text().strip()
    url = options.value("oidcRequestUrl", "ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL")
    bearer = options.value(
        "oidcRequestToken", "ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
    )
    if not url or not bearer:
        raise Unanswered(
            "OIDC is on, but there is no token and nobody to ask for one",
            "set ARM_OIDC_TOKEN or ARM_OIDC_TOKEN_FILE_PATH; in GitHub Actions give the job the "
            "permission id-token: write",
        )

    def ask() -> str:
        import requests  # noqa: PLC0415

        audience = options.value("oidcAudience", "ARM_OIDC_AUDIENCE") or AUDIENCE
        answer = requests.get(
            url,
            params={"audience": audience},
            headers={"Authorization": f"Bearer {bearer}", "Accept": "application/json"},
            timeout=SECONDS,
        )
        answer.raise_for_status()
        return str(answer.json()["value"])

    return ask


def _claims(token: str) -> dict[str, Any]:
    """What a token says of its holder. It is Azure's to verify it: here it is only read."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        return {}
    padded = parts[1] + "=" * (-len(parts[1]) % 4)
    return json.loads(base64.urlsafe_b64decode(padded))


def _subscription_of_cli() -> str:
    """The subscription that `az` has selected, which azure-native takes where none is set."""
    command = ["az", "account", "show", "--query", "id", "--output", "tsv"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        answer = None
    if answer is None or answer.returncode != 0 or not answer.stdout.strip():
        raise Unanswered(
            "no subscription is selected",
            "pulumi config set azure-native:subscriptionId <id>, or: az account set "
            "--subscription <id>",
        )
    return answer.stdout.strip()
