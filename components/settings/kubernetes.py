"""Settings of the applications in the cluster and of how their objects are delivered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from components.settings.values import DnsName, KubernetesName, Section, Text, matching

UrlPath = Annotated[str, matching(r"/[A-Za-z0-9._~/-]*", "is not a URL path such as /blog")]
Port = Annotated[int, Field(ge=1, le=65535)]


class Service(Section):
    """A Kubernetes Service of an application, and the path it answers under."""

    name: KubernetesName
    app: KubernetesName
    """The `app` label of the pods behind the service; who may talk to whom is said by it."""
    port: Port = 80
    target_port: Port = 8080
    path: UrlPath | None = None
    """The path under the application's host; without it the service is not reached from outside."""


class Tls(Section):
    """Where the Ingress takes its certificate from."""

    secret_name: KubernetesName


class Conversation(Section):
    """Pods labelled `app: <from>` may open connections to pods labelled `app: <to>`."""

    source: KubernetesName = Field(alias="from")
    target: KubernetesName = Field(alias="to")


class Application(Section):
    """An application: a namespace, its services behind one host, and who may talk to whom."""

    name: KubernetesName
    """The namespace."""
    pod_security: Literal["privileged", "baseline", "restricted"] = "restricted"
    host: DnsName | None = None
    tls: Tls | None = None
    services: tuple[Service, ...] = ()
    allow: tuple[Conversation, ...] = ()


class KubernetesSettings(Section):
    """`aks-network:kubernetes`: applications and the delivery of their objects."""

    delivery: Literal["apply", "render", "none"] = "none"
    render_directory: Text | None = None
    """Where `render` writes to; `rendered/<environment>` unless set."""
    ingress_class: Annotated[
        str,
        matching(
            r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*",
            "is not the name of an ingress class: lower-case letters, digits, hyphens and dots",
        ),
    ] = "publicingress"
    """Microsoft's article calls it `PublicIngress`; the API server takes lower-case names only
    (ValidateIngressClassName is a DNS subdomain check)."""
    applications: tuple[Application, ...] = ()
