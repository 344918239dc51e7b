"""Finds the simulated cluster that a kubeconfig refers to, or raises the client's error."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from simulator.errors import KubernetesError
from simulator.store import MemoryStore, Resource


def server_of(kubeconfig: str) -> str:
    """URL of the API server in the current context; `kubeconfig` is its text or a file's path."""
    text = kubeconfig.strip()
    if not text.startswith("{") and "\n" not in text and Path(text).exists():
        text = Path(text).read_text()
    try:
        config: Any = json.loads(text) if text.startswith("{") else _yaml(text)
        current = config.get("current-context")
        context = next(i for i in config["contexts"] if i["name"] == current)["context"]
        cluster = next(i for i in config["clusters"] if i["name"] == context["cluster"])
        return str(cluster["cluster"]["server"])
    except (ValueError, KeyError, StopIteration, TypeError, AttributeError) as error:
        raise KubernetesError(
            "Invalid",
            f"failed to parse kubeconfig data in `kubernetes:config:kubeconfig`: {error!r}",
        ) from error


@cache  # a provider looks its cluster up for every object
def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def find_cluster(store: MemoryStore, kubeconfig: str | None) -> Resource:
    """The cluster that a kubeconfig refers to, if it is reachable from the deployment.

    The host name of a private cluster resolves only inside its networks. The deployment runs there
    if `AZURE_SIM_VANTAGE=inside` is set. Raises `KubernetesError`.
    """
    if not kubeconfig:
        raise _unreachable("http://localhost:8080", "connect: connection refused")
    server = server_of(kubeconfig)
    host = urlsplit(server).hostname or ""
    inside = os.environ.get("AZURE_SIM_VANTAGE") == "inside"
    for item in store.of_type("containerservice:ManagedCluster"):
        private = str(item.outputs.get("privateFQDN", "")).lower() == host
        public = str(item.outputs.get("fqdn", "")).lower() == host
        if private and not inside:
            break
        if public and item.outputs.get("privateFQDN") and not inside:
            raise _unreachable(server, "dial tcp: i/o timeout")
        if private or public:
            return item
    raise _unreachable(server, f"dial tcp: lookup {host}: no such host")


def _unreachable(server: str, cause: str) -> KubernetesError:
    return KubernetesError(
        "Unreachable",
        "configured Kubernetes cluster is unreachable: unable to load schema information from the"
        f' API server: Get "{server}/openapi/v2?timeout=32s": {cause}',
    )
