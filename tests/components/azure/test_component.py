"""The component resources: their type tokens, which are part of every URN, and their aliases."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pulumi
import pytest

import components
import package
from components.azure.component import Component
from tests.helpers.mocks import record
from tests.helpers.stacks import recorded

DOMAINS = ("network", "cluster", "ingress", "kubernetes")
NAMES = {
    "AddonRoles",
    "AksNetwork",
    "Applications",
    "Cluster",
    "ClusterIdentity",
    "ClusterNetwork",
    "DnsAndKeyVault",
    "EgressFirewall",
    "ExistingManagementNetwork",
    "IngressController",
    "LogAnalytics",
    "ManagementNetwork",
    "Observability",
    "OriginAddress",
    "Registries",
    "TrafficController",
    "WebApplicationFirewall",
    "WorkloadIdentity",
}


def classes() -> dict[str, type[Component]]:
    """All components of the repository, by name."""
    for parent in (components, package):
        for module in pkgutil.walk_packages(parent.__path__, f"{parent.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    own = [c for c in Component.__subclasses__() if c.__module__.partition(".")[0] != "tests"]
    return {c.__name__: c for c in own}


def test_the_type_tokens_are_known():
    assert set(classes()) == NAMES


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_names_its_components(domain: str):
    folder = importlib.import_module(f"components.{domain}")
    modules = {
        name: component.__module__.rpartition(".")[2]
        for name, component in classes().items()
        if component.__module__.startswith(f"components.{domain}.")
    }
    assert modules
    for name, module in modules.items():
        assert f"`{module}.{name}`" in (inspect.getdoc(folder) or "")


def test_former_names_are_aliases_and_no_present_ones():
    former = {name: c.FORMER_NAMES for name, c in classes().items() if c.FORMER_NAMES}
    assert former == {
        "DnsAndKeyVault": ("AppRouting",),
        "ExistingManagementNetwork": ("ExistingHub",),
    }
    (component,) = (
        r for r in recorded("dev").registrations if r.type == "aks-network:index:DnsAndKeyVault"
    )
    assert component.aliases == ("aks-network:index:AppRouting",)


def test_options_of_the_caller_are_kept():
    class Example(Component):
        FORMER_NAMES = ("Sample",)

    def program() -> None:
        alias = pulumi.Alias(name="old")
        Example("new", pulumi.ResourceOptions(aliases=[alias], protect=True))

    (component,) = (r for r in record(program).registrations if r.name == "new")
    assert component.type == "aks-network:index:Example"
    assert set(component.aliases) == {"aks-network:index:Sample", "old"}
    assert component.protect
