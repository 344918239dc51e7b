"""Settings of a WAF policy's rules: exclusions, overrides, limits, custom rules, scrubbing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from components.settings.values import NotEmpty, Section, Text, as_list, matching

Texts = Annotated[tuple[Text, ...], BeforeValidator(as_list)]

RuleIds = Annotated[
    tuple[
        Annotated[
            str,
            matching(r"(Bot)?\d{6,8}", "must be the ID of a rule", "use an ID such as 942270"),
        ],
        ...,
    ],
    BeforeValidator(as_list),
]

SELECTABLE = frozenset({"RequestHeaders", "RequestCookies", "PostArgs", "QueryString"})
"""Match variables that are collections, of which a condition may take one member."""


class Exclusion(Section):
    """A part of requests that the managed rules do not inspect ("WAF exclusion lists")."""

    variable: Literal[
        "RequestHeaderKeys",
        "RequestHeaderValues",
        "RequestHeaderNames",
        "RequestCookieKeys",
        "RequestCookieValues",
        "RequestCookieNames",
        "RequestArgKeys",
        "RequestArgValues",
        "RequestArgNames",
    ]
    """The part of the request that is excluded."""
    operator: Literal["Equals", "StartsWith", "EndsWith", "Contains", "EqualsAny"] = "Equals"
    """The operator that compares names with the selector."""
    selector: Text | None = None
    """The name of the header, cookie or argument. It is required unless the operator is
    `EqualsAny`, which selects all."""
    rule_group: Text | None = None
    """The rule group that the exclusion applies to, by its name in `ruleSet`: `SQLI` in the Default
    Rule Sets, `REQUEST-942-APPLICATION-ATTACK-SQLI` in OWASP 3.2. Without it, the exclusion applies
    to all rules."""
    rules: RuleIds = ()
    """The rules of the group that the exclusion applies to. Without them, it applies to the whole
    group."""


class RuleOverride(Section):
    """Managed rules that are turned off, or have another action than in their rule set."""

    rule_group: Text
    """The rule group of the rules, by its name in `ruleSet` or in the rule set against bots."""
    rules: Annotated[RuleIds, NotEmpty]
    """The rules of the group that are overridden."""
    enabled: bool = True
    """Whether the firewall evaluates the rules."""
    action: Literal["AnomalyScoring", "Block", "Log", "Allow", "JSChallenge"] | None = None
    """The action for a request that matches. Rules of `ruleSet` have no `JSChallenge`, and rules
    against bots have no `AnomalyScoring`. Without it, the rules keep the action of their rule
    set."""


class RequestLimits(Section):
    """The largest requests that the firewall lets through, and how much of them it inspects."""

    body_kb: int = Field(default=128, ge=8, le=2000)
    """The largest body of a request without files, in kilobytes. Larger requests are refused."""
    inspected_kb: int = Field(default=128, ge=8, le=2000)
    """The number of kilobytes of a body that the rules inspect."""
    file_upload_mb: int = Field(default=100, ge=1, le=4000)
    """The largest uploaded file, in megabytes. Larger uploads are refused."""


class MatchCondition(Section):
    """A condition that a request must match ("Custom rules for Web Application Firewall v2")."""

    variable: Literal[
        "RemoteAddr",
        "RequestMethod",
        "QueryString",
        "PostArgs",
        "RequestUri",
        "RequestHeaders",
        "RequestBody",
        "RequestCookies",
    ]
    """The part of the request that the condition looks at."""
    selector: Text | None = None
    """The name of the header, cookie or argument to look at. Without it, the condition looks at all
    of them."""
    operator: Literal[
        "IPMatch",
        "GeoMatch",
        "Equal",
        "Contains",
        "BeginsWith",
        "EndsWith",
        "Regex",
        "LessThan",
        "LessThanOrEqual",
        "GreaterThan",
        "GreaterThanOrEqual",
        "Any",
    ]
    """The operator that compares the part with the values."""
    values: Texts = ()
    """The values to compare with, any of which may match. They are required unless the operator is
    `Any`."""
    negate: bool = False
    """Whether the condition matches if none of the values does."""
    transforms: tuple[
        Literal[
            "Lowercase",
            "Uppercase",
            "Trim",
            "UrlDecode",
            "UrlEncode",
            "RemoveNulls",
            "HtmlEntityDecode",
        ],
        ...,
    ] = ()
    """The transformations of the part before it is compared."""


class RateLimit(Section):
    """The number of matching requests after which a rule acts."""

    threshold: int = Field(ge=1, le=5000)
    """The number of requests within the duration that pass before the rule acts."""
    duration: Literal["OneMin", "FiveMins"] = "OneMin"
    """The duration in which requests are counted: one minute or five minutes."""
    group_by: Literal["ClientAddr", "GeoLocation", "None"] = "ClientAddr"
    """The property by which requests are counted together."""


class CustomRule(Section):
    """A rule of your own, which the firewall evaluates before the managed ones."""

    name: Annotated[
        str,
        matching(
            r"[A-Za-z][A-Za-z0-9]{0,127}",
            "must be the name of a custom rule: a letter, then letters and digits",
            "use a name such as blockScanners",
        ),
    ]
    """The name of the rule, unique in the policy."""
    priority: int = Field(ge=1, le=100)
    """The priority of the rule, unique in the policy. The firewall evaluates lower numbers
    first."""
    action: Literal["Allow", "Block", "Log", "JSChallenge"]
    """The action for a request that matches the rule."""
    conditions: Annotated[tuple[MatchCondition, ...], NotEmpty]
    """The conditions of the rule, all of which a request must match."""
    rate_limit: RateLimit | None = None
    """The rate above which the rule acts. Without it, the rule acts on every request that
    matches."""


class ScrubbingRule(Section):
    """A part of requests that the firewall's logs hide ("WAF sensitive data protection")."""

    variable: Literal[
        "RequestHeaderNames",
        "RequestCookieNames",
        "RequestArgNames",
        "RequestPostArgNames",
        "RequestJSONArgNames",
        "RequestIPAddress",
    ]
    """The part of the request that is scrubbed. `RequestIPAddress` is the client's address."""
    selector: Text | None = None
    """The name of the header, cookie or argument whose value is scrubbed. Without it, all values
    are. `RequestIPAddress` has no selector."""
