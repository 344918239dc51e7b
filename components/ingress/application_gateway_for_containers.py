"""Application Gateway for Containers, which the ALB controller in the cluster configures.

This module does not manage the ALB controller, nor the Gateway object that uses the frontend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import servicenetworking

from components.azure.common import LONG_TIMEOUTS, CommonArgs
from components.azure.component import Component
from components.azure.naming import AGC_FRONTEND
from components.ingress.dns_records import HostRecord, cname_records
from components.ingress.waf_policy import waf_policy
from components.settings.waf import GatewayWaf


@dataclass(frozen=True)
class TrafficControllerArgs:
    """The traffic controller's subnet, WAF settings and DNS records."""

    common: CommonArgs
    resource_group_name: pulumi.Input[str]
    subnet_id: pulumi.Input[str]
    """Its own subnet, delegated to Microsoft.ServiceNetworking/trafficControllers."""
    waf: GatewayWaf | None
    """Settings of the WAF policy; None for no policy."""
    records: Sequence[HostRecord]
    """The public DNS records that point to the frontend."""
    zone_group_name: pulumi.Input[str]
    """Resource group of the public zones."""


class TrafficController(Component):
    """A traffic controller with its frontend, its association with the subnet, and its WAF policy.

    Azure's limits: one association, with a subnet in the same region, and public frontends only,
    each for a single Gateway (application-gateway-for-containers-components).
    """

    id: pulumi.Output[str]
    """Resource id, to which the Gateway object refers."""
    host: pulumi.Output[str]
    """The frontend's FQDN."""
    policy_id: pulumi.Output[str] | None
    """The WAF policy's resource id; None without a policy."""
    ready: list[pulumi.Resource]
    """The resources that must exist before the Gateway object."""

    def __init__(
        self, name: str, args: TrafficControllerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        controller = servicenetworking.TrafficControllerInterface(
            f"{name}-alb",
            traffic_controller_name=args.common.names.of("alb"),
            resource_group_name=args.resource_group_name,
            location=args.common.location,
            tags=args.common.tags,
            opts=pulumi.ResourceOptions(
                parent=self, protect=args.common.protect, custom_timeouts=LONG_TIMEOUTS
            ),
        )
        frontend = servicenetworking.FrontendsInterface(
            f"{name}-frontend",
            frontend_name=AGC_FRONTEND,
            traffic_controller_name=controller.name,
            resource_group_name=args.resource_group_name,
            location=args.common.location,
            tags=args.common.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=args.common.protect),
        )
        self.ready = [frontend, self._association(controller)]
        self.policy_id = None
        if args.waf is not None:
            self.policy_id, security_policy = self._security_policy(controller, args.waf)
            self.ready.append(security_policy)
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

    def _association(
        self, controller: servicenetworking.TrafficControllerInterface
    ) -> servicenetworking.AssociationsInterface:
        return servicenetworking.AssociationsInterface(
            f"{self._name}-association",
            association_name=self._args.common.names.of("association"),
            association_type=servicenetworking.AssociationType.SUBNETS,
            traffic_controller_name=controller.name,
            resource_group_name=self._args.resource_group_name,
            location=self._args.common.location,
            subnet=servicenetworking.AssociationSubnetArgs(id=self._args.subnet_id),
            tags=self._args.common.tags,
            opts=pulumi.ResourceOptions(parent=self, custom_timeouts=LONG_TIMEOUTS),
        )

    def _security_policy(
        self, controller: servicenetworking.TrafficControllerInterface, settings: GatewayWaf
    ) -> tuple[pulumi.Output[str], pulumi.Resource]:
        """The WAF policy's id, and the security policy that applies it to the gateway."""
        common = self._args.common
        policy = waf_policy(
            self._name,
            common=common,
            resource_group_name=self._args.resource_group_name,
            settings=settings,
            parent=self,
        )
        security_policy = servicenetworking.SecurityPoliciesInterface(
            f"{self._name}-security-policy",
            security_policy_name=common.names.of("waf"),
            traffic_controller_name=controller.name,
            resource_group_name=self._args.resource_group_name,
            location=common.location,
            waf_policy=servicenetworking.WafPolicyArgs(id=policy.id),
            tags=common.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return policy.id, security_policy
