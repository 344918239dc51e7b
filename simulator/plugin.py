"""Entry point of both executables: `python -m simulator.plugin azure-native|kubernetes …`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Start the provider that the first argument names; the engine passes the other arguments."""
    # The imports create hundreds of thousands of objects that live on: collecting them is useless.
    gc.disable()
    package = sys.argv.pop(1)
    if package == "azure-native":
        from simulator.azure.provider import AzureNative

        plugin = AzureNative()
    else:
        from simulator.kubernetes.provider import Kubernetes

        plugin = Kubernetes()
    from simulator.server import serve

    gc.freeze()
    gc.enable()
    serve(plugin)


def _run() -> None:
    from simulator.errors import BadSetting

    try:
        main()
    except BadSetting as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    _run()
