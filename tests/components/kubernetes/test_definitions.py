"""Retries of objects whose definitions or webhooks AKS is still installing."""

from __future__ import annotations

import asyncio
from unittest import mock

import pulumi
import pytest

from components.kubernetes import definitions, resource
from components.kubernetes.manifest import manifest

MISSING = 'no matches for kind "Gateway" in version "gateway.networking.k8s.io/v1"'


def retried(*errors: str, operation: str = "create") -> tuple[bool, list[str]]:
    """Whether an operation with these errors, newest first, is repeated; and what is said."""
    args = pulumi.ErrorHookArgs(
        urn="urn", id="", name="ingress-applications-gateway", type="t",
        failed_operation=operation, errors=list(errors),
    )  # fmt: skip
    said: list[str] = []
    with mock.patch.object(pulumi.log, "warn", said.append):
        again = asyncio.run(definitions.retry(args, delays=(0, 0)))
    return again, said


def test_a_definition_that_is_not_there_yet_is_waited_for():
    again, (said,) = retried(f"creation of resource failed: {MISSING}")
    assert again
    assert "trying again" in said


@pytest.mark.parametrize(
    "why",
    [
        'no endpoints available for service "istiod-approuting"',
        "dial tcp 10.100.0.20:443: connect: connection refused",
        "context deadline exceeded",
    ],
)
def test_a_webhook_that_does_not_answer_yet_is_waited_for(why: str):
    post = "https://istiod-approuting.aks-istio-system.svc:443/validate?timeout=10s"
    again, (said,) = retried(
        f'Internal error occurred: failed calling webhook "validation.example.com": failed to call'
        f' webhook: Post "{post}": {why}'
    )
    assert again
    assert "a webhook does not answer yet" in said


@pytest.mark.parametrize(
    ("kind", "hooks"),
    [("Gateway", "hooks"), ("ConfigMap", "hooks"), ("HTTPRoute", None), ("Namespace", None)],
)
def test_a_gateway_and_the_settings_before_it_are_tried_again(kind: str, hooks: str | None):
    made = manifest("v1", kind, "applications", "ingress-gateway")
    with (
        mock.patch.object(resource, "KubernetesObject") as registered,
        mock.patch.object(resource, "definition_retries", return_value="hooks"),
    ):
        resource.register("ingress", made, parent=mock.Mock(spec=pulumi.Resource))
    assert registered.call_args.args[2].hooks == hooks


def test_what_a_webhook_refuses_is_an_error():
    refused = 'admission webhook "validation.example.com" denied the request: spec.type'
    assert retried(refused) == (False, [])


def test_after_the_last_attempt_the_error_stands():
    assert retried(MISSING, MISSING, MISSING) == (False, [])


def test_no_other_error_and_no_deletion_is_repeated():
    assert retried("the object has been modified", MISSING) == (False, [])
    assert retried(MISSING, operation="delete") == (False, [])
