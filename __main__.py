"""The program: reads a stack's configuration, wires the components together, names the outputs."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

# Collecting garbage while modules are imported takes two fifths of a preview's time, in vain.
gc.disable()

import pulumi  # noqa: E402
from pulumi.runtime.config import get_config_env, get_config_secret_keys_env  # noqa: E402
from pulumi_azure_native import resources  # noqa: E402

from components import egress, topology  # noqa: E402
from components.addressing import NetworkModel  # noqa: E402
from components.app_routing import AppRouting, AppRoutingArgs  # noqa: E402
from components.cluster import ApiServerDnsArgs, Cluster, ClusterArgs  # noqa: E402
from components.cluster_identity import ClusterIdentity, ClusterIdentityArgs  # noqa: E402
from components.cluster_network import ClusterNetwork, ClusterNetworkArgs  # noqa: E402
from components.common import CommonArgs, without_version_aliases  # noqa: E402
from components.configuration import Configuration, configuration  # noqa: E402
from components.diagnostics import Kind  # noqa: E402
from components.egress_firewall import EgressFirewall, EgressFirewallArgs  # noqa: E402
from components.existing_hub import ExistingHub, ExistingHubArgs  # noqa: E402
from components.existing_network import ExistingNetwork, look  # noqa: E402
from components.gateway_parts import CERTIFICATE  # noqa: E402
from components.management_network import (  # noqa: E402
    ManagementNetwork,
    ManagementNetworkArgs,
)
from components.naming import Names  # noqa: E402
from components.network_profile import NetworkProfile  # noqa: E402
from components.peering import PeerArgs  # noqa: E402
from components.problems import ConfigurationError  # noqa: E402
from components.public_records import PublicRecord, public_records  # noqa: E402
from components.roles import Role  # noqa: E402
from components.settings.management import Gateway  # noqa: E402
from components.settings.observability import WorkspaceSettings  # noqa: E402
from components.settings.waf import GatewayWaf  # noqa: E402
from components.web_application_firewall import (  # noqa: E402
    VaultArgs,
    WebApplicationFirewall,
    WebApplicationFirewallArgs,
)

if TYPE_CHECKING:
    # Few stacks need these, and their imports cost every run's time.
    from components.ingress_plan import Given
    from components.traffic_controller import TrafficController
    from components.workload_identity import WorkloadIdentity

gc.freeze()
gc.enable()

USED_BY_CLUSTER = ("nodes", "pods", "ingress", "apiServer")
"""Roles of the subnets that the cluster itself puts nodes, pods and load balancers into."""


def main() -> None:
    """Check the whole configuration, then register everything."""
    try:
        checked = configuration(get_config_env(), get_config_secret_keys_env())
        theirs = look(checked.settings, checked.plan)
    except ConfigurationError as error:
        raise pulumi.RunError(str(error)) from None
    for warning in checked.warnings:
        pulumi.log.warn(warning)
    for key, value in Deployment(checked, theirs).outputs().items():
        pulumi.export(key, value)


class Deployment:
    """One deployment: the components in the order in which they hand values to each other."""

    def __init__(
        self, checked: Configuration, theirs: ExistingNetwork | None = None, prefix: str = ""
    ) -> None:
        """Register everything, in another team's network if `theirs` is one.

        `prefix` sets logical names apart from another deployment's.
        """
        self.prefix = prefix
        self.settings = checked.settings
        self.plan = checked.plan
        settings = checked.settings
        names = Names(settings.workload, settings.environment, settings.location)
        self.common = CommonArgs(
            names=names,
            protect=settings.protect,
            tags={
                **settings.tags,
                "workload": settings.workload,
                "environment": settings.environment,
            },
        )
        self.observability_group = self._observability_group()
        self.workspace_id = self._workspace_id()
        self.cluster_group = self._group("cluster")
        self.ingress_group = self._group("ingress")
        self.network = theirs or self._network()
        self.management = self._management()
        self.egress_firewall = self._egress_firewall()
        self.identity = self._identity()
        self.routing = self._routing()
        self.firewall = self._firewall()
        self.traffic_controller = self._traffic_controller()
        self.cluster = self._cluster()
        self._addon_roles()
        self._observability()
        self._applications()

    def outputs(self) -> dict[str, pulumi.Input[object]]:
        """The stack's outputs: an API for whoever builds on it. No kubeconfig among them."""
        outputs: dict[str, pulumi.Input[object]] = {
            "addressPlan": self.plan.as_output(),
            "clusterName": self.cluster.name,
            "clusterResourceGroup": self.cluster_group.name,
            "apiServer": self.cluster.fqdn,
            "virtualNetworkId": self.network.virtual_network_id,
            "managementVirtualNetworkId": self.management.virtual_network_id,
            "subnetIds": dict(self.network.subnet_ids),
            "egressAddresses": self._egress_addresses,
            "vaultName": self.routing.vault_name,
            "nameServers": dict(self.routing.name_servers),
            "hosts": list(self.settings.kubernetes.hosts),
        }
        if isinstance(self.management, ManagementNetwork):
            outputs |= self.management.outputs()
        if self.settings.management.dns_resolver:
            outputs["dnsResolverAddress"] = self.plan.address("dnsResolver")
        if self.firewall:
            outputs["firewallAddress"] = self.firewall.address
        if self.traffic_controller:
            outputs["ingressHost"] = self.traffic_controller.host
        if self.workspace_id:
            outputs["logAnalyticsWorkspaceId"] = self.workspace_id
        return outputs

    def _group(self, part: str) -> resources.ResourceGroup:
        return resources.ResourceGroup(
            f"{self.prefix}{part}-rg",
            resource_group_name=self.common.names.of("rg", part),
            location=self.common.location,
            tags=self.common.tags,
            opts=without_version_aliases(pulumi.ResourceOptions(protect=self.common.protect)),
        )

    def _observability_group(self) -> resources.ResourceGroup | None:
        """The group of what observing needs itself: a workspace, the flow logs' storage."""
        settings = self.settings.observability
        return self._group("observability") if settings.needs_group else None

    def _workspace_id(self) -> pulumi.Input[str] | None:
        """The workspace comes first: the cluster's Defender sensor needs it."""
        settings = self.settings.observability
        if not settings.needs_own_workspace or not self.observability_group:
            return settings.existing_workspace
        # Only now: a stack that records nothing does not pay for these imports.
        from components.log_analytics import LogAnalytics, LogAnalyticsArgs  # noqa: PLC0415

        made = LogAnalytics(
            f"{self.prefix}logs",
            LogAnalyticsArgs(
                common=self.common,
                resource_group_name=self.observability_group.name,
                settings=settings.workspace or WorkspaceSettings(),
            ),
        )
        return made.workspace_id

    def _network(self) -> ClusterNetwork:
        settings = self.settings.network
        return ClusterNetwork(
            f"{self.prefix}network",
            ClusterNetworkArgs(
                common=self.common,
                address_space=settings.address_space,
                subnets=topology.cluster_subnets(
                    self.plan,
                    self.settings.ingress,
                    self.settings.management,
                    self.common.names,
                    self.settings.kubernetes.exposed_ports,
                ),
                nat_gateway=settings.nat_gateway if settings.egress == "nat-gateway" else None,
                route_table=egress.route_table(settings, self.plan),
            ),
        )

    def _management(self) -> ManagementNetwork | ExistingHub:
        settings = self.settings.management
        if settings.existing is not None:
            return ExistingHub(
                f"{self.prefix}management",
                ExistingHubArgs(
                    common=self.common,
                    virtual_network_id=settings.existing.virtual_network_id,
                    cluster_group_name=self.network.resource_group_name,
                    cluster_network_name=self.network.virtual_network_name,
                    at_rest=self.network.last_subnet,
                    use_gateway=settings.existing.use_gateway,
                    takes_forwarded=self._leaves_by_hub,
                ),
            )
        return ManagementNetwork(
            f"{self.prefix}management",
            ManagementNetworkArgs(
                common=self.common,
                address_space=settings.address_space,
                subnets=topology.management_subnets(self.plan, settings, self.common.names),
                bastion=settings.bastion,
                jump_box=settings.own_jump_box,
                kubernetes_version=self.settings.cluster.kubernetes_version,
                administrators=self.settings.cluster.admin_group_object_ids,
                gateway=settings.gateway if isinstance(settings.gateway, Gateway) else None,
                dns_resolver_address=self.plan.address("dnsResolver")
                if settings.dns_resolver
                else None,
                nat_gateway=settings.nat_gateway,
                peers={
                    "cluster": PeerArgs(
                        resource_group_name=self.network.resource_group_name,
                        virtual_network_name=self.network.virtual_network_name,
                        virtual_network_id=self.network.virtual_network_id,
                        at_rest=self.network.last_subnet,
                        another_teams=self.settings.network.existing is not None,
                        takes_forwarded=self._leaves_by_hub,
                    )
                },
            ),
        )

    def _egress_firewall(self) -> EgressFirewall | None:
        settings = self.settings.network
        if settings.egress != "firewall" or not isinstance(self.management, ManagementNetwork):
            return None
        basic = settings.firewall.tier == "Basic"
        subnet_ids = self.management.subnet_ids
        return EgressFirewall(
            f"{self.prefix}egress",
            EgressFirewallArgs(
                common=self.common,
                resource_group_name=self.management.resource_group_name,
                subnet_id=subnet_ids["firewall"],
                management_subnet_id=subnet_ids["firewallManagement"] if basic else None,
                settings=settings.firewall,
                sources=topology.cluster_ranges(self.plan),
                network_rules=egress.firewall_network_rules(
                    self.common.location,
                    private_api_server=self.settings.cluster.private,
                    dns_proxy=not basic,
                ),
                application_rules=[
                    *egress.firewall_application_rules(settings.firewall.allowed_fqdns),
                    *egress.firewall_addon_rules(
                        defender=self.settings.observability.defender,
                        azure_policy=self.settings.observability.azure_policy,
                    ),
                ],
            ),
        )

    def _identity(self) -> ClusterIdentity:
        used = [
            subnet.role
            for subnet in self.plan.vnet("cluster").subnets
            if {subnet.role, subnet.demand.family} & set(USED_BY_CLUSTER)
        ]
        return ClusterIdentity(
            f"{self.prefix}identity",
            ClusterIdentityArgs(
                common=self.common,
                resource_group_name=self.cluster_group.name,
                settings=self.settings.cluster.identity,
                subnet_ids={role: self.network.subnet_ids[role] for role in used},
                route_table_id=self.network.route_table_id
                if self.settings.network.model == NetworkModel.KUBENET
                else None,
            ),
        )

    @property
    def _egress_addresses(self) -> list[pulumi.Input[str]]:
        """The public addresses that the cluster's connections come from."""
        if self.egress_firewall:
            return [self.egress_firewall.public_address]
        return list(self.network.egress_addresses)

    @property
    def _leaves_by_hub(self) -> bool:
        """Whether an appliance in the management network forwards what the cluster sends out."""
        return self.settings.network.egress in {"firewall", "appliance"}

    @property
    def _networks(self) -> dict[str, pulumi.Output[str]]:
        """Both networks, for zones that must resolve in either."""
        return {
            "cluster": self.network.virtual_network_id,
            "management": self.management.virtual_network_id,
        }

    def _routing(self) -> AppRouting:
        settings = self.settings.ingress
        return AppRouting(
            f"{self.prefix}routing",
            AppRoutingArgs(
                common=self.common,
                resource_group_name=self.ingress_group.name,
                public_zones=settings.public_dns_zones,
                private_zones=settings.private_dns_zones,
                addon_keeps_public_records=settings.controller == "app-routing"
                and not settings.has_application_gateway,
                virtual_network_ids=self._networks,
                private_endpoint_subnet_id=self.network.subnet_ids["privateEndpoints"],
            ),
        )

    def _cluster(self) -> Cluster:
        settings = self.settings.cluster
        return Cluster(
            f"{self.prefix}cluster",
            ClusterArgs(
                common=self.common,
                resource_group_name=self.cluster_group.name,
                settings=settings,
                network_profile=NetworkProfile.of(self.settings.network),
                identity_id=self.identity.id,
                identity_principal_id=self.identity.principal_id,
                before=[
                    *self.identity.grants,
                    *self.network.routes,
                    *(self.egress_firewall.ready if self.egress_firewall else []),
                    # The nodes' way out leads over the peering then.
                    *(self.management.peerings if self._leaves_by_hub else []),
                ],
                subnet_ids=self.network.subnet_ids,
                egress_addresses=self._egress_addresses,
                private_dns=ApiServerDnsArgs(
                    virtual_network_ids=self._networks,
                    cluster_network_id=self.network.virtual_network_id,
                )
                if settings.private
                else None,
                app_routing=self.settings.ingress.controller == "app-routing",
                app_routing_zone_ids=[]
                if self.settings.ingress.uses_gateway_api
                else [id_ for ids in self.routing.addon_zone_ids.values() for id_ in ids],
                application_gateway_id=self.firewall.gateway_id
                if self.firewall and self.settings.ingress.controller == "agic"
                else None,
                defender_workspace_id=self.workspace_id
                if self.settings.observability.defender
                else None,
                azure_policy=self.settings.observability.azure_policy,
            ),
        )

    @property
    def _public_records(self) -> list[PublicRecord]:
        return public_records(self.settings.kubernetes.hosts, self.routing.public_zone_names)

    def _firewall(self) -> WebApplicationFirewall | None:
        ingress = self.settings.ingress
        if not isinstance(ingress.waf, GatewayWaf) or not ingress.has_application_gateway:
            return None
        return WebApplicationFirewall(
            f"{self.prefix}waf",
            WebApplicationFirewallArgs(
                common=self.common,
                resource_group_name=self.ingress_group.name,
                settings=ingress.waf,
                subnet_id=self.network.subnet_ids["applicationGateway"],
                hosts=self.settings.kubernetes.hosts,
                controller_address=self.plan.address("ingress")
                if ingress.has_load_balancer
                else None,
                vault=VaultArgs(
                    id=self.routing.vault_id,
                    name=self.routing.vault_name,
                    uri=self.routing.vault_uri,
                ),
                records=public_records(
                    self.settings.kubernetes.hosts, self.routing.public_zone_names
                ),
                zone_group_name=self.ingress_group.name,
            ),
        )

    def _traffic_controller(self) -> TrafficController | None:
        ingress = self.settings.ingress
        if ingress.controller != "application-gateway-for-containers":
            return None
        # Only now: few stacks pay for these imports.
        from components.traffic_controller import (  # noqa: PLC0415
            TrafficController,
            TrafficControllerArgs,
        )

        return TrafficController(
            f"{self.prefix}agc",
            TrafficControllerArgs(
                common=self.common,
                resource_group_name=self.ingress_group.name,
                subnet_id=self.network.subnet_ids["trafficController"],
                waf=ingress.waf if isinstance(ingress.waf, GatewayWaf) else None,
                records=public_records(
                    self.settings.kubernetes.hosts, self.routing.public_zone_names
                ),
                zone_group_name=self.ingress_group.name,
            ),
        )

    def _addon_roles(self) -> None:
        """The add-ons' identities come into being with the cluster."""
        ingress = self.settings.ingress
        if ingress.controller == "app-routing" and not ingress.uses_gateway_api:
            self.routing.grant_addon(
                self.cluster.app_routing_principal_id, ingress.certificate_vault_id
            )
        if ingress.controller == "agic" and self.firewall:
            self.firewall.grant_agic(self.cluster.agic_principal_id, self.ingress_group.id)

    def _observability(self) -> None:
        settings = self.settings.observability
        if not settings.diagnostics.kinds and not settings.flow_logs:
            return
        from components.observability import Observability, ObservabilityArgs  # noqa: PLC0415

        ids: dict[Kind, pulumi.Input[str]] = {
            "cluster": self.cluster.resource.id,
            "keyVault": self.routing.vault_id,
        }
        if isinstance(self.management, ManagementNetwork):
            ids["bastion"] = self.management.bastion_id
        if self.firewall:
            ids["applicationGateway"] = self.firewall.gateway_id
        if self.egress_firewall:
            ids["firewall"] = self.egress_firewall.id
        networks = self._networks
        if self.settings.network.existing:
            del networks["cluster"]
        if self.settings.management.existing:
            del networks["management"]
        Observability(
            f"{self.prefix}observability",
            ObservabilityArgs(
                common=self.common,
                settings=settings,
                workspace_id=self.workspace_id,
                resource_group=self.observability_group,
                resource_ids=ids,
                virtual_network_ids=networks,
            ),
        )

    def _applications(self) -> None:
        settings = self.settings.kubernetes
        if settings.delivery == "none":
            return
        # Only now: a stack that delivers nothing does not pay for these imports.
        from components import delivery  # noqa: PLC0415
        from components.applications import Applications, ApplicationsArgs  # noqa: PLC0415
        from components.ingress_controller import (  # noqa: PLC0415
            IngressController,
            IngressControllerArgs,
        )
        from components.ingress_plan import ingress_plan  # noqa: PLC0415

        if settings.delivery == "render":
            provider = delivery.rendering(
                f"{self.prefix}kubernetes",
                directory=settings.render_directory or f"rendered/{self.settings.environment}",
            )
        else:
            provider = delivery.applying(
                f"{self.prefix}kubernetes",
                kubeconfig=self.cluster.kubeconfig,
                cluster_id=self.cluster.resource.id,
                login=settings.login,
            )
        given, after = self._given()
        ways_in = ingress_plan(self.settings.ingress, settings, given)
        opts = pulumi.ResourceOptions(providers=[provider])
        deleted_with = self.cluster.resource if settings.delivery == "apply" else None
        controller = IngressController(
            f"{self.prefix}ingress",
            IngressControllerArgs(plan=ways_in, after=after),
            opts,
            deleted_with=deleted_with,
        )
        Applications(
            f"{self.prefix}applications",
            ApplicationsArgs(
                applications=settings.applications,
                route=ways_in.route,
                ranges=topology.policy_ranges(self.plan),
                after=controller.made,
            ),
            opts,
            deleted_with=deleted_with,
        )

    def _given(self) -> tuple[Given, list[pulumi.Resource]]:
        """What the ingress controller is made of that exists by now, and what it waits for."""
        from components.ingress_plan import Given  # noqa: PLC0415

        ingress = self.settings.ingress
        identity = self._controller_identity()
        controller = self.traffic_controller
        after = [*(identity.ready if identity else []), *(controller.ready if controller else [])]
        given = Given(
            load_balancer=topology.load_balancer(
                self.plan, self.settings.network, ingress, self.common.names
            ),
            certificate_uri=self.firewall.certificate_secret_id if self.firewall else None,
            installed_certificate=CERTIFICATE if self.firewall else None,
            pod_gateway=topology.pod_gateway(self.plan, ingress),
            client_id=identity.client_id if identity else None,
            zone_ids=self.routing.addon_zone_ids,
            traffic_controller_id=controller.id if controller else None,
            policy_id=controller.policy_id if controller else None,
        )
        return given, after

    def _controller_identity(self) -> WorkloadIdentity | None:
        """What a controller in the cluster signs in to Azure by, if it does."""
        if not self.settings.ingress.uses_gateway_api:
            return None
        from components import gateway_objects, helm_charts  # noqa: PLC0415
        from components.workload_identity import (  # noqa: PLC0415
            WorkloadIdentity,
            WorkloadIdentityArgs,
        )

        roles: dict[str, tuple[Role, pulumi.Input[str]]]
        if self.traffic_controller:
            part = "alb"
            account = (helm_charts.ALB_NAMESPACE, helm_charts.ALB_SERVICE_ACCOUNT)
            roles = {
                "configuration": (
                    Role.APPGW_FOR_CONTAINERS_CONFIGURATION_MANAGER,
                    self.ingress_group.id,
                ),
                "subnet": (
                    Role.NETWORK_CONTRIBUTOR,
                    self.network.subnet_ids["trafficController"],
                ),
                "nodes": (Role.READER, self.cluster.node_resource_group_id),
            }
            if self.traffic_controller.policy_id is not None:
                roles["policy"] = (Role.NETWORK_CONTRIBUTOR, self.traffic_controller.policy_id)
        else:
            part = "gateway"
            account = (gateway_objects.GATEWAY.namespace, gateway_objects.SERVICE_ACCOUNT)
            vault_id = self.settings.ingress.certificate_vault_id or self.routing.vault_id
            roles = {
                **self.routing.addon_zones["public"],
                **self.routing.addon_zones["private"],
                "vault": (Role.KEY_VAULT_SECRETS_USER, vault_id),
            }
        return WorkloadIdentity(
            f"{self.prefix}{part}",
            WorkloadIdentityArgs(
                common=self.common,
                resource_group_name=self.ingress_group.name,
                part=part,
                issuer_url=self.cluster.issuer_url,
                namespace=account[0],
                service_account=account[1],
                roles=roles,
            ),
        )


main()
