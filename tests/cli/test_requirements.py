"""The requirements files: one resolution, from the groups of pyproject.toml."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from support.repository import ROOT
from tests.helpers.loops import each

FILES = {
    "program": "requirements.txt",
    "azure": "requirements-azure.txt",
    "simulator": "requirements-simulator.txt",
    "development": "requirements-dev.txt",
}
GROUPS = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]


def pins(file: str) -> dict[str, Requirement]:
    """The requirements of a file, by name."""
    found: dict[str, Requirement] = {}
    for line in (ROOT / file).read_text().splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            requirement = Requirement(line.rstrip("\\ "))
            found[canonicalize_name(requirement.name)] = requirement
    return found


def direct(group: str) -> list[Requirement]:
    """The requirements that a group names, with those of the groups in it."""
    found: list[Requirement] = []
    for entry in GROUPS[group]:
        if isinstance(entry, dict):
            found += direct(entry["include-group"])
        else:
            found.append(Requirement(entry))
    return found


def test_every_group_has_its_file():
    assert set(GROUPS) - {"commands"} == set(FILES)
    assert {path.name for path in ROOT.glob("requirements*")} == set(FILES.values())


@pytest.mark.parametrize("group", FILES)
def test_a_file_pins_what_its_group_names(group: str):
    pinned = pins(FILES[group])
    for requirement in each(direct(group)):
        assert pinned[canonicalize_name(requirement.name)].specifier == requirement.specifier


@pytest.mark.parametrize("group", FILES)
def test_the_pins_of_a_file_are_among_those_of_development(group: str):
    everything = pins(FILES["development"])
    for name, requirement in each(pins(FILES[group]).items()):
        assert str(requirement) == str(everything[name])


@pytest.mark.parametrize("group", FILES)
def test_every_pin_is_exact_and_has_hashes(group: str):
    text = (ROOT / FILES[group]).read_text()
    for requirement in pins(FILES[group]).values():
        assert [specifier.operator for specifier in requirement.specifier] == ["=="]
    blocks = re.findall(
        r"^[A-Za-z0-9][^\n]*\\\n(?:    --hash=sha256:[0-9a-f]{64}[^\n]*\n)+", text, re.MULTILINE
    )
    assert len(blocks) == len(pins(FILES[group]))


@pytest.mark.parametrize("file", FILES.values())
def test_no_file_names_a_package_index(file: str):
    text = (ROOT / file).read_text()
    assert not re.search(r"://|index-url|find-links", text)


def test_the_program_installs_nothing_of_the_simulators_or_of_the_commands():
    program = set(pins(FILES["program"]))
    others = {canonicalize_name(item.name) for item in direct("development")}
    allowed = {canonicalize_name(item.name) for item in direct("program")}
    # Dependencies of the SDKs themselves
    allowed |= {"packaging", "requests"}
    assert program & others <= allowed
    assert not program & {"jsonschema", "kubernetes-validate", "azure-identity"}


def test_azure_needs_nothing_of_the_simulators():
    assert "kubernetes-validate" not in pins(FILES["azure"])
    assert "azure-identity" not in pins(FILES["simulator"])


def test_the_program_imports_only_what_its_file_pins():
    """The third-party modules that the program imports, those inside functions included."""
    allowed = {"pulumi", "pulumi_azure_native", "pulumi_kubernetes", "pydantic", "yaml"}
    allowed |= {"cryptography"}
    # Dependencies of pydantic
    allowed |= {"annotated_types", "pydantic_core", "typing_extensions"}
    imported = _imported_by_the_program()
    packages = {name.partition(".")[0] for name in imported}
    assert packages - set(sys.stdlib_module_names) - {"components", "support"} <= allowed
    assert {"pulumi", "pydantic"} <= packages
    assert "support.tables" not in imported


def _imported_by_the_program() -> set[str]:
    """The modules that `__main__.py`, `components` and what they use of `support` import."""
    found: set[str] = set()
    waiting = [ROOT / "__main__.py", *(ROOT / "components").rglob("*.py")]
    while waiting:
        new = _imports(waiting.pop()) - found
        found |= new
        files = [
            ROOT / f"{name.replace('.', '/')}.py" for name in new if name.startswith("support")
        ]
        waiting += [file for file in files if file.exists()]
    assert any(name.startswith("support.") for name in found)
    return found


def _imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found
