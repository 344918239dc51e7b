"""Random configurations over the whole space of settings; nearly all of them are accepted.

What a choice needs is drawn with it, so that few have to be thrown away.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

from hypothesis import strategies as st

from cli.stack_file import config_with_placeholders
from tests.helpers.stacks import ROOT
from tests.helpers.valid_ingress import AGC, ingresses, kubernetes_settings

GUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
_OBJECT = "3f2504e0-4f89-41d3-9a0c-0305e82c3302"
_KEY = "ssh-ed25519 AAAAC3Nza"
_NETWORK = f"/subscriptions/{GUID}/resourceGroups/rg-net/providers/Microsoft.Network"
_ZONES = st.sampled_from([[], ["1"], ["1", "2", "3"]])
_FLAG = st.booleans()


def _some(**strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with any of these settings; those left out have their defaults."""
    return st.fixed_dictionaries({}, optional=strategies)


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, Any]:
    """A whole configuration, with full keys."""
    network = draw(_networks())
    management = draw(_managements())
    if network["egress"] == "appliance":
        network["applianceIp"] = "10.30.1.4"
    if network["model"] != "kubenet" and draw(_FLAG):
        network["dnsServers"] = draw(_dns_servers(network, management))
    cluster = draw(_clusters(network))
    ingress = draw(ingresses(network, cluster))
    kubernetes = draw(kubernetes_settings(ingress, cluster))
    return {
        "azure-native:location": draw(st.sampled_from(["westeurope", "West US 2"])),
        "aks-network:workload": draw(
            st.from_regex(r"[a-z][a-z0-9-]{0,10}[a-z0-9]", fullmatch=True)
        ),
        "aks-network:environment": draw(st.sampled_from(["dev", "p1", "a-long-one-x"])),
        "aks-network:tags": draw(
            st.dictionaries(
                st.from_regex(r"t[A-Za-z0-9._-]{0,20}", fullmatch=True),
                st.text(st.characters(categories=["L", "N", "P"]), max_size=20),
                max_size=3,
            ).filter(lambda tags: len({name.lower() for name in tags}) == len(tags))
        ),
        "aks-network:protect": draw(_FLAG),
        "aks-network:network": network,
        "aks-network:management": management,
        "aks-network:cluster": cluster,
        "aks-network:ingress": ingress,
        "aks-network:kubernetes": kubernetes,
        "aks-network:observability": draw(_observabilities(network, management, ingress)),
    }


@st.composite
def in_networks_of_others(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An example in what another team has, by name, with the rest of its settings drawn."""
    name = draw(st.sampled_from(["byo-vnet", "byo-hub"]))
    config = config_with_placeholders(ROOT / "examples" / f"{name}.yaml")
    drawn = draw(configurations())
    network = config["aks-network:network"]
    if name == "byo-vnet":
        management = drawn["aks-network:management"] | {"addressSpace": "10.61.0.0/24"}
        management["gateway"], management["dnsResolver"] = {"kind": "none"}, False
        management["natGateway"], management["jumpBox"]["fromOnPremises"] = {}, False
        config["aks-network:management"] = management
    # Their subnets are of a fixed size, and Windows or a service principal need nothing of them.
    cluster = draw(_clusters({"dataplane": "cilium", "model": "azure-cni-overlay"}))
    cluster["apiServerVnetIntegration"] = False
    for pool in cluster["nodePools"][1:]:
        pool["subnet"] = "nodes"
    config["aks-network:cluster"] = cluster
    if name == "byo-hub" and not cluster["private"]:
        del config["aks-network:network"]["privateDns"]["existingZones"][1]  # the API server's
    ingress = drawn["aks-network:ingress"]
    if ingress["controller"] in {"agic", AGC} or isinstance(ingress["waf"], dict):
        # A gateway wants a subnet of its own, which they have not made.
        ingress = {"controller": "none", "waf": "none"}
    if cluster["identity"]["kind"] == "servicePrincipal" and ingress["controller"] == "app-routing":
        ingress = {**ingress, "controller": "none", "appRouting": {}}
    config["aks-network:ingress"] = ingress
    config["aks-network:kubernetes"] = draw(kubernetes_settings(ingress, cluster))
    config["aks-network:protect"] = drawn["aks-network:protect"]
    brought = network if name == "byo-vnet" else config["aks-network:management"]
    assert brought["existing"]
    return name, config


@st.composite
def _networks(draw: st.DrawFn) -> dict[str, Any]:
    model = draw(
        st.sampled_from(["azure-cni", "azure-cni-pod-subnet", "azure-cni-overlay", "kubenet"])
    )
    cilium = model != "kubenet" and draw(_FLAG)
    engines = ["calico"] if model == "kubenet" else ["calico", "azure"]
    network = {
        "model": model,
        "dataplane": "cilium" if cilium else "azure",
        "policy": "cilium" if cilium else draw(st.sampled_from(engines)),
        "addressSpace": draw(
            st.sampled_from(
                ["10.20.0.0/14", ["10.20.0.0/15", "10.22.0.0/16"], "172.16.0.0/14", "100.64.0.0/12"]
            )
        ),
        "egress": draw(st.sampled_from(["nat-gateway", "load-balancer", "firewall", "appliance"])),
        "reserved": draw(
            st.sampled_from([[], [{"name": "Büro", "cidr": "192.168.0.0/17"}]]),
        ),
        "natGateway": draw(
            _some(publicIpCount=st.integers(1, 16), idleTimeoutMinutes=st.integers(4, 120))
        )
        | draw(st.sampled_from([{}, {"zones": ["1"]}, {"sku": "StandardV2"}])),
        "firewall": draw(
            _some(
                tier=st.sampled_from(["Basic", "Standard", "Premium"]),
                publicIpCount=st.sampled_from([1, 2, 20, 250]),
                zones=_ZONES,
                allowedFqdns=st.sampled_from([[], ["api.example.com"]]),
            )
        ),
    }
    if model in {"azure-cni-overlay", "kubenet"}:
        network["podCidr"] = draw(st.sampled_from(["10.244.0.0/16", "10.128.0.0/13"]))
    if model == "azure-cni-pod-subnet" and draw(_FLAG):
        network["podAllocation"] = "staticBlock"
    if draw(_FLAG):
        network |= {"serviceCidr": "10.96.0.0/14", "dnsServiceIp": "10.96.0.53"}
    return network


def _dns_servers(
    network: dict[str, Any], management: dict[str, Any]
) -> st.SearchStrategy[list[str]]:
    """Servers that nodes reach without another team's peering: in the cluster's own network, or
    where a gateway, a firewall or an appliance leads to."""
    space = network["addressSpace"]
    first = IPv4Network(space if isinstance(space, str) else space[0])
    choices = [[str(first.broadcast_address - 5)]]
    if management["gateway"]["kind"] != "none":
        choices.append(["192.168.128.10", "192.168.128.11"])
    if network["reserved"] and network["egress"] in {"firewall", "appliance"}:
        choices.append(["192.168.0.10", "192.168.0.11"])
    return st.sampled_from(choices)


@st.composite
def _managements(draw: st.DrawFn) -> dict[str, Any]:
    gateway = draw(
        st.one_of(
            st.just({"kind": "none"}),
            _with_zones(
                kind=st.just("vpn"),
                sku=st.sampled_from(["VpnGw1AZ", "VpnGw3AZ"]),
                sharedKey=st.just("made-up-key".replace("-", "_")),
                site=st.sampled_from(
                    [
                        {"publicIp": "203.0.113.10", "addressSpace": "192.168.128.0/18"},
                        {
                            "publicIp": "198.51.100.4",
                            "addressSpace": ["192.168.128.0/18", "10.200.0.0/16"],
                        },
                    ]
                ),
                activeActive=_FLAG,
                bgp=st.sampled_from([None, {"asn": 65010, "peerAddress": "192.168.128.1"}]),
            ),
            st.fixed_dictionaries(
                {
                    "kind": st.just("expressRoute"),
                    "sku": st.sampled_from(["ErGw1AZ", "ErGw2AZ"]),
                    "circuitId": st.just(f"{_NETWORK}/expressRouteCircuits/circuit"),
                    "onPremises": st.just(["192.168.128.0/18"]),
                    "authorizationKey": st.sampled_from([None, "made-up"]),
                }
            ),
        )
    )
    joined = gateway["kind"] != "none"
    nat = draw(st.sampled_from([{}, None])) if joined else {}
    sku = draw(st.sampled_from(["Basic", "Standard", "Premium"]))
    bastion: dict[str, Any] = {"sku": sku, "tunneling": False, "zones": draw(_ZONES)}
    if sku != "Basic":
        bastion |= draw(
            _some(
                scaleUnits=st.integers(2, 50), ipConnect=_FLAG, shareableLink=_FLAG, copyPaste=_FLAG
            )
        )
        bastion |= draw(st.sampled_from([{}, {"tunneling": True, "fileCopy": True}]))
    if sku == "Premium" and not bastion["tunneling"]:
        bastion["sessionRecording"] = draw(_FLAG)
    box = draw(
        _some(
            zone=st.sampled_from(["1", "3", None]),
            entraLogin=_FLAG,
            tools=_FLAG,
            encryptionAtHost=_FLAG,
            adminUsername=st.sampled_from(["azureops", "ops-1"]),
        )
    )
    return {
        "addressSpace": draw(st.sampled_from(["10.30.0.0/23", "10.30.0.0/22"])),
        "bastion": bastion,
        "jumpBox": {**box, "sshPublicKey": _KEY, "fromOnPremises": joined and draw(_FLAG)},
        "natGateway": nat,
        "gateway": gateway,
        "dnsResolver": joined and draw(_FLAG),
    }


def _with_zones(**required: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        required, optional={"zones": st.sampled_from([["1"], ["1", "2", "3"]])}
    )


@st.composite
def _pools(draw: st.DrawFn, name: str, mode: str, *, windows: bool) -> dict[str, Any]:
    least = draw(st.integers(1 if mode == "System" else 0, 4))
    pool = {
        "name": name,
        "mode": mode,
        "vmSize": draw(st.sampled_from(["Standard_D4ds_v5", "Standard_E8ds_v5"])),
        "minCount": least,
        "maxCount": draw(st.integers(max(3, least), 12)),
        "maxPods": draw(st.integers(30, 110)),
        "maxSurge": draw(st.sampled_from(["33%", "1%", "100%", 1, 3])),
        "zones": draw(_ZONES),
        "labels": draw(st.sampled_from([{}, {"tier": "apps", "example.com/team": ""}])),
    }
    if windows:
        images = [{}, {"osSku": "Windows2022"}, {"osSku": "Windows2025"}]
        return {**pool, "os": "Windows", **draw(st.sampled_from(images))}
    pool |= draw(st.sampled_from([{}, {"localDns": True}, {"localDns": False}]))
    pool["osSku"] = draw(st.sampled_from([None, "Ubuntu", "AzureLinux"]))
    pool["taints"] = draw(st.sampled_from([[], ["sku=gpu:NoSchedule"]]))
    if mode == "User":
        pool |= {"spot": draw(_FLAG), "subnet": draw(st.sampled_from(["nodes", "nodes-2"]))}
        if pool["spot"]:
            del pool["maxSurge"]
    return pool


@st.composite
def _clusters(draw: st.DrawFn, network: dict[str, Any]) -> dict[str, Any]:
    windows = network["dataplane"] == "azure" and network["model"] != "kubenet" and draw(_FLAG)
    pools = [draw(_pools("system", "System", windows=False))]
    pools += [
        draw(_pools(f"apps{number}", "User", windows=False))
        for number in range(draw(st.integers(0, 2)))
    ]
    private = draw(_FLAG)
    cluster: dict[str, Any] = {
        "kubernetesVersion": draw(st.sampled_from(["1.35", "1.34", "1.35.1", "1.36"])),
        "private": private,
        "apiServerVnetIntegration": draw(_FLAG),
        "identity": {
            "kind": "userAssigned",
            "subnetRole": draw(st.sampled_from(["network-contributor", "custom"])),
        },
        **draw(
            _some(
                tier=st.sampled_from(["Free", "Standard"]),
                adminGroupObjectIds=st.sampled_from([[], [GUID]]),
                upgradeChannel=st.sampled_from(["none", "patch", "stable", "rapid"]),
                ownRegistry=_some(zoneRedundant=_FLAG),
                nodeOsUpgradeChannel=st.sampled_from(["None", "NodeImage", "SecurityPatch"]),
            )
        ),
    }
    if not private:
        cluster["authorizedIpRanges"] = draw(st.sampled_from([[], ["203.0.113.0/24"]]))
    if network["model"] != "kubenet" and draw(st.integers(0, 4)) == 0:
        cluster["identity"] = {
            "kind": "servicePrincipal",
            "subnetRole": "network-contributor",
            "servicePrincipal": {"clientId": GUID, "objectId": _OBJECT, "clientSecret": "made-up"},
        }
    if windows:
        pools.append(draw(_pools("win", "User", windows=True)))
        cluster["windows"] = {"adminPassword": "Made-up-1"}
    return {**cluster, "nodePools": pools}


@st.composite
def _observabilities(
    draw: st.DrawFn,
    network: dict[str, Any],
    management: dict[str, Any],
    ingress: dict[str, Any],
) -> dict[str, Any]:
    kinds = {"cluster": _FLAG, "keyVault": _FLAG}
    if management["bastion"]["sku"] != "Basic":
        kinds["bastion"] = _FLAG
    own = isinstance(ingress["waf"], dict) and "external" not in ingress["waf"]
    if own and ingress["controller"] != AGC:
        kinds["applicationGateway"] = _FLAG
    if network["egress"] == "firewall":
        kinds["firewall"] = _FLAG
    settings = draw(_some(defender=_FLAG, azurePolicy=_FLAG, diagnostics=_some(**kinds)))
    if draw(_FLAG):
        settings["flowLogs"] = draw(_some(retentionDays=st.integers(0, 365)))
        settings |= draw(_some(trafficAnalytics=st.just({"intervalMinutes": 10})))
    if draw(_FLAG):
        settings["workspace"] = draw(
            _some(retentionDays=st.integers(30, 730), dailyQuotaGb=st.just(0.5))
        )
    return settings
