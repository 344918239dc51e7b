"""Settings of the applications in the cluster and of how their objects are delivered."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from components.settings.key_vault import CertificateId, CertificateName
from components.settings.values import (
    DnsName,
    IngressClassName,
    InvalidValueError,
    KubernetesName,
    NotEmpty,
    ResourceId,
    Section,
    Text,
    as_list,
    matching,
)

INTERNET = "internet"
PRIVATE_ENDPOINTS = "private-endpoints"
API_SERVER = "api-server"
NAMED_DESTINATIONS = (INTERNET, PRIVATE_ENDPOINTS, API_SERVER)
"""What `egress.to` may name instead of an address range."""

_HIGHEST_PORT = 65535
_PORT_EXAMPLES = "use ports such as 443, 53/UDP or 30000-30100/TCP"


def _destination(text: str) -> str:
    if text in NAMED_DESTINATIONS:
        return text
    try:
        return str(ipaddress.IPv4Network(text))
    except ValueError:
        rule = "must be an IPv4 range without host bits, or one of the named destinations"
        remedy = f"use a range such as 10.60.0.0/24, or {', '.join(NAMED_DESTINATIONS)}"
        raise InvalidValueError(rule, remedy) from None


def _port_range(text: str) -> str:
    ports = [int(port) for port in text.partition("/")[0].split("-")]
    if not all(1 <= port <= _HIGHEST_PORT for port in ports) or ports != sorted(ports):
        rule = f"must be ports from 1 to {_HIGHEST_PORT}, the lower one first"
        raise InvalidValueError(rule, _PORT_EXAMPLES)
    return text


def _port_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


UrlPath = Annotated[
    str,
    matching(
        r"/|(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)+/?",
        "must be a URL path: it begins with a slash and has no empty segments and no . or .. "
        "(ValidatePathType of Ingress)",
        "use a path such as /blog",
    ),
]
Port = Annotated[int, Field(ge=1, le=_HIGHEST_PORT)]
PolicyPort = Annotated[
    str,
    BeforeValidator(_port_text),
    matching(
        r"\d{1,5}(-\d{1,5})?(/(TCP|UDP))?",
        "must be a port or a range of ports",
        _PORT_EXAMPLES,
    ),
    AfterValidator(_port_range),
]
"""A port of the pods, as policies see it: behind a Service that is its target port."""
PolicyPorts = Annotated[tuple[PolicyPort, ...], BeforeValidator(as_list)]
Destination = Annotated[str, AfterValidator(_destination)]
Quantity = Annotated[
    str,
    matching(
        r"[1-9]\d*(m|Ki|Mi|Gi|Ti)?",
        "must be a Kubernetes quantity",
        "use a quantity such as 100m, 2 or 128Mi",
    ),
]
ServiceName = Annotated[
    str,
    matching(
        r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
        "must be the name of a Service: at most 63 lower-case letters, digits and hyphens, "
        "starting with a letter and not ending with a hyphen (RFC 1035)",
        "use a name such as frontend",
    ),
]
Image = Annotated[
    str,
    matching(
        r"[a-z0-9][a-z0-9./:_-]*(:(?!latest$)[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|@sha256:[0-9a-f]{64})",
        "must be an image with a digest, or with a tag other than latest",
        "use an image such as mcr.microsoft.com/app:1.2.3",
    ),
]
Directory = Annotated[
    str,
    matching(
        r"/[A-Za-z0-9._/-]+", "must be the absolute path of a directory", "use a path such as /tmp"
    ),
]


class Service(Section):
    """A Kubernetes Service of an application, and the paths that lead to it."""

    name: ServiceName
    """The name of the Service, which is the first part of its DNS name in the cluster."""
    app: KubernetesName
    """The label `app` of the pods behind the service. Network policies select the pods by it."""
    port: Port = 80
    """The port that the Service listens on."""
    target_port: Port = 8080
    """The port that the pods listen on."""
    host: DnsName | None = None
    """The host of the service's paths, if it is not the application's."""
    paths: Annotated[tuple[UrlPath, ...], BeforeValidator(as_list)] = Field(
        default=(), alias="path"
    )
    """The URL paths under the host that lead to the service. Without any, the service is not
    reachable from outside the cluster."""


class Workload(Section):
    """A Deployment of the pods with the label `app: <app>`.

    It satisfies the `restricted` Pod Security Standard.
    """

    app: KubernetesName
    """The label `app` of the pods, which is also the name of the Deployment."""
    image: Image
    """The container image, with a digest or with a tag other than latest."""
    replicas: int = Field(default=2, ge=1, le=1000)
    """The number of pods that run at the same time."""
    port: Port = 8080
    """The port that the container listens on, which is the target port of services."""
    health_path: UrlPath = "/"
    """The URL path that the readiness and liveness probes request over HTTP."""
    cpu: Quantity = "100m"
    """The CPU request of the container. There is no CPU limit, because a limit would throttle the
    container even when the node has CPU to spare."""
    memory: Quantity = "256Mi"
    """The memory request of the container, which is also its limit."""
    writable: tuple[Directory, ...] = ("/tmp",)  # noqa: S108 - a path inside the container
    """The paths of empty directories that the container may write to. The root file system is
    read-only."""
    environment: dict[str, str] = Field(default_factory=dict)
    """The environment variables of the container, in plain text. Do not use them for secrets."""
    user: int | None = Field(default=None, ge=1)
    """The numeric ID of the user that runs the container. It is required if the image names no such
    user."""
    os: Literal["Linux", "Windows"] = "Linux"
    """The operating system of the nodes that the pods run on."""


class Tls(Section):
    """The source of the certificate of an application's hosts.

    Set exactly one of `secretName`, `certificateId` and `certificateName`.
    """

    secret_name: KubernetesName | None = None
    """The name of a Kubernetes secret (kubernetes.io/tls) in the application's namespace, which you
    create yourself."""
    certificate_id: CertificateId | None = None
    """The ID of a certificate in another team's key vault, which application routing reads."""
    vault_id: ResourceId | None = None
    """The resource ID of the vault that contains `certificateId`. With it, the program grants the
    add-on access there; without it, the vault's owner must."""
    certificate_name: CertificateName | None = None
    """The name of a certificate in the key vault of this stack, which application routing reads."""

    @property
    def object_id(self) -> str | None:
        """What `vault_id` must be the vault of."""
        return self.certificate_id

    @property
    def from_vault(self) -> bool:
        """Whether a key vault holds it."""
        return self.certificate_id is not None or self.certificate_name is not None


class Pods(Section):
    """Pods of another application."""

    application: KubernetesName
    """The name of the other application, which is the name of its namespace."""
    app: KubernetesName
    """The label `app` of the pods in that application."""


def _kind_of_source(value: Any) -> str:
    return "app" if isinstance(value, str | None) else "pods"


Source = Annotated[
    Annotated[KubernetesName, Tag("app")] | Annotated[Pods, Tag("pods")],
    Discriminator(_kind_of_source),
]


class Conversation(Section):
    """Connections that are allowed from pods labelled `app: <from>` to pods labelled `app: <to>`.

    The application that listens declares them: `from` may be pods of another application, `to`
    are its own.
    """

    source: Source = Field(alias="from")
    """The pods that open the connections: an `app` of this application, or `{application, app}` of
    another one."""
    target: KubernetesName = Field(alias="to")
    """The pods that listen: an `app` of this application."""
    ports: PolicyPorts = ()
    """The ports of the pods that listen. Without them, all ports are allowed."""


class Egress(Section):
    """Connections that are allowed to destinations outside the cluster."""

    source: KubernetesName | None = Field(default=None, alias="from")
    """The label `app` of the pods that open the connections. Without it, all pods of the
    application may open them."""
    to: Annotated[tuple[Destination, ...], BeforeValidator(as_list), NotEmpty]
    """The destinations: address ranges, or `internet`, `private-endpoints` or `api-server`."""
    ports: Annotated[PolicyPorts, NotEmpty]
    """The ports of the destinations that the pods may connect to."""


class Application(Section):
    """An application: its namespace, its services and hosts, and the connections allowed."""

    name: KubernetesName
    """The name of the application, which is also the name of its namespace."""
    pod_security: Literal["privileged", "baseline", "restricted"] = "restricted"
    """The level of the Pod Security Standards that the namespace enforces."""
    host: DnsName | None = None
    """The host of the services' paths. A service may have a host of its own."""
    internal: bool = False
    """Whether the application is reachable only through the second, internal controller
    (`ingress.appRouting.internalClass`)."""
    tls: Tls | None = None
    """The certificate of the application's hosts. Without it, they use the certificate of the web
    application firewall, if there is one."""
    services: tuple[Service, ...] = ()
    """The services of the application, inside the cluster and under its hosts."""
    workloads: tuple[Workload, ...] = ()
    """The Deployments of the application. Leave them out if a pipeline of your own creates them."""
    allow: tuple[Conversation, ...] = ()
    """The connections to the application's pods that are allowed. All others are blocked."""
    egress: tuple[Egress, ...] = ()
    """The connections of the application's pods to destinations outside the cluster that are
    allowed. All others are blocked."""

    @property
    def apps(self) -> tuple[str, ...]:
        """The `app` labels of its pods, each once."""
        labels = [*(s.app for s in self.services), *(w.app for w in self.workloads)]
        return tuple(dict.fromkeys(labels))

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that it answers for, each once."""
        named = [service.host or self.host for service in self.services if service.paths]
        return tuple(dict.fromkeys(host for host in named if host))


class KubernetesSettings(Section):
    """`aks-network:kubernetes`: the applications, and the delivery of their Kubernetes objects."""

    delivery: Literal["apply", "render", "none"] = "none"
    """How the Kubernetes objects are delivered: `apply` creates them in the cluster, `render`
    writes them as files, `none` leaves them out."""
    login: Literal["azurecli", "workloadidentity", "spn", "msi"] = "azurecli"
    """The login mode of kubelogin with which `apply` signs in to the cluster. Credentials come from
    the environment, never from the configuration."""
    reachable: bool = False
    """Whether the program runs where it can reach a private API server. Only then may `apply` be
    used with one."""
    render_directory: Text | None = None
    """The directory that `render` writes to. Without it, the directory is
    `rendered/<environment>`."""
    ingress_class: IngressClassName = "publicingress"
    """The name of the ingress class of the applications. Microsoft's article calls it
    `PublicIngress`, but the API server accepts lower-case names only (ValidateIngressClassName)."""
    applications: tuple[Application, ...] = ()
    """The applications, each a namespace with its network policies, services and routes."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that the applications answer for."""
        return tuple(host for application in self.applications for host in application.hosts)

    @property
    def public_hosts(self) -> tuple[str, ...]:
        """The hosts that external clients use, which are behind the firewall."""
        return tuple(host for a in self.applications if not a.internal for host in a.hosts)

    @property
    def certificate_vault_ids(self) -> tuple[str, ...]:
        """Others' vaults that hold certificates and that this program may grant roles on."""
        return tuple(a.tls.vault_id for a in self.applications if a.tls and a.tls.vault_id)

    @property
    def exposed_ports(self) -> frozenset[int]:
        """The pods' ports that requests from outside the cluster lead to."""
        return frozenset(
            service.target_port
            for application in self.applications
            for service in application.services
            if service.paths
        )
