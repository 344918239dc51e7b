"""Settings of the AKS cluster, its identity and its node pools."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from components.settings.values import (
    Cidr,
    Guid,
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
        r"[1-9]\d{0,3}|([1-9]\d?|100)%", "is neither a number of nodes nor a percentage such as 33%"
    ),
]
"""Nodes that an upgrade adds to a pool: a number, or a percentage rounded up."""


LabelName = Annotated[
    str,
    matching(
        r"([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?",
        "is not the name of a label such as tier or example.com/tier",
    ),
    matching(
        r"(?!([a-z0-9.-]+\.)?(kubernetes\.azure\.com|kubernetes\.io|k8s\.io)/).*",
        "has a prefix that Kubernetes and AKS keep as their own",
    ),
]
"""aks/use-labels, "Reserved prefixes"; Kubernetes, "Labels and Selectors"."""

LabelValue = Annotated[
    str,
    matching(
        r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?",
        "is not the value of a label: letters, digits, inner . _ and -, at most 63",
    ),
]


class NodePool(Section):
    """A node pool. The first System pool is part of the cluster; every other is an AgentPool."""

    name: Annotated[
        str,
        matching(
            r"[a-z][a-z0-9]{0,11}",
            "is not a node pool name: a lower-case letter, then at most 11 letters and digits",
        ),
    ]
    mode: Literal["System", "User"] = "User"
    os: Literal["Linux", "Windows"] = "Linux"
    os_sku: Literal["Ubuntu", "AzureLinux", "Windows2022"] | None = None
    vm_size: MachineSize
    min_count: int = Field(ge=0, le=1000)
    max_count: int = Field(ge=1, le=1000)
    max_pods: int = Field(default=110, ge=10, le=250)
    max_surge: MaxSurge = "33%"
    zones: Zones = ()
    spot: bool = False
    taints: tuple[
        Annotated[
            str,
            matching(
                r"[A-Za-z0-9./_-]+=[A-Za-z0-9._-]*:(NoSchedule|PreferNoSchedule|NoExecute)",
                "is not a taint such as sku=gpu:NoSchedule",
            ),
        ],
        ...,
    ] = ()
    labels: dict[LabelName, LabelValue] = Field(default_factory=dict)
    subnet: Text = "nodes"


class ServicePrincipal(Section):
    """An application of Entra ID that the cluster signs in as."""

    client_id: Guid
    object_id: Guid
    """Of its service principal (an enterprise application), to which roles are granted."""
    client_secret: Secret


class IdentitySettings(Section):
    """The identity by which the cluster acts on its network."""

    kind: Literal["userAssigned", "servicePrincipal"] = "userAssigned"
    subnet_role: Literal["network-contributor", "custom"] = "network-contributor"
    service_principal: ServicePrincipal | None = None


class WindowsSettings(Section):
    """The administrator of Windows nodes; needed as soon as a pool runs Windows."""

    admin_username: Annotated[
        str,
        matching(
            r"(?=.{1,20}$)[A-Za-z0-9._-]*[A-Za-z0-9_-]",
            "is not a Windows user name of at most 20 characters",
        ),
    ] = "aksnodes"
    admin_password: Secret


class ClusterSettings(Section):
    """`aks-network:cluster`: the AKS cluster."""

    kubernetes_version: Annotated[
        str, matching(r"1\.\d{2}(\.\d{1,2})?", 'is not a Kubernetes version such as "1.35"')
    ]
    tier: Literal["Free", "Standard", "Premium"] = "Standard"
    private: bool = True
    api_server_vnet_integration: bool = False
    """Put the API server into a subnet of the network, instead of behind a private endpoint."""
    authorized_ip_ranges: tuple[Cidr, ...] = ()
    admin_group_object_ids: tuple[Guid, ...] = ()
    upgrade_channel: Literal["none", "patch", "stable", "rapid", "node-image"] = "none"
    """With stable and rapid Azure raises the minor version, with patch the one named to the patch:
    `kubernetesVersion` is then the one that the cluster starts with, and no more."""
    node_os_upgrade_channel: Literal["None", "Unmanaged", "NodeImage", "SecurityPatch"] = (
        "NodeImage"
    )
    identity: IdentitySettings = IdentitySettings()
    node_pools: Annotated[tuple[NodePool, ...], NotEmpty]
    windows: WindowsSettings | None = None

    @property
    def system_pool(self) -> NodePool | None:
        """The pool that is part of the cluster resource: the first one of mode System."""
        return next((pool for pool in self.node_pools if pool.mode == "System"), None)

    @property
    def has_windows(self) -> bool:
        return any(pool.os == "Windows" for pool in self.node_pools)
