"""One deployment: all components, in the order in which they hand values to each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from components.addressing.plan import SubnetFigures
from components.deployment import cluster, in_cluster, ingress, networks, observability
from components.deployment.context import DeploymentContext
from components.network.existing_network import ExistingNetwork
from components.network.management_network import ManagementNetwork
from components.settings.load import Configuration


class StackOutputs(TypedDict):
    """What a deployment says of itself: the stack's outputs."""

    addressPlan: list[SubnetFigures]
    """The address plan, a row a subnet."""
    clusterName: pulumi.Output[str]
    """The AKS cluster's name."""
    kubernetesVersion: str
    """The Kubernetes version in the settings. An upgrade channel may have installed a newer one."""
    clusterResourceGroup: pulumi.Output[str]
    """The resource group that it is in."""
    apiServer: pulumi.Output[str]
    """Name of the API server; private where the cluster is."""
    virtualNetworkId: pulumi.Output[str]
    """Resource id of the cluster's virtual network."""
    managementVirtualNetworkId: pulumi.Output[str]
    """Resource id of the management network."""
    subnetIds: dict[str, pulumi.Output[str]]
    """Resource ids of the cluster's subnets, by what they are for."""
    egressAddresses: list[pulumi.Output[str]]
    """The public addresses that the cluster's connections come from, as far as they are known."""
    vaultName: pulumi.Output[str]
    """The key vault that holds the certificates."""
    nameServers: dict[str, pulumi.Output[Sequence[str]]]
    """By public zone, the name servers to which its parent zone must delegate."""
    hosts: list[str]
    """The applications' host names."""
    managementResourceGroup: NotRequired[pulumi.Output[str]]
    """The management network's resource group, where the network is the deployment's own."""
    bastionId: NotRequired[pulumi.Output[str]]
    """Resource id of the Bastion host."""
    bastionName: NotRequired[pulumi.Output[str]]
    """Its name, as `az network bastion` wants it."""
    jumpBoxId: NotRequired[pulumi.Output[str]]
    """Resource id of the jump box."""
    jumpBoxAddress: NotRequired[pulumi.Output[str]]
    """The jump box's private address."""
    gatewayAddresses: NotRequired[list[pulumi.Output[str]]]
    """Public addresses of the gateway to on-premises, where there is one."""
    dnsResolverAddress: NotRequired[str]
    """Where on-premises asks for private names, where the resolver is on."""
    firewallAddress: NotRequired[pulumi.Output[str]]
    """The web application firewall's public address, where there is one."""
    ingressHost: NotRequired[pulumi.Output[str]]
    """DNS name of Application Gateway for Containers' frontend, where it is the controller."""
    logAnalyticsWorkspaceId: NotRequired[pulumi.Output[str]]
    """The workspace that logs go to, where there is one."""


class Deployment:
    """Everything that a stack consists of."""

    def __init__(
        self,
        checked: Configuration,
        theirs: ExistingNetwork | None = None,
        prefix: str = "",
        parent: pulumi.Resource | None = None,
    ) -> None:
        """Register everything, in another team's network if `theirs` is one.

        `prefix` sets logical names apart from another deployment's; `parent` is what the whole
        belongs to, if not to the stack itself.
        """
        base = self.base = DeploymentContext.of(checked, prefix, parent)
        records_group = observability.group(base)
        self.workspace_id = observability.workspace_id(base, records_group)
        self.cluster_group = base.group("cluster")
        ingress_group = base.group("ingress")
        self.network = theirs or networks.cluster_network(base)
        self.management = networks.management(base, self.network)
        self.egress_firewall = networks.egress_firewall(base, self.management)
        identity = cluster.identity(base, self.cluster_group, self.network)
        self.ingress_resources = ingress.ingress_resources(
            base, ingress_group, self.network, self.management
        )
        self.cluster = cluster.cluster(
            base,
            cluster.ClusterDependencies(
                group=self.cluster_group,
                identity=identity,
                network=self.network,
                management=self.management,
                egress_firewall=self.egress_firewall,
                ingress_resources=self.ingress_resources,
                workspace_id=self.workspace_id,
            ),
        )
        networks.join(base, self.management, self.cluster)
        granted = ingress.grant_addons(base, self.ingress_resources, self.cluster)
        observability.records(
            base,
            observability.Sources(
                workspace_id=self.workspace_id,
                group=records_group,
                network=self.network,
                management=self.management,
                egress_firewall=self.egress_firewall,
                ingress_resources=self.ingress_resources,
                cluster=self.cluster,
            ),
        )
        in_cluster.applications(base, self.cluster, self.ingress_resources, self.network, granted)

    def outputs(self) -> StackOutputs:
        """The stack's outputs: an API for whoever builds on it. No kubeconfig among them."""
        settings, ingress_resources = self.base.settings, self.ingress_resources
        outputs: StackOutputs = {
            "addressPlan": self.base.plan.as_output(),
            "clusterName": self.cluster.name,
            "kubernetesVersion": settings.cluster.kubernetes_version,
            "clusterResourceGroup": self.cluster_group.name,
            "apiServer": self.cluster.fqdn,
            "virtualNetworkId": self.network.virtual_network_id,
            "managementVirtualNetworkId": self.management.virtual_network_id,
            "subnetIds": dict(self.network.subnet_ids),
            "egressAddresses": networks.egress_addresses(self.network, self.egress_firewall),
            "vaultName": ingress_resources.routing.vault_name,
            "nameServers": dict(ingress_resources.routing.name_servers),
            "hosts": list(settings.kubernetes.hosts),
        }
        if isinstance(self.management, ManagementNetwork):
            outputs["managementResourceGroup"] = self.management.resource_group_name
            outputs["bastionId"] = self.management.bastion_id
            outputs["bastionName"] = self.management.bastion_name
            outputs["jumpBoxId"] = self.management.jump_box_id
            outputs["jumpBoxAddress"] = self.management.jump_box_address
            if self.management.gateway_addresses:
                outputs["gatewayAddresses"] = list(self.management.gateway_addresses)
        if settings.management.dns_resolver:
            outputs["dnsResolverAddress"] = self.base.plan.address("dnsResolver")
        if ingress_resources.firewall:
            outputs["firewallAddress"] = ingress_resources.firewall.address
        if ingress_resources.traffic_controller:
            outputs["ingressHost"] = ingress_resources.traffic_controller.host
        if self.workspace_id:
            outputs["logAnalyticsWorkspaceId"] = pulumi.Output.from_input(self.workspace_id)
        return outputs
