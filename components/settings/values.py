"""The types of the settings' values, each with the rule of Azure or Kubernetes for it."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, cast, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    SecretStr,
    StringConstraints,
)
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict

from components.settings.descriptions import described


class InvalidValueError(ValueError):
    """A value that a validator refuses: the broken rule and the remedy."""

    def __init__(self, rule: str, remedy: str) -> None:
        self.rule = rule
        self.remedy = remedy
        super().__init__(f"{rule}; {remedy}")


class UnreadableSettingError(Exception):
    """A setting without a valid value was read. Its own problem says what is wrong."""


def _describe(schema: JsonDict, model: type[BaseModel]) -> None:
    """Give each property of the JSON schema the whole description of its setting."""
    properties = cast("dict[str, JsonDict]", schema.get("properties", {}))
    for name, field in model.model_fields.items():
        properties[field.alias or name]["description"] = described(field)


class Section(BaseModel):
    """A part of the configuration: immutable, camelCase in the stack file, unknown keys refused."""

    removed: ClassVar[Mapping[str, str]] = {}
    """Why Azure no longer has a setting that the section once had, by its key."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        json_schema_extra=_describe,
    )

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """For the settings that `partial.read_partially` leaves out."""
            if name in type(self).model_fields:
                raise UnreadableSettingError(name)
            return super().__getattr__(name)


def _network(text: str) -> str:
    """An address range such as 10.20.0.0/16."""
    example = "use a range such as 10.20.0.0/16"
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise InvalidValueError("must be an IPv4 range in CIDR notation", example) from None
    if network.version != 4:  # noqa: PLR2004 - the IP version
        raise InvalidValueError("must be an IPv4 range: the program does not support IPv6", example)
    address, slash, length = text.partition("/")
    if length != str(network.prefixlen):
        rule = "must have a prefix length in bits after a slash"
        raise InvalidValueError(rule, f"use {network}" if slash else f"use one such as {text}/24")
    if address != str(network.network_address):
        rule = "must not have host bits: the address lies inside the range"
        raise InvalidValueError(rule, f"use {network}")
    return text


def _address(text: str) -> str:
    """An IPv4 address such as 10.100.0.10."""
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        remedy = "use an address such as 10.100.0.10"
        raise InvalidValueError("must be an IPv4 address", remedy) from None
    return str(address)


def as_list(value: Any) -> Any:
    """Accept a single value for a list of one, as in `addressSpace: 10.20.0.0/16`."""
    if isinstance(value, str | int | float):
        return (value,)
    return tuple(cast("list[Any]", value)) if isinstance(value, list) else value


def _not_empty(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values:
        raise InvalidValueError("must not be empty", "add an entry")
    return values


def _at_most_one(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(values) > 1:
        raise InvalidValueError("must have at most one entry", "remove the others")
    return values


AtMostOne = AfterValidator(_at_most_one)

NotEmpty = AfterValidator(_not_empty)
"""For lists that need an entry. (`min_length` would also report entries that are not valid.)"""


@dataclass(frozen=True)
class Matching:
    """Text that matches the whole `pattern`; the error for any other has `rule` and `remedy`."""

    pattern: re.Pattern[str]
    rule: str
    remedy: str

    def __call__(self, text: str) -> str:
        if not self.pattern.fullmatch(text):
            raise InvalidValueError(self.rule, self.remedy)
        return text


def matching(pattern: str, rule: str, remedy: str) -> AfterValidator:
    """A validator for text that must match `pattern` whole.

    `rule` says what the text must be, and `remedy` what to use instead. Only ASCII digits and word
    characters match, because Azure accepts no others in names.
    """
    return AfterValidator(Matching(re.compile(pattern, re.ASCII), rule, remedy))


Cidr = Annotated[str, AfterValidator(_network)]
"""An IPv4 range without host bits, `10.20.0.0/16`."""

Cidrs = Annotated[tuple[Cidr, ...], BeforeValidator(as_list)]
"""One or several IPv4 ranges; a single one may be written without the list."""

IpAddress = Annotated[str, AfterValidator(_address)]


def _printable(text: str) -> str:
    if not text.isprintable():
        rule = "must not contain characters that do not print, such as line breaks"
        raise InvalidValueError(rule, "remove them")
    return text


TagValue = Annotated[str, StringConstraints(max_length=256), AfterValidator(_printable)]

Text = Annotated[str, StringConstraints(min_length=1, max_length=256), AfterValidator(_printable)]


def holds_secret(annotation: Any) -> bool:
    """Whether a value of this type is a secret, or has one among its parts."""
    return annotation is SecretStr or any(map(holds_secret, get_args(annotation)))


def _not_blank(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value().strip():
        raise InvalidValueError("must not be empty", "set its value with --secret")
    return secret


def _base64(secret: SecretStr) -> SecretStr:
    try:
        base64.b64decode("".join(secret.get_secret_value().split()), validate=True)
    except ValueError:
        remedy = "use the output of `base64 -w0 <file>`"
        raise InvalidValueError("must be a file in base64", remedy) from None
    return secret


Secret = Annotated[SecretStr, AfterValidator(_not_blank)]
"""A secret. No message shows it."""

Base64Secret = Annotated[Secret, AfterValidator(_base64)]
"""A secret file in base64."""

MachineSize = Annotated[
    str,
    matching(
        r"(Standard|Basic)_[A-Z][A-Za-z0-9_-]{1,60}",
        "must be a virtual machine size",
        "use a size such as Standard_D4ds_v5",
    ),
]

ResourceId = Annotated[
    str,
    matching(
        r"/subscriptions/[0-9a-fA-F-]{36}/resourceGroups/[^/]+/providers/[^/]+(/[^/]+/[^/]+)+",
        "must be an Azure resource ID",
        "use an ID such as /subscriptions/…/resourceGroups/…/providers/…",
    ),
]

DdosProtectionPlanId = Annotated[
    str,
    matching(
        r"(?i:/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Network"
        r"/ddosProtectionPlans/[^/]+)",
        "must be the resource ID of a DDoS protection plan",
        "use an ID such as /subscriptions/…/providers/Microsoft.Network/ddosProtectionPlans/<name>",
    ),
]

Guid = Annotated[
    str,
    matching(
        r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
        "must be a GUID",
        "use a GUID such as 7f951dda-4ed3-4680-a7ca-43fe172d538d",
    ),
]

DnsName = Annotated[
    str,
    matching(
        # No top-level domain is a number, and Kubernetes accepts no IP address as a host.
        r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+"
        r"(?![0-9]+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
        "must be a DNS name: two or more labels of up to 63 lower-case letters, digits and hyphens",
        "use a name such as shop.example.com",
    ),
]

KubernetesName = Annotated[
    str,
    matching(
        r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
        "must be a Kubernetes name: at most 63 lower-case letters, digits and hyphens, with a "
        "letter or digit at both ends",
        "use a name such as shop",
    ),
]

Zones = Annotated[
    tuple[
        Annotated[
            str,
            matching(
                r"[123]", 'must be an availability zone: "1", "2" or "3"', "use one of the three"
            ),
        ],
        ...,
    ],
    BeforeValidator(as_list),
]

IngressClassName = Annotated[
    str,
    matching(
        r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*",
        "must be the name of an ingress class: lower-case letters, digits, hyphens and dots",
        "use a name such as publicingress",
    ),
]
