"""Settings of the AKS cluster, its identity and its node pools."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from components.addressing import SubnetKey
from components.settings.values import (
    Cidr,
    Guid,
    InvalidValueError,
    MachineSize,
    NotEmpty,
    Secret,
    Section,
    Text,
    Zones,
    matching,
)

MaxSurge = Annotated[
    str,
    BeforeValidator(lambda value: str(value) if isinstance(value, int) else value),
    matching(
        r"[1-9]\d{0,3}|([1-9]\d?|100)%",
        "must be a number of nodes, or a percentage from 1% to 100%",
        "use a value such as 33%",
    ),
]
"""Nodes that an upgrade adds to a pool: a number, or a percentage rounded up."""


LabelName = Annotated[
    str,
    matching(
        r"([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?",
        "must be the name of a label",
        "use a name such as tier or example.com/tier",
    ),
    matching(
        r"(?!([a-z0-9.-]+\.)?(kubernetes\.azure\.com|kubernetes\.io|k8s\.io)/).*",
        "must not have the prefix kubernetes.io, k8s.io or kubernetes.azure.com: they are reserved",
        "use a prefix of your own, such as example.com/",
    ),
]
"""aks/use-labels, "Reserved prefixes"; Kubernetes, "Labels and Selectors"."""

LabelValue = Annotated[
    str,
    matching(
        r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?",
        "must be the value of a label: at most 63 letters, digits and inner . _ and -",
        "use a value such as frontend",
    ),
]


class NodePool(Section):
    """A node pool. The first System pool is part of the cluster; every other is an AgentPool."""

    name: Annotated[
        str,
        matching(
            r"[a-z][a-z0-9]{0,11}",
            "must be a node pool name: up to 12 lower-case letters and digits, a letter first",
            "use a name such as system",
        ),
    ]
    """Linux pools take 12 signs, Windows pools 6."""
    mode: Literal["System", "User"] = "User"
    """Where the cluster's own pods run. A cluster needs a System pool, on Linux."""
    os: Literal["Linux", "Windows"] = "Linux"
    """Of the nodes."""
    os_sku: Literal["Ubuntu", "AzureLinux", "Windows2022"] | None = None
    """Image of the nodes; Ubuntu and Windows2022 unless given."""
    vm_size: MachineSize
    """Of each node."""
    min_count: int = Field(ge=0, le=1000)
    """Nodes that the autoscaler leaves at least; 0 in User pools only."""
    max_count: int = Field(ge=1, le=1000)
    """Nodes that the autoscaler makes at most; addresses are planned for as many."""
    max_pods: int = Field(default=110, ge=10, le=250)
    """Pods on one node at most."""
    max_surge: MaxSurge = "33%"
    """Nodes that an upgrade adds for its time; addresses are planned for them, too."""
    zones: Zones = ()
    """Availability zones that the nodes are spread over."""
    spot: bool = False
    """Nodes at Azure's spare price, which it may take away at any time; User pools only."""
    taints: tuple[
        Annotated[
            str,
            matching(
                r"[A-Za-z0-9./_-]+=[A-Za-z0-9._-]*:(NoSchedule|PreferNoSchedule|NoExecute)",
                "must be a taint with a key, a value and an effect",
                "use a taint such as sku=gpu:NoSchedule",
            ),
        ],
        ...,
    ] = ()
    """Of every node: only pods that tolerate them are placed there."""
    labels: dict[LabelName, LabelValue] = Field(default_factory=dict)
    """Of every node, for pods to choose it by."""
    subnet: Text = SubnetKey.NODES.value
    """Key of the subnet that the nodes stand in; a new key makes a subnet of its own."""


class ServicePrincipal(Section):
    """An application of Entra ID that the cluster signs in as."""

    client_id: Guid
    """Of the application."""
    object_id: Guid
    """Of its service principal (an enterprise application), to which roles are granted."""
    client_secret: Secret
    """One of the application's; set a new one before it expires."""


class IdentitySettings(Section):
    """The identity by which the cluster acts on its network."""

    kind: Literal["userAssigned", "servicePrincipal"] = "userAssigned"
    """A managed identity made by the program, or a service principal that exists."""
    subnet_role: Literal["network-contributor", "custom"] = "network-contributor"
    """What the identity holds on the subnets it uses: Network Contributor, or a role of
    the program's own with `subnets/join/action`, `subnets/read` and what else AKS needs there."""
    service_principal: ServicePrincipal | None = None
    """With `kind: servicePrincipal`, and only then."""


class WindowsSettings(Section):
    """The administrator of Windows nodes; needed as soon as a pool runs Windows."""

    admin_username: Annotated[
        str,
        matching(
            r"(?=.{1,20}$)[A-Za-z0-9._-]*[A-Za-z0-9_-]",
            "must be a Windows user name: at most 20 letters, digits, . _ and -, no dot at the end",
            "use a name such as aksnodes",
        ),
    ] = "aksnodes"
    """Of the nodes; nobody signs in as it from outside."""
    admin_password: Secret
    """Of that user, when the cluster is created; later `az aks update --windows-admin-password`."""


def _not_a_number(value: Any) -> Any:
    """Kubernetes' minor versions have two digits, of which a number loses a zero at the end."""
    if isinstance(value, float):
        rule = "must be in quotes: YAML reads it as a number, and 1.30 as 1.3"
        raise InvalidValueError(rule, f'use "{value:.2f}"')
    return value


class ClusterSettings(Section):
    """`aks-network:cluster`: the AKS cluster."""

    kubernetes_version: Annotated[
        str,
        BeforeValidator(_not_a_number),
        matching(
            r"1\.\d{2}(\.\d{1,2})?",
            "must be a Kubernetes version",
            'use a version such as "1.35"',
        ),
    ]
    """Minor version, or one with its patch."""
    tier: Literal["Free", "Standard", "Premium"] = "Standard"
    """Standard and Premium have an uptime SLA; Premium has long-term support."""
    private: bool = True
    """The API server has no public address. Fixed when the cluster is created."""
    api_server_vnet_integration: bool = False
    """Put the API server into a subnet of the network, instead of behind a private endpoint."""
    authorized_ip_ranges: tuple[Cidr, ...] = ()
    """Who may call a public API server, beside the cluster's own egress; empty for all."""
    admin_group_object_ids: tuple[Guid, ...] = ()
    """Groups of Entra ID whose members administrate the cluster."""
    upgrade_channel: Literal["none", "patch", "stable", "rapid", "node-image"] = "none"
    """With stable and rapid Azure raises the minor version, with patch the one named to the patch:
    `kubernetesVersion` is then the one that the cluster starts with, and no more."""
    node_os_upgrade_channel: Literal["None", "Unmanaged", "NodeImage", "SecurityPatch"] = (
        "NodeImage"
    )
    """How nodes get the operating system's security updates."""
    identity: IdentitySettings = IdentitySettings()
    """By which the cluster acts on its network."""
    node_pools: Annotated[tuple[NodePool, ...], NotEmpty]
    """At least one of mode System on Linux; the first such is part of the cluster resource."""
    windows: WindowsSettings | None = None
    """Needed as soon as a pool runs Windows."""

    @property
    def system_pool(self) -> NodePool | None:
        """The pool that is part of the cluster resource: the first one of mode System."""
        return next((pool for pool in self.node_pools if pool.mode == "System"), None)

    @property
    def has_windows(self) -> bool:
        return any(pool.os == "Windows" for pool in self.node_pools)
