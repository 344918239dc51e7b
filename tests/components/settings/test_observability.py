"""What may be recorded depends on what there is: the rules of `aks-network:observability`."""

from typing import Any

import pytest

from cli.stack_file import config_with_placeholders
from components.problems import ConfigurationError
from components.settings.load import configuration
from components.settings.observability import ObservabilitySettings
from tests.helpers.broken import by_path
from tests.helpers.stacks import ROOT, configuration_of

WORKSPACES = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-central"
    "/providers/Microsoft.OperationalInsights/workspaces"
)


def with_observability(stack: str, **settings: Any) -> dict[str, Any]:
    return configuration_of(stack) | {"aks-network:observability": settings}


def read(**settings: Any) -> ObservabilitySettings:
    return configuration(with_observability("prod", **settings)).settings.observability


@pytest.mark.parametrize(
    ("path", "settings", "words"),
    [
        (
            "flowLogs.target",
            {"flowLogs": {"target": "network-security-groups"}},
            "since 2025-06-30",
        ),
        (
            "flowLogs.target",
            {"flowLogs": {"target": "network-security-groups"}},
            "retire on 2027-09-30",
        ),
        ("nsgFlowLogs", {"nsgFlowLogs": {}}, "did you mean flowLogs?"),
        ("flowLogs.retentionDays", {"flowLogs": {"retentionDays": 400}}, "365"),
        ("trafficAnalytics", {"trafficAnalytics": {}}, "add flowLogs"),
        (
            "trafficAnalytics.intervalMinutes",
            {"flowLogs": {}, "trafficAnalytics": {"intervalMinutes": 30}},
            "use 10 or 60",
        ),
        ("workspace.retentionDays", {"workspace": {"retentionDays": 7}}, "30"),
        ("workspace.dailyQuotaGb", {"workspace": {"dailyQuotaGb": 0}}, "0.023"),
        (
            "workspace.retentionDays",
            {"workspace": {"existing": f"{WORKSPACES}/log", "retentionDays": 90}},
            "remove retentionDays",
        ),
        (
            "workspace.existing",
            {"workspace": {"existing": "log-central"}},
            "a Log Analytics workspace",
        ),
        (
            "workspace.existing",
            {"workspace": {"existing": WORKSPACES.replace("workspaces", "clusters") + "/c"}},
            "Log Analytics workspace",
        ),
        ("diagnostics.bastion", {"diagnostics": {"bastion": True}}, "Standard or Premium"),
        ("diagnostics.firewall", {"diagnostics": {"firewall": True}}, "egress: firewall"),
        ("diagnostics.auditReads", {"diagnostics": {"auditReads": True}}, "use cluster: true"),
        ("defender", {"defender": "on"}, "true or false"),
    ],
)
def test_what_cannot_be_recorded_is_refused_with_a_remedy(
    path: str, settings: dict[str, Any], words: str
):
    with pytest.raises(ConfigurationError) as error:
        configuration(with_observability("dev", **settings))
    found = by_path(error.value.problems)
    assert words in found[f"aks-network:observability.{path}"]


def test_a_gateway_that_is_not_there_writes_no_logs():
    config = with_observability("dev", diagnostics={"applicationGateway": True})
    config["aks-network:ingress"]["waf"] = "none"
    with pytest.raises(ConfigurationError, match=r"diagnostics\.applicationGateway: true"):
        configuration(config)


@pytest.mark.parametrize(
    ("name", "key", "remedy"),
    [
        ("agc", "applicationGateway", "use applicationGatewayForContainers: true instead"),
        ("traefik", "applicationGatewayForContainers", "use applicationGateway: true instead"),
        ("external-waf", "applicationGatewayForContainers", "remove it"),
    ],
)
def test_the_logs_of_the_gateway_that_is_there_are_named(name: str, key: str, remedy: str):
    config = config_with_placeholders(ROOT / "examples" / f"{name}.yaml")
    config["aks-network:observability"] = {"diagnostics": {key: True}}
    with pytest.raises(ConfigurationError, match=remedy):
        configuration(config)


def test_everything_is_off_without_settings():
    config = configuration_of("dev")
    assert "aks-network:observability" not in config
    settings = configuration(config).settings.observability
    assert settings == ObservabilitySettings()
    assert not settings.diagnostics.kinds
    assert not settings.needs_own_workspace
    assert not settings.needs_group


@pytest.mark.parametrize(
    "settings",
    [
        {"workspace": {}},
        {"diagnostics": {"keyVault": True}},
        {"defender": True},
        {"flowLogs": {}, "trafficAnalytics": {}},
    ],
)
def test_a_workspace_is_made_as_soon_as_something_writes_to_it(settings: dict[str, Any]):
    assert read(**settings).needs_own_workspace
    assert read(**settings).needs_group


@pytest.mark.parametrize("settings", [{"azurePolicy": True}, {"flowLogs": {}}, {}])
def test_no_workspace_is_made_for_what_writes_to_none(settings: dict[str, Any]):
    assert not read(**settings).needs_own_workspace


def test_an_existing_workspace_needs_no_group_of_its_own():
    settings = read(workspace={"existing": f"{WORKSPACES}/log"}, defender=True)
    assert settings.existing_workspace == f"{WORKSPACES}/log"
    assert not settings.needs_own_workspace
    assert not settings.needs_group
