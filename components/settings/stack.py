"""The whole configuration of a stack, read once from plain data, with every problem at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BaseModel, Field, SecretStr, ValidationError

from components.problems import Problem
from components.settings import explain
from components.settings.cluster import ClusterSettings
from components.settings.ingress import IngressSettings
from components.settings.json_data import parse_json, to_json_data
from components.settings.kubernetes import KubernetesSettings
from components.settings.management import ManagementSettings
from components.settings.network import NetworkSettings
from components.settings.observability import ObservabilitySettings
from components.settings.partial import read_partially
from components.settings.regions import REGIONS
from components.settings.values import (
    InvalidValueError,
    Section,
    TagValue,
    UnreadableSettingError,
    matching,
)

PROJECT = "aks-network"

Stem = Annotated[
    str,
    matching(
        r"[a-z][a-z0-9-]{0,10}[a-z0-9]",
        "must be 2 to 12 lower-case letters, digits and hyphens, starting with a letter and not "
        "ending with a hyphen",
        "use a name such as shop or dev",
    ),
]


TagName = Annotated[
    str,
    matching(
        r"[A-Za-z][A-Za-z0-9._-]{0,127}",
        "must be a tag name that every resource accepts: a letter, then letters, digits, . _ and -",
        "use a name such as cost-center",
    ),
    matching(
        r"(?i)(?!microsoft|azure|windows).*",
        "must not begin with microsoft, azure or windows: Azure reserves these prefixes",
        "use another name",
    ),
]
"""DNS zones accept no other characters, storage accounts no longer names, and Azure reserves the
prefixes ("Use tags to organize your Azure resources", limitations)."""

MOST_TAGS = 13
"""DNS zones have at most 15 tags (same page), and the program adds two to every resource."""


def _few(tags: dict[str, str]) -> dict[str, str]:
    if len(tags) > MOST_TAGS:
        rule = f"must be at most {MOST_TAGS} tags: a DNS zone allows no more beside the program's"
        raise InvalidValueError(rule, f"remove {len(tags) - MOST_TAGS} of the {len(tags)} tags")
    if len({name.lower() for name in tags}) < len(tags):
        rule = "must not have two names that differ only in case: Azure treats them as the same"
        raise InvalidValueError(rule, "remove one of the two")
    return tags


class Basics(Section):
    """The top-level settings that are not objects."""

    workload: Stem
    """The stem of all Azure names, such as shop. Changing it replaces nearly all resources."""
    environment: Stem
    """The name of the environment, such as dev or prod. It is part of all Azure names, and changing
    it replaces nearly all resources."""
    tags: Annotated[dict[TagName, TagValue], AfterValidator(_few)] = Field(default_factory=dict)
    """The tags of every resource that accepts tags, at most 13. The program adds two tags of its
    own."""
    protect: bool = False
    """Whether Pulumi refuses to delete or replace stateful resources: the networks, the cluster,
    the key vault and the gateways."""
    phase: Literal["networks", "all"] = "all"
    """The part of the stack that a run deploys. `networks` deploys only the networks and their
    peerings, so that the owner of another network can create the other side of a peering before
    the cluster needs it. It is not allowed once the cluster exists."""


@dataclass(frozen=True)
class Settings:
    """A stack's configuration, complete and consistent."""

    location: str
    workload: str
    environment: str
    tags: Mapping[str, str]
    protect: bool
    phase: Literal["networks", "all"]
    network: NetworkSettings
    management: ManagementSettings
    cluster: ClusterSettings
    ingress: IngressSettings
    kubernetes: KubernetesSettings
    observability: ObservabilitySettings


SECTIONS = ("network", "management", "cluster", "ingress", "kubernetes", "observability")
"""The configuration's objects by key; every other key is one of `Basics`."""

BASICS = ("workload", "environment", "tags", "protect", "phase")


@dataclass(frozen=True)
class Draft:
    """A configuration as far as it can be read.

    Reading a setting that can't be read raises `values.UnreadableSettingError`.
    """

    location: str
    basics: Basics
    network: NetworkSettings
    management: ManagementSettings
    cluster: ClusterSettings
    ingress: IngressSettings
    kubernetes: KubernetesSettings
    observability: ObservabilitySettings

    def complete(self) -> Settings:
        """The settings, where all of them can be read."""
        return Settings(
            location=self.location,
            workload=self.basics.workload,
            environment=self.basics.environment,
            tags=self.basics.tags,
            protect=self.basics.protect,
            phase=self.basics.phase,
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

    Without problems the draft is complete.
    """

    draft: Draft
    problems: tuple[Problem, ...]


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
    meant = {explain.close_to(key, _KNOWN) for key in own if key not in _KNOWN}
    misspelt = meant - own.keys()  # Their own problems would only repeat the key's.
    # Pulumi.yaml makes what is missing empty.
    basics = {key: _basic(key, own[key]) for key in BASICS if own.get(key, "") != ""}
    data = {
        key: to_json_data(parse_json(own.get(key, {})), f"{PROJECT}:{key}", problems)
        for key in SECTIONS
    }
    data[""] = to_json_data(basics, f"{PROJECT}:", problems)
    sections: dict[str, Any] = {}
    for key, model in MODELS.items():
        if key in misspelt:
            sections[key] = read_partially(model, None)
            continue
        sections[key], found = _section(key, model, data[key])
        repeated = {f"{PROJECT}:{one}" for one in misspelt} | {one.path for one in problems}
        problems.extend(one for one in found if one.path not in repeated)
        if secret_keys is not None and f"{PROJECT}:{key}" not in secret_keys:
            problems.extend(_in_plain_text(f"{PROJECT}:{key}", sections[key]))
    problems.extend(_cloud(config))
    location = _location(config, problems)
    draft = Draft(
        location=location,
        basics=sections[""],
        **{key: sections[key] for key in SECTIONS},
    )
    return Reading(draft, tuple(problems))


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

_WORDS = frozenset({"workload", "environment", "phase"})
"""Settings that are text even where it looks like a number or true."""

CLOUDS = frozenset({"public", "azurecloud"})
"""What azure-native and az call Azure's public cloud."""


def _section(key: str, model: type[BaseModel], data: Any) -> tuple[BaseModel, list[Problem]]:
    """A section as far as it can be read, and what is wrong with its settings."""
    try:
        # JSON mode, so that lists may fill tuples while numbers in quotes are still refused.
        return model.model_validate_json(json.dumps(data)), []
    except ValidationError as error:
        found = list(explain.problems(error, f"{PROJECT}:{key}", model, data))
    return read_partially(model, data), found


def _in_plain_text(prefix: str, section: BaseModel) -> Iterator[Problem]:
    """The secrets of a section that is not encrypted, so that the stack file shows them."""
    for place in secrets(prefix, section):
        rule = "must be encrypted: the stack file has it in plain text"
        remedy = "use a new value, as this one is exposed: pulumi config set --secret --path"
        yield Problem(place, "", rule, f"{remedy} '{place}' …")


def _basic(key: str, value: Any) -> Any:
    """A setting that is no object. Of a number Pulumi hands over the text, and so of true."""
    if key not in _WORDS:
        return parse_json(value)
    return json.dumps(value) if isinstance(value, bool | int | float) else value


def secrets(place: str, value: Any) -> Iterator[str]:
    """The paths of the secrets in settings that begin at `place`."""
    if isinstance(value, SecretStr):
        yield place
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            with suppress(UnreadableSettingError):
                setting = getattr(value, name)
                yield from secrets(explain.path(place, (field.alias or name,)), setting)
    elif isinstance(value, tuple):
        for position, item in enumerate(cast("tuple[Any, ...]", value)):
            yield from secrets(explain.path(place, (position,)), item)


def _unknown(key: str) -> Problem:
    close = explain.close_to(key, _KNOWN)
    remedy = explain.instead_of(close, _KNOWN)
    place = explain.path(f"{PROJECT}:", (key,))
    return Problem(place, "", "is not a setting of this program", remedy)


def _foreign(config: Mapping[str, Any]) -> Iterator[Problem]:
    """Settings of a namespace that is nearly this project's: nobody would ever read them."""
    for key in config:
        namespace, colon, name = key.partition(":")
        if colon and namespace != PROJECT and get_close_matches(namespace, [PROJECT], cutoff=0.8):
            rule = f"must be in the namespace {PROJECT}: nothing reads it in another one"
            yield Problem(explain.shown(key), "", rule, f"use {PROJECT}:{name}")


def _cloud(config: Mapping[str, Any]) -> Iterator[Problem]:
    """Another cloud has other names of private zones, vaults, audiences and regions."""
    key = "azure-native:environment"
    cloud = config.get(key)
    if cloud and str(cloud).lower() not in CLOUDS:
        rule = "must be Azure's public cloud: this program knows the names of no other"
        yield Problem(key, explain.shown(str(cloud)), rule, "use public, or remove it")


def _location(config: Mapping[str, Any], problems: list[Problem]) -> str:
    """The region; empty where it can't be read."""
    key = "azure-native:location"
    location = config.get(key)
    if location is None or not str(location).strip():
        remedy = f"set it: pulumi config set {key} westeurope"
        problems.append(Problem(key, "", "is required", remedy))
        return ""
    # Azure compares regions in lower case and without blanks: "West Europe" is westeurope.
    region = str(location).replace(" ", "").lower()
    if region not in REGIONS:
        rule = "must be the name of a region of Azure's public cloud"
        close = explain.close_to(region, REGIONS)
        listed = "one that `az account list-locations --output table` lists"
        remedy = (
            f"use {close or listed}; add a region that is newer than this program to"
            " components/settings/regions.py"
        )
        problems.append(Problem(key, explain.shown(str(location)), rule, remedy))
        return ""
    return region
