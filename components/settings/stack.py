"""The whole configuration of a stack, read once from plain data, with every problem at once."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BaseModel, Field, SecretStr, ValidationError

from components.problems import Problem
from components.settings import explain, stand_ins
from components.settings.cluster import ClusterSettings
from components.settings.ingress import IngressSettings
from components.settings.kubernetes import KubernetesSettings
from components.settings.management import ManagementSettings
from components.settings.network import NetworkSettings
from components.settings.observability import ObservabilitySettings
from components.settings.plain import parsed, plain
from components.settings.values import Section, TagValue, matching

PROJECT = "aks-network"

Stem = Annotated[
    str,
    matching(
        r"[a-z][a-z0-9-]{0,10}[a-z0-9]",
        "must be 2 to 12 lower-case letters, digits and inner hyphens, a letter first",
    ),
]


TagName = Annotated[
    str,
    matching(
        r"[A-Za-z][A-Za-z0-9._-]{0,127}",
        "is not a tag name that every resource here takes: a letter, then letters, digits, . _ -",
    ),
    matching(
        r"(?i)(?!microsoft|azure|windows).*",
        "begins with microsoft, azure or windows, all reserved",
    ),
]
"""DNS zones take no other signs and storage accounts no longer names; the prefixes are Azure's
("Use tags to organize your Azure resources", limitations)."""

MOST_TAGS = 13
"""DNS zones take 15 tags (same page), and the program puts two of its own on everything."""


def _few(tags: dict[str, str]) -> dict[str, str]:
    if len(tags) > MOST_TAGS:
        message = f"are {len(tags)}, and at most {MOST_TAGS} fit on every resource here"
        raise ValueError(message)
    if len({name.lower() for name in tags}) < len(tags):
        message = "hold one name in different case, which Azure takes for the same"
        raise ValueError(message)
    return tags


class Basics(Section):
    """The top-level settings that are not objects of their own."""

    workload: Stem
    """Stem of all Azure names."""
    environment: Stem
    """Name of this environment, such as dev or prod; part of all Azure names."""
    tags: Annotated[dict[TagName, TagValue], AfterValidator(_few)] = Field(default_factory=dict)
    """Put on every resource that takes tags, beside two of the program's own."""
    protect: bool = False
    """Refuse to delete or replace what is stateful: networks, cluster, vault, gateways."""


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


@dataclass(frozen=True)
class Reading:
    """What a configuration says, as far as it can be read, and what is wrong in itself.

    `drafts` holds the configuration once; where something in it can't be read, several times, with
    different values standing in for it. `unreadable` holds the paths of what something stands in
    for.
    """

    drafts: tuple[Draft, ...]
    problems: tuple[Problem, ...]
    unreadable: frozenset[str] = frozenset()


def read(config: Mapping[str, Any], secret_keys: Collection[str] | None = None) -> Reading:
    """Read a configuration as Pulumi holds it: full keys, objects as JSON text or plain data.

    `secret_keys` are the keys whose values Pulumi holds encrypted, None if that is not known. Never
    raises for anything a configuration may hold; what is wrong comes back as problems.
    """
    problems = list(_foreign(config))
    own = {
        key.removeprefix(f"{PROJECT}:"): value
        for key, value in config.items()
        if key.startswith(f"{PROJECT}:") or ":" not in key
    }
    problems.extend(_unknown(key) for key in own if key not in _KNOWN)
    data: dict[str, Any] = {
        key: plain(parsed(own.get(key, {})), f"{PROJECT}:{key}", problems) for key in SECTIONS
    }
    # Pulumi.yaml makes what is missing empty.
    basics = {key: _basic(key, own[key]) for key in BASICS if own.get(key, "") != ""}
    data[""] = plain(basics, f"{PROJECT}:", problems)
    parts = {key: _Part.of(key, model, data[key]) for key, model in MODELS.items()}
    for part in parts.values():
        problems.extend(part.problems)
        if secret_keys is not None and part.prefix not in secret_keys:
            problems.extend(part.in_plain_text())
    problems.extend(_cloud(config))
    location = _location(config, problems)
    count = max(len(part.variants) for part in parts.values())
    drafts = tuple(
        Draft(
            location=location,
            basics=parts[""].variant(number),
            network=parts["network"].variant(number),
            management=parts["management"].variant(number),
            cluster=parts["cluster"].variant(number),
            ingress=parts["ingress"].variant(number),
            kubernetes=parts["kubernetes"].variant(number),
            observability=parts["observability"].variant(number),
        )
        for number in range(count)
    )
    unreadable = {path for part in parts.values() for path in part.unreadable}
    return Reading(drafts, tuple(problems), frozenset(unreadable))


_KNOWN = (*BASICS, *SECTIONS)

MODELS: Mapping[str, type[BaseModel]] = {
    "": Basics,
    "network": NetworkSettings,
    "management": ManagementSettings,
    "cluster": ClusterSettings,
    "ingress": IngressSettings,
    "kubernetes": KubernetesSettings,
    "observability": ObservabilitySettings,
}
"""The model of each object of the configuration; of the empty key, that of all other settings."""

_WORDS = frozenset({"workload", "environment"})
"""Settings that are text even where it looks like a number or true."""

CLOUDS = frozenset({"public", "azurecloud"})
"""What azure-native and az call Azure's public cloud."""

_REGION = re.compile(r"[a-z]{4,30}[0-9]?", re.ASCII)


@dataclass(frozen=True)
class _Part:
    """A section as it was read: one variant, or several if something stands in."""

    prefix: str
    variants: tuple[Any, ...]
    problems: tuple[Problem, ...] = ()
    unreadable: frozenset[str] = frozenset()

    def variant(self, number: int) -> Any:
        return self.variants[number % len(self.variants)]

    @classmethod
    def of(cls, key: str, model: type[BaseModel], data: Any) -> _Part:
        prefix = f"{PROJECT}:{key}"
        try:
            # JSON mode, so that lists may fill tuples while numbers in quotes are still refused.
            return cls(prefix, (model.model_validate_json(json.dumps(data)),))
        except ValidationError as error:
            found = tuple(explain.problems(error, prefix, model))
        mended = [stand_ins.mend(model, data, number) for number in range(stand_ins.VARIANTS)]
        unreadable = {
            explain.path(prefix, keys) for one in mended if one for keys in one.unreadable
        }
        sections = tuple(one and one.section for one in mended)
        return cls(prefix, sections, found, frozenset(unreadable))

    def in_plain_text(self) -> Iterator[Problem]:
        """Its secrets, which stand in the stack file for all to read: its key is not encrypted."""
        for place in secrets(self.prefix, self.variants[0]):
            if not any(place.startswith(path) for path in self.unreadable):
                rule = "stands in plain text in the stack file"
                remedy = "replace it, it is known now: pulumi config set --secret --path"
                yield Problem(place, "", rule, f"{remedy} '{place}' …")


def _basic(key: str, value: Any) -> Any:
    """A setting that is no object. Of a number Pulumi hands over the text, and so of true."""
    if key not in _WORDS:
        return parsed(value)
    return json.dumps(value) if isinstance(value, bool | int | float) else value


def secrets(place: str, value: Any) -> Iterator[str]:
    """The paths of the secrets in settings that begin at `place`."""
    if isinstance(value, SecretStr):
        yield place
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from secrets(explain.path(place, (field.alias or name,)), getattr(value, name))
    elif isinstance(value, tuple):
        for position, item in enumerate(cast("tuple[Any, ...]", value)):
            yield from secrets(explain.path(place, (position,)), item)


def _unknown(key: str) -> Problem:
    close = get_close_matches(key, _KNOWN, n=1)
    hint = f"did you mean {close[0]}?" if close else f"the settings are {', '.join(_KNOWN)}"
    place = explain.path(f"{PROJECT}:", (key,))
    return Problem(place, "", "is not a setting of this program", f"remove it; {hint}")


def _foreign(config: Mapping[str, Any]) -> Iterator[Problem]:
    """Settings of a namespace that is nearly this project's: nobody would ever read them."""
    for key in config:
        namespace, colon, name = key.partition(":")
        if colon and namespace != PROJECT and get_close_matches(namespace, [PROJECT], cutoff=0.8):
            rule = f"is no setting of {PROJECT}"
            yield Problem(explain.shown(key), "", rule, f"write {PROJECT}:{name}")


def _cloud(config: Mapping[str, Any]) -> Iterator[Problem]:
    """Another cloud has other names of private zones, vaults, audiences and regions."""
    key = "azure-native:environment"
    cloud = config.get(key)
    if cloud and str(cloud).lower() not in CLOUDS:
        rule = "is a cloud that this program does not know: it is for Azure's public one"
        yield Problem(key, explain.shown(str(cloud)), rule, "remove it, or set it to public")


def _location(config: Mapping[str, Any], problems: list[Problem]) -> str | None:
    key = "azure-native:location"
    location = config.get(key)
    if location is None or not str(location).strip():
        remedy = f"name a region, for instance: pulumi config set {key} westeurope"
        problems.append(Problem(key, "", "is missing", remedy))
        return None
    # Azure compares regions in lower case and without blanks: "West Europe" is westeurope.
    region = str(location).replace(" ", "").lower()
    if not _REGION.fullmatch(region):
        rule = "is not the name of a region"
        remedy = "use one that `az account list-locations --output table` lists"
        problems.append(Problem(key, explain.shown(str(location)), rule, remedy))
        return None
    return region
