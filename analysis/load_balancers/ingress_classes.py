"""Which ingress classes the workloads in a state serve."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from analysis.stack_state import State
from support import nested

_WORKLOADS = ("Deployment", "DaemonSet", "StatefulSet")
_CLASS_ARGUMENT = re.compile(r"^-.*ingress[-_.]?class(?:[-_.]?name)?=(.+)$", re.IGNORECASE)
"""Such as `--ingress-class=nginx` or `--providers.kubernetesingress.ingressclass=traefik`."""
_CONTROLLER_ARGUMENT = re.compile(r"^-.*controller-class=(.+)$")
"""The `spec.controller` of the IngressClasses that NGINX serves."""


def classes_of_workloads(
    state: State, namespace: str, selector: Mapping[str, str]
) -> Iterator[str]:
    """The classes that the pods behind a Service serve, by the arguments of their containers."""
    for kind in _WORKLOADS:
        for item in state.kubernetes(kind):
            template = item.mapping("spec", "template")
            labels = nested.mapping(template, "metadata", "labels")
            if (
                not selector
                or str(item.at("metadata", "namespace") or "default") != namespace
                or any(labels.get(name) != value for name, value in selector.items())
            ):
                continue
            for container in nested.items(template, "spec", "containers"):
                for argument in (*_texts(container, "command"), *_texts(container, "args")):
                    yield from _named_by(state, argument)


def _texts(container: object, name: str) -> Iterator[str]:
    return map(str, nested.items(container, name))


def _named_by(state: State, argument: str) -> Iterator[str]:
    if found := _CLASS_ARGUMENT.match(argument):
        yield found[1]
    elif found := _CONTROLLER_ARGUMENT.match(argument):
        for item in state.kubernetes("IngressClass"):
            if item.at("spec", "controller") == found[1]:
                yield str(item.mapping("metadata")["name"])
