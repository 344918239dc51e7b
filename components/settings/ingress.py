"""Settings of what stands between the Internet and the applications."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, SecretStr, Tag

from components.settings.values import Cidrs, DnsName, NotEmpty, Section, Zones, matching


class Certificate(Section):
    """The listener's certificate: one that a key vault holds, or a PFX to put into the vault."""

    secret_id: (
        Annotated[
            str,
            matching(
                r"https://[a-zA-Z0-9-]{3,24}\.vault\.(azure\.net|azure\.cn|usgovcloudapi\.net)/secrets/[A-Za-z0-9-]{1,127}(/[0-9a-f]{32})?",
                "is not a Key Vault secret id (https://<vault>.vault.azure.net/secrets/<name>)",
            ),
        ]
        | None
    ) = None
    pfx: SecretStr | None = None
    """The PKCS#12 file, base64; without a password."""


class GatewayWaf(Section):
    """Azure Application Gateway WAF_v2 in front of the internal ingress controller."""

    mode: Literal["Prevention", "Detection"] = "Prevention"
    rule_set: Literal[
        "Microsoft_DefaultRuleSet 2.2", "Microsoft_DefaultRuleSet 2.1", "OWASP 3.2"
    ] = "Microsoft_DefaultRuleSet 2.1"
    bot_manager: Literal["1.1", "1.0"] = "1.1"
    min_capacity: int = Field(default=0, ge=0, le=100)
    max_capacity: int = Field(default=4, ge=2, le=125)
    zones: Zones = ()
    certificate: Certificate


class ExternalSources(Section):
    """Where a third party's firewall reaches the ingress from."""

    source_ranges: Annotated[Cidrs, NotEmpty]


class ExternalWaf(Section):
    """A third party's web application firewall: only its source ranges reach the ingress."""

    external: ExternalSources


def _kind_of_waf(value: Any) -> str:
    if isinstance(value, str | None):
        return "none"
    if isinstance(value, dict):
        return "external" if "external" in value else "gateway"
    return "external" if isinstance(value, ExternalWaf) else "gateway"


Waf = Annotated[
    Annotated[GatewayWaf, Tag("gateway")]
    | Annotated[ExternalWaf, Tag("external")]
    | Annotated[Literal["none"], Tag("none")],
    Discriminator(_kind_of_waf),
]


class IngressSettings(Section):
    """`aks-network:ingress`: ingress controller, DNS zones, certificates, firewall."""

    controller: Literal["app-routing", "agic", "traefik", "contour", "haproxy", "none"] = (
        "app-routing"
    )
    exposure: Literal["internal", "external"] = "internal"
    public_dns_zones: tuple[DnsName, ...] = ()
    private_dns_zones: tuple[DnsName, ...] = ()
    waf: Waf = "none"
