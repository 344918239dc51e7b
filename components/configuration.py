"""From a stack's raw configuration to settings and an address plan, or to every problem at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components import retirements
from components.addressing import AddressPlan, AddressPlanError, NetworkModel, plan
from components.planning import plan_request
from components.problems import ConfigurationError, Problem
from components.retirements import Retirement
from components.settings import kubernetes_rules, management_rules, rules
from components.settings.stack import Draft, Settings, read


@dataclass(frozen=True)
class Configuration:
    """A stack's settings, its address plan, and what is worth saying about them."""

    settings: Settings
    plan: AddressPlan
    warnings: tuple[str, ...]
    """Advice that Azure documents but does not enforce, and what is being retired."""


def configuration(config: Mapping[str, Any]) -> Configuration:
    """Read, check and plan. `config` has full keys, `aks-network:network` and so on.

    Raises ConfigurationError with every problem of the whole configuration.
    """
    draft, problems = read(config)
    problems.extend(rules.problems(draft))
    addresses = _addresses(draft, problems)
    settings = draft.complete()
    if problems or settings is None or addresses is None:
        raise ConfigurationError(problems)
    notices = [str(retirement) for retirement in _retiring(settings)]
    notices += kubernetes_rules.advice(settings.network, settings.cluster, settings.kubernetes)
    return Configuration(settings, addresses, (*map(str, addresses.advice), *notices))


def _addresses(draft: Draft, problems: list[Problem]) -> AddressPlan | None:
    if not (draft.network and draft.management and draft.cluster and draft.ingress):
        return None
    request = plan_request(draft.network, draft.management, draft.cluster, draft.ingress)
    try:
        made = plan(request)
    except AddressPlanError as error:
        problems.extend(error.problems)
        return None
    problems.extend(rules.existing_subnets(draft.network, made))
    problems.extend(management_rules.resolver_subnet(made))
    if draft.kubernetes:
        problems.extend(kubernetes_rules.destinations(draft.kubernetes, made))
    return made


def _retiring(settings: Settings) -> Iterator[Retirement]:
    if settings.network.model == NetworkModel.KUBENET:
        yield retirements.KUBENET
    if settings.network.policy == "azure":
        yield retirements.AZURE_NPM
    if settings.ingress.controller == "app-routing":
        yield retirements.MANAGED_NGINX
    if settings.cluster.has_windows:
        yield retirements.WINDOWS_2022
