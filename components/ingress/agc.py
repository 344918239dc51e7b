"""Application Gateway for Containers: the gateway that the ALB controller in the cluster drives.

It does not manage the controller itself, nor the Gateway object that takes the frontend in use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import servicenetworking

from components.azure.common import LONG_TIMEOUTS, CommonArgs
from components.azure.component import Component
from components.azure.naming import AGC_FRONTEND
from components.ingress.dns_records import PublicRecord, cname_records
from components.ingress.waf_policy import waf_policy
from components.settings.waf import GatewayWaf


@dataclass(frozen=True)
class TrafficControllerArgs:
    """What it consists of."""

    common: CommonArgs
    resource_group_name: pulumi.Input[str]
    subnet_id: pulumi.Input[str]
    """A subnet of its own, delegated to Microsoft.ServiceNetworking/trafficControllers."""
    waf: GatewayWaf | None
    records: Sequence[PublicRecord]
    zone_group_name: pulumi.Input[str]
    """Resource group of the public zones."""


class TrafficController(Component):
    """The traffic controller, its frontend, its one association, and its firewall's policy.

    Azure has these limits: one association, whose subnet is in the same region, and public
    frontends only, each for a single Gateway (application-gateway-for-containers-components).
    """

    id: pulumi.Output[str]
    """Resource id, which the Gateway object names."""
    host: pulumi.Output[str]
    """The frontend's name in DNS."""
    policy_id: pulumi.Output[str] | None
    """The firewall policy's resource id, where there is one."""
    ready: list[pulumi.Resource]
    """What a Gateway object has to wait for."""

    def __init__(
        self, name: str, args: TrafficControllerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        common = args.common
        controller = servicenetworking.TrafficControllerInterface(
            f"{name}-alb",
            traffic_controller_name=common.names.of("alb"),
            resource_group_name=args.resource_group_name,
            location=common.location,
            tags=common.tags,
            opts=pulumi.ResourceOptions(
                parent=self, protect=common.protect, custom_timeouts=LONG_TIMEOUTS
            ),
        )
        frontend = servicenetworking.FrontendsInterface(
            f"{name}-frontend",
            frontend_name=AGC_FRONTEND,
            traffic_controller_name=controller.name,
            resource_group_name=args.resource_group_name,
            location=common.location,
            tags=common.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=common.protect),
        )
        association = servicenetworking.AssociationsInterface(
            f"{name}-association",
            association_name=common.names.of("association"),
            association_type=servicenetworking.AssociationType.SUBNETS,
            traffic_controller_name=controller.name,
            resource_group_name=args.resource_group_name,
            location=common.location,
            subnet=servicenetworking.AssociationSubnetArgs(id=args.subnet_id),
            tags=common.tags,
            opts=pulumi.ResourceOptions(parent=self, custom_timeouts=LONG_TIMEOUTS),
        )
        self.ready = [frontend, association]
        self.policy_id = None
        if args.waf is not None:
            policy = waf_policy(
                name,
                common=common,
                resource_group_name=args.resource_group_name,
                settings=args.waf,
                parent=self,
            )
            self.policy_id = policy.id
            self.ready.append(
                servicenetworking.SecurityPoliciesInterface(
                    f"{name}-security-policy",
                    security_policy_name=common.names.of("waf"),
                    traffic_controller_name=controller.name,
                    resource_group_name=args.resource_group_name,
                    location=common.location,
                    waf_policy=servicenetworking.WafPolicyArgs(id=policy.id),
                    tags=common.tags,
                    opts=pulumi.ResourceOptions(parent=self),
                )
            )
        self.id = controller.id
        self.host = frontend.fqdn
        cname_records(
            name,
            args.records,
            zone_group_name=args.zone_group_name,
            target=frontend.fqdn,
            parent=self,
        )
        self.register_outputs({"host": self.host})
