"""Retries for objects that the API server accepts only after an add-on of the cluster is installed.

Azure reports the cluster as ready, and AKS and the add-on's operator install the definitions and
start the webhooks meanwhile. aks/istio-gateway-api speaks of up to five minutes for what comes with
them. pulumi-kubernetes tries for about a minute and then fails. Waiting helps, so that one run is
enough.
"""

from __future__ import annotations

import pulumi

from components.azure import error_hooks

ACCEPTED_LATER = frozenset({"Gateway", "ClusterExternalDNS", "NginxIngressController", "ConfigMap"})
"""The first kinds of each group of definitions, and the settings of a Gateway's objects, which a
webhook of the add-on checks (aks/app-routing-gateway-api, "Limitations"). The routes wait for the
Gateway."""

_MESSAGES = ("no matches for kind", "failed calling webhook")
"""What an API server answers without the definition, and as long as a webhook does not answer. If a
webhook refuses an object, it answers `admission webhook "…" denied the request` instead
(kubernetes/kubernetes, staging/src/k8s.io/apiserver/pkg/util/webhook/error.go: ErrCallingWebhook;
pkg/admission/plugin/webhook/errors/statuserror.go)."""

DELAYS = (15, *[30] * 9)
"""Seconds to wait before each attempt, besides the minute that each attempt takes."""


async def retry(args: pulumi.ErrorHookArgs, *, delays: tuple[float, ...] = DELAYS) -> bool:
    """Whether to repeat the operation, after a wait."""
    latest = error_hooks.latest_error(args)
    if not any(text in latest for text in _MESSAGES):
        return False
    why = (
        "the cluster does not know the kind yet, or a webhook does not answer yet: AKS may still "
        "be installing it"
    )
    return await error_hooks.wait(args, delays, why)


def definition_retries(
    logical_name: str, *, delays: tuple[float, ...] = DELAYS
) -> pulumi.ResourceHookBinding:
    """Hooks for the options of an object that may be accepted only after the cluster is ready."""
    return error_hooks.on_error(f"{logical_name}-definition", retry, delays)
