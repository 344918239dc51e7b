"""Resource providers and features that must be registered in the subscription.

azure-native calls the providers' APIs directly, and they refuse a subscription that is not
registered (MissingSubscriptionRegistration). Only templates and the portal register providers
themselves (Microsoft Learn: azure-resource-manager/management/resource-providers-and-types).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cli.doctor.context import Context
from cli.doctor.findings import Finding, failed, ok, warning
from cli.doctor.planned_resources import Planned
from components.settings.stack import Settings
from support.nested import items, text

PROVIDER_API = "2021-04-01"
"""Microsoft Learn: rest/api/resources/providers/get."""
PRICING_API = "2024-01-01"
"""Microsoft Learn: rest/api/defenderforcloud/pricings/get."""
FEATURE_API = "2021-07-01"
"""Microsoft Learn: rest/api/resources/features/get (Microsoft.Features)."""


@dataclass(frozen=True)
class IndirectProvider:
    """A provider that no resource type of the program belongs to, but that one of them needs."""

    namespace: str
    is_needed: Callable[[Settings], bool]
    reason: str


INDIRECT_PROVIDERS = (
    IndirectProvider(
        "Microsoft.Compute",
        lambda _: True,
        # aks/concepts-clusters-workloads: nodes are virtual machines in scale sets.
        "nodes are virtual machine scale sets",
    ),
    IndirectProvider(
        "Microsoft.NetworkFunction",
        lambda s: s.ingress.uses_alb,
        # application-gateway/for-containers/quickstart-deploy-application-gateway-for-containers-
        # alb-controller, "Prerequisites".
        "Application Gateway for Containers needs it",
    ),
    IndirectProvider(
        "Microsoft.Insights",
        lambda s: s.observability.flow_logs is not None,
        # network-watcher/vnet-flow-logs-manage, "Register Insights provider".
        "flow logs need it",
    ),
    IndirectProvider(
        "Microsoft.PolicyInsights",
        lambda s: s.observability.azure_policy,
        # governance/policy/concepts/policy-for-kubernetes, "Prerequisites".
        "the Azure Policy add-on needs it",
    ),
)


@dataclass(frozen=True)
class Feature:
    """A feature that must be registered in the subscription before it can be used."""

    namespace: str
    name: str
    is_needed: Callable[[Settings], bool]
    setting: str


FEATURES = (
    Feature(
        "Microsoft.Compute",
        "EncryptionAtHost",
        lambda s: s.management.jump_box is not None and s.management.jump_box.encryption_at_host,
        # virtual-machines/disks-enable-host-based-encryption-portal, "Prerequisites".
        "management.jumpBox.encryptionAtHost",
    ),
)
"""No other setting needs a registered feature."""


def namespaces(planned: list[Planned], settings: Settings) -> dict[str, str]:
    """The providers that a deployment needs, each with the reason."""
    needed: dict[str, str] = {}
    for resource in planned:
        needed.setdefault(resource.namespace, resource.arm_type.partition("/")[2])
    for provider in INDIRECT_PROVIDERS:
        if provider.is_needed(settings):
            needed.setdefault(provider.namespace, provider.reason)
    return dict(sorted(needed.items()))


def registered(context: Context) -> Iterator[Finding]:
    """Each provider that the stack needs is registered."""
    name = "Resource providers"
    needed = namespaces(context.planned.get(), context.settings)
    for namespace, reason in needed.items():
        path = f"{context.subscription}/providers/{namespace}"
        state = text(context.azure.get(path, PROVIDER_API), "registrationState")
        command = f"az provider register --namespace {namespace} --wait"
        if state == "Registering":
            yield warning(name, f"{namespace} is being registered", "wait a few minutes")
        elif state != "Registered":
            yield failed(name, f"{namespace} is {state}, needed for {reason}", command)
        else:
            yield ok(name, namespace)


def features(context: Context) -> Iterator[Finding]:
    """Each feature that the settings use is registered."""
    name = "Features"
    wanted = [feature for feature in FEATURES if feature.is_needed(context.settings)]
    if not wanted:
        yield ok(name, "the stack needs none")
    for feature in wanted:
        kind = f"{feature.namespace}/{feature.name}"
        providers = f"{context.subscription}/providers/Microsoft.Features/providers"
        path = f"{providers}/{feature.namespace}/features/{feature.name}"
        state = text(context.azure.get(path, FEATURE_API), "properties", "state")
        if state == "Registered":
            yield ok(name, kind)
        else:
            yield failed(
                name,
                f"{kind} is {state}, and {feature.setting} needs it",
                f"az feature register --namespace {feature.namespace} --name {feature.name}",
            )


def defender(context: Context) -> Iterator[Finding]:
    """The subscription has the plan without which the Defender sensor protects nothing."""
    name = "Microsoft Defender"
    if not context.settings.observability.defender:
        yield ok(name, "observability.defender is off")
        return
    path = f"{context.subscription}/providers/Microsoft.Security/pricings/Containers"
    tier = text(context.azure.get(path, PRICING_API), "properties", "pricingTier")
    if tier == "Standard":
        yield ok(name, "the plan Defender for Containers is enabled")
    else:
        yield warning(
            name,
            "the sensor is deployed, but the plan Defender for Containers is off: nothing is"
            " protected",
            "az security pricing create --name Containers --tier Standard, which costs by vCPU",
        )


def offered(context: Context) -> Iterator[Finding]:
    """The region offers every planned type."""
    name, location = "Types in the region", context.settings.location
    kinds = sorted({item.arm_type for item in context.planned.get()})
    absent: list[str] = []
    for kind in kinds:
        namespace, _, short = kind.partition("/")
        path = f"{context.subscription}/providers/{namespace}"
        for row in items(context.azure.get(path, PROVIDER_API), "resourceTypes"):
            if str(row["resourceType"]).lower() == short.lower():
                regions = {_region(name) for name in items(row, "locations")}
                # Types without a region, such as DNS zones and role assignments, list none or
                # only `global`; child resources are in the region of their parent.
                if regions - {"global"} and location not in regions:
                    absent.append(kind)
    if absent:
        yield failed(
            name, f"{location} does not offer {', '.join(absent)}", "choose another region"
        )
    else:
        yield ok(name, f"{location} offers all {len(kinds)} types")


def _region(display_name: str) -> str:
    """`westeurope` for `West Europe`: providers list display names."""
    return display_name.replace(" ", "").lower()
