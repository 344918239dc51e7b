"""Every rule between settings, and the parts of the configuration that each reads.

The rules are short functions, in a module for each subject. Each yields problems, and ends where
it reads a setting without a valid value, because that setting has a problem of its own. The planner
checks addresses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from components.problems import Problem
from components.settings import (
    application_gateway_rules,
    certificate_rules,
    cluster_rules,
    cluster_version_rules,
    controller_rules,
    dns_server_rules,
    egress_rules,
    front_door_rules,
    gateway_api_rules,
    host_rules,
    ingress_rules,
    kubernetes_rules,
    local_dns_rules,
    management_rules,
    nat_gateway_rules,
    network_limits,
    network_rules,
    observability_rules,
    private_dns_rules,
    waf_site_rules,
)
from components.settings.stack import Draft


def problems(draft: Draft) -> Iterator[Problem]:
    """Every problem between settings that are valid on their own."""
    for check, *names in _RULES:
        yield from check(*(getattr(draft, name) for name in names))


_RULES: tuple[Any, ...] = (
    (network_rules.data_plane, "network"),
    (network_rules.egress, "network"),
    (network_rules.ddos_protection, "network"),
    (network_rules.learned_routes, "network", "management"),
    (network_rules.hub_egress, "network", "management"),
    (egress_rules.answers, "network", "ingress"),
    (nat_gateway_rules.of_cluster, "location", "network"),
    (nat_gateway_rules.of_management, "location", "management"),
    (management_rules.problems, "management"),
    (cluster_rules.pools, "cluster"),
    (local_dns_rules.problems, "cluster"),
    (cluster_rules.api_server, "cluster"),
    (cluster_rules.authorized_ranges, "cluster"),
    (cluster_rules.authorized_egress, "cluster", "network"),
    (cluster_rules.identity, "cluster"),
    (cluster_rules.windows, "cluster"),
    (cluster_rules.registries, "cluster"),
    (cluster_version_rules.long_term_support, "cluster"),
    (cluster_version_rules.windows_image, "cluster"),
    (dns_server_rules.lists, "network", "management"),
    (dns_server_rules.reachable, "network", "management"),
    (dns_server_rules.private_cluster, "location", "network", "management", "cluster"),
    (private_dns_rules.existing_zones, "location", "network", "cluster", "ingress"),
    (private_dns_rules.zone_lists, "ingress"),
    (private_dns_rules.managed_zones, "network", "ingress"),
    (ingress_rules.problems, "ingress"),
    (controller_rules.networks, "ingress", "network"),
    (controller_rules.identity, "ingress", "cluster"),
    (controller_rules.delivery, "ingress", "kubernetes"),
    (host_rules.served, "ingress", "kubernetes"),
    (controller_rules.internal_class, "ingress", "kubernetes"),
    (certificate_rules.of_applications, "ingress", "kubernetes"),
    (certificate_rules.in_own_vault, "ingress", "kubernetes"),
    (gateway_api_rules.problems, "ingress", "kubernetes"),
    (application_gateway_rules.problems, "ingress", "kubernetes"),
    (network_limits.on_premises, "management"),
    (waf_site_rules.problems, "ingress"),
    (front_door_rules.problems, "ingress"),
    (waf_site_rules.hosts, "ingress", "kubernetes"),
    (management_rules.reaches_ingress, "management", "ingress"),
    (kubernetes_rules.problems, "kubernetes"),
    (kubernetes_rules.delivery, "cluster", "kubernetes"),
    (kubernetes_rules.windows, "network", "cluster", "kubernetes"),
    (host_rules.firewall_has_hosts, "ingress", "kubernetes"),
    (observability_rules.workspace, "observability"),
    (observability_rules.flow_logs, "observability"),
    (observability_rules.traffic_analytics, "observability"),
    (observability_rules.audit_reads, "observability"),
    (observability_rules.application_gateway, "observability", "ingress"),
    (observability_rules.bastion, "observability", "management"),
    (observability_rules.firewall, "observability", "network"),
)
"""Each rule with the parts of the configuration that it is given."""
