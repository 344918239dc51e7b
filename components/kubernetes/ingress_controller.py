"""The ingress controller in the cluster: the chart that installs it, its own objects."""

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
    """What the controller consists of."""

    plan: IngressPlan
    after: Sequence[pulumi.Resource] = ()
    """What the controller signs in by, and what it drives."""


class IngressController(Component):
    """The ingress controller's namespace, chart and objects.

    Give it the Kubernetes provider by `ResourceOptions(providers=…)` and the cluster by
    `deleted_with`: the objects vanish with their cluster.
    """

    made: Sequence[pulumi.Resource]
    """What an application's way in has to wait for."""

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
        made: list[pulumi.Resource] = []
        for manifest in args.plan.objects:
            # A namespace comes before what is in it, an account before what uses it.
            made.append(
                register(
                    name,
                    manifest,
                    parent=self,
                    after=[*args.after, *installed, *made],
                    deleted_with=deleted_with,
                )
            )
        self.made = [*installed, *made]
        self.register_outputs({})

    def _chart(self, chart: Chart) -> list[pulumi.Resource]:
        # Only now: most stacks install no chart and do not pay for the import.
        from pulumi_kubernetes.helm import v3 as helm  # noqa: PLC0415

        namespace = register(
            self._name,
            namespace_of(chart.namespace, chart.pod_security),
            parent=self,
            deleted_with=self._deleted_with,
        )
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
                depends_on=[namespace, *self._args.after],
                deleted_with=self._deleted_with,
                custom_timeouts=timeouts(15),
            ),
        )
        return [namespace, release]
