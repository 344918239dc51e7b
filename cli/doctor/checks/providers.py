"""Resource providers and features that the subscription must have registered.

azure-native writes to the providers' APIs directly, and those refuse a subscription that is not
registered (MissingSubscriptionRegistration); only templates and the portal register by themselves
(Microsoft Learn: azure-resource-manager/management/resource-providers-and-types).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cli.doctor.context import Subject
from cli.doctor.findings import Finding, failed, ok, warning
from cli.doctor.planned_resources import Planned
from components.settings.stack import Settings
from support.nested import items, text

PROVIDER_API = "2021-04-01"
"""Microsoft Learn: rest/api/resources/providers/get."""
FEATURE_API = "2021-07-01"
"""Microsoft Learn: rest/api/resources/features/get (Microsoft.Features)."""


@dataclass(frozen=True)
class Behind:
    """A provider that no resource of the program's names, but that stands behind one."""

    namespace: str
    wanted: Callable[[Settings], bool]
    why: str


BEHIND = (
    Behind(
        "Microsoft.Compute",
        lambda _: True,
        # aks/concepts-clusters-workloads: nodes are virtual machines in scale sets.
        "nodes are scale sets of virtual machines",
    ),
    Behind(
        "Microsoft.NetworkFunction",
        lambda s: s.ingress.controller == "application-gateway-for-containers",
        # application-gateway/for-containers/quickstart-deploy-application-gateway-for-containers-
        # alb-controller, "Prerequisites".
        "Application Gateway for Containers asks for it",
    ),
    Behind(
        "Microsoft.Insights",
        lambda s: s.observability.flow_logs is not None,
        # network-watcher/vnet-flow-logs-manage, "Register Insights provider".
        "flow logs ask for it",
    ),
    Behind(
        "Microsoft.PolicyInsights",
        lambda s: s.observability.azure_policy,
        # governance/policy/concepts/policy-for-kubernetes, "Prerequisites".
        "the Azure Policy add-on asks for it",
    ),
)


@dataclass(frozen=True)
class Feature:
    """A feature that a subscription has only once it was registered."""

    namespace: str
    name: str
    wanted: Callable[[Settings], bool]
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
"""Nothing else that the program can be told to do needs one."""


def namespaces(planned: list[Planned], settings: Settings) -> dict[str, str]:
    """The providers that a deployment needs, each with why."""
    needed: dict[str, str] = {}
    for resource in planned:
        needed.setdefault(resource.namespace, resource.arm_type.partition("/")[2])
    for one in BEHIND:
        if one.wanted(settings):
            needed.setdefault(one.namespace, one.why)
    return dict(sorted(needed.items()))


def registered(subject: Subject) -> Iterator[Finding]:
    """Each provider that the stack needs is registered."""
    name = "Resource providers"
    needed = namespaces(subject.planned.get(), subject.settings)
    for namespace, why in needed.items():
        path = f"{subject.subscription}/providers/{namespace}"
        state = text(subject.answers.get(path, PROVIDER_API), "registrationState")
        command = f"az provider register --namespace {namespace} --wait"
        if state == "Registering":
            yield warning(name, f"{namespace} is being registered", "wait for some minutes")
        elif state != "Registered":
            yield failed(name, f"{namespace} is {state}, for {why}", command)
        else:
            yield ok(name, namespace)


def features(subject: Subject) -> Iterator[Finding]:
    """Each feature that the settings use is registered."""
    name = "Features"
    wanted = [feature for feature in FEATURES if feature.wanted(subject.settings)]
    if not wanted:
        yield ok(name, "none is needed")
    for feature in wanted:
        kind = f"{feature.namespace}/{feature.name}"
        providers = f"{subject.subscription}/providers/Microsoft.Features/providers"
        path = f"{providers}/{feature.namespace}/features/{feature.name}"
        state = text(subject.answers.get(path, FEATURE_API), "properties", "state")
        if state == "Registered":
            yield ok(name, kind)
        else:
            yield failed(
                name,
                f"{kind} is {state}, and {feature.setting} needs it",
                f"az feature register --namespace {feature.namespace} --name {feature.name}",
            )


def offered(subject: Subject) -> Iterator[Finding]:
    """Each planned type is offered in the region."""
    name, location = "Types in the region", subject.settings.location
    kinds = sorted({one.arm_type for one in subject.planned.get()})
    absent: list[str] = []
    for kind in kinds:
        namespace, _, short = kind.partition("/")
        path = f"{subject.subscription}/providers/{namespace}"
        for row in items(subject.answers.get(path, PROVIDER_API), "resourceTypes"):
            if str(row["resourceType"]).lower() == short.lower():
                places = {_plain(place) for place in items(row, "locations")}
                # Types without a region, such as DNS zones and role assignments, name none or
                # only `global`; parts of others are where the whole is.
                if places - {"global"} and location not in places:
                    absent.append(kind)
    if absent:
        yield failed(name, f"{location} lacks {', '.join(absent)}", "choose another region")
    else:
        yield ok(name, f"{location} has all {len(kinds)} types")


def _plain(place: str) -> str:
    """`westeurope` of `West Europe`: providers write display names."""
    return place.replace(" ", "").lower()
