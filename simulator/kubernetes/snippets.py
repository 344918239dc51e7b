"""Snippets in the annotations of an Ingress of application routing's NGINX.

An API server accepts any. The controller leaves out an Ingress with a word that the add-on blocks,
so that nothing serves it. Source: Microsoft Learn: azure/aks/app-routing, "Limitations";
Azure/aks-app-routing-operator, pkg/manifests/nginx.go (`annotation-value-word-blocklist`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.azure.cloud import Cloud
from simulator.store import Resource
from support.nested import at, mapping

BLOCKED = (
    "load_module",
    "lua_package",
    "_by_lua",
    "location",
    "root",
    "proxy_pass",
    "serviceaccount",
    "{",
    "}",
    "'",
)
_PREFIX, _SUFFIX = "nginx.ingress.kubernetes.io/", "-snippet"
_DEFAULT_CLASS = "webapprouting.kubernetes.azure.com"


def warnings(cloud: Cloud, cluster: Resource, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Why the add-on does not configure an Ingress; one line for each annotation."""
    if manifest["kind"] != "Ingress":
        return
    if at(manifest, "spec", "ingressClassName") not in _classes(cloud, cluster):
        return
    name = at(manifest, "metadata", "name")
    for key, value in mapping(manifest, "metadata", "annotations").items():
        if not (str(key).startswith(_PREFIX) and str(key).endswith(_SUFFIX)):
            continue
        found = [word for word in BLOCKED if isinstance(value, str) and word in value]
        if found:
            yield (
                f"Ingress {name}: metadata.annotations[{key}]: contains {', '.join(found)}, which"
                " application routing blocks: the Ingress is not configured"
            )


def _classes(cloud: Cloud, cluster: Resource) -> set[str]:
    """The ingress classes of application routing's NGINX in a cluster."""
    return {_DEFAULT_CLASS} | {
        str(at(item.inputs, "spec", "ingressClassName"))
        for item in cloud.store.below(cluster.id)
        if item.inputs.get("kind") == "NginxIngressController"
    }
