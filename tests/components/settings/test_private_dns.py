"""Private DNS zones in the settings: those of other teams, links, and limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cli.stack_file import config_with_placeholders
from components.problems import ConfigurationError
from components.settings.load import configuration
from tests.helpers.broken import by_path
from tests.helpers.stacks import ROOT

Edit = Callable[[dict[str, Any]], None]

GROUP = (
    "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/rg-dns"
    "/providers/Microsoft.Network"
)
VAULT = f"{GROUP}/privateDnsZones/privatelink.vaultcore.azure.net"
API = f"{GROUP}/privateDnsZones/privatelink.westeurope.azmk8s.io"
ZONES = "network.privateDns.existingZones"


def example(name: str, edit: Edit) -> dict[str, Any]:
    config = config_with_placeholders(ROOT / "examples" / f"{name}.yaml")
    edit(config)
    return config


def existing(*zones: str) -> Edit:
    return lambda config: config["aks-network:network"].update(
        privateDns={"existingZones": [*zones]}
    )


def ingress(**changes: Any) -> Edit:
    return lambda config: config["aks-network:ingress"].update(changes)


def both(*edits: Edit) -> Edit:
    def edit(config: dict[str, Any]) -> None:
        for each in edits:
            each(config)

    return edit


def private(config: dict[str, Any]) -> None:
    config["aks-network:cluster"]["private"] = True
    config["aks-network:kubernetes"]["delivery"] = "none"


def integrated(config: dict[str, Any]) -> None:
    config["aks-network:cluster"]["apiServerVnetIntegration"] = True


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("traefik", existing(VAULT)),
        ("traefik", both(private, existing(VAULT, API))),
        ("traefik", both(private, existing(API.replace("privatelink.w", "shop.privatelink.w")))),
        ("traefik", both(private, integrated, existing(API.replace("privatelink", "private")))),
        ("traefik", both(ingress(privateDnsZones=["shop.internal"]),
                         existing(f"{GROUP}/privateDnsZones/shop.internal"))),
        ("external-waf", both(ingress(privateDnsZones=["a.internal", "b.internal"]),
                              existing(*(f"{GROUP}/privateDnsZones/{each}.internal"
                                         for each in "ab")))),
        ("traefik", ingress(privateDnsZones=[f"z{n}.internal" for n in range(997)])),
        ("traefik", ingress(publicDnsZones=[f"z{n}.example" for n in range(250)])),
    ],
)  # fmt: skip
def test_zones_that_the_stack_uses_are_accepted(name: str, edit: Edit):
    assert configuration(example(name, edit))


@pytest.mark.parametrize(
    ("name", "edit", "path", "words"),
    [
        ("traefik", existing(VAULT.replace("privateDnsZones", "dnsZones")), f"{ZONES}[0]",
         "must be the resource ID of a private DNS zone"),
        ("traefik", existing("privatelink.vaultcore.azure.net"), f"{ZONES}[0]", "resource ID"),
        ("traefik", existing(API), f"{ZONES}[0]", "must be a zone that the stack uses"),
        ("traefik", existing(f"{GROUP}/privateDnsZones/other.internal"), f"{ZONES}[0]",
         "privatelink.vaultcore.azure.net"),
        ("traefik", both(private, existing(API.replace("westeurope", "northeurope"))),
         f"{ZONES}[0]", "privatelink.westeurope.azmk8s.io"),
        ("traefik", both(private, integrated, existing(API)), f"{ZONES}[0]",
         "private.westeurope.azmk8s.io"),
        ("traefik", existing(VAULT, VAULT.replace("rg-dns", "rg-other")), ZONES,
         "a network links to one zone of each name"),
        ("traefik", both(private, existing(API, API.replace("privatelink.w", "a.privatelink.w"))),
         ZONES, "remove the others"),
        ("external-waf", both(ingress(privateDnsZones=["a.internal", "b.internal"]),
                              existing(f"{GROUP}/privateDnsZones/a.internal")),
         "ingress.privateDnsZones", "one resource group"),
        ("traefik", ingress(privateDnsZones=["a.internal", "a.internal"]),
         "ingress.privateDnsZones[1]", "must be unique"),
        ("traefik", ingress(publicDnsZones=["myapp.com", "myapp.com"]),
         "ingress.publicDnsZones[0]", "must be unique"),
        ("traefik", ingress(privateDnsZones=["privatelink.vaultcore.azure.net"]),
         "ingress.privateDnsZones[0]", ZONES),
        ("traefik", ingress(privateDnsZones=["x.privatelink.westeurope.azmk8s.io"]),
         "ingress.privateDnsZones[0]", ZONES),
        ("traefik", ingress(privateDnsZones=[f"z{n}.internal" for n in range(998)]),
         "ingress.privateDnsZones", "at most 997"),
        ("traefik", ingress(publicDnsZones=[f"z{n}.example" for n in range(251)]),
         "ingress.publicDnsZones", "at most 250"),
    ],
)  # fmt: skip
def test_a_zone_that_cannot_be_used_is_refused_with_a_remedy(
    name: str, edit: Edit, path: str, words: str
):
    with pytest.raises(ConfigurationError) as error:
        assert configuration(example(name, edit))
    found = by_path(error.value.problems)
    assert words in found[f"aks-network:{path}"]
    assert found[f"aks-network:{path}"].count(" — ") >= 1


def warnings(name: str, edit: Edit) -> str:
    return "\n".join(configuration(example(name, edit)).warnings)


def test_the_owner_of_an_existing_zone_must_link_it():
    assert f"{ZONES}: the owner of privatelink.vaultcore.azure.net must" in warnings(
        "traefik", existing(VAULT)
    )
    assert "privateDns" not in warnings("traefik", lambda _: None)


def test_zones_that_do_not_resolve_in_anothers_hub_are_pointed_out():
    def own_zones(config: dict[str, Any]) -> None:
        del config["aks-network:network"]["privateDns"]

    assert "do not resolve in the management network" in warnings("byo-hub", own_zones)
