"""The package as Pulumi installs it: from its directory, in an environment of its own."""

from __future__ import annotations

import re

import yaml

from package.provider import VERSION
from support.repository import ROOT

DIRECTORY = ROOT / "package"
DESCRIBED = yaml.safe_load((DIRECTORY / "PulumiPlugin.yaml").read_text())


def test_the_plugin_is_a_python_program_with_an_entry():
    assert DESCRIBED["runtime"]["name"] == "python"
    assert (DIRECTORY / "__main__.py").is_file()


def test_the_plugins_environment_is_not_committed():
    made = f"/package/{DESCRIBED['runtime']['options']['virtualenv']}/"
    assert made in (ROOT / ".gitignore").read_text().splitlines()


def test_the_plugins_requirements_are_those_of_the_program():
    (other,) = re.findall(r"^-r (\S+)$", (DIRECTORY / "requirements.txt").read_text(), re.MULTILINE)
    assert (DIRECTORY / other).resolve() == ROOT / "requirements.txt"


def test_the_documented_version_is_the_one_that_the_plugin_has():
    page = (ROOT / "docs" / "package.md").read_text()
    assert set(re.findall(r"package@v(\S+)", page)) == {VERSION}
