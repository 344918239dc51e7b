"""Forks a Python process with everything imported for each client: `python -m … <socket>`.

It ends when its standard input is closed. When a client is killed, the server kills the
process that it forked for that client.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import marshal
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

NAMESPACES = (
    "authorization",
    "compute",
    "containerservice",
    "dns",
    "dnsresolver",
    "keyvault",
    "managedidentity",
    "monitor",
    "network",
    "operationalinsights",
    "privatedns",
    "resources",
    "servicenetworking",
    "storage",
)
"""Namespaces of the Azure SDK, which imports each on first access."""


PACKAGES = ("components", "analysis", "cli")


def load() -> None:
    """Import what the program, the providers and the commands import."""
    import pulumi_azure_native  # noqa: PLC0415 - see the module's docstring

    for namespace in NAMESPACES:
        _ = getattr(pulumi_azure_native, namespace).outputs
    for name in ("pulumi_kubernetes", "simulator.server", "simulator.kubernetes.provider"):
        importlib.import_module(name)
    for package in PACKAGES:
        for module in pkgutil.walk_packages([str(Path.cwd() / package)], f"{package}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    caches = importlib.import_module("tests.engine.warm.caches")
    caches.fill()
    caches.omit_what_nobody_reads()


class Server:
    """Forks a process for each client, and tells the client how that process ended."""

    def __init__(self, place: Path) -> None:
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(place))
        self._listening.listen(64)
        self._clients: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._wake, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Serve clients until standard input is closed."""
        for stream in (self._listening, self._wake, sys.stdin):
            self._selector.register(stream, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is sys.stdin:
                    return
                if key.fileobj is self._listening:
                    self._begin(self._listening.accept()[0])
                elif key.fileobj == self._wake:
                    os.read(self._wake, 4096)
                    self._reap()
                else:
                    os.kill(key.data, signal.SIGKILL)
                    self._selector.unregister(key.fileobj)

    def _begin(self, client: socket.socket) -> None:
        length, streams, _, _ = socket.recv_fds(client, 8, 3)
        text = b""
        while len(text) < int.from_bytes(length, "big"):
            text += client.recv(1 << 20)
        process = os.fork()
        if process == 0:
            self._selector.close()
            self._listening.close()
            for other in (client, *self._clients.values()):
                other.close()
            become(marshal.loads(text), streams)  # noqa: S302 - from the client
        for stream in streams:
            os.close(stream)
        self._clients[process] = client
        self._selector.register(client, selectors.EVENT_READ, process)

    def _reap(self) -> None:
        while self._clients:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                return
            client = self._clients.pop(process)
            if client in self._selector.get_map():
                self._selector.unregister(client)
                client.sendall(str(os.waitstatus_to_exitcode(status)).encode())
            client.close()


def become(request: dict[str, Any], streams: list[int]) -> None:
    """Run what the client asks for in this forked process, and end the process."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        for output in (sys.stdout, sys.stderr):
            output.reconfigure(write_through=True)  # pyright: ignore[reportAttributeAccessIssue]
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["directory"])
        sys.executable = request["interpreter"] or sys.executable
        gc.set_threshold(50_000, 50, 50)
        gc.enable()
        status = run(request["arguments"])
        threading._shutdown()  # pyright: ignore[reportAttributeAccessIssue] # as at any end
        atexit._run_exitfuncs()
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001 - the fork must never run the server's loop
        traceback.print_exc()
    finally:
        os._exit(status)


def run(arguments: list[str]) -> int:
    """Run a script, or with `-m` a module, as Python does; returns the exit status."""
    path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[1:1] = [entry for entry in path if entry and entry not in sys.path]
    try:
        if arguments[0] == "-m":
            sys.path[0] = str(Path.cwd())
            sys.argv = arguments[1:]
            sys.modules.pop(arguments[1], None)  # otherwise runpy warns
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            sys.path[0] = str(Path(arguments[0]).parent)
            sys.argv = arguments
            runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    return 0


if __name__ == "__main__":
    gc.disable()
    load()
    gc.freeze()
    server = Server(Path(sys.argv[1]))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    server.serve()
