"""Settings of the web application firewall, and of the policies of single hosts.

`waf_policy` has the settings of a policy's rules.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from components.settings.key_vault import SecretId
from components.settings.pfx import UnreadablePfxError, read_pfx
from components.settings.values import (
    Base64Secret,
    Cidrs,
    DnsName,
    Guid,
    InvalidValueError,
    KubernetesName,
    NotEmpty,
    ResourceId,
    Section,
    Zones,
    as_list,
)
from components.settings.waf_policy import (
    CustomRule,
    Exclusion,
    RequestLimits,
    RuleOverride,
    ScrubbingRule,
)
from components.settings.waf_rule_groups import RULE_GROUPS

_ARMOR = re.compile(r"-----(BEGIN|END) CERTIFICATE-----")


def _certificate_data(text: str) -> str:
    """A certificate in PEM, or only its base64 text without the PEM header and footer."""
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


def _pfx(secret: SecretStr) -> SecretStr:
    try:
        read_pfx(secret.get_secret_value())
    except UnreadablePfxError as error:
        raise InvalidValueError(error.rule, error.remedy) from None
    return secret


PfxSecret = Annotated[Base64Secret, AfterValidator(_pfx)]
"""A PKCS#12 file in base64 that the gateway and the ingress controller can use."""


FRONT_DOOR_TAG = "AzureFrontDoor.Backend"
"""The service tag of the addresses from which Azure Front Door connects to its origins."""
FRONT_DOOR_HEADER = "X-Azure-FDID"
"""The header with the ID of the Front Door profile that sends a request."""

FIRST_PRIORITY = 1
"""Priority of the custom rule that compares that header."""


def _lower_case(text: str) -> str:
    return text.lower()


FrontDoorId = Annotated[Guid, AfterValidator(_lower_case)]


class Certificate(Section):
    """The certificate of the listeners: one in a key vault, or a PFX to put into the vault."""

    secret_id: SecretId | None = None
    """The ID of the certificate's secret in a key vault. Without a version in the ID, the gateway
    follows renewals. With `controller: app-routing`, it must be the secret of a certificate of the
    vault: the add-on cannot use a PFX that is stored as a plain secret."""
    vault_id: ResourceId | None = None
    """The resource ID of the vault that contains `secretId`. With it, the program grants the
    gateway's identity Key Vault Secrets User there; without it, the vault's owner must."""
    pfx: PfxSecret | None = None
    """The PKCS#12 file (PFX) in base64, without a password. It must contain an RSA or
    elliptic-curve key with its certificate, and the certificates of its issuers."""

    @property
    def object_id(self) -> str | None:
        """What `vault_id` must be the vault of."""
        return self.secret_id


class SitePolicy(Section):
    """A WAF policy for some hosts, in place of the policy of the whole gateway.

    Azure applies nothing of the gateway's policy to these hosts. What is not set here is therefore
    copied from the firewall's settings.
    """

    name: KubernetesName
    """The name of the policy, unique among the sites."""
    hosts: Annotated[tuple[DnsName, ...], BeforeValidator(as_list), NotEmpty]
    """The hosts of applications whose requests the policy inspects."""
    mode: Literal["Prevention", "Detection"] | None = None
    """Whether the policy blocks the requests that its rules match, or only logs them. Without it,
    `mode` of the firewall applies."""
    exclusions: tuple[Exclusion, ...] | None = None
    """The parts of requests that the managed rules do not inspect. Without it, `exclusions` of the
    firewall apply."""
    rule_overrides: tuple[RuleOverride, ...] | None = None
    """The managed rules that are off, or act otherwise than their rule set says. Without it,
    `ruleOverrides` of the firewall apply."""
    request_limits: RequestLimits | None = None
    """The largest requests that the firewall lets through, and how much of them it inspects.
    Without it, `requestLimits` of the firewall apply."""
    custom_rules: tuple[CustomRule, ...] | None = None
    """The rules of your own, which the firewall evaluates before the managed ones. Without it,
    `customRules` of the firewall apply."""
    log_scrubbing: tuple[ScrubbingRule, ...] | None = None
    """The parts of requests that the firewall's logs show as asterisks. Without it, `logScrubbing`
    of the firewall applies."""


OF_A_SITE = (
    "mode",
    "exclusions",
    "rule_overrides",
    "request_limits",
    "custom_rules",
    "log_scrubbing",
)
"""Settings of the firewall that a site can have otherwise."""


class GatewayWaf(Section):
    """Azure's web application firewall.

    It runs on an Application Gateway WAF_v2 in front of the internal ingress controller, or on
    the gateway that the controller itself configures.
    """

    mode: Literal["Prevention", "Detection"] = "Prevention"
    """Whether the firewall blocks the requests that its rules match, or only logs them."""
    rule_set: Literal[
        "Microsoft_DefaultRuleSet 2.2", "Microsoft_DefaultRuleSet 2.1", "OWASP 3.2"
    ] = "Microsoft_DefaultRuleSet 2.1"
    """The managed rule set, which covers the kinds of attack that OWASP lists. Application Gateway
    for Containers has `Microsoft_DefaultRuleSet 2.1` only."""
    bot_manager: Literal["1.1", "1.0"] = "1.1"
    """The version of the managed rule set against bots."""
    exclusions: tuple[Exclusion, ...] = ()
    """The parts of requests that the managed rules do not inspect."""
    rule_overrides: tuple[RuleOverride, ...] = ()
    """The managed rules that are turned off, or have another action than in their rule set."""
    request_limits: RequestLimits = RequestLimits()
    """The largest requests that the firewall lets through, and how much of them it inspects."""
    custom_rules: tuple[CustomRule, ...] = ()
    """The rules of your own, which the firewall evaluates before the managed ones."""
    log_scrubbing: tuple[ScrubbingRule, ...] = ()
    """The parts of requests that the firewall's logs show as asterisks. Without it, the logs show
    what a rule matched."""
    sites: tuple[SitePolicy, ...] = ()
    """The policies of hosts that need another one than the gateway's."""
    front_door_id: FrontDoorId | None = None
    """The ID of the Azure Front Door profile in front of the gateway (`az afd profile show --query
    frontDoorId`). The gateway then admits only the addresses of Front Door, which all profiles
    share, and the first custom rule blocks requests without this ID in the header `X-Azure-FDID`.
    The public names of the hosts must lead to Front Door."""
    min_capacity: int = Field(default=0, ge=0, le=100)
    """The minimum number of capacity units of the gateway. With 0 it scales in completely when it
    is idle."""
    max_capacity: int = Field(default=4, ge=2, le=125)
    """The maximum number of capacity units of the gateway. The address plan has room for as many
    instances."""
    zones: Zones = ()
    """The availability zones of the gateway and of its public IP address."""
    tls_policy: Literal[
        "AppGwSslPolicy20220101S", "AppGwSslPolicy20220101", "AppGwSslPolicy20170401S"
    ] = "AppGwSslPolicy20220101S"
    """The predefined TLS policy of the listeners. All of them refuse TLS below 1.2; the default is
    the strictest, TLS 1.2 and 1.3 with strong ciphers only ("Application Gateway SSL policy
    overview")."""
    certificate: Certificate | None = None
    """The certificate of the gateway's listeners. Application Gateway for Containers uses none."""
    backend_protocol: Literal["Https", "Http"] = "Https"
    """The protocol between the gateway and the ingress controller."""
    backend_root_certificates: tuple[Annotated[str, AfterValidator(_certificate_data)], ...] = ()
    """The private certificate authorities that issue the controller's certificates, in PEM or
    base64. The gateway knows the public ones."""

    @property
    def bot_rule_set(self) -> str:
        """The rule set against bots, with its version."""
        return f"Microsoft_BotManagerRuleSet {self.bot_manager}"

    def of_site(self, site: SitePolicy) -> GatewayWaf:
        """The settings of a site's policy: its own, and the firewall's where it has none."""
        own = {name: getattr(site, name) for name in OF_A_SITE}
        return self.model_copy(update={k: value for k, value in own.items() if value is not None})

    def rule_set_of(self, override: RuleOverride) -> str:
        """The rule set that an override is for; `ruleSet` where neither has its group."""
        bots = override.rule_group in RULE_GROUPS[self.bot_rule_set]
        return self.bot_rule_set if bots else self.rule_set


class ExternalSources(Section):
    """What may connect to the controller: a third party's firewall, or Azure Front Door."""

    source_ranges: Annotated[Cidrs, NotEmpty] = ()
    """The public address ranges that the firewall connects from. Set these or `frontDoorId`."""
    front_door_id: FrontDoorId | None = None
    """The ID of the Azure Front Door profile in front of the controller (`az afd profile show
    --query frontDoorId`). The controller then admits only the addresses of Front Door, which all
    profiles share, and answers only requests with this ID in the header `X-Azure-FDID`. It requires
    a controller that can check the header: application routing with the Gateway API, or HAProxy."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The ranges, or the service tag, that may connect."""
        return (FRONT_DOOR_TAG,) if self.front_door_id else self.source_ranges


class ExternalWaf(Section):
    """A third party's web application firewall.

    Only its source ranges may reach the ingress controller.
    """

    external: ExternalSources
    """The source ranges of the third party's firewall."""
