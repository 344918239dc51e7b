"""The virtual networks.

Components:
- `cluster_network.ClusterNetwork`: the cluster's network with subnets, security groups and egress
- `management_network.ManagementNetwork`: Bastion, jump box, gateway to on-premises, peerings
- `existing_management_network.ExistingManagementNetwork`: the peering with another team's network
- `egress_firewall.EgressFirewall`: Azure Firewall for the cluster's egress

`security_rules` has the rules of all security groups, `subnet_specs` the subnets,
`existing_network` the checks of networks that other teams own.
"""
