"""One deployment: all components, in the order in which they hand values to each other."""

from __future__ import annotations

import pulumi

from components.configuration import Configuration
from components.existing_network import ExistingNetwork
from components.management_network import ManagementNetwork
from wiring import cluster, ingress, inside, networks, observability
from wiring.foundation import Foundation


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
        base = self.base = Foundation.of(checked, prefix, parent)
        records_group = observability.group(base)
        self.workspace_id = observability.workspace_id(base, records_group)
        self.cluster_group = base.group("cluster")
        ingress_group = base.group("ingress")
        self.network = theirs or networks.cluster_network(base)
        self.management = networks.management(base, self.network)
        self.egress_firewall = networks.egress_firewall(base, self.management)
        identity = cluster.identity(base, self.cluster_group, self.network)
        self.ways_in = ingress.ways_in(base, ingress_group, self.network, self.management)
        self.cluster = cluster.cluster(
            base,
            cluster.Surroundings(
                group=self.cluster_group,
                identity=identity,
                network=self.network,
                management=self.management,
                egress_firewall=self.egress_firewall,
                ways_in=self.ways_in,
                workspace_id=self.workspace_id,
            ),
        )
        granted = ingress.grant_addons(base, self.ways_in, self.cluster)
        observability.records(
            base,
            observability.Sources(
                workspace_id=self.workspace_id,
                group=records_group,
                network=self.network,
                management=self.management,
                egress_firewall=self.egress_firewall,
                ways_in=self.ways_in,
                cluster=self.cluster,
            ),
        )
        inside.applications(base, self.cluster, self.ways_in, self.network, granted)

    def outputs(self) -> dict[str, pulumi.Input[object]]:
        """The stack's outputs: an API for whoever builds on it. No kubeconfig among them."""
        settings, ways_in = self.base.settings, self.ways_in
        outputs: dict[str, pulumi.Input[object]] = {
            "addressPlan": self.base.plan.as_output(),
            "clusterName": self.cluster.name,
            "clusterResourceGroup": self.cluster_group.name,
            "apiServer": self.cluster.fqdn,
            "virtualNetworkId": self.network.virtual_network_id,
            "managementVirtualNetworkId": self.management.virtual_network_id,
            "subnetIds": dict(self.network.subnet_ids),
            "egressAddresses": networks.egress_addresses(self.network, self.egress_firewall),
            "vaultName": ways_in.routing.vault_name,
            "nameServers": dict(ways_in.routing.name_servers),
            "hosts": list(settings.kubernetes.hosts),
        }
        if isinstance(self.management, ManagementNetwork):
            outputs |= self.management.outputs()
        if settings.management.dns_resolver:
            outputs["dnsResolverAddress"] = self.base.plan.address("dnsResolver")
        if ways_in.firewall:
            outputs["firewallAddress"] = ways_in.firewall.address
        if ways_in.traffic_controller:
            outputs["ingressHost"] = ways_in.traffic_controller.host
        if self.workspace_id:
            outputs["logAnalyticsWorkspaceId"] = self.workspace_id
        return outputs
