"""Pulumi's URNs."""

from support.urns import logical_name, provider_urn, type_token

URN = "urn:pulumi:dev::aks-network::aks-network:index:Cluster$kubernetes:core/v1:Service::a::b"


def test_a_urn_says_the_type_and_the_name_of_its_resource():
    assert type_token(URN) == "kubernetes:core/v1:Service"
    assert logical_name(URN) == "a::b"
    assert (
        type_token("urn:pulumi:dev::aks-network::pulumi:pulumi:Stack::s") == "pulumi:pulumi:Stack"
    )


def test_a_reference_to_a_provider_ends_with_its_id():
    assert provider_urn(f"{URN}::04da6b54-80e4-46f7-96ec-b56ff0331ba9") == URN
