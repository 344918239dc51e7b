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
        "must be a URL path: a slash first, no empty, . or .. parts (ValidatePathType of Ingress)",
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
        "must be the name of a Service: up to 63 lower-case letters, digits and inner hyphens, a "
        "letter first (RFC 1035)",
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
    """A Kubernetes Service of an application, and where it answers."""

    name: ServiceName
    """Of the Service; the first part of its name in the cluster's DNS."""
    app: KubernetesName
    """The `app` label of the pods behind the service; who may talk to whom is said by it."""
    port: Port = 80
    """That the Service listens on."""
    target_port: Port = 8080
    """Of the pods."""
    host: DnsName | None = None
    """The host of its paths, where it is not the application's."""
    paths: Annotated[tuple[UrlPath, ...], BeforeValidator(as_list)] = Field(
        default=(), alias="path"
    )
    """The paths under its host; without any the service is not reached from outside."""


class Workload(Section):
    """A Deployment of the pods labelled `app: <app>`, fit for the `restricted` security level."""

    app: KubernetesName
    """The pods' label `app`; also the Deployment's name."""
    image: Image
    """With a fixed tag or digest."""
    replicas: int = Field(default=2, ge=1, le=1000)
    """Pods that run at the same time."""
    port: Port = 8080
    """The container's; the target port of services."""
    health_path: UrlPath = "/"
    """Asked over HTTP by both probes."""
    cpu: Quantity = "100m"
    """Requested; a limit would throttle without need."""
    memory: Quantity = "256Mi"
    """Requested and at most."""
    writable: tuple[Directory, ...] = ("/tmp",)  # noqa: S108 - a path inside the container
    """Empty directories over the read-only root file system."""
    environment: dict[str, str] = Field(default_factory=dict)
    """Variables in plain text: nothing secret."""
    user: int | None = Field(default=None, ge=1)
    """Numeric user, where the image names none."""
    os: Literal["Linux", "Windows"] = "Linux"
    """Of the nodes that the pods run on."""


class Tls(Section):
    """Where the certificate of an application's hosts comes from, one of three."""

    secret_name: KubernetesName | None = None
    """A secret (kubernetes.io/tls) in the application's namespace, put there by someone else."""
    certificate_id: CertificateId | None = None
    """Id of a certificate in another team's key vault, for application routing to fetch."""
    vault_id: ResourceId | None = None
    """Resource id of the vault that `certificateId` lies in. With it the program itself lets the
    add-on read there; without it the vault's owner does."""
    certificate_name: CertificateName | None = None
    """Name of a certificate in this stack's own key vault, for application routing to fetch."""

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
    """Its name, and so its namespace."""
    app: KubernetesName
    """The label of the pods in it."""


def _kind_of_source(value: Any) -> str:
    return "app" if isinstance(value, str | None) else "pods"


Source = Annotated[
    Annotated[KubernetesName, Tag("app")] | Annotated[Pods, Tag("pods")],
    Discriminator(_kind_of_source),
]


class Conversation(Section):
    """Pods labelled `app: <from>` may open connections to pods labelled `app: <to>`.

    Who listens declares who may speak: `from` may be another application's pods, `to` are one's
    own.
    """

    source: Source = Field(alias="from")
    """Who opens connections: an `app` of one's own, or `{application, app}` of another."""
    target: KubernetesName = Field(alias="to")
    """Who listens: an `app` of one's own."""
    ports: PolicyPorts = ()
    """All ports unless given."""


class Egress(Section):
    """Connections to outside the cluster."""

    source: KubernetesName | None = Field(default=None, alias="from")
    """The `app` of the pods; all of the application's unless given."""
    to: Annotated[tuple[Destination, ...], BeforeValidator(as_list), NotEmpty]
    """Address ranges, or `internet`, `private-endpoints` or `api-server`."""
    ports: Annotated[PolicyPorts, NotEmpty]
    """Open on these only."""


class Application(Section):
    """An application: a namespace, its services behind its hosts, and who may talk to whom."""

    name: KubernetesName
    """The namespace."""
    pod_security: Literal["privileged", "baseline", "restricted"] = "restricted"
    """Level of the pod security standards that the namespace enforces."""
    host: DnsName | None = None
    """The host of the services' paths, unless they have their own."""
    internal: bool = False
    """Reached by the second, internal ingress class only (`ingress.appRouting.internalClass`)."""
    tls: Tls | None = None
    """Of its hosts. Unset, it is the web application firewall's certificate, where there is one."""
    services: tuple[Service, ...] = ()
    """What its pods offer, inside the cluster and under its hosts."""
    workloads: tuple[Workload, ...] = ()
    """Deployments, unless a pipeline of your own brings them."""
    allow: tuple[Conversation, ...] = ()
    """Who may talk to its pods. Whatever is not declared is closed."""
    egress: tuple[Egress, ...] = ()
    """Where its pods may go outside the cluster. Whatever is not declared is closed."""

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
    """`aks-network:kubernetes`: applications and the delivery of their objects."""

    delivery: Literal["apply", "render", "none"] = "none"
    """Apply the objects to the cluster, render them as files, or leave them out."""
    login: Literal["azurecli", "workloadidentity", "spn", "msi"] = "azurecli"
    """How `apply` signs in to the cluster: kubelogin's login mode. Credentials come from the
    environment, never from the configuration."""
    reachable: bool = False
    """This program runs where a private API server answers, so `apply` may be used with it."""
    render_directory: Text | None = None
    """Where `render` writes to; `rendered/<environment>` unless set."""
    ingress_class: IngressClassName = "publicingress"
    """Microsoft's article calls it `PublicIngress`; the API server takes lower-case names only
    (ValidateIngressClassName is a DNS subdomain check)."""
    applications: tuple[Application, ...] = ()
    """Each is a namespace with its policies, services and routes."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that the applications answer for."""
        return tuple(host for application in self.applications for host in application.hosts)

    @property
    def public_hosts(self) -> tuple[str, ...]:
        """The hosts that clients outside come to, which the firewall stands before."""
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
