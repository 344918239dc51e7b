"""Has a server fork a Python process with these arguments, and ends as that process ends.

Copies of it stand for Python's interpreter and for the script `pulumi-language-python-exec`. As an
interpreter it runs scripts, and modules with `-m`; anything else, such as `-c`, it leaves to Python
itself. It starts as often as they would. Beside `os` and `sys`, which every Python process has
loaded, it therefore imports only what is part of the interpreter: `signal`, `socket`, `json` and
`pathlib` would take longer than all the rest.
"""

# ruff: noqa: PTH100, PTH109, PTH118, PTH119

from __future__ import annotations

import _signal  # pyright: ignore[reportMissingImports] # not in typeshed
import _socket
import marshal
import os
import sys

SERVERS = "AKS_NETWORK_WARM_PYTHON"
"""Directory of the servers' sockets."""

REAL_SCRIPT = "AKS_NETWORK_WARM_SCRIPT"
"""Path of Pulumi's own `pulumi-language-python-exec`."""


def main() -> int:
    """Run the process; returns its exit status, or ends by the signal that ended it."""
    myself, *arguments = sys.argv
    real_script = os.environ[REAL_SCRIPT]
    script = os.path.basename(real_script)
    interpreter = os.path.abspath(myself)
    if os.path.basename(myself) == script:
        arguments, interpreter = [real_script, *arguments], ""
    elif not arguments or (arguments[0] != "-m" and arguments[0].startswith("-")):
        os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - nothing to quote
    elif os.path.basename(arguments[0]) == script:
        arguments[0] = real_script
    # As in cold processes, a preview has another hash seed than the deployment before it: an order
    # that depends on the seed then shows as a change.
    dry_run = "--dry_run" in arguments and arguments[arguments.index("--dry_run") + 1] == "true"
    server = os.path.join(os.environ[SERVERS], "preview" if dry_run else "deployment")
    request = marshal.dumps(
        {
            "arguments": arguments,
            "interpreter": interpreter,
            "environment": dict(os.environ),
            "directory": os.getcwd(),
        }
    )
    # The process is not its child: an interrupt ends this one, and the server then ends that one.
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    connection = _socket.socket(_socket.AF_UNIX)
    connection.connect(server)
    streams = b"".join(stream.to_bytes(4, sys.byteorder) for stream in (0, 1, 2))
    rights = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)
    connection.sendmsg([len(request).to_bytes(8, "big")], [rights])
    connection.sendall(request)
    status = int(connection.recv(16) or b"1")
    if status < 0:
        os.kill(os.getpid(), -status)
        _signal.pause()
    return status


if __name__ == "__main__":
    sys.exit(main())
