"""Stands in for HashiCorp Vault, which the stacks of the tests have as secrets provider.

A passphrase, which the simulated cloud uses otherwise, takes the engine a quarter of a second of
CPU time at each command. The engine asks Vault to decrypt a stack's data key, and encrypts with
that itself.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ADDRESS = "VAULT_SERVER_URL"
"""Variable of the server's address, for the engine."""

SECRETS_PROVIDER = "hashivault://tests"

PREFIX = "vault:v1:"
"""What a key begins with that is encrypted: in the tests it is encoded only."""


class _Handler(BaseHTTPRequestHandler):
    """Vault's secrets engine `transit`: `encrypt` and `decrypt`."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "plaintext" in given:
            answer = {"ciphertext": PREFIX + given["plaintext"]}
        else:
            answer = {"plaintext": given["ciphertext"].removeprefix(PREFIX)}
        text = json.dumps({"data": answer}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's
        """Say nothing."""


@contextmanager
def vault() -> Iterator[str]:
    """The address of a Vault, while the context is open."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
