"""Snippets of NGINX: application routing leaves out an Ingress with a word that it blocks."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.kubernetes import snippets
from simulator.kubernetes.api import ClusterApi
from simulator.store import Resource
from tests.simulator.subscription import Subscription

SNIPPET = "nginx.ingress.kubernetes.io/configuration-snippet"
CONTROLLER = {
    "apiVersion": "approuting.kubernetes.azure.com/v1alpha1",
    "kind": "NginxIngressController",
    "metadata": {"name": "publicingress"},
    "spec": {"ingressClassName": "publicingress", "controllerNamePrefix": "nginx"},
}


@pytest.fixture
def cluster(azure: Subscription) -> Resource:
    made = azure.cluster(ingressProfile={"webAppRouting": {"enabled": True}})
    token = "kubernetes:approuting.kubernetes.azure.com/v1alpha1:NginxIngressController"
    ClusterApi(azure.cloud.store, made).put(token, CONTROLLER, create=True)
    return made


def ingress(annotations: dict[str, str], class_name: str = "publicingress") -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "shop", "namespace": "shop", "annotations": annotations},
        "spec": {"ingressClassName": class_name},
    }


def warned(azure: Subscription, cluster: Resource, manifest: dict[str, Any]) -> list[str]:
    return list(snippets.warnings(azure.cloud, cluster, manifest))


@pytest.mark.parametrize("word", snippets.BLOCKED)
def test_a_snippet_with_a_blocked_word_is_not_configured(azure, cluster, word):
    (text,) = warned(azure, cluster, ingress({SNIPPET: f"more_set_headers a{word}b;"}))
    assert text.startswith("Ingress shop: ")
    assert f"contains {word}" in text
    assert text.endswith("the Ingress is not configured")


def test_other_snippets_and_other_controllers_are_none_of_its_business(azure, cluster):
    blocked = {SNIPPET: "location /"}
    assert warned(azure, cluster, ingress(blocked, "nobodys")) == []
    assert warned(azure, cluster, ingress({SNIPPET: "proxy_buffering off;"})) == []
    assert len(warned(azure, cluster, ingress(blocked, "webapprouting.kubernetes.azure.com"))) == 1
