"""Settings of the web application firewall: rule sets, exclusions, custom rules, certificate."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from components.settings.key_vault import SecretId
from components.settings.values import (
    Base64Secret,
    Cidrs,
    InvalidValueError,
    NotEmpty,
    ResourceId,
    Section,
    Text,
    Zones,
    as_list,
    matching,
)

_ARMOR = re.compile(r"-----(BEGIN|END) CERTIFICATE-----")


def _certificate_data(text: str) -> str:
    """The base64 of one certificate, with or without PEM's armor."""
    if text.count("BEGIN CERTIFICATE") > 1:
        rule = "must contain a single certificate"
        raise InvalidValueError(rule, "use an entry for each certificate")
    data = "".join(_ARMOR.sub("", text).split())
    try:
        base64.b64decode(data, validate=True)
    except binascii.Error:
        data = ""
    if not data:
        rule = "must be a certificate in PEM or base64"
        raise InvalidValueError(rule, "use the contents of the file, -----BEGIN CERTIFICATE-----…")
    return data


Texts = Annotated[tuple[Text, ...], BeforeValidator(as_list)]

SELECTABLE = frozenset({"RequestHeaders", "RequestCookies", "PostArgs", "QueryString"})
"""Match variables that are collections, of which a condition may take one member."""


class Certificate(Section):
    """The listener's certificate: one that a key vault holds, or a PFX to put into the vault."""

    secret_id: SecretId | None = None
    """Of a certificate in a key vault; without a version renewals are followed."""
    vault_id: ResourceId | None = None
    """Resource id of the vault that `secretId` lies in. With it the program itself lets the
    gateway's identity read there (Key Vault Secrets User); without it the vault's owner does."""
    pfx: Base64Secret | None = None
    """The PKCS#12 file, base64; without a password."""

    @property
    def object_id(self) -> str | None:
        """What `vault_id` must be the vault of."""
        return self.secret_id


class Exclusion(Section):
    """A part of requests that managed rules pass over ("WAF exclusion lists")."""

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
    """The part."""
    operator: Literal["Equals", "StartsWith", "EndsWith", "Contains", "EqualsAny"] = "Equals"
    """How the selector compares."""
    selector: Text | None = None
    """Name of the header, cookie or argument; none with `EqualsAny`, which takes all."""
    rule_group: Text | None = None
    """Group of the core rule set that passes it over; all rules unless given."""
    rules: Annotated[
        tuple[
            Annotated[
                str, matching(r"\d{3,7}", "must be the ID of a rule", "use an ID such as 942270")
            ],
            ...,
        ],
        BeforeValidator(as_list),
    ] = ()
    """Rules of that group; the whole group unless given."""


class MatchCondition(Section):
    """What a request must be like ("Custom rules for Web Application Firewall v2")."""

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
    """The part of the request that is looked at."""
    selector: Text | None = None
    """One header, cookie or argument; all of them unless given."""
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
    """How it is compared."""
    values: Texts = ()
    """Any of them matches."""
    negate: bool = False
    """Whether none of the values may match."""
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
    """Done to the part before it is compared."""


class RateLimit(Section):
    """How many matching requests pass before the rule acts."""

    threshold: int = Field(ge=1, le=5000)
    """Requests within the duration."""
    duration: Literal["OneMin", "FiveMins"] = "OneMin"
    """One minute or five."""
    group_by: Literal["ClientAddr", "GeoLocation", "None"] = "ClientAddr"
    """Whose requests are counted together."""


class CustomRule(Section):
    """A rule of one's own; it comes before the managed ones."""

    name: Annotated[
        str,
        matching(
            r"[A-Za-z][A-Za-z0-9]{0,127}",
            "must be the name of a custom rule: a letter, then letters and digits",
            "use a name such as blockScanners",
        ),
    ]
    """Of the rule, unique."""
    priority: int = Field(ge=1, le=100)
    """Lower ones come first; unique."""
    action: Literal["Allow", "Block", "Log", "JSChallenge"]
    """What becomes of a request that matches."""
    conditions: Annotated[tuple[MatchCondition, ...], NotEmpty]
    """All of them must match."""
    rate_limit: RateLimit | None = None
    """Act only above a rate."""


class GatewayWaf(Section):
    """Azure's own web application firewall.

    It is on an Application Gateway WAF_v2 in front of the internal ingress controller, or on the
    gateway that the controller itself drives.
    """

    mode: Literal["Prevention", "Detection"] = "Prevention"
    """Refuse what the rules find, or only log it."""
    rule_set: Literal[
        "Microsoft_DefaultRuleSet 2.2", "Microsoft_DefaultRuleSet 2.1", "OWASP 3.2"
    ] = "Microsoft_DefaultRuleSet 2.1"
    """The managed rules, of OWASP's kinds of attack."""
    bot_manager: Literal["1.1", "1.0"] = "1.1"
    """Version of the managed rules against bots."""
    exclusions: tuple[Exclusion, ...] = ()
    """Parts of requests that the managed rules pass over."""
    custom_rules: tuple[CustomRule, ...] = ()
    """Rules of one's own, before the managed ones."""
    min_capacity: int = Field(default=0, ge=0, le=100)
    """Capacity units that are always there; 0 lets the gateway scale down wholly."""
    max_capacity: int = Field(default=4, ge=2, le=125)
    """Capacity units that autoscaling ends at; addresses are planned for as many."""
    zones: Zones = ()
    """Of the gateway and its public address."""
    tls_policy: Literal[
        "AppGwSslPolicy20220101S", "AppGwSslPolicy20220101", "AppGwSslPolicy20170401S"
    ] = "AppGwSslPolicy20220101S"
    """The predefined policies that refuse TLS below 1.2 ("Application Gateway SSL policy
    overview"). The default is the strictest: TLS 1.2 and 1.3, strong ciphers only."""
    certificate: Certificate | None = None
    """Of the gateway's listeners; Application Gateway for Containers takes none."""
    backend_protocol: Literal["Https", "Http"] = "Https"
    """Between gateway and controller."""
    backend_root_certificates: tuple[Annotated[str, AfterValidator(_certificate_data)], ...] = ()
    """Private authorities that issue the controller's certificates, PEM or base64. Public ones
    the gateway knows."""


class ExternalSources(Section):
    """Where a third party's firewall reaches the ingress from."""

    source_ranges: Annotated[Cidrs, NotEmpty]
    """The public ranges that it comes from."""


class ExternalWaf(Section):
    """A third party's web application firewall: only its source ranges reach the ingress."""

    external: ExternalSources
    """The third party's."""
