"""Asking Azure itself: how it is signed in to, what is sent, and what comes back."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cli.doctor import azure, sign_in
from cli.doctor.azure import Azure
from cli.doctor.client import VAULT_API, Client, Request, Response, SignIn
from cli.doctor.findings import CheckUnavailable
from cli.doctor.sign_in import Options

CLAIMS = {"oid": "me", "tid": "tenant", "idtyp": "user"}


def _token(claims: dict[str, Any]) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"header.{body}.signature"


@dataclass
class Server:
    """An HTTP server that answers in turn, and keeps what it was asked."""

    port: int = 0
    answers: list[tuple[int, dict[str, str], str]] = field(
        default_factory=list[tuple[int, dict[str, str], str]]
    )
    asked: list[tuple[str, str, dict[str, str], str]] = field(
        default_factory=list[tuple[str, str, dict[str, str], str]]
    )
    slow: float = 0


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Stands in for Azure: its address, and a credential that needs no directory."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            state.asked.append((self.command, self.path, dict(self.headers), body))
            time.sleep(state.slow)
            status, headers, text = state.answers.pop(0) if state.answers else (200, {}, "{}")
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()

    class Credential:
        def get_token(self, *scopes: str) -> Any:
            del scopes

            class Token:
                token = _token(CLAIMS)

            return Token()

    here = f"http://127.0.0.1:{state.port}"
    monkeypatch.setattr(azure, "HOSTS", {"arm": here, "graph": here})
    monkeypatch.setattr(azure, "credential", lambda _: Credential())
    monkeypatch.setattr(azure, "MAX_WAIT_SECONDS", 0.05)
    for proxy in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(proxy, raising=False)
    yield state
    http.shutdown()
    http.server_close()
    thread.join()


OPTIONS = Options({"azure-native:subscriptionId": "sub"}, {})


def test_a_question_goes_out_with_token_and_query(server: Server):
    server.answers = [(200, {}, '{"value": [{"name": "a"}]}')]
    rows = Client(Azure(OPTIONS)).list("/subscriptions/sub/x", "2022-01-01", **{"$filter": "a b"})
    assert rows == [{"name": "a"}]
    ((method, path, headers, _),) = server.asked
    assert (method, path) == ("GET", "/subscriptions/sub/x?api-version=2022-01-01&%24filter=a+b")
    assert headers["Authorization"] == f"Bearer {_token(CLAIMS)}"


def test_a_key_vault_gets_a_token_for_key_vaults(server: Server, monkeypatch: pytest.MonkeyPatch):
    scopes: list[str] = []

    class Credential:
        def get_token(self, *given: str) -> Any:
            scopes.extend(given)

            class Token:
                token = _token(CLAIMS)

            return Token()

    monkeypatch.setattr(azure, "credential", lambda _: Credential())
    monkeypatch.setitem(azure.HOSTS, "vault", "https://vault.azure.net")
    here = f"http://127.0.0.1:{server.port}"
    path = "/secrets/myapp/versions"
    Azure(OPTIONS).send(
        Request("GET", path, {"api-version": VAULT_API}, service="vault", host=here)
    )
    assert server.asked[0][1] == f"{path}?api-version={VAULT_API}"
    assert scopes[-1] == "https://vault.azure.net/.default"


def test_one_question_is_sent_once(server: Server):
    client = Client(Azure(OPTIONS))
    for _ in range(3):
        client.get("/subscriptions/sub", "2022-01-01")
    client.get("/subscriptions/sub", "2023-01-01")
    assert len(server.asked) == 2


def test_further_pages_are_asked_of_the_same_host(server: Server):
    link = "https://elsewhere.example/subscriptions/sub/x?api-version=1&$skiptoken=a%2Bb"
    server.answers = [
        (200, {}, json.dumps({"value": [1], "nextLink": link})),
        (200, {}, '{"value": [2]}'),
    ]
    assert Client(Azure(OPTIONS)).list("/subscriptions/sub/x", "1") == [1, 2]
    assert server.asked[1][1] == "/subscriptions/sub/x?api-version=1&%24skiptoken=a%2Bb"


def test_a_question_that_is_posted_carries_its_body(server: Server):
    server.answers = [(200, {}, '{"value": []}')]
    Client(Azure(OPTIONS)).post("/v1.0/me/checkMemberGroups", "", {"groupIds": ["g"]}, "graph")
    method, path, _, body = server.asked[0]
    assert (method, path, json.loads(body)) == (
        "POST",
        "/v1.0/me/checkMemberGroups",
        {"groupIds": ["g"]},
    )


@pytest.mark.parametrize(
    "path",
    [
        "/subscriptions/s/resourceGroups/g",
        "/subscriptions/s/providers/Microsoft.Network/register",
        "/subscriptions/s/providers/Microsoft.KeyVault/checkNameAvailability/more",
        "/subscriptions/s/providers/Microsoft.ContainerService/managedClusters/c/listClusterUserCredential",
        "/v1.0/me/sendMail",
    ],
)
def test_a_post_that_does_more_than_ask_is_not_sent(server: Server, path: str):
    with pytest.raises(ValueError, match="change nothing"):
        Client(Azure(OPTIONS)).post(path, "2022-01-01", {})
    assert not server.asked


def test_azure_being_busy_is_waited_for_but_not_for_long(server: Server):
    busy = (429, {"Retry-After": "3600"}, "{}")
    server.answers = [busy, (200, {}, '{"state": "Enabled"}')]
    assert Client(Azure(OPTIONS)).get("/a", "1") == {"state": "Enabled"}
    server.answers = [busy] * 10
    with pytest.raises(CheckUnavailable) as raised:
        Client(Azure(OPTIONS)).get("/b", "1")
    assert raised.value.remedy == "run this again in 3600 s"
    assert len(server.answers) == 10 - 1 - azure.RETRIES


@pytest.mark.parametrize(
    ("status", "text", "why", "remedy"),
    [
        (401, "", "did not accept", "sign in again"),
        (403, '{"error": {"code": "AuthorizationFailed"}}', "AuthorizationFailed", "Reader"),
        (302, "", "status 302", "error code"),
        (400, '{"error": {"code": "InvalidApiVersion"}}', "InvalidApiVersion", "error code"),
        (500, "oops", "status 500", "later"),
        (200, "<html>a proxy's page</html>", "status 200", "error code"),
        (200, "[1]", "status 200", "error code"),
    ],
)
def test_every_other_answer_says_why_and_what_to_do(
    server: Server, status: int, text: str, why: str, remedy: str
):
    server.answers = [(status, {"Location": "/elsewhere"}, text)] * 3
    with pytest.raises(CheckUnavailable) as raised:
        Client(Azure(OPTIONS)).get("/a", "1")
    assert why in raised.value.reason
    assert remedy in raised.value.remedy
    assert {path for _, path, *_ in server.asked} == {"/a?api-version=1"}


def test_what_does_not_exist_is_none(server: Server):
    server.answers = [(404, {}, '{"error": {"code": "ResourceGroupNotFound"}}')]
    assert Client(Azure(OPTIONS)).find("/a", "1") is None


def test_no_answer_in_time_is_said(server: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(azure, "SECONDS", (1, 0.2))
    monkeypatch.setattr(azure, "RETRIES", 0)
    server.slow = 1
    with pytest.raises(CheckUnavailable, match=r"no answer within|can't be reached"):
        Client(Azure(OPTIONS)).get("/a", "1")


def test_no_way_to_azure_is_said(server: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(azure, "HOSTS", {"arm": "http://127.0.0.1:1", "graph": ""})
    monkeypatch.setattr(azure, "RETRIES", 0)
    with pytest.raises(CheckUnavailable, match="can't be reached") as raised:
        Client(Azure(OPTIONS)).get("/a", "1")
    assert "HTTPS_PROXY" in raised.value.remedy
    assert not server.asked


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("claims", "is_user"),
    [
        ({"idtyp": "user"}, True),
        ({"idtyp": "app"}, False),
        ({"scp": "user_impersonation"}, True),
        ({}, False),
    ],
)
def test_the_token_tells_who_asks(
    claims: dict[str, str],
    is_user: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setitem(CLAIMS, "idtyp", None)
    monkeypatch.delitem(CLAIMS, "idtyp")
    for name, value in claims.items():
        monkeypatch.setitem(CLAIMS, name, value)
    assert Azure(OPTIONS).sign_in() == SignIn("Azure CLI", "tenant", "sub", "me", is_user)


def test_another_cloud_is_not_signed_in_to():
    with pytest.raises(CheckUnavailable, match="only Azure's public cloud, not usgovernment"):
        Azure(Options({}, {"ARM_ENVIRONMENT": "usgovernment"})).sign_in()


# -------------------------------------------------------------------- sign-in

ALL = {"ARM_SUBSCRIPTION_ID": "s", "ARM_TENANT_ID": "t", "ARM_CLIENT_ID": "c"}


@pytest.mark.parametrize(
    ("config", "environment", "name", "missing"),
    [
        ({}, {}, sign_in.CLI, []),
        ({}, {"ARM_USE_MSI": "true"}, sign_in.IDENTITY, ["ARM_SUBSCRIPTION_ID"]),
        (
            {},
            {"ARM_USE_OIDC": "true"},
            sign_in.OIDC,
            ["ARM_SUBSCRIPTION_ID", "ARM_TENANT_ID", "ARM_CLIENT_ID"],
        ),
        ({}, {**ALL, "ARM_USE_OIDC": "true", "ARM_USE_MSI": "true"}, sign_in.OIDC, []),
        ({}, {**ALL, "ARM_USE_OIDC": "true", "ARM_CLIENT_SECRET": "x"}, sign_in.SECRET, []),
        (
            {},
            {**ALL, "ARM_CLIENT_SECRET": "x", "ARM_CLIENT_CERTIFICATE_PATH": "/x"},
            sign_in.CERTIFICATE,
            [],
        ),
        (
            {},
            {**ALL, "ARM_CLIENT_SECRET": "x", "ARM_USE_DEFAULT_AZURE_CREDENTIAL": "true"},
            sign_in.DEFAULT,
            [],
        ),
        ({"azure-native:useOidc": True}, ALL, sign_in.OIDC, []),
        ({"azure-native:useOidc": False}, {"ARM_USE_OIDC": "true"}, sign_in.CLI, []),
        ({"azure-native:tenantId": "t"}, {"ARM_USE_MSI": "1"}, sign_in.CLI, []),
    ],
)
def test_the_method_is_the_one_that_azure_native_takes(
    config: dict[str, Any], environment: dict[str, str], name: str, missing: list[str]
):
    options = Options(config, environment)
    assert sign_in.method(options).name == name
    assert sign_in.missing(options) == missing


def test_a_setting_of_the_stack_comes_before_the_environment():
    options = Options({"azure-native:subscriptionId": "mine"}, ALL)
    assert (options.subscription, options.tenant) == ("mine", "t")


@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        ({}, "AzureCliCredential"),
        ({**ALL, "ARM_CLIENT_SECRET": "x"}, "ClientSecretCredential"),
        ({**ALL, "ARM_USE_OIDC": "true", "ARM_OIDC_TOKEN": "x"}, "ClientAssertionCredential"),
        ({**ALL, "ARM_USE_MSI": "true"}, "ManagedIdentityCredential"),
        ({**ALL, "ARM_USE_DEFAULT_AZURE_CREDENTIAL": "true"}, "DefaultAzureCredential"),
    ],
)
def test_each_method_has_its_credential(environment: dict[str, str], kind: str):
    environment = {
        name: "11111111-1111-4111-8111-111111111111" if name.endswith("_ID") else value
        for name, value in environment.items()
    }
    made: Any = azure.credential(Options({}, environment))
    assert type(made).__name__ == kind
    made.close()


def test_the_token_of_oidc_comes_from_where_it_is(server: Server, tmp_path: Path):
    file = tmp_path / "token"
    file.write_text("from-file\n")
    given = Options({}, {"ARM_OIDC_TOKEN": "given", "ARM_OIDC_TOKEN_FILE_PATH": str(file)})
    assert azure.assertion(given)() == "given"
    assert azure.assertion(Options({}, {"ARM_OIDC_TOKEN_FILE_PATH": str(file)}))() == "from-file"
    server.answers = [(200, {}, '{"value": "from-ci"}')]
    ci = {
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:{server.port}/token?v=1",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "bearer",
    }
    assert azure.assertion(Options({}, ci))() == "from-ci"
    assert server.asked[0][1] == "/token?v=1&audience=api%3A%2F%2FAzureADTokenExchange"
    with pytest.raises(CheckUnavailable, match="neither a token"):
        azure.assertion(Options({}, {}))


def test_az_is_asked_for_the_subscription_that_nothing_names(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    del server
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CheckUnavailable, match="no subscription is selected"):
        Azure(Options({}, {})).sign_in()
    az = tmp_path / "az"
    az.write_text("#!/bin/sh\necho selected\n")
    az.chmod(0o755)
    assert Azure(Options({}, {})).sign_in().subscription == "selected"


def test_no_more_than_some_pages_are_asked_for():
    class Endless:
        def sign_in(self) -> SignIn:
            raise AssertionError

        def send(self, request: Request) -> Response:
            following = f"/a?page={int(request.query.get('page', 0)) + 1}"
            return Response(200, {"value": [1], "nextLink": following})

    with pytest.raises(CheckUnavailable, match="pages"):
        Client(Endless()).list("/a", "1")
