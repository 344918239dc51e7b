"""One deployment: all components, in the order in which they pass values to each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from components.addressing import SubnetKey
from components.addressing.plan import SubnetFigures
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
from components.deployment.dns_entries import DnsEntry, dns_entries
from components.network.existing_network import ExistingNetwork
from components.network.management_network import ManagementNetwork
from components.settings.load import Configuration


class StackOutputs(TypedDict):
    """The outputs of a stack."""

    addressPlan: list[SubnetFigures]
    """The address plan: one object per subnet."""
    clusterName: pulumi.Output[str]
    """The AKS cluster's name."""
    kubernetesVersion: str
    """The Kubernetes version in the settings. An upgrade channel may have installed a newer one."""
    clusterResourceGroup: pulumi.Output[str]
    """The cluster's resource group."""
    apiServer: pulumi.Output[str]
    """The API server's FQDN: the private one of a private cluster, or else the public one."""
    virtualNetworkId: pulumi.Output[str]
    """Resource id of the cluster's virtual network."""
    managementVirtualNetworkId: pulumi.Output[str]
    """Resource id of the management virtual network."""
    subnetIds: dict[str, pulumi.Output[str]]
    """Resource ids of the subnets of the cluster's network, by key."""
    egressAddresses: list[pulumi.Output[str]]
    """The public addresses of the cluster's outbound connections, as far as they are known."""
    vaultName: pulumi.Output[str]
    """Name of the key vault with the certificates."""
    nameServers: dict[str, pulumi.Output[Sequence[str]]]
    """By public zone, the name servers to which its parent zone must delegate."""
    hosts: list[str]
    """The applications' host names."""
    managementResourceGroup: NotRequired[pulumi.Output[str]]
    """The management network's resource group; missing where another team owns the network."""
    bastionId: NotRequired[pulumi.Output[str]]
    """Resource id of the Bastion host."""
    bastionName: NotRequired[pulumi.Output[str]]
    """The Bastion host's name, as `az network bastion` expects it."""
    jumpBoxId: NotRequired[pulumi.Output[str]]
    """Resource id of the jump box."""
    jumpBoxAddress: NotRequired[pulumi.Output[str]]
    """The jump box's private address."""
    gatewayAddresses: NotRequired[list[pulumi.Output[str]]]
    """Public addresses of the gateway to on-premises; missing without a gateway."""
    dnsResolverAddress: NotRequired[str]
    """Private address of the DNS private resolver; missing without a resolver."""
    ingressAddress: NotRequired[pulumi.Output[str]]
    """Address of the ingress controller: the planned private one, or the static public one, which a
    third party's firewall needs as its origin. Missing where AKS chooses the address."""
    dnsEntries: list[DnsEntry]
    """The DNS records that you must enter yourself: the hosts for which no record is made."""
    wafPublicAddress: NotRequired[pulumi.Output[str]]
    """Public address of the web application firewall; missing without a firewall."""
    wafId: NotRequired[pulumi.Output[str]]
    """Resource id of the Application Gateway; missing without one."""
    ingressHost: NotRequired[pulumi.Output[str]]
    """FQDN of the frontend of Application Gateway for Containers; missing without it."""
    registryId: NotRequired[pulumi.Output[str]]
    """Resource id of the cluster's own container registry; missing without one."""
    imageRegistries: NotRequired[list[pulumi.Output[str]]]
    """Login servers of the registries from which the nodes may pull images, the cluster's own
    first; missing without one."""
    logAnalyticsWorkspaceId: NotRequired[pulumi.Output[str]]
    """Resource id of the Log Analytics workspace; missing without one."""


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
            "clusterResourceGroup": self.cluster_group.name,
            "apiServer": self.cluster.fqdn,
            "virtualNetworkId": self.network.virtual_network_id,
            "managementVirtualNetworkId": self.management.virtual_network_id,
            "subnetIds": dict(self.network.subnet_ids),
            "egressAddresses": egress.egress_addresses(self.network, self.egress_firewall),
            "vaultName": dns_and_key_vault.vault_name,
            "nameServers": dict(dns_and_key_vault.name_servers),
            "hosts": list(settings.kubernetes.hosts),
            "dnsEntries": dns_entries(self.context, ingress_resources),
        }
        if ingress_resources.controller_address is not None:
            address = ingress_resources.controller_address
            outputs["ingressAddress"] = pulumi.Output.from_input(address)
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
        if ingress_resources.web_application_firewall:
            outputs["wafPublicAddress"] = ingress_resources.web_application_firewall.address
            outputs["wafId"] = ingress_resources.web_application_firewall.gateway_id
        if ingress_resources.traffic_controller:
            outputs["ingressHost"] = ingress_resources.traffic_controller.host
        if self.registries:
            outputs["imageRegistries"] = list(self.registries.login_servers)
            if self.registries.own_id:
                outputs["registryId"] = self.registries.own_id
        if self.workspace_id:
            outputs["logAnalyticsWorkspaceId"] = pulumi.Output.from_input(self.workspace_id)
        return outputs
