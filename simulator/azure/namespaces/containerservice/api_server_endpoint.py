"""The private endpoint of a private cluster's API server, which AKS creates among the nodes."""

from __future__ import annotations

from simulator.azure import identifiers
from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.view import view
from simulator.azure.namespaces.network.interfaces import private_address
from simulator.azure.namespaces.network.tokens import INTERFACE
from simulator.store import Resource
from support.nested import at

_NAME = "kube-apiserver"
_ENDPOINT = "network:PrivateEndpoint"


def create(request: Request, group: str) -> None:
    """Create the endpoint and its interface in the node resource group, unless they are there.

    It takes an address of the first pool's node subnet. With API server VNet integration there is
    none. Source: aks/private-clusters, aks/api-server-vnet-integration.
    """
    access = at(request.inputs, "apiServerAccessProfile")
    subnet = next((pool.node_subnet for pool in view(request).pools if pool.node_subnet), None)
    if not at(access, "enablePrivateCluster") or at(access, "enableVnetIntegration"):
        return
    store, provider = request.cloud.store, f"{group}/providers/Microsoft.Network"
    key = f"{provider}/privateEndpoints/{_NAME}"
    if subnet is None or store.get(key) is not None:
        return
    address = private_address(request, subnet)
    nic = f"{provider}/networkInterfaces/{_NAME}.nic.{identifiers.guid(request.id, 'nic')}"
    location = {"location": request.inputs.get("location")}
    connection = {"name": _NAME, "privateLinkServiceId": request.id, "groupIds": ["management"]}
    endpoint = {
        **location,
        "subnet": {"id": subnet},
        "privateLinkServiceConnections": [connection],
    }
    outputs = {**endpoint, "id": key, "name": _NAME, "networkInterfaces": [{"id": nic}]}
    configuration = {"name": _NAME, "subnet": {"id": subnet}, "privateIPAddress": address}
    interface = {**location, "ipConfigurations": [configuration]}
    described = {**interface, "id": nic, "name": nic.rpartition("/")[2]}
    store.put(Resource(key, _ENDPOINT, endpoint, outputs))
    store.put(Resource(nic, INTERFACE, interface, {**described, "privateEndpoint": {"id": key}}))
