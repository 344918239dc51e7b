"""The arguments that the cluster's API version adds to the SDK's."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import containerservice

from components.azure.api_versions import MANAGED_CLUSTERS, VersionProvider, at_version
from components.cluster import gateway_api_args as args
from simulator.azure.cloud import Cloud
from tests.helpers.mocks import record
from tests.simulator.subscription import OVERLAY, Subscription

CLUSTER = "containerservice:ManagedCluster"


def program(azure: Subscription) -> None:
    network = azure.network()
    del network
    subnet, identity = azure.subnet("nodes", "10.0.0.0/20"), azure.identity()
    azure.role(subnet.id, identity.outputs["principalId"])
    given = azure.cluster_inputs(subnet, identity)
    at_version(containerservice.ManagedCluster)(
        "aks",
        resource_group_name="rg-test",
        location="westeurope",
        dns_prefix="aks",
        network_profile=OVERLAY,  # pyright: ignore[reportArgumentType] - as the test's cloud has it
        identity=given["identity"],
        agent_pool_profiles=given["agentPoolProfiles"],
        ingress_profile=args.IngressProfileArgs(
            gateway_api=args.GatewayConfigurationArgs(
                installation=args.GatewayApiInstallation.STANDARD
            ),
            web_app_routing=args.WebAppRoutingArgs(
                enabled=True,
                gateway_api_implementations=args.GatewayApiImplementationsArgs(
                    app_routing_istio=args.AppRoutingIstioArgs(
                        mode=args.AppRoutingIstioMode.ENABLED
                    )
                ),
            ),
        ),
        opts=pulumi.ResourceOptions(provider=VersionProvider("provider", MANAGED_CLUSTERS)),
    )


def test_the_arguments_have_the_wire_names_of_the_version():
    azure = Subscription(Cloud())
    recording = record(lambda: program(azure), cloud=azure.cloud)
    cluster = recording.one(CLUSTER)
    assert cluster.inputs["ingressProfile"] == {
        "gatewayAPI": {"installation": "Standard"},
        "webAppRouting": {
            "enabled": True,
            "gatewayAPIImplementations": {"appRoutingIstio": {"mode": "Enabled"}},
        },
    }
    assert azure.cloud.problems(cluster.package_type, cluster.inputs) == []
    made = recording.made(cluster)
    assert made.outputs["ingressProfile"]["gatewayAPI"] == {"installation": "Standard"}
