"""The package's schema, which SDKs in all languages are made of."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli import pulumi_cli
from components.settings.load import configuration
from components.settings.stack import MODELS
from package.provider import schema
from tests.helpers.loops import each

COMPONENTS = {
    "AksNetwork",
    "ClusterNetwork",
    "ManagementNetwork",
    "EgressFirewall",
    "ClusterIdentity",
    "DnsAndKeyVault",
    "WebApplicationFirewall",
    "Cluster",
    "AddonRoles",
}
RESERVED = {"id", "urn", "pulumi"}
"""Property names that Pulumi keeps for resources themselves."""

inferred = functools.cache(schema)


def owners() -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything that has properties: components with inputs and outputs, and types."""
    for token, resource in inferred()["resources"].items():
        yield f"{token} inputs", {**resource, "properties": resource["inputProperties"]}
        yield f"{token} outputs", resource
    yield from inferred()["types"].items()


def properties() -> Iterator[tuple[str, dict[str, Any]]]:
    for owner, described in owners():
        for name, one in described["properties"].items():
            yield f"{owner}.{name}", one


def parts(one: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield one
    for key in ("items", "additionalProperties"):
        if one.get(key):
            yield from parts(one[key])


def test_the_package_has_the_components():
    assert {token.rpartition(":")[2] for token in inferred()["resources"]} == COMPONENTS
    assert all(one["isComponent"] for one in inferred()["resources"].values())


def test_everything_is_described():
    unsaid = [name for name, one in properties() if not one.get("description")]
    unsaid += [owner for owner, described in owners() if not described.get("description")]

    assert unsaid == []


def test_nothing_takes_or_gives_any_value():
    vague = [
        name
        for name, one in properties()
        for part in parts(one)
        if "Any" in str(part.get("$ref"))
        or (part.get("type") is None and part.get("$ref") is None)
        or (part.get("type") == "object" and not part.get("additionalProperties"))
    ]

    assert vague == []


def test_references_lead_to_types_of_the_package_alone():
    known = {f"#/types/{token}" for token in inferred()["types"]}
    used = {part["$ref"] for _, one in properties() for part in parts(one) if part.get("$ref")}

    assert used == known


def test_names_are_camel_case_and_leave_pulumis_own_alone():
    for name, _ in each(properties()):
        last = name.rpartition(".")[2]
        assert re.fullmatch(r"[a-z][A-Za-z0-9]*", last), name
        assert last not in RESERVED, name


def test_every_component_needs_the_settings_and_has_no_resource_among_its_values():
    for token, resource in each(inferred()["resources"].items()):
        assert "settings" in resource["requiredInputs"], token
        assert not {"before", "grants", "ready", "resource", "peerings"} & set(
            resource["properties"]
        )


def test_a_firewall_gives_all_its_public_addresses():
    outputs = inferred()["resources"]["aks-network:index:EgressFirewall"]["properties"]
    assert outputs["publicAddresses"]["items"]["type"] == "string"
    assert outputs["publicAddress"]["type"] == "string"


def test_what_a_stack_file_requires_the_settings_require():
    types = inferred()["types"]
    top = types["aks-network:index:Settings"]
    assert set(top["required"]) == {
        "location", "workload", "environment", "network", "management", "cluster",
    }  # fmt: skip
    assert set(top["properties"]) == {
        "location",
        "tags",
        "protect",
        "phase",
        "workload",
        "environment",
    } | {key for key in MODELS if key}
    assert types["aks-network:index:ManagementSettings"]["required"] == ["addressSpace"]


def test_every_setting_is_an_input():
    types = inferred()["types"]
    models = [model for key, model in MODELS.items() if key]
    assert models
    for model in models:
        keys = {field.alias for field in model.model_fields.values()}
        assert set(types[f"aks-network:index:{model.__name__}"]["properties"]) == keys


def test_secrets_are_secret_and_may_come_from_other_resources():
    secret = {name: one for name, one in properties() if one.get("secret")}

    assert {name.rpartition(":")[2] for name in secret} == {
        "Certificate.pfx",
        "Gateway.authorizationKey",
        "Gateway.sharedKey",
        "ServicePrincipal.clientSecret",
        "WindowsSettings.adminPassword",
    }
    assert not any(one.get("plain") for one in secret.values())


def test_choices_and_defaults_stand_in_the_descriptions():
    described = dict(properties())

    model = described["aks-network:index:NetworkSettings.model"]["description"]
    assert "One of `azure-cni`" in model
    assert "Default: `azure-cni-overlay`." in model
    sku = described["aks-network:index:Gateway.sku"]["description"]
    assert "With the kind `expressRoute`" in sku


LANGUAGES_OWN = """
    aksnetwork builder build clustername config const ctx dictionary err export key name network new
    newaksnetwork of outputs plan properties require resources run runtime settings shop stack
    stringref type var
"""
"""What belongs to the languages and to Pulumi's programs, not to the package."""

SNIPPETS = Path(__file__).parents[2] / "docs" / "package.md"
LANGUAGES = {"ts", "go", "csharp", "java", "yaml", "python"}


def snippets() -> dict[str, str]:
    return dict(re.findall(r"```(\w+)\n(.*?)```", SNIPPETS.read_text(), re.DOTALL))


def names_in(text: str) -> set[str]:
    """What stands before a colon, an equals sign, or in a setter: keys, in any language's way."""
    text = re.sub(r'"(?:\\.|[^"\\])*"(\s*:)?', lambda found: found[0] if found[1] else "", text)
    text = re.sub(r"//.*|#.*", "", text)
    found = re.findall(r"\b(\w+)\"?\s*[:=](?![:=])|\.(\w+)\(", text)
    return {name for pair in found for name in pair if name}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_documented_snippets_name_what_the_schema_has(language: str):
    known = {name.rpartition(".")[2].lower() for name, _ in properties()}
    known |= set(LANGUAGES_OWN.split())
    used = {name.replace("_", "").lower() for name in names_in(snippets()[language])}

    assert used - known == set()
    assert {"addressspace", "nodepools", "kubernetesversion"} <= used


def test_the_documented_settings_are_accepted():
    document = yaml.safe_load(snippets()["yaml"])
    settings = document["resources"]["shop"]["properties"]["settings"]
    settings["management"]["jumpBox"]["sshPublicKey"] = "ssh-ed25519 AAAAC3Nza"
    location = {"azure-native:location": settings.pop("location")}

    made = configuration(
        {f"aks-network:{key}": value for key, value in settings.items()} | location
    )

    assert made.settings.workload == "shop"


@pytest.mark.engine
def test_pulumi_finds_no_fault_with_the_schema(tmp_path: Path):
    file = tmp_path / "schema.json"
    file.write_text(json.dumps(inferred()))

    run = subprocess.run(
        [pulumi_cli.obtain().pulumi, "schema", "check", file],
        env={**os.environ, "PULUMI_HOME": str(tmp_path), "PULUMI_SKIP_UPDATE_CHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.returncode, run.stdout + run.stderr) == (0, "")
