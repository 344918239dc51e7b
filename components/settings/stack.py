"""The whole configuration of a stack, read once from plain data, with every problem at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from components.problems import Problem
from components.settings import explain
from components.settings.cluster import ClusterSettings
from components.settings.ingress import IngressSettings
from components.settings.kubernetes import KubernetesSettings
from components.settings.management import ManagementSettings
from components.settings.network import NetworkSettings
from components.settings.observability import ObservabilitySettings
from components.settings.values import Section, Text, matching

PROJECT = "aks-network"

Model = TypeVar("Model", bound=BaseModel)

Stem = Annotated[
    str,
    matching(
        r"[a-z][a-z0-9-]{0,10}[a-z0-9]",
        "must be 2 to 12 lower-case letters, digits and inner hyphens, a letter first",
    ),
]


def _no_reserved_tags(tags: dict[str, str]) -> dict[str, str]:
    """Azure's own limits on tags: names without certain signs and reserved prefixes."""
    for name in tags:
        if any(sign in name for sign in "<>%&\\?/"):
            message = f"the tag name {name!r} holds one of < > % & \\ ? /"
            raise ValueError(message)
        if name.lower().startswith(("microsoft", "azure", "windows")):
            message = f"the tag name {name!r} begins with a prefix that Azure reserves"
            raise ValueError(message)
    return tags


class Basics(Section):
    """The top-level settings that are not objects of their own."""

    workload: Stem
    environment: Stem
    tags: Annotated[dict[str, Annotated[str, Text]], AfterValidator(_no_reserved_tags)] = Field(
        default_factory=dict
    )
    protect: bool = False


@dataclass(frozen=True)
class Settings:
    """A stack's configuration, complete and consistent."""

    location: str
    workload: str
    environment: str
    tags: Mapping[str, str]
    protect: bool
    network: NetworkSettings
    management: ManagementSettings
    cluster: ClusterSettings
    ingress: IngressSettings
    kubernetes: KubernetesSettings
    observability: ObservabilitySettings


SECTIONS = ("network", "management", "cluster", "ingress", "kubernetes", "observability")
"""The configuration's objects by key; every other key is one of `Basics`."""

BASICS = ("workload", "environment", "tags", "protect")


@dataclass(frozen=True)
class Draft:
    """What could be read of a configuration: parts that are broken are None."""

    location: str | None
    basics: Basics | None
    network: NetworkSettings | None
    management: ManagementSettings | None
    cluster: ClusterSettings | None
    ingress: IngressSettings | None
    kubernetes: KubernetesSettings | None
    observability: ObservabilitySettings | None

    def complete(self) -> Settings | None:
        """The settings, where every part could be read."""
        if (
            self.location is None
            or self.basics is None
            or self.network is None
            or self.management is None
            or self.cluster is None
            or self.ingress is None
            or self.kubernetes is None
            or self.observability is None
        ):
            return None
        return Settings(
            location=self.location,
            workload=self.basics.workload,
            environment=self.basics.environment,
            tags=self.basics.tags,
            protect=self.basics.protect,
            network=self.network,
            management=self.management,
            cluster=self.cluster,
            ingress=self.ingress,
            kubernetes=self.kubernetes,
            observability=self.observability,
        )


def read(config: Mapping[str, Any]) -> tuple[Draft, list[Problem]]:
    """Read a configuration as Pulumi holds it: full keys, objects as JSON text or plain data.

    Never raises for anything a configuration may hold; what is wrong comes back as problems.
    """
    problems: list[Problem] = []
    own = {
        key.removeprefix(f"{PROJECT}:"): value
        for key, value in config.items()
        if key.startswith(f"{PROJECT}:")
    }
    problems.extend(_unknown(key) for key in own if key not in {*BASICS, *SECTIONS})

    def part(model: type[Model], key: str) -> Model | None:
        return _section(model, key, _plain(own.get(key, {}), key), problems)

    basics = {key: _plain(own[key], key) for key in BASICS if key in own}
    draft = Draft(
        location=_location(config, problems),
        basics=_section(Basics, "", basics, problems),
        network=part(NetworkSettings, "network"),
        management=part(ManagementSettings, "management"),
        cluster=part(ClusterSettings, "cluster"),
        ingress=part(IngressSettings, "ingress"),
        kubernetes=part(KubernetesSettings, "kubernetes"),
        observability=part(ObservabilitySettings, "observability"),
    )
    return draft, problems


def _unknown(key: str) -> Problem:
    known = (*BASICS, *SECTIONS)
    close = get_close_matches(key, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"the settings are {', '.join(known)}"
    rule = "is not a setting of this program"
    return Problem(f"{PROJECT}:{key}", "", rule, f"remove it; {hint}")


def _location(config: Mapping[str, Any], problems: list[Problem]) -> str | None:
    key = "azure-native:location"
    location = config.get(key)
    if not isinstance(location, str) or not location.strip():
        remedy = f"name a region, for instance: pulumi config set {key} westeurope"
        problems.append(Problem(key, "", "is missing", remedy))
        return None
    # Azure compares regions in lower case and without blanks: "West Europe" is westeurope.
    return location.replace(" ", "").lower()


def _plain(value: Any, key: str) -> Any:
    """Pulumi hands objects over as JSON text; booleans of Basics as the words true and false."""
    if not isinstance(value, str):
        return value
    if key == "protect" and value in {"true", "false"}:
        return value == "true"
    if key in SECTIONS or key == "tags":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _section(model: type[Model], key: str, data: Any, problems: list[Problem]) -> Model | None:
    try:
        # JSON mode, so that lists may fill tuples while numbers in quotes are still refused.
        return model.model_validate_json(json.dumps(data))
    except ValidationError as error:
        problems.extend(explain.problems(error, f"{PROJECT}:{key}", model))
        return None
