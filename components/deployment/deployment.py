"""One deployment: all components, in the order in which they pass values to each other."""

from __future__ import annotations

import pulumi

from components.addressing import SubnetKey
from components.deployment import (
    cluster,
    egress,
    in_cluster,
    ingress,
    networks,
    observability,
    registries,
)
from components.deployment.context import DeploymentContext
from components.deployment.dns_entries import dns_entries
from components.deployment.stack_outputs import StackOutputs
from components.network.cluster_network import ClusterNetwork
from components.network.existing_network import ExistingNetwork
from components.network.management_network import ManagementNetwork
from components.settings.load import Configuration


class Deployment:
    """All resources of a stack."""

    def __init__(
        self,
        checked: Configuration,
        existing_network: ExistingNetwork | None = None,
        prefix: str = "",
        parent: pulumi.Resource | None = None,
        last_version: str | None = None,
    ) -> None:
        """Register all resources, in `existing_network` if there is one.

        `prefix` is part of all logical names and tells several deployments apart. `parent` is the
        parent of all components; None for the stack. `last_version` is the cluster's Kubernetes
        version after the last run, if there was one.
        """
        context = self.context = DeploymentContext.of(checked, prefix, parent)
        observability_group = observability.resource_group(context)
        self.workspace_id = observability.workspace_id(context, observability_group)
        self.cluster_group = context.resource_group("cluster")
        ingress_group = context.resource_group("ingress")
        self.network = existing_network or networks.cluster_network(context)
        self.management = networks.management_network(context, self.network)
        self.egress_firewall = egress.egress_firewall(context, self.management)
        identity = cluster.identity(context, self.cluster_group, self.network)
        dns_servers = networks.dns_servers_ready(context, self.management, self.egress_firewall)
        self.ingress = ingress.ingress_resources(
            context, ingress_group, self.network, self.management, identity
        )
        self.cluster = cluster.cluster(
            context,
            cluster.ClusterDependencies(
                resource_group=self.cluster_group,
                identity=identity,
                network=self.network,
                management=self.management,
                egress_firewall=self.egress_firewall,
                ingress=self.ingress,
                dns_servers=dns_servers,
                workspace_id=self.workspace_id,
                last_version=last_version,
            ),
        )
        self.registries = registries.registries(
            context, self.cluster_group, self.network, self.management
        )
        pull_grants = registries.grant_pull(context, self.registries, identity, self.cluster)
        networks.create_deferred_peerings(context, self.management, self.cluster)
        api_server_rule = egress.allow_api_server(context, self.egress_firewall, self.cluster)
        addon_grants = ingress.grant_addons(context, self.ingress, self.cluster)
        observability.logs(
            context,
            observability.LogSources(
                workspace_id=self.workspace_id,
                resource_group=observability_group,
                network=self.network,
                management=self.management,
                egress_firewall=self.egress_firewall,
                ingress=self.ingress,
                cluster=self.cluster,
            ),
        )
        in_cluster.applications(
            context,
            self.cluster,
            self.ingress,
            self.network,
            wait_for=[*addon_grants, *api_server_rule],
            images_ready=pull_grants,
        )

    def outputs(self) -> StackOutputs:
        """The stack's outputs, which are an API. There is no kubeconfig among them."""
        settings, ingress_resources = self.context.settings, self.ingress
        dns_and_key_vault = ingress_resources.dns_and_key_vault
        outputs: StackOutputs = {
            "addressPlan": self.context.plan.as_output(),
            "clusterName": self.cluster.name,
            "kubernetesVersion": settings.cluster.kubernetes_version,
            "windowsPools": dict(self.cluster.windows_images),
            "localDnsAllowed": settings.kubernetes.delivery != "none",
            "clusterResourceGroup": self.cluster_group.name,
            "apiServer": self.cluster.fqdn,
            "virtualNetworkId": self.network.virtual_network_id,
            "managementVirtualNetworkId": self.management.virtual_network_id,
            "subnetIds": dict(self.network.subnet_ids),
            "egressAddresses": egress.egress_addresses(self.network, self.egress_firewall),
            "vaultName": dns_and_key_vault.vault_name,
            "nameServers": dict(dns_and_key_vault.name_servers),
            "hosts": list(settings.kubernetes.hosts),
            "appRoutingImplementations": list(settings.ingress.app_routing_implementations),
            "dnsEntries": dns_entries(self.context, ingress_resources),
        }
        if isinstance(self.network, ClusterNetwork) and self.network.nat_gateway_sku:
            outputs["natGatewaySku"] = self.network.nat_gateway_sku
        self._add_ingress(outputs)
        if isinstance(self.management, ManagementNetwork):
            outputs["managementResourceGroup"] = self.management.resource_group_name
            outputs["bastionId"] = self.management.bastion_id
            outputs["bastionName"] = self.management.bastion_name
            outputs["jumpBoxId"] = self.management.jump_box_id
            outputs["jumpBoxAddress"] = self.management.jump_box_address
            if self.management.gateway_addresses:
                outputs["gatewayAddresses"] = list(self.management.gateway_addresses)
        if settings.management.dns_resolver:
            outputs["dnsResolverAddress"] = self.context.plan.address(SubnetKey.DNS_RESOLVER)
        if self.registries:
            outputs["imageRegistries"] = list(self.registries.login_servers)
            if self.registries.own_id:
                outputs["registryId"] = self.registries.own_id
        if self.workspace_id:
            outputs["logAnalyticsWorkspaceId"] = pulumi.Output.from_input(self.workspace_id)
        return outputs

    def _add_ingress(self, outputs: StackOutputs) -> None:
        """Add the addresses at which requests arrive."""
        found = self.ingress
        if found.controller_address is not None:
            outputs["ingressAddress"] = pulumi.Output.from_input(found.controller_address)
        if found.standby_address is not None:
            outputs["standbyIngressAddress"] = pulumi.Output.from_input(found.standby_address)
        if found.web_application_firewall:
            outputs["wafPublicAddress"] = found.web_application_firewall.address
            outputs["wafId"] = found.web_application_firewall.gateway_id
        if found.traffic_controller:
            outputs["ingressHost"] = found.traffic_controller.host
