"""azure-native's own behaviour in front of the simulated cloud: names, defaults, diffs, previews."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator import differences
from simulator.azure import arm, outputs, schema
from simulator.azure.catalog import ResourceType
from simulator.azure.cloud import Cloud
from simulator.errors import AzureError
from simulator.operations import operation
from simulator.server import Autonaming, Checked, Difference, State, Urn
from simulator.store import JournalStore
from simulator.wire import Properties, Unknown, has_unknown
from simulator.wire import Path as PropertyPath

_CREATE_BEFORE_DELETE = "__createBeforeDelete"


def state_directory() -> Path:
    """Where the simulated cloud lives: `AZURE_SIM_STATE`, or `.local/azure` of the repository."""
    configured = os.environ.get("AZURE_SIM_STATE")
    return Path(configured) if configured else Path(__file__).parents[2] / ".local" / "azure"


class AzureNative:
    """The provider, one for each process."""

    def __init__(self) -> None:
        self.version = schema.sdk_version()
        self.cloud = Cloud(JournalStore(state_directory()))
        self.location: str | None = None

    def configure(self, settings: dict[str, Any]) -> None:
        self.location = settings.get("location") or os.environ.get("ARM_LOCATION")
        subscription = settings.get("subscriptionId") or os.environ.get("ARM_SUBSCRIPTION_ID")
        tenant = settings.get("tenantId") or os.environ.get("ARM_TENANT_ID")
        self.cloud.subscription = subscription or arm.SUBSCRIPTION
        self.cloud.tenant = tenant or arm.TENANT

    def check(
        self,
        urn: Urn,
        olds: dict[str, Any],
        news: dict[str, Any],
        seed: bytes,
        names: Autonaming | None,
    ) -> Checked:
        kind = self.cloud.type_of(urn.token)
        inputs = dict(news)
        self._apply_defaults(kind, urn, olds, inputs, seed, names)
        shape = kind.shape["inputs"]
        failures = [
            ("", f"{item.path}: {item.reason}{self._hint(item)}")
            for item in schema.problems(kind.module_schema, shape, inputs)
        ]
        return Checked(inputs, failures)

    def _apply_defaults(
        self,
        kind: ResourceType,
        urn: Urn,
        olds: Mapping[str, Any],
        inputs: dict[str, Any],
        seed: bytes,
        names: Autonaming | None,
    ) -> None:
        parameter = kind.name_parameter
        if parameter not in inputs:
            if parameter in olds:
                inputs[parameter] = olds[parameter]
                if olds.get(_CREATE_BEFORE_DELETE):
                    inputs[_CREATE_BEFORE_DELETE] = True
            else:
                name, random = _default_name(kind, urn, seed, names)
                if name:
                    inputs[parameter] = name
                if random:
                    inputs[_CREATE_BEFORE_DELETE] = True
        properties = kind.shape["inputs"]["properties"]
        if "location" in properties and "location" not in inputs:
            location = olds.get("location") or self.location or self._group_location(inputs)
            if location:
                inputs["location"] = location
        inputs.setdefault("azureApiVersion", kind.api)

    def _group_location(self, inputs: Mapping[str, Any]) -> str | None:
        name = inputs.get("resourceGroupName")
        if not isinstance(name, str):
            return None
        group = self.cloud.get(
            f"/subscriptions/{self.cloud.subscription}/resourceGroups/{name}"
        )
        return group.outputs.get("location") if group else None

    @staticmethod
    def _hint(problem: schema.Problem) -> str:
        if problem.path == "location":
            return (
                ". Either set it explicitly or configure it with 'pulumi config set"
                " azure-native:location <value>'."
            )
        return ""

    def diff(
        self, urn: Urn, old_inputs: dict[str, Any], olds: dict[str, Any], news: dict[str, Any]
    ) -> Difference:
        kind = self.cloud.type_of(urn.token)
        replacing = {*kind.path_parameters, *kind.replaces}
        result = Difference()
        for path, change in differences.compare(old_inputs, news):
            if self._same(path, old_inputs, olds, news, change):
                continue
            result.changes[path] = (change, differences.replaces(path, replacing))
        replaced = any(replaces for _, replaces in result.changes.values())
        result.delete_before_replace = replaced and not old_inputs.get(_CREATE_BEFORE_DELETE)
        return result

    @staticmethod
    def _same(
        path: str,
        old_inputs: Mapping[str, Any],
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        change: str,
    ) -> bool:
        """Differences in writing only: a region's form, and a default that is now written out."""
        if path == "azureApiVersion":
            return True
        if path == "location" and change == "update":
            old, new = old_inputs["location"], news["location"]
            return not isinstance(new, Unknown) and arm.same(str(old), str(new))
        if change == "add" and path in news and path in olds:
            return bool(olds[path] == news[path])
        return False

    async def create(self, urn: Urn, inputs: Properties, preview: bool) -> State:
        kind = self.cloud.type_of(urn.token)
        if preview:
            return State("", outputs.preview(kind, inputs.values))
        resource_id = self.cloud.id_of(urn.token, inputs.values)
        resource = await operation(
            "create",
            urn.token,
            resource_id,
            lambda: self.cloud.create(urn.token, _public(inputs.values)),
        )
        return State(resource.id, resource.outputs)

    async def update(
        self, urn: Urn, resource_id: str, olds: Properties, inputs: Properties, preview: bool
    ) -> State:
        kind = self.cloud.type_of(urn.token)
        if preview:
            shown = outputs.preview(kind, inputs.values)
            for name in ("name", "location"):
                if name in olds.values:
                    shown[name] = olds.values[name]
            return State(resource_id, shown)
        resource = await operation(
            "update",
            urn.token,
            resource_id,
            lambda: self.cloud.put(urn.token, _public(inputs.values)),
        )
        return State(resource.id, resource.outputs)

    async def read(
        self, urn: Urn, resource_id: str, olds: Properties, inputs: Properties
    ) -> State | None:
        kind = self.cloud.type_of(urn.token)
        resource = self.cloud.get(resource_id)
        if resource is None:
            return None
        known = inputs.values or {**resource.inputs, **_path_values(kind, resource_id)}
        # What others changed in the cloud shows in the inputs; what only the service set does not.
        for name, value in resource.inputs.items():
            if name in known and not has_unknown(known[name]) and known[name] != value:
                known = {**known, name: value}
        return State(resource.id, resource.outputs, inputs=known)

    async def delete(self, urn: Urn, resource_id: str, olds: Properties) -> None:
        await operation("delete", urn.token, resource_id, lambda: self.cloud.delete(resource_id))

    def invoke(self, token: str, args: dict[str, Any]) -> tuple[dict[str, Any], set[PropertyPath]]:
        if has_unknown(args):
            raise AzureError(400, "InvalidArgument", f"{token}: an argument is not yet known")
        values = self.cloud.invoke(token, args)
        secrets: set[PropertyPath] = {("kubeconfigs",)} if "kubeconfigs" in values else set()
        return values, secrets


def _public(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in inputs.items() if not key.startswith("__")}


def _default_name(
    kind: ResourceType, urn: Urn, seed: bytes, names: Autonaming | None
) -> tuple[str, bool]:
    """(name, whether it is random). A child takes the logical name as it stands."""
    if names is not None and names.mode == 2:
        return "", False
    if names is not None and names.proposed:
        return names.proposed, names.proposed != urn.name
    if kind.naming == "uuid":
        return str(uuid.UUID(bytes=(seed + bytes(16))[:16], version=4)), True
    if kind.naming == "copy":
        return urn.name, False
    return urn.name + arm.digest(seed.hex(), urn.text), True


def _path_values(kind: ResourceType, resource_id: str) -> dict[str, str]:
    """The path parameters that an id holds, for a resource that is imported."""
    template = kind.full_path.strip("/").split("/")
    actual = resource_id.strip("/").split("/")
    if template[0].startswith("{") and template[0] != "{subscriptionId}":
        depth = len(actual) - len(template) + 1
        actual = ["/".join(actual[:depth]), *actual[depth:]]
    return {
        part[1:-1]: value
        for part, value in zip(template, actual, strict=False)
        if part.startswith("{") and part != "{subscriptionId}"
    }
