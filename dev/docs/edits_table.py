"""The day-2 changes that docs/edits.md tells about: a row each."""

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
    """Paths and their new values; None takes a setting out."""
    advice: str = ""
    """What to do, or what to know."""
    carried_out: bool = False
    """Azure may refuse what Pulumi's preview calls a change in place, so it is carried out."""
    first: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Settings that are deployed before, for a change of what production doesn't have."""
    base: str = "prod"
    """The stack that is changed."""


_CLUSTER = "aks-network:cluster"
_NETWORK = "aks-network:network"
_MANAGEMENT = "aks-network:management"
_INGRESS = "aks-network:ingress"
_LIKE_NEW = "set up a second cluster beside it, move the applications over, remove the first"
_THEN = (
    "then `pulumi refresh`, set it here, and for one run `aks-network:protect: false` with it (the "
    "engine still guards what it has not seen changed)"
)
_POOL = "add a pool with the new value, drain the old one, remove it"

_BATCH = {
    "name": "batch",
    "vmSize": "Standard_D8ds_v5",
    "minCount": 1,
    "maxCount": 3,
    "maxPods": 60,
}
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

_POOLS = "Node pools"
_AKS = "The cluster"
_ADDRESSES = "Addresses"
_WAYS = "Network model, policies and egress"
_HUB = "The management network"
_IN = "Ways in"
_NAMES = "Names and tags"
_REST = "The rest"
_DEV = "The same in development, where nothing is protected"

EDITS: tuple[Edit, ...] = (
    Edit(
        _POOLS,
        "raise a pool's `maxCount` from 30 to 40",
        {f"{_CLUSTER}.nodePools[1].maxCount": 40},
        "safe: the plan has proven the addresses",
    ),
    Edit(
        _POOLS,
        "raise a pool's `maxCount` beyond what its subnet holds",
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
        "its pods are evicted: drain it first",
    ),
    Edit(
        _POOLS,
        "remove the last Windows pool and `cluster.windows` with it",
        {f"{_CLUSTER}.nodePools[2]": None, f"{_CLUSTER}.windows": None},
        "leave `cluster.windows` where it is: it is a property of the cluster, set once",
    ),
    Edit(_POOLS, "a pool's `maxSurge`", {f"{_CLUSTER}.nodePools[1].maxSurge": "10%"}, "safe"),
    Edit(
        _POOLS,
        "a pool's labels",
        {f"{_CLUSTER}.nodePools[1].labels": {"tier": "apps"}},
        "safe",
    ),
    Edit(
        _POOLS,
        "a pool's `vmSize`",
        {f"{_CLUSTER}.nodePools[1].vmSize": "Standard_D16ds_v5"},
        f"all its nodes at once: {_POOL}",
    ),
    Edit(
        _POOLS,
        "a pool's `maxPods`",
        {f"{_CLUSTER}.nodePools[1].maxPods": 100},
        _POOL,
        carried_out=True,
    ),
    Edit(
        _POOLS,
        "take a zone from a pool",
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
        "a pool's name",
        {f"{_CLUSTER}.nodePools[1].name": "apps2"},
        "the new one is made first: drain the old one before",
    ),
    Edit(
        _AKS,
        "the Kubernetes version, one minor up",
        {f"{_CLUSTER}.kubernetesVersion": "1.36"},
        "safe: nodes are upgraded with `maxSurge`, control plane first",
        carried_out=True,
    ),
    Edit(
        _AKS,
        "the Kubernetes version, down",
        {f"{_CLUSTER}.kubernetesVersion": "1.34"},
        "Kubernetes can't go back: " + _LIKE_NEW,
        carried_out=True,
    ),
    Edit(_AKS, "`tier`", {f"{_CLUSTER}.tier": "Premium"}, "safe"),
    Edit(_AKS, "`upgradeChannel`", {f"{_CLUSTER}.upgradeChannel": "patch"}, "safe"),
    Edit(
        _AKS,
        "administrators' groups",
        {f"{_CLUSTER}.adminGroupObjectIds": ["3f2504e0-4f89-41d3-9a0c-0305e82c3301"]},
        "safe",
    ),
    Edit(
        _AKS,
        "from a private API server to a public one",
        {f"{_CLUSTER}.private": False},
        _LIKE_NEW,
        carried_out=True,
    ),
    Edit(
        _AKS,
        "`identity.subnetRole: custom`",
        {f"{_CLUSTER}.identity.subnetRole": "custom"},
        "the narrower role is granted before the wider one goes",
    ),
    Edit(
        _ADDRESSES,
        "append a range to the address space",
        {f"{_NETWORK}.addressSpace": ["10.40.0.0/16", "10.41.0.0/16"]},
        "no subnet moves; the peering takes the range over in the same run",
        carried_out=True,
    ),
    Edit(
        _ADDRESSES,
        "another address space",
        {f"{_NETWORK}.addressSpace": "10.60.0.0/16"},
        "append a range instead",
        carried_out=True,
    ),
    Edit(
        _ADDRESSES,
        "`serviceCidr`",
        {f"{_NETWORK}.serviceCidr": "10.110.0.0/16", f"{_NETWORK}.dnsServiceIp": "10.110.0.10"},
        _LIKE_NEW,
    ),
    Edit(
        _ADDRESSES,
        "one more reserved range",
        {f"{_NETWORK}.reserved[2]": {"name": "branch", "cidr": "172.20.0.0/16"}},
        "safe: it is only checked",
    ),
    Edit(
        _WAYS,
        "`policy: calico` to `azure`",
        {f"{_NETWORK}.policy": "azure"},
        "Azure can change the engine in place, by way of none: `az aks update --network-policy "
        f"none`, then `--network-policy azure`; {_THEN}",
    ),
    Edit(
        _WAYS,
        "`model: azure-cni` to `azure-cni-overlay`",
        {f"{_NETWORK}.model": "azure-cni-overlay", f"{_NETWORK}.podCidr": "10.244.0.0/16"},
        "Azure can move a cluster to the overlay, and never back, while no policy engine is on: "
        "`az aks update --network-policy none`, then `--network-plugin-mode overlay --pod-cidr` "
        f"with the range; {_THEN}",
    ),
    Edit(
        _WAYS,
        "`egress: nat-gateway` to `firewall`",
        {f"{_NETWORK}.egress": "firewall"},
        "Azure can change the way out, but only with firewall and routes there before, which one "
        f"run can't do: {_LIKE_NEW}",
    ),
    Edit(
        _WAYS,
        "`natGateway.publicIpCount` from 2 to 3",
        {f"{_NETWORK}.natGateway.publicIpCount": 3},
        "safe; tell who lets your addresses in",
    ),
    Edit(
        _HUB,
        "a VPN gateway",
        _VPN,
        "safe, and takes Azure half an hour and more",
        carried_out=True,
    ),
    Edit(
        _HUB,
        "take the VPN gateway away",
        {},
        "move on-premises over to another way first",
        first=_VPN,
    ),
    Edit(
        _HUB,
        "`bastion.sku: Standard` to `Premium`",
        {f"{_MANAGEMENT}.bastion.sku": "Premium"},
        "safe",
    ),
    Edit(
        _HUB,
        "`bastion.sku: Standard` to `Basic`",
        {
            f"{_MANAGEMENT}.bastion": {"sku": "Basic", "tunneling": False},
            "aks-network:observability.diagnostics.bastion": False,
        },
        "Bastion can't go down: leave it, or delete the host and make it anew",
        carried_out=True,
    ),
    Edit(
        _HUB,
        "`jumpBox.vmSize`",
        {f"{_MANAGEMENT}.jumpBox.vmSize": "Standard_B4ms"},
        "safe; the machine restarts",
    ),
    Edit(
        _HUB,
        "`jumpBox.sshPublicKey`",
        {f"{_MANAGEMENT}.jumpBox.sshPublicKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBBBB"},
        "Azure fixes the key when it makes the machine: this makes another, home directories are "
        "lost, its address stays",
        carried_out=True,
    ),
    Edit(
        _IN,
        "take the web application firewall away",
        _NO_WAF,
        "give the hosts another way in first",
    ),
    Edit(
        _IN,
        "put a web application firewall in front of what had none",
        {},
        "safe; the hosts' public names then lead to the gateway",
        carried_out=True,
        first=_NO_WAF,
    ),
    Edit(
        _IN,
        "`waf.mode: Detection`",
        {f"{_INGRESS}.waf.mode": "Detection"},
        "safe for requests, not for what they attack: `make audit` finds it",
    ),
    Edit(_IN, "`waf.maxCapacity`", {f"{_INGRESS}.waf.maxCapacity": 20}, "safe"),
    Edit(
        _IN,
        "another DNS zone",
        {f"{_INGRESS}.publicDnsZones": ["myapp.com", "example.org"]},
        "safe; delegate it at its registrar",
    ),
    Edit(
        _IN,
        "remove a DNS zone",
        {f"{_INGRESS}.privateDnsZones": None},
        "its records go with it",
    ),
    Edit(
        _NAMES,
        "`tags`",
        {"aks-network:tags": {"owner": "another-team"}},
        "safe; the roles are only announced so, because a preview does not know the principal of "
        "an identity that it updates: the run leaves them",
    ),
    Edit(
        _NAMES,
        "`workload`",
        {"aks-network:workload": "store"},
        "Azure names are part of ids: deploy a second stack and move over",
    ),
    Edit(
        _NAMES,
        "the region",
        {"azure-native:location": "northeurope"},
        "deploy a second stack there and move over",
    ),
    Edit(
        _REST,
        "`protect: false`",
        {"aks-network:protect": False},
        "nothing in Azure changes, and nothing is protected from the next change any more",
    ),
    Edit(
        _REST,
        "observability off",
        {"aks-network:observability": None},
        "the logs go with their workspace: keep it by `workspace: {}`",
    ),
    Edit(
        _DEV,
        "a pool's `maxCount`",
        {f"{_CLUSTER}.nodePools[0].maxCount": 6},
        "safe; the system pool is a part of the cluster",
        base="dev",
    ),
    Edit(
        _DEV,
        "`tier: Free` to `Standard`",
        {f"{_CLUSTER}.tier": "Standard"},
        "safe",
        base="dev",
    ),
    Edit(
        _DEV,
        "`serviceCidr`",
        {f"{_NETWORK}.serviceCidr": "10.110.0.0/16", f"{_NETWORK}.dnsServiceIp": "10.110.0.10"},
        "nothing stops it: what runs in the cluster is lost, and what is applied is applied again",
        base="dev",
    ),
    Edit(
        _DEV,
        "`protect: true`",
        {"aks-network:protect": True},
        "nothing in Azure changes; from then on it is as above",
        base="dev",
    ),
)
