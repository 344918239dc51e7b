"""Checks of single values for the rules of all kinds: names, labels, ports, CIDR blocks.

They follow k8s.io/apimachinery/pkg/util/validation. Each check yields what is wrong. Unknown values
are valid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from simulator.azure.schema import Problem
from support.nested import at, items, mapping

Problems = Iterator[Problem]

LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
SUBDOMAIN = re.compile(rf"(?=.{{1,253}}$){LABEL}(\.{LABEL})*")
DNS_LABEL = re.compile(rf"(?=.{{1,63}}$){LABEL}")
SERVICE = re.compile(r"(?=.{1,63}$)[a-z]([-a-z0-9]*[a-z0-9])?")
SEGMENT = re.compile(r"(?!\.{1,2}$)[^/%]+")
WILDCARD = re.compile(rf"(?=.{{1,253}}$)\*(\.{LABEL})+")
QUALIFIED = re.compile(r"(?=.{1,63}$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
VALUE = re.compile(r"(?=.{0,63}$)([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
PORT_NAME = re.compile(r"(?=.{1,15}$)(?=.*[a-z])(?!.*--)[a-z0-9]([a-z0-9-]*[a-z0-9])?")

_NOT_IN_PATHS = ("//", "/./", "/../", "%2f", "%2F")
_NOT_AT_THEIR_END = ("/..", "/.")

SUBDOMAIN_DESCRIPTION = (
    "a lower-case DNS subdomain: letters, digits, '-' and '.', such as 'example.com'"
)


def invalid(path: str, value: Any, expected: str) -> Problem:
    """The problem of a value that must be something else."""
    return Problem(path, f"Invalid value: {value!r}: must be {expected}")


def matches(path: str, value: Any, pattern: re.Pattern[str], expected: str) -> Problems:
    """The text must match the whole pattern."""
    if isinstance(value, str) and not pattern.fullmatch(value):
        yield invalid(path, value, expected)


def qualified_name(path: str, key: str) -> Problems:
    """The key must be a name with an optional DNS prefix."""
    prefix, _, name = key.rpartition("/")
    if not QUALIFIED.fullmatch(name) or (prefix and not SUBDOMAIN.fullmatch(prefix)):
        yield invalid(
            path, key, "a name of up to 63 characters, with an optional DNS prefix and '/'"
        )


def labels(path: str, values: Mapping[str, Any]) -> Problems:
    """Keys and values of labels must be valid."""
    for key, value in values.items():
        yield from qualified_name(path, str(key))
        yield from matches(
            f"{path}[{key}]", value, VALUE, "letters, digits, '-', '_', '.', up to 63 characters"
        )


def selector(path: str, value: Any) -> Problems:
    """The labels and expressions of a label selector must be valid."""
    yield from labels(f"{path}.matchLabels", mapping(value, "matchLabels"))
    for index, entry in enumerate(items(value, "matchExpressions")):
        place = f"{path}.matchExpressions[{index}]"
        operator, values = at(entry, "operator"), items(entry, "values")
        if operator in ("In", "NotIn") and not values and "values" not in mapping(entry):
            yield Problem(f"{place}.values", f"Required value: must be set with {operator}")
        if operator in ("Exists", "DoesNotExist") and values:
            yield Problem(f"{place}.values", f"Forbidden: must not be set with {operator}")
        if isinstance(operator, str) and operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
            yield invalid(f"{place}.operator", operator, "In, NotIn, Exists or DoesNotExist")


def port(path: str, value: Any) -> Problems:
    """A port is a number, or the name of a container port."""
    if isinstance(value, int | float) and not 1 <= value <= 65535:
        yield invalid(path, value, "between 1 and 65535")
    yield from matches(path, value, PORT_NAME, "up to 15 lower-case letters, digits and '-'")


def one_of(path: str, value: Any, *allowed: str) -> Problems:
    """The value must be one of `allowed`."""
    if isinstance(value, str) and value not in allowed:
        yield Problem(path, f"Unsupported value: {value!r}: supported: {', '.join(allowed)}")


def cidr_block(path: str, text: Any) -> Problems:
    """The text must be a CIDR block with its prefix length."""
    if not isinstance(text, str):
        return
    try:
        ip_network(text, strict=False)
    except ValueError:
        yield invalid(path, text, "a CIDR block such as 10.9.8.0/24")
        return
    if "/" not in text:
        yield invalid(path, text, "a CIDR block such as 10.9.8.0/24")


def host(path: str, name: Any) -> Problems:
    """A host name, which can begin with a wildcard."""
    if isinstance(name, str) and name and not WILDCARD.fullmatch(name):
        yield from matches(path, name, SUBDOMAIN, SUBDOMAIN_DESCRIPTION)


def not_ip_address(path: str, name: Any) -> Problems:
    """The name must not be an IP address."""
    if isinstance(name, str) and ADDRESS.fullmatch(name):
        yield invalid(path, name, "a DNS name, not an IP address")


def normalized_path(path: str, text: str) -> Problems:
    """The path of a URL must be normalized."""
    if any(part in text for part in _NOT_IN_PATHS) or text.endswith(_NOT_AT_THEIR_END):
        yield invalid(path, text, "a path without '//', '/./', '/../', '%2f' and trailing dots")
