"""A small, read-only part of Azure's REST API.

    api = RestApi.of(store, Subscription.read())
    status, body = api.answer("GET", "/subscriptions/…/resourceGroups/rg", {"api-version": "…"}, {})

Paths and shapes are those of Microsoft's REST reference; each row of `ROUTES` names its page.
Writes are refused with 405, unknown paths with 404.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.azure import catalog, identifiers, rest_capacity, rest_vault
from simulator.azure.cloud import Cloud
from simulator.azure.namespaces.containerservice import versions
from simulator.azure.namespaces.keyvault import DELETED_VAULT
from simulator.azure.rest_query import RestRequest, RestResponse
from simulator.azure.subscription import Subscription
from simulator.store import MemoryStore, Resource
from support import arm_ids
from support.nested import at


@dataclass(frozen=True)
class RestApi:
    """The read-only REST API of one simulated subscription."""

    cloud: Cloud
    subscription: Subscription

    @classmethod
    def of(cls, store: MemoryStore, subscription: Subscription) -> RestApi:
        """The API of a subscription with the resources in `store`."""
        return cls(Cloud(store), subscription)

    @property
    def object_id(self) -> str:
        """Object id of the caller in the directory."""
        return identifiers.OPERATOR

    def answer(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any]
    ) -> RestResponse:
        """The response to one request."""
        if not query.get("api-version") and not path.startswith("/v1.0/"):
            return _error(400, "MissingApiVersionParameter", "The api-version is missing.")
        matches = ((route, re.fullmatch(route.path, path, re.IGNORECASE)) for route in ROUTES)
        matched = next(((route, match) for route, match in matches if match), None)
        if method != (matched[0].method if matched else "GET"):
            return _error(405, "MethodNotAllowed", f"{method} {path}")
        if matched is None:
            resource = self.cloud.get(path)
            missing = _error(404, "ResourceNotFound", f"{path} does not exist.")
            return missing if resource is None else RestResponse(200, shape(resource))
        route, match = matched
        request = RestRequest(self.cloud, self.subscription, path, match.groupdict(), query, body)
        subscription = request.parts.get("subscription", self.cloud.subscription)
        if not arm_ids.same(subscription, self.cloud.subscription):
            message = f"The subscription {subscription} does not exist."
            return _error(404, "SubscriptionNotFound", message)
        return route.answer(request)


@dataclass(frozen=True)
class Route:
    """A path that has an answer of its own; all other paths are ids of resources."""

    path: str
    """Pattern of the whole path, with the host in front for the data plane of a key vault."""
    answer: Callable[[RestRequest], RestResponse]
    source: str
    """Page of Microsoft's REST reference."""
    method: str = "GET"


_TOP = frozenset(
    {"id", "name", "type", "location", "tags", "sku", "zones", "identity", "etag", "kind"}
)
"""Properties of a resource outside `properties`; azure-native flattens all others."""


_LISTS_OF_RESOURCES = frozenset({"delegations"})
"""Lists of objects that have `properties` of their own, which azure-native flattens, too."""


def _nested(item: dict[str, Any]) -> dict[str, Any]:
    properties = {key: value for key, value in item.items() if key not in _TOP}
    return {**{key: value for key, value in item.items() if key in _TOP}, "properties": properties}


def shape(resource: Resource) -> dict[str, Any]:
    """A resource as the REST API shows it."""
    outputs = {k: v for k, v in resource.outputs.items() if k != "azureApiVersion"}
    top = {key: value for key, value in outputs.items() if key in _TOP}
    others = {
        key: [_nested(item) for item in value] if key in _LISTS_OF_RESOURCES else value
        for key, value in outputs.items()
        if key not in _TOP
    }
    properties = others if set(others) != {"properties"} else others["properties"]
    return {**top, "id": resource.id, "properties": properties}


def _error(status: int, code: str, message: str) -> RestResponse:
    return RestResponse(status, {"error": {"code": code, "message": message}})


def _subscription(request: RestRequest) -> RestResponse:
    identifier = request.cloud.subscription
    return RestResponse(
        200,
        {
            "id": request.path,
            "subscriptionId": identifier,
            "tenantId": request.cloud.tenant,
            "displayName": request.subscription.data["displayName"],
            "state": request.subscription.data["state"],
        },
    )


def _locations(request: RestRequest) -> RestResponse:
    return RestResponse(
        200,
        {
            "value": [
                {
                    "id": f"/subscriptions/{request.cloud.subscription}/locations/{name}",
                    "name": name,
                    "type": "Region",
                    "displayName": row["displayName"],
                    "availabilityZoneMappings": [
                        {"logicalZone": zone, "physicalZone": f"{name}-az{zone}"}
                        for zone in row["zones"]
                    ],
                }
                for name, row in request.subscription.data["regions"].items()
            ]
        },
    )


def _provider(request: RestRequest) -> RestResponse:
    namespace = request.parts["namespace"]
    states: Mapping[str, str] = request.subscription.data["providers"]
    spelled = next((name for name in states if arm_ids.same(name, namespace)), namespace)
    regions = [row["displayName"] for row in request.subscription.data["regions"].values()]
    kinds = [
        kind.partition("/")[2]
        for kind in sorted({row.arm_type for row in catalog.by_token().values()})
        if arm_ids.same(kind.partition("/")[0], namespace)
    ]
    return RestResponse(
        200,
        {
            "id": request.path,
            "namespace": spelled,
            "registrationState": states.get(spelled, "NotRegistered"),
            "resourceTypes": [{"resourceType": kind, "locations": regions} for kind in kinds],
        },
    )


def _feature(request: RestRequest) -> RestResponse:
    name = f"{request.parts['namespace']}/{request.parts['feature']}"
    states: Mapping[str, str] = request.subscription.data["features"]
    state = next((v for k, v in states.items() if arm_ids.same(k, name)), "NotRegistered")
    return RestResponse(200, {"name": name, "properties": {"state": state}, "id": request.path})


def _peerings(request: RestRequest) -> RestResponse:
    if request.cloud.get(request.parts["network"]) is None:
        return _error(404, "ResourceNotFound", f"{request.parts['network']} does not exist.")
    peerings = request.cloud.store.below(request.parts["network"], "network:VirtualNetworkPeering")
    return RestResponse(200, {"value": [shape(item) for item in peerings]})


def _pricing(request: RestRequest) -> RestResponse:
    plans: Mapping[str, str] = request.subscription.data["defenderPlans"]
    plan = request.parts["plan"]
    tier = next((v for k, v in plans.items() if arm_ids.same(k, plan)), "Free")
    return RestResponse(200, {"name": plan, "properties": {"pricingTier": tier}})


def _versions(request: RestRequest) -> RestResponse:
    del request
    official, long_term = "KubernetesOfficial", "AKSLongTermSupport"
    return RestResponse(
        200,
        {
            "values": [
                {
                    "version": version,
                    "capabilities": {
                        "supportPlan": [long_term]
                        if status == "long-term"
                        else [official, long_term]
                    },
                    # The simulated AKS accepts every patch version; these are examples.
                    "patchVersions": {
                        f"{version}.{patch}": {"upgrades": []} for patch in range(10)
                    },
                    "isDefault": version == versions.DEFAULT,
                }
                for version, (status, _) in versions.VERSIONS.items()
            ]
        },
    )


def _permissions(request: RestRequest) -> RestResponse:
    return RestResponse(200, {"value": request.subscription.data["permissions"]})


def _assignments(request: RestRequest) -> RestResponse:
    match = re.search(r"principalId eq '([^']+)'", request.query.get("$filter", ""))
    assignments = [
        shape(item)
        for item in request.cloud.store.of_type("authorization:RoleAssignment")
        if arm_ids.same(str(item.inputs.get("scope")), request.parts["scope"])
        and (match is None or arm_ids.same(str(item.inputs.get("principalId")), match[1]))
    ]
    return RestResponse(200, {"value": assignments})


def _definitions(request: RestRequest) -> RestResponse:
    match = re.fullmatch(r"roleName eq '(.+)'", request.query.get("$filter", ""))
    wanted = match[1].replace("''", "'") if match else None
    definitions = [
        shape(item)
        for item in request.resources("authorization:RoleDefinition")
        if wanted in {None, item.inputs.get("roleName")}
    ]
    return RestResponse(200, {"value": definitions})


def _deleted_vaults(request: RestRequest) -> RestResponse:
    return RestResponse(200, {"value": [shape(item) for item in request.resources(DELETED_VAULT)]})


def _private_zones(request: RestRequest) -> RestResponse:
    prefix = f"/subscriptions/{request.parts['owner']}/".lower()
    zones = request.cloud.store.of_type("privatedns:PrivateZone")
    found = [shape(item) for item in zones if item.id.lower().startswith(prefix)]
    return RestResponse(200, {"value": found})


def _zone_links(request: RestRequest) -> RestResponse:
    zone = request.parts["zone"]
    if not request.cloud.exists(zone):
        return _error(404, "ParentResourceNotFound", f"{zone} does not exist.")
    links = request.cloud.store.below(zone, "privatedns:VirtualNetworkLink")
    return RestResponse(200, {"value": [shape(item) for item in links]})


def _availability(request: RestRequest) -> RestResponse:
    name, kind = str(request.body.get("name")), str(request.body.get("type"))
    namespace = kind.partition("/")[0]
    elsewhere: list[str] = request.subscription.data["takenNames"].get(namespace) or []
    here = [item.name for item in request.cloud.store.all() if _arm_type(item) == kind.lower()]
    if name.lower() in {taken.lower() for taken in (*elsewhere, *here)}:
        message = f"The name {name} is already in use."
        return RestResponse(
            200, {"nameAvailable": False, "reason": "AlreadyExists", "message": message}
        )
    return RestResponse(200, {"nameAvailable": True})


def _arm_type(item: Resource) -> str:
    kind = catalog.by_token().get(item.token)
    return kind.arm_type.lower() if kind else ""


def _dns_label(request: RestRequest) -> RestResponse:
    label = request.query.get("domainNameLabel", "")
    here = [
        str(at(item.inputs, "dnsSettings", "domainNameLabel"))
        for item in request.cloud.store.of_type("network:PublicIPAddress")
    ]
    elsewhere: list[str] = request.subscription.data["takenNames"].get("Microsoft.Network") or []
    return RestResponse(200, {"available": label not in {*here, *elsewhere}})


def _member_groups(request: RestRequest) -> RestResponse:
    groups: list[str] = list(request.body.get("groupIds") or ())
    memberships: Any = request.subscription.data["memberOf"]
    if memberships != "all":
        groups = [group for group in groups if group in memberships]
    return RestResponse(200, {"value": groups})


_SUB = r"/subscriptions/(?P<subscription>[^/]+)"
_HERE = r"/locations/(?P<location>[^/]+)"

ROUTES = (
    Route(_SUB, _subscription, "resources/subscriptions/get"),
    Route(rf"{_SUB}/locations", _locations, "resources/subscriptions/list-locations"),
    Route(
        rf"{_SUB}/providers/Microsoft\.Features/providers/(?P<namespace>[^/]+)/features/(?P<feature>[^/]+)",
        _feature,
        "resources/features/get",
    ),
    Route(
        rf"{_SUB}/providers/Microsoft\.Security/pricings/(?P<plan>[^/]+)",
        _pricing,
        "defenderforcloud/pricings/get",
    ),
    Route(
        rf"{_SUB}/providers/Microsoft\.Compute/skus",
        rest_capacity.skus,
        "compute/resource-skus/list",
    ),
    Route(
        rf"{_SUB}/providers/Microsoft\.Compute{_HERE}/usages",
        rest_capacity.compute_usages,
        "compute/usage/list",
    ),
    Route(
        rf"{_SUB}/providers/Microsoft\.Network{_HERE}/usages",
        rest_capacity.network_usages,
        "virtualnetwork/usages/list",
    ),
    Route(
        rf"{_SUB}/providers/Microsoft\.Network{_HERE}/CheckDnsNameAvailability",
        _dns_label,
        "virtualnetwork/check-dns-name-availability",
    ),
    Route(
        r"(?P<network>/.+/virtualNetworks/[^/]+)/virtualNetworkPeerings",
        _peerings,
        "virtualnetwork/virtual-network-peerings/list",
    ),
    Route(
        rf"{_SUB}/providers/Microsoft\.ContainerService{_HERE}/kubernetesVersions",
        _versions,
        "aks/managed-clusters/list-kubernetes-versions",
    ),
    Route(
        rf"{_SUB}/providers/Microsoft\.KeyVault/deletedVaults",
        _deleted_vaults,
        "keyvault/keyvault/vaults/list-deleted",
    ),
    Route(
        r"/subscriptions/(?P<owner>[^/]+)/providers/Microsoft\.Network/privateDnsZones",
        _private_zones,
        "dns/privatednszones/private-zones/list",
    ),
    Route(
        r"(?P<zone>/subscriptions/.+/privateDnsZones/[^/]+)/virtualNetworkLinks",
        _zone_links,
        "dns/privatednszones/virtual-network-links/list",
    ),
    Route(
        rf"{_SUB}/providers/Microsoft\.(ContainerRegistry|KeyVault|Storage)/checkNameAvailability",
        _availability,
        "keyvault/keyvault/vaults/check-name-availability, storagerp/storage-accounts/"
        "check-name-availability and container-registry/registries/check-name-availability",
        "POST",
    ),
    Route(
        r"(?P<scope>/.+)/providers/Microsoft\.Authorization/permissions",
        _permissions,
        "authorization/permissions",
    ),
    Route(
        r"(?P<scope>/.+)/providers/Microsoft\.Authorization/roleAssignments",
        _assignments,
        "authorization/role-assignments/list-for-scope",
    ),
    Route(
        r"(?P<scope>/.+)/providers/Microsoft\.Authorization/roleDefinitions",
        _definitions,
        "authorization/role-definitions/list",
    ),
    Route(rf"{_SUB}/providers/(?P<namespace>[^/]+)", _provider, "resources/providers/get"),
    Route(
        r"https://(?P<vault>[^./]+)\.vault\.azure\.net/secrets/(?P<secret>[^/]+)/versions",
        rest_vault.secret_versions,
        "keyvault/secrets/get-secret-versions",
    ),
    Route(
        r"/v1\.0/(me|servicePrincipals/[^/]+)/checkMemberGroups",
        _member_groups,
        "graph/api/user-checkmembergroups",
        "POST",
    ),
)
