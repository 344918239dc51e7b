"""The ingress controller in the cluster: its Helm chart and its own objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.azure.common import timeouts
from components.azure.component import Component
from components.kubernetes.helm_charts import Chart
from components.kubernetes.ingress_plan import IngressPlan
from components.kubernetes.manifest import namespace_of
from components.kubernetes.resource import register


@dataclass(frozen=True)
class IngressControllerArgs:
    """The controller's chart and objects."""

    plan: IngressPlan
    depends_on: Sequence[pulumi.Resource] = ()
    """The controller's Azure identity, and the Azure resources that it configures."""


class IngressController(Component):
    """The ingress controller's namespace, chart and objects.

    Pass the Kubernetes provider by `ResourceOptions(providers=…)` and the cluster by
    `deleted_with`: the objects disappear with their cluster.
    """

    resources: Sequence[pulumi.Resource]
    """Everything that must exist before the routes of the applications."""

    def __init__(
        self,
        name: str,
        args: IngressControllerArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        deleted_with: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        self._deleted_with = deleted_with
        installed = self._chart(args.plan.chart) if args.plan.chart else []
        objects: list[pulumi.Resource] = []
        for manifest in args.plan.objects:
            # In order: a namespace comes before its objects, a service account before its users.
            objects.append(
                register(
                    name,
                    manifest,
                    parent=self,
                    depends_on=[*args.depends_on, *installed, *objects],
                    deleted_with=deleted_with,
                )
            )
        self.resources = [*installed, *objects]
        self.register_outputs({})

    def _chart(self, chart: Chart) -> list[pulumi.Resource]:
        # A lazy import: most stacks install no chart.
        from pulumi_kubernetes.helm import v3 as helm  # noqa: PLC0415

        namespace = register(
            self._name,
            namespace_of(chart.namespace, chart.pod_security),
            parent=self,
            deleted_with=self._deleted_with,
        )
        policies = [
            register(
                self._name,
                manifest,
                parent=self,
                depends_on=[namespace],
                deleted_with=self._deleted_with,
            )
            for manifest in self._args.plan.policies
        ]
        release = helm.Release(
            f"{self._name}-chart",
            name=chart.name.rsplit("/", 1)[-1],
            chart=chart.name,
            version=chart.version,
            repository_opts=helm.RepositoryOptsArgs(repo=chart.repository)
            if chart.repository
            else None,
            namespace=chart.namespace,
            create_namespace=False,
            atomic=True,
            values=dict(self._args.plan.values),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[namespace, *policies, *self._args.depends_on],
                deleted_with=self._deleted_with,
                custom_timeouts=timeouts(15),
            ),
        )
        return [namespace, *policies, release]
