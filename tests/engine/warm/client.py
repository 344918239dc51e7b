"""Has a server fork a Python process with these arguments, and ends as that process ends.

It replaces `python3 pulumi-language-python-exec …` and `python -m simulator.plugin …`. It imports
little, and from the standard library only, because it starts as often as they would.
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


def main() -> int:
    """Run the process; returns its exit status, or ends by the signal that ended it."""
    arguments = sys.argv
    # As in cold processes, a preview has another hash seed than the deployment before it: an order
    # that depends on the seed then shows as a change.
    dry_run = "--dry_run" in arguments and arguments[arguments.index("--dry_run") + 1] == "true"
    server = Path(os.environ[SERVERS], "preview" if dry_run else "deployment")
    request = json.dumps(
        {"arguments": arguments, "environment": dict(os.environ), "directory": str(Path.cwd())}
    ).encode()
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
