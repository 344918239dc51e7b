"""The rewrite rule sets of an Application Gateway: headers, server variables and URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from simulator.azure.model import Request
from simulator.azure.namespaces.network.tokens import APPLICATION_GATEWAY
from simulator.azure.rules import Refusal, advice, rule
from support.nested import at, items, mapping

_REWRITES = "Microsoft Learn: azure/application-gateway/rewrite-http-headers-url"
_LIMITS = (
    "Microsoft Learn: azure-resource-manager/management/azure-subscription-service-limits"
    "#application-gateway-limits"
)
_SETS = "rewriteRuleSets"
_MOST_OF_A_SET = 40
"""Of conditions, and of changes of headers and URLs."""

_FIXED = ("connection", "upgrade")
_HEADERS = ("requestHeaderConfigurations", "responseHeaderConfigurations")
_VARIABLE = re.compile(r"\{(var_[^{}]*)\}")

SERVER_VARIABLES = frozenset(
    {
        "add_x_forwarded_for_proxy",
        "ciphers_supported",
        "ciphers_used",
        "client_certificate",
        "client_certificate_end_date",
        "client_certificate_fingerprint",
        "client_certificate_issuer",
        "client_certificate_serial",
        "client_certificate_start_date",
        "client_certificate_subject",
        "client_certificate_verification",
        "client_ip",
        "client_port",
        "client_tcp_rtt",
        "client_user",
        "host",
        "http_method",
        "http_status",
        "http_version",
        "query_string",
        "received_bytes",
        "request_query",
        "request_scheme",
        "request_uri",
        "sent_bytes",
        "server_port",
        "ssl_connection_protocol",
        "ssl_enabled",
        "uri_path",
    }
)
"""Besides `cookie_<name>`."""
_COOKIE = "cookie_"
_GROUP = re.compile(r"_\d+$")
"""What a condition captured: `var_host_1`."""


def _rules(request: Request) -> Iterator[tuple[str, Any]]:
    """The rewrite rules of all sets, each with a name to call it by."""
    for one in items(request.inputs, _SETS):
        for row in items(one, "rewriteRules"):
            yield f"{at(one, 'name')}/{at(row, 'name')}", row


def _changes(row: Any) -> Iterator[tuple[str, str]]:
    """The headers that a rewrite rule sets or deletes: name and value."""
    for collection in _HEADERS:
        for header in items(row, "actionSet", collection):
            yield str(at(header, "headerName") or ""), str(at(header, "headerValue") or "")


@rule("BadRequest", APPLICATION_GATEWAY, source=f"{_REWRITES}#server-variables")
def a_rewrite_uses_server_variables_that_exist(request: Request) -> Refusal | None:
    """`{var_…}` in a value and `var_…` in a condition name a server variable."""
    for name, row in _rules(request):
        url = mapping(row, "actionSet", "urlConfiguration")
        values = [value for _, value in _changes(row)]
        values += [str(url.get(key) or "") for key in ("modifiedPath", "modifiedQueryString")]
        found = [variable for value in values for variable in _VARIABLE.findall(value)]
        conditions = (str(at(one, "variable") or "") for one in items(row, "conditions"))
        found += [variable for variable in conditions if variable.startswith("var_")]
        for variable in found:
            plain = variable.removeprefix("var_")
            known = {plain, _GROUP.sub("", plain)} & SERVER_VARIABLES
            if not known and not plain.startswith(_COOKIE):
                return Refusal(f"Rewrite rule {name}: unknown server variable {plain}.", _SETS)
    return None


@rule("BadRequest", APPLICATION_GATEWAY, source=f"{_REWRITES}#limitations")
def some_headers_cannot_be_rewritten(request: Request) -> Refusal | None:
    """Connection and Upgrade cannot be rewritten, and Host cannot be deleted."""
    for name, row in _rules(request):
        for header, value in _changes(row):
            if header.lower() in _FIXED:
                return Refusal(f"Rewrite rule {name}: header {header} is not supported.", _SETS)
            if header.lower() == "host" and not value:
                return Refusal(f"Rewrite rule {name}: header Host cannot be deleted.", _SETS)
    return None


@rule(
    "BadRequest", APPLICATION_GATEWAY, source=f"{_REWRITES}#rewrite-configuration-common-pitfalls"
)
def only_a_path_map_is_evaluated_again(request: Request) -> Refusal | None:
    """A rule of type Basic cannot have a rewrite that evaluates the path map again."""
    rerouting = {
        str(at(one, "name")).lower()
        for one in items(request.inputs, _SETS)
        if any(
            at(row, "actionSet", "urlConfiguration", "reroute")
            for row in items(one, "rewriteRules")
        )
    }
    for routing in items(request.inputs, "requestRoutingRules"):
        basic = str(at(routing, "ruleType") or "Basic").lower() == "basic"
        if basic and _set_of(routing) in rerouting:
            text = f"Rule {at(routing, 'name')} is of type Basic and cannot re-evaluate a path map."
            return Refusal(text, "requestRoutingRules")
    return None


@rule("BadRequest", APPLICATION_GATEWAY, source=_LIMITS)
def a_rewrite_rule_set_is_not_too_long(request: Request) -> Refusal | None:
    """A set has at most 40 conditions, and at most 40 changes of headers and URLs."""
    for one in items(request.inputs, _SETS):
        rows = items(one, "rewriteRules")
        counts = {
            "conditions": sum(len(items(row, "conditions")) for row in rows),
            "changes": sum(
                len(list(_changes(row))) + bool(at(row, "actionSet", "urlConfiguration"))
                for row in rows
            ),
        }
        for what, count in counts.items():
            if count > _MOST_OF_A_SET:
                text = f"{at(one, 'name')} can have at most {_MOST_OF_A_SET} {what}, not {count}."
                return Refusal(text, _SETS)
    return None


@advice(APPLICATION_GATEWAY, source=f"{_REWRITES}#limitations")
def a_rewrite_has_an_effect(request: Request) -> str | None:
    """A rule that redirects rewrites nothing, and a path map's own rewrites count for its rule."""
    for routing in items(request.inputs, "requestRoutingRules"):
        if not _set_of(routing):
            continue
        name = at(routing, "name")
        if at(routing, "redirectConfiguration", "id"):
            return f"Rule {name} redirects, so its rewrite rule set has no effect."
        if at(routing, "urlPathMap", "id"):
            return f"Rule {name} has a URL path map: set rewrite rule sets on the map."
    return None


def _set_of(routing: Any) -> str:
    return str(at(routing, "rewriteRuleSet", "id") or "").rpartition("/")[2].lower()


TYPES = ()
