"""The outputs of a stack, which are an API, and those of its last run."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi.runtime import invoke

from components.addressing.plan import SubnetFigures
from components.deployment.dns_entries import DnsEntry


class StackOutputs(TypedDict):
    """The outputs of a stack."""

    addressPlan: list[SubnetFigures]
    """The address plan: one object per subnet."""
    clusterName: pulumi.Output[str]
    """The AKS cluster's name."""
    kubernetesVersion: str
    """The Kubernetes version in the settings. An upgrade channel may have installed a newer one."""
    windowsPools: dict[str, pulumi.Output[str | None]]
    """By the name of a Windows pool, its operating system image, such as `Windows2025`."""
    localDnsAllowed: bool
    """Whether the network policies of the applications are this program's, and allow LocalDNS."""
    natGatewaySku: NotRequired[pulumi.Output[str]]
    """The SKU of the NAT gateway in the cluster's network. Missing without one."""
    clusterResourceGroup: pulumi.Output[str]
    """The cluster's resource group."""
    apiServer: pulumi.Output[str]
    """The API server's FQDN: the private one of a private cluster, or else the public one."""
    virtualNetworkId: pulumi.Output[str]
    """Resource id of the cluster's virtual network."""
    managementVirtualNetworkId: pulumi.Output[str]
    """Resource id of the management virtual network."""
    subnetIds: dict[str, pulumi.Output[str]]
    """Resource ids of the subnets of the cluster's network, by key."""
    egressAddresses: list[pulumi.Output[str]]
    """The public addresses of the cluster's outbound connections, as far as they are known."""
    vaultName: pulumi.Output[str]
    """Name of the key vault with the certificates."""
    nameServers: dict[str, pulumi.Output[Sequence[str]]]
    """By public zone, the name servers to which its parent zone must delegate."""
    hosts: list[str]
    """The applications' host names."""
    managementResourceGroup: NotRequired[pulumi.Output[str]]
    """The management network's resource group; missing where another team owns the network."""
    bastionId: NotRequired[pulumi.Output[str]]
    """Resource id of the Bastion host."""
    bastionName: NotRequired[pulumi.Output[str]]
    """The Bastion host's name, as `az network bastion` expects it."""
    jumpBoxId: NotRequired[pulumi.Output[str]]
    """Resource id of the jump box."""
    jumpBoxAddress: NotRequired[pulumi.Output[str]]
    """The jump box's private address."""
    gatewayAddresses: NotRequired[list[pulumi.Output[str]]]
    """Public addresses of the gateway to on-premises; missing without a gateway."""
    dnsResolverAddress: NotRequired[str]
    """Private address of the DNS private resolver; missing without a resolver."""
    ingressAddress: NotRequired[pulumi.Output[str]]
    """Address of the ingress controller: the planned private one, or the static public one, which a
    third party's firewall needs as its origin. Missing where AKS chooses the address."""
    standbyIngressAddress: NotRequired[pulumi.Output[str]]
    """With `appRouting.sideBySide`, the address of the implementation without requests, to test it
    before it gets them. Missing where AKS chooses the address."""
    appRoutingImplementations: list[str]
    """Application routing's implementations that run, the one with the requests first; empty with
    another ingress controller."""
    dnsEntries: list[DnsEntry]
    """The DNS records that you must enter yourself: the hosts for which no record is made."""
    wafPublicAddress: NotRequired[pulumi.Output[str]]
    """Public address of the web application firewall; missing without a firewall."""
    wafId: NotRequired[pulumi.Output[str]]
    """Resource id of the Application Gateway; missing without one."""
    ingressHost: NotRequired[pulumi.Output[str]]
    """FQDN of the frontend of Application Gateway for Containers; missing without it."""
    registryId: NotRequired[pulumi.Output[str]]
    """Resource id of the cluster's own container registry; missing without one."""
    imageRegistries: NotRequired[list[pulumi.Output[str]]]
    """Login servers of the registries from which the nodes may pull images, the cluster's own
    first; missing without one."""
    logAnalyticsWorkspaceId: NotRequired[pulumi.Output[str]]
    """Resource id of the Log Analytics workspace; missing without one."""


def last_outputs() -> Mapping[str, Any]:
    """The outputs of this stack's last successful run; empty where there was none.

    The engine saves the state at the same time. A backend that is not a service writes one file,
    and a read meanwhile can find half of it. It is then read again, for some seconds.
    """
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    for wait_seconds in (0.1, 0.2, 0.4, 0.8, 1.6):
        try:
            return _read_outputs(stack)
        except Exception as error:  # the SDK has no class for a failed call
            if _UNREADABLE not in str(error):
                raise
        time.sleep(wait_seconds)
    return _read_outputs(stack)


_UNREADABLE = "failed to load checkpoint"
"""What the engine says of a state that it can't parse, such as one that is being written."""


def _read_outputs(stack: str) -> Mapping[str, Any]:
    result: Mapping[str, Any] = invoke("pulumi:pulumi:readStackOutputs", {"name": stack}).value
    return result["outputs"]
