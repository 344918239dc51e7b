"""Reads a stack's raw configuration: settings and an address plan, or every problem at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components import retirements
from components.addressing import AddressPlan, NetworkModel
from components.addressing import draft as plan_draft
from components.problems import ConfigurationError, Problem
from components.retirements import Retirement
from components.settings import (
    certificate_rules,
    cluster_rules,
    controller_rules,
    dns_server_rules,
    egress_rules,
    ingress_rules,
    kubernetes_rules,
    management_rules,
    network_rules,
    observability_rules,
    private_dns_rules,
    rules,
    windows_versions,
)
from components.settings.address_request import plan_request
from components.settings.stack import Draft, Settings, read


@dataclass(frozen=True)
class Configuration:
    """A stack's settings, its address plan, and the warnings about them."""

    settings: Settings
    plan: AddressPlan
    warnings: tuple[str, ...]
    """Azure's advice that it does not enforce, and the features in use that retire."""


def configuration(
    config: Mapping[str, Any], secret_keys: Collection[str] | None = None
) -> Configuration:
    """Read, check and plan. `config` has full keys, `aks-network:network` and so on.

    `secret_keys` are those of them that Pulumi holds encrypted, None if that is not known. Raises
    ConfigurationError with every problem of the whole configuration.
    """
    reading = read(config, secret_keys)
    problems = [*reading.problems, *rules.problems(reading.draft)]
    addresses = _addresses(reading.draft, problems)
    if problems or addresses is None:
        raise ConfigurationError(problems)
    settings = reading.draft.complete()
    notices = [str(retirement) for retirement in _retiring(settings)]
    notices += cluster_rules.advice(settings.network, settings.cluster)
    notices += kubernetes_rules.advice(settings.network, settings.cluster, settings.kubernetes)
    notices += ingress_rules.advice(settings.ingress, settings.location)
    notices += egress_rules.advice(
        settings.network, settings.cluster, settings.ingress, protect=settings.protect
    )
    notices += private_dns_rules.advice(settings)
    notices += dns_server_rules.advice(settings, addresses)
    notices += observability_rules.advice(settings.observability)
    notices += certificate_rules.advice(settings.ingress, settings.kubernetes)
    return Configuration(settings, addresses, (*map(str, addresses.advice), *notices))


def _addresses(draft: Draft, problems: list[Problem]) -> AddressPlan | None:
    """The address plan; None where there are problems, which are added to those so far."""
    planned, findings = plan_draft(
        plan_request(draft.network, draft.management, draft.cluster, draft.ingress)
    )
    problems.extend(findings.problems)
    if planned is None or findings.problems:
        return None
    problems.extend(network_rules.existing_subnets(draft.network, planned))
    problems.extend(management_rules.resolver_subnet(planned))
    problems.extend(dns_server_rules.planned(draft.network, draft.management, planned))
    problems.extend(controller_rules.subnets(draft.ingress, planned))
    problems.extend(kubernetes_rules.destinations(draft.kubernetes, planned))
    return planned


def _retiring(settings: Settings) -> Iterator[Retirement]:
    if settings.network.model == NetworkModel.KUBENET:
        yield retirements.KUBENET
    if settings.network.policy == "azure":
        yield retirements.AZURE_NPM
    if settings.ingress.runs_nginx:
        yield retirements.MANAGED_NGINX
    if windows_versions.WINDOWS_2022 in settings.cluster.windows_pools.values():
        yield retirements.WINDOWS_2022
