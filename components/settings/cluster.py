"""Settings of the AKS cluster, its identity and its node pools."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from components.addressing import SubnetKey
from components.settings import kubernetes_versions, vm_sizes, windows_versions
from components.settings.registries import ExistingRegistry, OwnRegistry
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
    """A node pool.

    The first pool with `mode: System` is part of the cluster resource; every other is an
    AgentPool resource.
    """

    name: Annotated[
        str,
        matching(
            r"[a-z][a-z0-9]{0,11}",
            "must be a node pool name: at most 12 lower-case letters and digits, starting with a "
            "letter",
            "use a name such as system",
        ),
    ]
    """The name of the node pool: at most 12 characters for Linux, and 6 for Windows. Changing it
    replaces the pool."""
    mode: Literal["System", "User"] = "User"
    """The mode of the node pool. System pools run the cluster's own pods; a cluster needs at least
    one, on Linux."""
    os: Literal["Linux", "Windows"] = "Linux"
    """The operating system of the nodes."""
    os_sku: Literal["Ubuntu", "AzureLinux", "Windows2022", "Windows2025"] | None = None
    """The operating system image of the nodes. Without it, Linux pools use Ubuntu. Windows pools
    use Windows2022 up to Kubernetes 1.36, and Windows2025 from 1.37 on. Azure does not change the
    Windows version of an existing pool."""
    vm_size: MachineSize
    """The virtual machine size of the nodes, such as Standard_D4ds_v5. System pools need at least 2
    vCPUs. Changing it replaces the pool."""
    min_count: int = Field(ge=0, le=1000)
    """The minimum number of nodes for the autoscaler. Only User pools may have 0."""
    max_count: int = Field(ge=1, le=1000)
    """The maximum number of nodes for the autoscaler. The address plan has room for all of them."""
    max_pods: int = Field(default=110, ge=10, le=250)
    """The maximum number of pods on a node. Azure does not allow a change after creation."""
    max_surge: MaxSurge = "33%"
    """The number of extra nodes during an upgrade, or a percentage of the pool. The address plan
    has room for them."""
    zones: Zones = ()
    """The availability zones of the nodes. Azure does not allow a change after creation."""
    local_dns: bool | None = None
    """Whether each node answers the DNS queries of its pods from a cache of its own (LocalDNS). It
    needs Linux, Kubernetes 1.31 and a size with at least 4 vCPUs. Without a value, it is on from
    Kubernetes 1.36 on where the size allows it, as AKS has it. Changing it reimages the nodes."""
    spot: bool = False
    """Whether the nodes are spot virtual machines, which Azure may evict at any time. Only User
    pools may use them."""
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
    """The taints of every node, such as sku=gpu:NoSchedule. Only pods that tolerate them are
    scheduled there."""
    labels: dict[LabelName, LabelValue] = Field(default_factory=dict)
    """The labels of every node, by which pods select their nodes."""
    subnet: Text = SubnetKey.NODES.value
    """The key of the subnet of the nodes. A new key, such as nodes-2, creates a subnet of its
    own."""


class ServicePrincipal(Section):
    """An application of Microsoft Entra ID that the cluster signs in as."""

    client_id: Guid
    """The client ID of the application."""
    object_id: Guid
    """The object ID of the application's service principal (enterprise application), to which the
    roles are granted."""
    client_secret: Secret
    """A client secret of the application. Set a new one before it expires."""


class IdentitySettings(Section):
    """The identity that the cluster uses on its network."""

    kind: Literal["userAssigned", "servicePrincipal"] = "userAssigned"
    """The kind of the identity: a managed identity that the program creates, or an existing service
    principal."""
    subnet_role: Literal["network-contributor", "custom"] = "network-contributor"
    """The role of the identity on the subnets it uses: Network Contributor, or a custom role with
    `subnets/join/action`, `subnets/read` and the other actions that AKS needs there."""
    service_principal: ServicePrincipal | None = None
    """The service principal. It is required with `kind: servicePrincipal`, and not allowed
    otherwise."""


class WindowsSettings(Section):
    """The administrator of the Windows nodes."""

    admin_username: Annotated[
        str,
        matching(
            r"(?=.{1,20}$)[A-Za-z0-9._-]*[A-Za-z0-9_-]",
            "must be a Windows user name: at most 20 letters, digits, . _ and -, not ending with .",
            "use a name such as aksnodes",
        ),
    ] = "aksnodes"
    """The name of the administrator on the Windows nodes. Nobody signs in with it from outside."""
    admin_password: Secret
    """The password of the administrator when the cluster is created. To change it later, use `az
    aks update --windows-admin-password`."""


def _not_a_number(value: Any) -> Any:
    """Kubernetes' minor versions have two digits, of which a number loses a zero at the end."""
    if isinstance(value, float):
        rule = "must be in quotes: YAML reads it as a number, and 1.30 as 1.3"
        raise InvalidValueError(rule, f'use "{value:.2f}"')
    return value


Day = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


TimeOfDay = Annotated[
    str,
    matching(
        r"([01]\d|2[0-3]):[0-5]\d",
        "must be a time of day in hours and minutes",
        "use a time such as 21:00",
    ),
]

UtcOffset = Annotated[
    str,
    matching(
        r"[+-](0\d|1[0-4]):[0-5]\d",
        "must be an offset from UTC in hours and minutes",
        "use an offset such as +01:00",
    ),
]


class MaintenanceWindow(Section):
    """A weekly window for planned maintenance (aks/planned-maintenance)."""

    day: Day
    """The day of the week on which the window opens."""
    start: TimeOfDay
    """The time at which the window opens, in hours and minutes."""
    hours: int = Field(default=4, ge=4, le=24)
    """The length of the window in hours, from 4 to 24."""
    interval_weeks: int = Field(default=1, ge=1, le=4)
    """The number of weeks from one window to the next, from 1 to 4."""
    utc_offset: UtcOffset = "+00:00"
    """The offset from UTC in which `start` is given."""


class MaintenanceSettings(Section):
    """The windows in which AKS maintains the cluster. Without a window, it does so at any time.

    AKS keeps to the windows as far as it can: it installs critical fixes at once.
    """

    kubernetes: MaintenanceWindow | None = None
    """The window for the Kubernetes upgrades of `upgradeChannel`."""
    node_os: MaintenanceWindow | None = None
    """The window for the node image and security updates of `nodeOsUpgradeChannel`."""
    aks_releases: MaintenanceWindow | None = None
    """The window for the weekly AKS releases, which update the control plane and add-ons."""


LOCAL_DNS_SINCE = 31
"""The first minor version with LocalDNS (aks/localdns-custom, "Prerequisites")."""
LOCAL_DNS_BY_DEFAULT = 36
"""From this minor version on, AKS turns LocalDNS on by itself (Azure/AKS release notes 2026-05-29).
It leaves out clusters with Cilium's or Calico's policies, which may block it. Those of this program
allow it under every engine."""
LOCAL_DNS_VCPUS = 4
"""The least vCPUs of a node with LocalDNS (same page)."""

LONG_TERM_SUPPORT = "AKSLongTermSupport"
"""The support plan for versions after their community support."""


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
    """The Kubernetes version of the cluster, in quotes: a minor version such as "1.35", or one with
    a patch."""
    tier: Literal["Free", "Standard", "Premium"] = "Standard"
    """The pricing tier of the cluster. `Standard` and `Premium` have an uptime SLA, and `Premium`
    has long-term support."""
    support_plan: Literal["KubernetesOfficial", "AKSLongTermSupport"] | None = None
    """The support plan of the cluster. `AKSLongTermSupport` needs `tier: Premium`. Without a value,
    it is `AKSLongTermSupport` if the tier is `Premium` and the version has no other support, and
    `KubernetesOfficial` otherwise."""
    private: bool = True
    """Whether the API server has a private address only. Changing it replaces the cluster."""
    api_server_vnet_integration: bool = False
    """Whether the API server is in a subnet of the network (API Server VNet Integration) instead of
    behind a private endpoint."""
    authorized_ip_ranges: tuple[Cidr, ...] = ()
    """The address ranges that may reach a public API server, in addition to the cluster's own
    egress. Without them, every address may reach it."""
    admin_group_object_ids: tuple[Guid, ...] = ()
    """The object IDs of the Microsoft Entra groups whose members are administrators of the
    cluster."""
    upgrade_channel: Literal["none", "patch", "stable", "rapid", "node-image"] = "none"
    """The channel by which AKS upgrades Kubernetes automatically. `stable` and `rapid` raise the
    minor version, `patch` only the patch version. `kubernetesVersion` is then only the version of a
    new cluster."""
    node_os_upgrade_channel: Literal["None", "Unmanaged", "NodeImage", "SecurityPatch"] = (
        "NodeImage"
    )
    """The channel by which nodes get security updates of their operating system."""
    maintenance: MaintenanceSettings = MaintenanceSettings()
    """The weekly windows in which AKS upgrades and maintains the cluster."""
    identity: IdentitySettings = IdentitySettings()
    """The identity that the cluster uses on its network."""
    node_pools: Annotated[tuple[NodePool, ...], NotEmpty]
    """The node pools. At least one must have `mode: System`; the first of these is part of the
    cluster resource."""
    windows: WindowsSettings | None = None
    """The administrator of the Windows nodes. It is required if a node pool runs Windows."""
    registries: tuple[ExistingRegistry, ...] = ()
    """The existing container registries from which the nodes may pull images."""
    own_registry: OwnRegistry | None = None
    """The container registry that the program creates for the cluster. Without it, the program
    creates none."""

    @property
    def effective_support_plan(self) -> str:
        """The support plan that is set or that follows from version and tier."""
        if self.support_plan is not None:
            return self.support_plan
        only_long_term = kubernetes_versions.needs_long_term_support(self.kubernetes_version)
        premium = self.tier == "Premium"
        return LONG_TERM_SUPPORT if premium and only_long_term else "KubernetesOfficial"

    @property
    def system_pool(self) -> NodePool | None:
        """The pool that is part of the cluster resource: the first one of mode System."""
        return next((pool for pool in self.node_pools if pool.mode == "System"), None)

    @property
    def has_windows(self) -> bool:
        return any(pool.os == "Windows" for pool in self.node_pools)

    @property
    def windows_pools(self) -> dict[str, str]:
        """By name, the image of each Windows pool."""
        return {pool.name: self.os_sku_of(pool) for pool in self.node_pools if pool.os == "Windows"}

    def has_local_dns(self, pool: NodePool) -> bool:
        """Whether LocalDNS is on in a pool, by its setting or by default."""
        if pool.local_dns is not None:
            return pool.local_dns
        minor = kubernetes_versions.minor(self.kubernetes_version)
        large = (vm_sizes.vcpus(pool.vm_size) or 0) >= LOCAL_DNS_VCPUS
        return pool.os == "Linux" and minor >= LOCAL_DNS_BY_DEFAULT and large

    def os_sku_of(self, pool: NodePool) -> str:
        """The operating system image that is set or that follows from the Kubernetes version."""
        if pool.os_sku is not None:
            return pool.os_sku
        if pool.os == "Linux":
            return "Ubuntu"
        return windows_versions.default(kubernetes_versions.minor(self.kubernetes_version))

    @property
    def updates_ubuntu_itself(self) -> bool:
        """Whether Ubuntu nodes install updates from Ubuntu's servers, instead of new images."""
        itself = self.node_os_upgrade_channel in {"SecurityPatch", "Unmanaged"}
        return itself and any(
            pool.os == "Linux" and pool.os_sku in {None, "Ubuntu"} for pool in self.node_pools
        )
