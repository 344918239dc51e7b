"""From a stack's raw configuration to settings and an address plan, or to every problem at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.addressing import AddressPlan, AddressPlanError, NetworkModel, plan
from components.problems import ConfigurationError, Problem
from components.settings import (
    ingress_rules,
    kubernetes_rules,
    management_rules,
    retirements,
    rules,
)
from components.settings.address_request import plan_request
from components.settings.retirements import Retirement
from components.settings.stack import Draft, Reading, Settings, read


@dataclass(frozen=True)
class Configuration:
    """A stack's settings, its address plan, and what is worth saying about them."""

    settings: Settings
    plan: AddressPlan
    warnings: tuple[str, ...]
    """Advice that Azure documents but does not enforce, and what is being retired."""


def configuration(
    config: Mapping[str, Any], secret_keys: Collection[str] | None = None
) -> Configuration:
    """Read, check and plan. `config` has full keys, `aks-network:network` and so on.

    `secret_keys` are those of them that Pulumi holds encrypted, None if that is not known. Raises
    ConfigurationError with every problem of the whole configuration.
    """
    reading = read(config, secret_keys)
    if reading.problems:
        raise ConfigurationError([*reading.problems, *_judged(reading)])
    (draft,) = reading.drafts
    problems = list(rules.problems(draft))
    addresses = _addresses(draft, problems)
    settings = draft.complete()
    if problems or settings is None or addresses is None:
        raise ConfigurationError(problems)
    notices = [str(retirement) for retirement in _retiring(settings)]
    notices += rules.advice(settings.network, settings.cluster)
    notices += kubernetes_rules.advice(settings.network, settings.cluster, settings.kubernetes)
    notices += ingress_rules.advice(settings.ingress, settings.location)
    return Configuration(settings, addresses, (*map(str, addresses.advice), *notices))


def _judged(reading: Reading) -> list[Problem]:
    """What is wrong between settings whatever stands in for those that can't be read."""
    found: list[dict[tuple[str, str, str], Problem]] = []
    for draft in reading.drafts:
        problems = list(rules.problems(draft))
        _addresses(draft, problems)
        found.append({(one.path, one.value, one.rule): one for one in problems})
    first, *others = found
    return [
        problem
        for key, problem in first.items()
        if all(key in other for other in others)
        and not any(_concerns(problem, path) for path in reading.unreadable)
    ]


def _concerns(problem: Problem, path: str) -> bool:
    """Whether a problem is one of this setting, or of one below it, or speaks of it."""
    below = problem.path.startswith((f"{path}.", f"{path}["))
    return problem.path == path or below or f"({path})" in problem.rule


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
    problems.extend(ingress_rules.subnets(draft.ingress, made))
    if draft.kubernetes:
        problems.extend(kubernetes_rules.destinations(draft.kubernetes, made))
    return made


def _retiring(settings: Settings) -> Iterator[Retirement]:
    if settings.network.model == NetworkModel.KUBENET:
        yield retirements.KUBENET
    if settings.network.policy == "azure":
        yield retirements.AZURE_NPM
    if settings.ingress.controller == "app-routing" and not settings.ingress.uses_gateway_api:
        yield retirements.MANAGED_NGINX
    if settings.cluster.has_windows:
        yield retirements.WINDOWS_2022
