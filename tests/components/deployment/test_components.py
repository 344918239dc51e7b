"""Components by themselves: any of them can stand twice in one program."""

import functools
import json
import os
import runpy
from typing import Any
from unittest import mock

from components.azure.common import CommonArgs
from components.azure.naming import Names
from components.cluster.node_pools import pool_properties
from components.deployment.deployment import Deployment
from components.ingress.application_gateway_config import GatewayHost, routes
from components.ingress.dns_records import host_records
from components.network import security_rules as rules
from components.network.cluster_network import ClusterNetwork, ClusterNetworkArgs
from components.network.management_network import ManagementNetwork, ManagementNetworkArgs
from components.network.peering import PeerArgs
from components.network.subnet_specs import SubnetSpec
from components.settings.cluster import NodePool
from components.settings.load import configuration
from tests.helpers.mocks import Recording, record
from tests.helpers.stacks import ROOT, configuration_of


@functools.cache
def two_deployments() -> Recording:
    """Two whole deployments in one program, under component names of their own."""

    def texts(config: dict[str, Any]) -> dict[str, str]:
        return {k: v if isinstance(v, str) else json.dumps(v) for k, v in config.items()}

    def program() -> None:
        runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")
        Deployment(configuration(second()), prefix="second-")

    def first() -> dict[str, Any]:
        return configuration_of("dev")

    def second() -> dict[str, Any]:
        config = configuration_of("prod")
        config["aks-network:kubernetes"]["delivery"] = "none"
        config["aks-network:ingress"]["publicDnsZones"] = ["other.com"]
        return config

    environment = {
        "PULUMI_CONFIG": json.dumps(texts(first())),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(first())),
    }
    with mock.patch.dict(os.environ, environment):
        return record(program)


def test_a_second_deployment_stands_beside_the_first():
    recording = two_deployments()
    urns = [r.urn for r in recording.registrations]
    assert len(urns) == len(set(urns))
    assert len(recording.of_type("containerservice:ManagedCluster")) == 2


def test_a_second_deployment_refers_to_nothing_of_the_first():
    recording = two_deployments()
    second = {r.urn for r in recording.registrations if r.name.startswith("second-")}
    assert second
    for resource in recording.registrations:
        if resource.urn in second:
            for urn in recording.waits_for(resource):
                assert urn in second or "::pulumi:providers:" in urn, (resource.name, urn)


def test_a_gateways_routes_have_names_and_priorities_of_their_own():
    made = routes([GatewayHost(name) for name in ("myapp.com", "shop.example.com", "myapp.com")])
    assert [route.host for route in made] == ["myapp.com", "shop.example.com"]
    priorities = [p for route in made for p in (route.priority, route.priority + 1)]
    assert len(priorities) == len(set(priorities))


def test_a_host_gets_its_record_in_the_closest_zone():
    zones = {"example.com": "example.com", "shop.example.com": "shop.example.com"}
    made = host_records(["shop.example.com", "a.example.com", "else.org"], zones)
    assert [(r.zone, r.relative_name) for r in made] == [
        ("shop.example.com", "@"),
        ("example.com", "a"),
    ]


def test_a_pool_of_fixed_size_has_no_autoscaler():
    pool = NodePool.model_validate(
        {"name": "apps", "vmSize": "Standard_D4ds_v5", "minCount": 3, "maxCount": 3}
    )
    settings = configuration(configuration_of("dev")).settings.cluster
    properties = pool_properties(settings, pool, {"nodes": "id"}, "1.35")
    assert properties["enable_auto_scaling"] is False
    assert (properties["count"], properties["min_count"]) == (3, None)


def test_a_spot_pool_pays_at_most_the_normal_price():
    pool = NodePool.model_validate(
        {
            "name": "batch",
            "vmSize": "Standard_D4ds_v5",
            "minCount": 0,
            "maxCount": 9,
            "spot": True,
        }
    )
    settings = configuration(configuration_of("dev")).settings.cluster
    properties = pool_properties(settings, pool, {"nodes": "id"}, "1.35")
    assert properties["scale_set_priority"] == "Spot"
    assert properties["spot_max_price"] == -1.0


def test_two_clusters_can_stand_behind_one_management_network():
    def program() -> None:
        common = {
            name: CommonArgs(Names("shop", name, "westeurope"), {}, protect=False)
            for name in ("hub", "blue", "green")
        }
        settings = configuration(configuration_of("dev")).settings
        clusters = {
            name: ClusterNetwork(
                name,
                ClusterNetworkArgs(
                    common=common[name],
                    address_space=[f"10.{octet}.0.0/16"],
                    subnets=[
                        SubnetSpec(
                            "nodes", "snet-nodes", f"10.{octet}.0.0/17", (), uses_egress=False
                        )
                    ],
                    nat_gateway=None,
                ),
            )
            for name, octet in (("blue", 20), ("green", 21))
        }
        ManagementNetwork(
            "management",
            ManagementNetworkArgs(
                common=common["hub"],
                address_space=settings.management.address_space,
                subnets=[
                    SubnetSpec(
                        "bastion",
                        "AzureBastionSubnet",
                        "10.30.0.0/26",
                        rules.bastion(),
                        uses_egress=False,
                    ),
                    SubnetSpec("jumpBox", "snet-jump-box", "10.30.0.224/28", (), uses_egress=False),
                ],
                bastion=settings.management.bastion,
                jump_box=settings.management.own_jump_box,
                kubernetes_version=settings.cluster.kubernetes_version,
                nat_gateway=None,
                peers={
                    name: PeerArgs(
                        resource_group_name=made.resource_group_name,
                        virtual_network_name=made.virtual_network_name,
                        virtual_network_id=made.virtual_network_id,
                        address_space=made.address_space,
                        last_write=made.last_subnet,
                    )
                    for name, made in clusters.items()
                },
            ),
        )

    recording = record(program)
    peerings = recording.of_type("network:VirtualNetworkPeering")
    assert [peering.name for peering in peerings] == [
        "management-to-blue",
        "management-from-blue",
        "management-to-green",
        "management-from-green",
    ]
