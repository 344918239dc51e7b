"""What Azure asks of log scrubbing, and of policies for single hosts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from components.problems import Problem
from components.settings.ingress import AGC, GatewayWaf, IngressSettings
from components.settings.kubernetes import KubernetesSettings
from components.settings.partial import readable, skips_unreadable
from components.settings.paths import INGRESS
from components.settings.waf import SitePolicy
from components.settings.waf_policy import ScrubbingRule
from components.settings.waf_policy_rules import (
    custom_rules,
    exclusions,
    request_limits,
    rule_overrides,
)

SITES = f"{INGRESS}.waf.sites"

_NOT_PER_HOST = {
    "agic": "agic writes the gateway's listeners, to which the policies belong",
    AGC: "its policy is attached to the whole Gateway",
}


@skips_unreadable
def log_scrubbing(path: str, rules: tuple[ScrubbingRule, ...]) -> Iterator[Problem]:
    """The client's address has no names to choose from, and no rule stands twice."""
    seen: set[tuple[str, str | None]] = set()
    for position, rule in readable(lambda one: (one.variable, one.selector), rules):
        variable, selector = rule
        place = f"{path}[{position}]"
        if variable == "RequestIPAddress" and selector is not None:
            text = "must not be set: all addresses of clients are scrubbed, or none"
            yield Problem(f"{place}.selector", selector, text, "remove it")
        if rule in seen:
            text = "must be unique: another rule scrubs the same"
            yield Problem(place, selector or variable, text, "remove one of them")
        seen.add(rule)


@skips_unreadable
def problems(ingress: IngressSettings) -> Iterator[Problem]:
    """What is wrong with log scrubbing and the sites by themselves."""
    if isinstance(ingress.waf, GatewayWaf):
        yield from _scrubbing(ingress.waf)
        yield from _sites(ingress, ingress.waf)


@skips_unreadable
def _scrubbing(waf: GatewayWaf) -> Iterator[Problem]:
    yield from log_scrubbing(f"{INGRESS}.waf.logScrubbing", waf.log_scrubbing)


@skips_unreadable
def _sites(ingress: IngressSettings, waf: GatewayWaf) -> Iterator[Problem]:
    if not waf.sites:
        return
    if reason := _NOT_PER_HOST.get(ingress.controller):
        remedy = "remove it, or use another controller"
        yield Problem(SITES, "", f"must not be set with {ingress.controller}: {reason}", remedy)
        return
    named = list(readable(lambda site: site.name, waf.sites))
    names = Counter(name for _, name in named)
    for position, name in named:
        if names[name] > 1:
            rule = f"must be unique: {names[name]} sites have this name"
            yield Problem(f"{SITES}[{position}].name", name, rule, "use a different name for each")
    yield from _hosts_once(waf)
    for position, site in enumerate(waf.sites):
        yield from _site(f"{SITES}[{position}]", waf, site)


@skips_unreadable
def _hosts_once(waf: GatewayWaf) -> Iterator[Problem]:
    seen: set[str] = set()
    for position, hosts in readable(lambda site: site.hosts, waf.sites):
        for number, host in enumerate(hosts):
            if host in seen:
                rule = "must be in one site only: a listener has one policy"
                place = f"{SITES}[{position}].hosts[{number}]"
                yield Problem(place, host, rule, "remove it from the others")
            seen.add(host)


@skips_unreadable
def _site(path: str, waf: GatewayWaf, site: SitePolicy) -> Iterator[Problem]:
    """What the site sets itself; the rest is checked where the firewall sets it."""
    given = site.model_fields_set
    own = waf.of_site(site)
    if "exclusions" in given:
        yield from exclusions(f"{path}.exclusions", own)
    if "rule_overrides" in given:
        yield from rule_overrides(f"{path}.ruleOverrides", own, js_challenge_for_bots=True)
    if "request_limits" in given:
        yield from request_limits(f"{path}.requestLimits", own)
    if "custom_rules" in given:
        yield from custom_rules(f"{path}.customRules", own)
    if "log_scrubbing" in given:
        yield from log_scrubbing(f"{path}.logScrubbing", own.log_scrubbing)


@skips_unreadable
def hosts(ingress: IngressSettings, kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """A site's hosts have listeners: they are hosts of applications, and not internal."""
    waf = ingress.waf
    if not isinstance(waf, GatewayWaf) or ingress.controller in _NOT_PER_HOST:
        return
    served = set(kubernetes.public_hosts)
    for position, names in readable(lambda site: site.hosts, waf.sites):
        for number, host in enumerate(names):
            if host not in served:
                rule = "must be the host of an application: the gateway has no listener for it"
                remedy = "use a host of aks-network:kubernetes.applications, or remove it"
                yield Problem(f"{SITES}[{position}].hosts[{number}]", host, rule, remedy)
