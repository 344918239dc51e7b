"""The day-2 changes in docs/edits.md: a row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Edit:
    """A change of a stack file."""

    group: str
    what: str
    settings: Mapping[str, Any] = field(repr=False)
    """Paths and their new values; None removes a setting."""
    advice: str = ""
    """What the user should do or know."""
    carried_out: bool = False
    """Whether the change is deployed, because Azure may refuse what the preview accepts."""
    first: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Settings to deploy before the change, where the stack does not have what it changes."""
    base: str = "prod"
    """The stack that is changed."""


_CLUSTER = "aks-network:cluster"
_NETWORK = "aks-network:network"
_MANAGEMENT = "aks-network:management"
_INGRESS = "aks-network:ingress"
_LIKE_NEW = "set up a second cluster, move the applications to it, and remove the first"
_THEN = (
    "then run `pulumi refresh`, and change the setting here, for one run together with "
    "`aks-network:protect: false` (the engine still refuses to replace a cluster that the refresh "
    "has not shown as changed)"
)
_POOL = "add a pool with the new value, drain the old one, and remove it"

_MOVE_WINDOWS = "move the workloads as [Move Windows pools](changing.md#move-windows-pools) says"

_NEW_ADDRESSES = (
    "with `cluster.authorizedIpRanges`, the API server refuses nodes that leave by a new address "
    "until the same run has updated the cluster, some minutes later"
)
"""The cluster depends on its egress, so Pulumi updates the egress first."""

_BATCH = {
    "name": "batch",
    "vmSize": "Standard_D8ds_v5",
    "minCount": 1,
    "maxCount": 3,
    "maxPods": 60,
}
_WINDOWS = {
    "name": "win22",
    "os": "Windows",
    "vmSize": "Standard_D8ds_v5",
    "minCount": 1,
    "maxCount": 3,
    "maxPods": 60,
}
_WINDOWS_2022 = {f"{_CLUSTER}.nodePools[2]": {**_WINDOWS, "osSku": "Windows2022"}}
_VPN = {
    f"{_MANAGEMENT}.gateway": {
        "kind": "vpn",
        "site": {"publicIp": "203.0.113.10", "addressSpace": "172.20.0.0/16"},
    }
}
_NO_WAF = {
    f"{_INGRESS}.waf": "none",
    "aks-network:observability.diagnostics.applicationGateway": False,
    "aks-network:kubernetes.applications[0].tls": {"secretName": "tls"},
}

_THEIR_CERTIFICATE = {"secretId": "https://kv-certificates.vault.azure.net/secrets/myapp-com"}

_POOLS = "Node pools"
_AKS = "The cluster"
_ADDRESSES = "Addresses"
_EGRESS = "Network model, policies and egress"
_HUB = "The management network"
_IN = "Ingress"
_NAMES = "Names and tags"
_REST = "Protection and observability"
_DEV = "Development, where nothing is protected"

EDITS: tuple[Edit, ...] = (
    Edit(
        _POOLS,
        "raise a pool's `maxCount` from 30 to 40",
        {f"{_CLUSTER}.nodePools[1].maxCount": 40},
        "safe: the address plan has room for it",
    ),
    Edit(
        _POOLS,
        "raise a pool's `maxCount` beyond the addresses of its subnet",
        {f"{_CLUSTER}.nodePools[1].maxCount": 700},
        "follow the remedy in the message",
    ),
    Edit(
        _POOLS,
        "add a pool",
        {f"{_CLUSTER}.nodePools[3]": _BATCH},
        "safe",
    ),
    Edit(
        _POOLS,
        "remove a pool",
        {f"{_CLUSTER}.nodePools[1]": None},
        "drain it first: its pods are evicted",
    ),
    Edit(
        _POOLS,
        "remove the last Windows pool and `cluster.windows` with it",
        {f"{_CLUSTER}.nodePools[2]": None, f"{_CLUSTER}.windows": None},
        "keep `cluster.windows`: it is a property of the cluster, which is set once",
    ),
    Edit(
        _POOLS, "change a pool's `maxSurge`", {f"{_CLUSTER}.nodePools[1].maxSurge": "10%"}, "safe"
    ),
    Edit(
        _POOLS,
        "set a pool's `localDns: true`",
        {f"{_CLUSTER}.nodePools[1].localDns": True},
        "reimages all nodes of the pool: plan for it as for an upgrade; policies of your own must "
        "allow it first ([LocalDNS](dns.md#localdns))",
    ),
    Edit(
        _POOLS,
        "change a pool's labels",
        {f"{_CLUSTER}.nodePools[1].labels": {"tier": "apps"}},
        "safe",
    ),
    Edit(
        _POOLS,
        "change a pool's `vmSize`",
        {f"{_CLUSTER}.nodePools[1].vmSize": "Standard_D16ds_v5"},
        f"replaces all its nodes at once; instead, {_POOL}",
    ),
    Edit(
        _POOLS,
        "change a pool's `maxPods`",
        {f"{_CLUSTER}.nodePools[1].maxPods": 100},
        _POOL,
        carried_out=True,
    ),
    Edit(
        _POOLS,
        "remove a zone from a pool",
        {f"{_CLUSTER}.nodePools[1].zones": ["1", "2"]},
        _POOL,
        carried_out=True,
    ),
    Edit(
        _POOLS,
        "add a zone to a pool",
        {f"{_CLUSTER}.nodePools[3]": {**_BATCH, "zones": ["1", "2"]}},
        _POOL,
        carried_out=True,
        first={f"{_CLUSTER}.nodePools[3]": {**_BATCH, "zones": ["1"]}},
    ),
    Edit(
        _POOLS,
        "rename a pool",
        {f"{_CLUSTER}.nodePools[1].name": "apps2"},
        "the new pool is created before the old one is deleted: first drain the old one",
    ),
    Edit(
        _POOLS,
        "change a Windows pool's `osSku` from Windows2022 to Windows2025",
        {f"{_CLUSTER}.nodePools[2]": {**_WINDOWS, "osSku": "Windows2025"}},
        _MOVE_WINDOWS,
        first=_WINDOWS_2022,
    ),
    Edit(
        _POOLS,
        "add a pool of Windows Server 2025 beside one of Windows Server 2022",
        {
            **_WINDOWS_2022,
            f"{_CLUSTER}.nodePools[3]": {**_WINDOWS, "name": "win25", "osSku": "Windows2025"},
        },
        "safe; " + _MOVE_WINDOWS,
        carried_out=True,
        first=_WINDOWS_2022,
    ),
    Edit(
        _AKS,
        "raise the Kubernetes version by one minor version",
        {f"{_CLUSTER}.kubernetesVersion": "1.36"},
        "safe: the control plane first, then the separate pools with `maxSurge`; afterwards "
        "upgrade the first System pool with `az aks nodepool upgrade`. 1.36 turns on LocalDNS: "
        "policies of your own must allow it first, and the first System pool gets it in a run of "
        "its own ([LocalDNS](dns.md#localdns))",
        carried_out=True,
    ),
    Edit(
        _AKS,
        "raise the Kubernetes version to 1.37 with a pool of Windows Server 2022",
        {f"{_CLUSTER}.kubernetesVersion": "1.37", f"{_CLUSTER}.nodePools[2]": _WINDOWS},
        _MOVE_WINDOWS,
        first={f"{_CLUSTER}.kubernetesVersion": "1.36", f"{_CLUSTER}.nodePools[2]": _WINDOWS},
    ),
    Edit(
        _AKS,
        "lower the Kubernetes version",
        {f"{_CLUSTER}.kubernetesVersion": "1.34"},
        "Kubernetes cannot be downgraded: " + _LIKE_NEW,
        carried_out=True,
    ),
    Edit(_AKS, "change `tier`", {f"{_CLUSTER}.tier": "Premium"}, "safe"),
    Edit(_AKS, "change `upgradeChannel`", {f"{_CLUSTER}.upgradeChannel": "patch"}, "safe"),
    Edit(
        _AKS,
        "change the administrators' groups",
        {f"{_CLUSTER}.adminGroupObjectIds": ["3f2504e0-4f89-41d3-9a0c-0305e82c3301"]},
        "safe",
    ),
    Edit(
        _AKS,
        "make a private API server public",
        {f"{_CLUSTER}.private": False},
        _LIKE_NEW,
        carried_out=True,
    ),
    Edit(
        _AKS,
        "set `identity.subnetRole: custom`",
        {f"{_CLUSTER}.identity.subnetRole": "custom"},
        "safe: the narrower role is granted before the wider one is removed",
    ),
    Edit(
        _ADDRESSES,
        "append a range to the address space",
        {f"{_NETWORK}.addressSpace": ["10.40.0.0/16", "10.41.0.0/16"]},
        "no subnet moves; the same run adds the range to the peering",
        carried_out=True,
    ),
    Edit(
        _ADDRESSES,
        "replace the address space",
        {f"{_NETWORK}.addressSpace": "10.60.0.0/16"},
        "append a range instead",
        carried_out=True,
    ),
    Edit(
        _ADDRESSES,
        "change `serviceCidr`",
        {f"{_NETWORK}.serviceCidr": "10.110.0.0/16", f"{_NETWORK}.dnsServiceIp": "10.110.0.10"},
        _LIKE_NEW,
    ),
    Edit(
        _ADDRESSES,
        "add a reserved range",
        {f"{_NETWORK}.reserved[2]": {"name": "branch", "cidr": "172.20.0.0/16"}},
        "safe: reserved ranges are only checked",
    ),
    Edit(
        _ADDRESSES,
        "set `network.dnsServers`",
        {f"{_NETWORK}.dnsServers": ["10.40.255.250"]},
        "the servers must answer first; running nodes ask them after their next node image "
        "upgrade, so run `az aks nodepool upgrade --node-image-only` for each pool",
    ),
    Edit(
        _EGRESS,
        "change `policy: calico` to `azure`",
        {f"{_NETWORK}.policy": "azure"},
        "Azure can change the policy engine in place, through none: run `az aks update "
        f"--network-policy none`, then the same with `--network-policy azure`; {_THEN}",
    ),
    Edit(
        _EGRESS,
        "change `model: azure-cni` to `azure-cni-overlay`",
        {f"{_NETWORK}.model": "azure-cni-overlay", f"{_NETWORK}.podCidr": "10.244.0.0/16"},
        "Azure can move a cluster to the overlay, but never back, and only while no policy engine "
        "is on: run `az aks update --network-policy none`, then the same with "
        f"`--network-plugin-mode overlay --pod-cidr` and the range; {_THEN}",
    ),
    Edit(
        _EGRESS,
        "change `egress: nat-gateway` to `firewall`",
        {f"{_NETWORK}.egress": "firewall"},
        "Azure can change the egress, but only once the firewall and the routes exist, and one run "
        f"cannot do both: {_LIKE_NEW}",
    ),
    Edit(
        _EGRESS,
        "raise `natGateway.publicIpCount` from 2 to 3",
        {f"{_NETWORK}.natGateway.publicIpCount": 3},
        f"announce the new address to everyone who allows your addresses; {_NEW_ADDRESSES}",
    ),
    Edit(
        _EGRESS,
        "change `natGateway.sku: Standard` to `StandardV2`",
        {f"{_NETWORK}.natGateway.sku": "StandardV2"},
        "connections are interrupted, and all outbound addresses are new: follow "
        "[A NAT gateway in all zones](egress.md#a-nat-gateway-in-all-zones)",
        carried_out=True,
        first={f"{_NETWORK}.natGateway.sku": "Standard"},
    ),
    Edit(
        _EGRESS,
        "change `firewall.tier: Standard` to `Premium`",
        {f"{_NETWORK}.egress": "firewall", f"{_NETWORK}.firewall.tier": "Premium"},
        "safe: the firewall stays in service",
        carried_out=True,
        first={f"{_NETWORK}.egress": "firewall"},
    ),
    Edit(
        _EGRESS,
        "change `firewall.tier: Standard` to `Basic`",
        {f"{_NETWORK}.egress": "firewall", f"{_NETWORK}.firewall.tier": "Basic"},
        "nodes have no outbound connectivity until the new firewall runs: plan an outage",
        carried_out=True,
        first={f"{_NETWORK}.egress": "firewall"},
    ),
    Edit(
        _EGRESS,
        "raise `firewall.publicIpCount` from 1 to 20",
        {f"{_NETWORK}.egress": "firewall", f"{_NETWORK}.firewall.publicIpCount": 20},
        f"announce the new addresses to everyone who allows your addresses; {_NEW_ADDRESSES}",
        first={f"{_NETWORK}.egress": "firewall"},
    ),
    Edit(
        _HUB,
        "add a VPN gateway",
        _VPN,
        "safe; takes half an hour or more",
        carried_out=True,
    ),
    Edit(
        _HUB,
        "remove the VPN gateway",
        {},
        "first connect on-premises in another way",
        first=_VPN,
    ),
    Edit(
        _HUB,
        "change `bastion.sku: Standard` to `Premium`",
        {f"{_MANAGEMENT}.bastion.sku": "Premium"},
        "safe",
    ),
    Edit(
        _HUB,
        "change `bastion.sku: Standard` to `Basic`",
        {
            f"{_MANAGEMENT}.bastion": {"sku": "Basic", "tunneling": False},
            "aks-network:observability.diagnostics.bastion": False,
        },
        "Bastion cannot be downgraded: keep the SKU, or delete the host and create it again",
        carried_out=True,
    ),
    Edit(
        _HUB,
        "change `jumpBox.vmSize`",
        {f"{_MANAGEMENT}.jumpBox.vmSize": "Standard_B4ms"},
        "safe; the machine restarts",
    ),
    Edit(
        _HUB,
        "change `jumpBox.sshPublicKey`",
        {f"{_MANAGEMENT}.jumpBox.sshPublicKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBBBB"},
        "Azure sets the key only when it creates the machine, so the machine is replaced: home "
        "directories are lost, its address stays",
        carried_out=True,
    ),
    Edit(
        _IN,
        "remove the web application firewall",
        _NO_WAF,
        "first give the hosts another entry point; the certificate's secrets only leave the stack: "
        "they stay in the key vault, and a later certificate gets other names",
    ),
    Edit(
        _IN,
        "replace `waf.certificate.pfx` by `secretId`",
        {f"{_INGRESS}.waf.certificate": _THEIR_CERTIFICATE},
        "safe once the gateway's identity may read the other vault (or with `vaultId`): the old "
        "secrets only leave the stack and stay in its key vault",
    ),
    Edit(
        _IN,
        "add a web application firewall to a stack without one",
        {},
        "safe; the hosts' public names then point to the gateway",
        carried_out=True,
        first=_NO_WAF,
    ),
    Edit(
        _IN,
        "set `waf.mode: Detection`",
        {f"{_INGRESS}.waf.mode": "Detection"},
        "requests still pass, but attacks are no longer blocked: `make audit` reports it",
    ),
    Edit(_IN, "change `waf.maxCapacity`", {f"{_INGRESS}.waf.maxCapacity": 20}, "safe"),
    Edit(
        _IN,
        "add a DNS zone",
        {f"{_INGRESS}.publicDnsZones": ["myapp.com", "example.org"]},
        "safe; delegate it at its registrar",
    ),
    Edit(
        _IN,
        "remove a DNS zone",
        {f"{_INGRESS}.privateDnsZones": None},
        "its records are deleted with it",
    ),
    Edit(
        _IN,
        "add `appRouting.sideBySide: true` to `implementation: nginx`",
        {f"{_INGRESS}.appRouting": {"implementation": "nginx", "sideBySide": True}},
        "safe; the Gateway gets an address of its own: [the migration](migrating.md)",
        first={f"{_INGRESS}.appRouting": {"implementation": "nginx"}},
    ),
    Edit(
        _IN,
        "change `appRouting.implementation` from `nginx` to `gateway-api`, `sideBySide: true`",
        {f"{_INGRESS}.appRouting": {"implementation": "gateway-api", "sideBySide": True}},
        "safe; the gateway's pool and the records change in place",
        first={f"{_INGRESS}.appRouting": {"implementation": "nginx", "sideBySide": True}},
    ),
    Edit(
        _IN,
        "remove `appRouting.sideBySide` from `implementation: gateway-api`",
        {f"{_INGRESS}.appRouting": None},
        "safe once no client has the address of NGINX any more",
        first={f"{_INGRESS}.appRouting": {"implementation": "gateway-api", "sideBySide": True}},
    ),
    Edit(
        _NAMES,
        "change `tags`",
        {"aks-network:tags": {"owner": "another-team"}},
        "safe: the run does not replace the role assignments. The preview announces it only "
        "because it does not know the principal of an identity that it updates",
    ),
    Edit(
        _NAMES,
        "change `workload`",
        {"aks-network:workload": "store"},
        "Azure names are part of the ids: deploy a second stack and move to it",
    ),
    Edit(
        _NAMES,
        "change the region",
        {"azure-native:location": "northeurope"},
        "deploy a second stack there and move to it",
    ),
    Edit(
        _REST,
        "set `protect: false`",
        {"aks-network:protect": False},
        "nothing in Azure changes; from the next change on, nothing is protected",
    ),
    Edit(
        _REST,
        "turn observability off",
        {"aks-network:observability": None},
        "the logs are deleted with their workspace: to keep it, set `workspace: {}`",
    ),
    Edit(
        _DEV,
        "raise a pool's `maxCount`",
        {f"{_CLUSTER}.nodePools[0].maxCount": 6},
        "safe; the system pool is part of the cluster",
        base="dev",
    ),
    Edit(
        _DEV,
        "change `tier: Free` to `Standard`",
        {f"{_CLUSTER}.tier": "Standard"},
        "safe",
        base="dev",
    ),
    Edit(
        _DEV,
        "change `serviceCidr`",
        {f"{_NETWORK}.serviceCidr": "10.110.0.0/16", f"{_NETWORK}.dnsServiceIp": "10.110.0.10"},
        "nothing stops it: what runs in the cluster is lost; the program applies its objects again",
        base="dev",
    ),
    Edit(
        _DEV,
        "set `protect: true`",
        {"aks-network:protect": True},
        "nothing in Azure changes; from then on, the tables above apply",
        base="dev",
    ),
)
