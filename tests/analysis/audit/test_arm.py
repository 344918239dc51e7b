"""A stack as an ARM template: the form that scanners such as checkov read."""

from __future__ import annotations

import json
import re

import pytest

from analysis.audit.arm import template
from analysis.audit.checkov import EXPLAINED
from analysis.stack_state import key
from support.type_tokens import plain_token
from tests.helpers.audited import exported_by
from tests.helpers.stacks import STACKS


@pytest.mark.parametrize("stack", STACKS)
def test_every_azure_resource_is_in_the_template(stack: str):
    exported = exported_by(stack)
    made = template(exported)["resources"]
    ids = [
        item["id"]
        for item in exported
        if plain_token(item["type"]).startswith("azure-native:") and "/providers/" in item["id"]
    ]
    assert len(made) == len(ids) > 40
    for resource, identifier in zip(made, ids, strict=True):
        kinds, names = resource["type"].split("/")[1:], resource["name"].split("/")
        path = "/".join(part for pair in zip(kinds, names, strict=True) for part in pair)
        assert key(identifier).endswith(key(path))


def test_properties_are_where_azures_api_has_them():
    made = {one["type"]: one for one in template(exported_by("prod"))["resources"]}
    cluster = made["Microsoft.ContainerService/managedClusters"]
    assert cluster["apiVersion"] == "2026-03-01"
    assert cluster["sku"] == {"name": "Base", "tier": "Standard"}
    assert cluster["properties"]["disableLocalAccounts"] is True
    assert "location" not in cluster["properties"]
    gateway = made["Microsoft.Network/applicationGateways"]
    assert gateway["properties"]["sku"]["tier"] == "WAF_v2"
    assert gateway["zones"] == ["1", "2", "3"]
    storage = made["Microsoft.Storage/storageAccounts"]
    assert storage["properties"]["supportsHttpsTrafficOnly"] is True
    assert storage["properties"]["networkAcls"]["defaultAction"] == "Deny"
    vault = made["Microsoft.KeyVault/vaults"]
    assert vault["properties"]["enablePurgeProtection"] is True


def test_no_secret_is_in_the_template():
    text = json.dumps(template(exported_by("prod")))
    assert "Throw-away" not in text
    assert "ciphertext" not in text
    assert "[parameters('secret')]" in text


def test_what_checkov_finds_is_explained_by_its_own_ids():
    assert all(re.fullmatch(r"CKV_AZURE_\d+", identifier) for identifier in EXPLAINED)
    assert all(len(reason) > 20 for reason in EXPLAINED.values())
