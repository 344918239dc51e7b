"""Type tokens of azure-native's packages in their plain form."""

from __future__ import annotations

import pytest

from support.type_tokens import api_version, plain_token


@pytest.mark.parametrize(
    ("token", "plain"),
    [
        ("azure-native:network:Subnet", "azure-native:network:Subnet"),
        (
            "azure-native_containerservice_v20260301:containerservice:ManagedCluster",
            "azure-native:containerservice:ManagedCluster",
        ),
        (
            "azure-native_network_v20250101preview:network:NatGateway",
            "azure-native:network:NatGateway",
        ),
        (
            "azure-native_containerservice_v20260301:containerservice/v20260301:AgentPool",
            "azure-native:containerservice:AgentPool",
        ),
        ("azure-native:network/v20240501:Subnet", "azure-native:network:Subnet"),
        ("kubernetes:core/v1:Namespace", "kubernetes:core/v1:Namespace"),
        ("aks-network:index:Cluster", "aks-network:index:Cluster"),
        (
            "pulumi:providers:azure-native_containerservice_v20260301",
            "pulumi:providers:azure-native_containerservice_v20260301",
        ),
    ],
)
def test_a_token_is_plain_whichever_package_it_is_of(token: str, plain: str):
    assert plain_token(token) == plain
    assert plain_token(plain) == plain


@pytest.mark.parametrize(
    ("token", "version"),
    [
        ("azure-native:network:Subnet", None),
        ("azure-native_containerservice_v20260301:containerservice:AgentPool", "2026-03-01"),
        ("azure-native:network/v20240501:Subnet", "2024-05-01"),
        ("azure-native_network_v20250101preview:network:NatGateway", "2025-01-01-preview"),
        ("kubernetes:core/v1:Namespace", None),
    ],
)
def test_a_token_names_the_api_version_of_its_package(token: str, version: str | None):
    assert api_version(token) == version
