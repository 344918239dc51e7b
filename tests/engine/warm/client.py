"""Has a server fork a Python process with these arguments, and ends as that process ends.

Copies of it stand for Python's interpreter and for the script `pulumi-language-python-exec`. As an
interpreter it runs scripts, and modules with `-m`; anything else, such as `-c`, it leaves to Python
itself. It imports little, and from the standard library only, because it starts as often as they
would.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from pathlib import Path

SERVERS = "AKS_NETWORK_WARM_PYTHON"
"""Directory of the servers' sockets."""

REAL_SCRIPT = "AKS_NETWORK_WARM_SCRIPT"
"""Path of Pulumi's own `pulumi-language-python-exec`."""


def main() -> int:
    """Run the process; returns its exit status, or ends by the signal that ended it."""
    myself, *arguments = sys.argv
    real_script = os.environ[REAL_SCRIPT]
    interpreter = str(Path(myself).absolute())
    if Path(myself).name == Path(real_script).name:
        arguments, interpreter = [real_script, *arguments], ""
    elif not arguments or (arguments[0] != "-m" and arguments[0].startswith("-")):
        os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - nothing to quote
    elif Path(arguments[0]).name == Path(real_script).name:
        arguments[0] = real_script
    # As in cold processes, a preview has another hash seed than the deployment before it: an order
    # that depends on the seed then shows as a change.
    dry_run = "--dry_run" in arguments and arguments[arguments.index("--dry_run") + 1] == "true"
    server = Path(os.environ[SERVERS], "preview" if dry_run else "deployment")
    request = json.dumps(
        {
            "arguments": arguments,
            "interpreter": interpreter,
            "environment": dict(os.environ),
            "directory": str(Path.cwd()),
        }
    ).encode()
    # The process is not its child: an interrupt ends this one, and the server then ends that one.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(server))
        socket.send_fds(connection, [len(request).to_bytes(8, "big")], [0, 1, 2])
        connection.sendall(request)
        answer = connection.recv(16)
    status = int(answer or b"1")
    if status < 0:
        os.kill(os.getpid(), -status)
        signal.pause()
    return status


if __name__ == "__main__":
    sys.exit(main())
