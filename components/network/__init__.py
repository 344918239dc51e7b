"""The virtual networks: subnets, security rules, peerings, egress, Bastion, jump box, gateway."""
