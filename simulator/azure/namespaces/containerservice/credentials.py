"""Kubeconfigs of a cluster, as the list…Credentials functions return them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from simulator.azure import identifiers
from simulator.azure.functions import function
from simulator.azure.model import Cloud
from simulator.errors import AzureError
from simulator.store import Resource

# Application id of the AKS Entra server, for which kubelogin requests a token; same in all tenants.
_ENTRA_SERVER = "6dae42f8-4368-4678-94ff-3960e28e3630"


def _cluster(cloud: Cloud, args: Mapping[str, Any]) -> Resource:
    cluster = cloud.get(cloud.id_of("containerservice:ManagedCluster", args))
    if cluster is None:
        raise AzureError(
            404, "ResourceNotFound", f"Managed cluster '{args.get('resourceName')}' does not exist."
        )
    return cluster


def _kubeconfig(cluster: Resource, user: str, login: Mapping[str, Any]) -> dict[str, Any]:
    host = cluster.outputs.get("privateFQDN") or cluster.outputs["fqdn"]
    name = cluster.name
    authority = base64.b64encode(identifiers.guid(cluster.id, "ca").encode()).decode()
    config: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "preferences": {},
        "clusters": [
            {
                "name": name,
                "cluster": {
                    "certificate-authority-data": authority,
                    "server": f"https://{host}:443",
                },
            }
        ],
        "contexts": [{"name": name, "context": {"cluster": name, "user": user}}],
        "users": [{"name": user, "user": dict(login)}],
    }
    # Clients accept JSON, which is valid YAML.
    return {
        "kubeconfigs": [
            {
                "name": "clusterUser",
                "value": base64.b64encode(json.dumps(config, indent=1).encode()).decode(),
            }
        ]
    }


def _certificate_login(cluster: Resource, role: str) -> dict[str, str]:
    token = identifiers.digest(cluster.id, role, "token", length=64)
    blob = base64.b64encode(identifiers.guid(cluster.id, role).encode()).decode()
    return {"client-certificate-data": blob, "client-key-data": blob, "token": token}


def _entra_login(cloud: Cloud) -> dict[str, Any]:
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "kubelogin",
            "args": [
                "get-token",
                "--environment",
                "AzurePublicCloud",
                "--server-id",
                _ENTRA_SERVER,
                "--client-id",
                "80faf920-1908-4b52-b5ef-a8e7bedfc67a",
                "--tenant-id",
                cloud.tenant,
                "--login",
                "devicecode",
            ],
            "env": None,
            "provideClusterInfo": False,
        }
    }


@function("containerservice:listManagedClusterUserCredentials")
def user_credentials(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    """Kubeconfig of a user; with kubelogin if the cluster is integrated with Entra ID."""
    cluster = _cluster(cloud, args)
    name = f"clusterUser_{args.get('resourceGroupName')}_{cluster.name}"
    if cluster.inputs.get("aadProfile"):
        return _kubeconfig(cluster, name, _entra_login(cloud))
    return _kubeconfig(cluster, name, _certificate_login(cluster, "user"))


@function("containerservice:listManagedClusterAdminCredentials")
def admin_credentials(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    """Kubeconfig of the local administrator, if local accounts are enabled."""
    cluster = _cluster(cloud, args)
    if cluster.inputs.get("disableLocalAccounts"):
        raise AzureError(
            400,
            "BadRequest",
            f"Getting static credential is not allowed because managed cluster '{cluster.name}'"
            " is set to disable local accounts.",
        )
    name = f"clusterAdmin_{args.get('resourceGroupName')}_{cluster.name}"
    result = _kubeconfig(cluster, name, _certificate_login(cluster, "admin"))
    result["kubeconfigs"][0]["name"] = "clusterAdmin"
    return result


TYPES = ()
