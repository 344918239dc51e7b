"""Programs around a cluster: quick starts, registries, keys, pools."""

from __future__ import annotations

from simulator.azure.identifiers import OPERATOR
from tests.simulator.programs.program import Program

SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample me@example.com"
NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
MONITORING_PUBLISHER = "3913510d-42f4-4e42-8a64-420c390055eb"


def quick_start(program: Program) -> None:
    """A cluster with a service principal, and nothing around it."""
    program(
        "containerservice:ManagedCluster",
        "aks",
        dnsPrefix="aks",
        kubernetesVersion="1.35",
        enableRBAC=True,
        agentPoolProfiles=[
            {
                "name": "agentpool",
                "mode": "System",
                "count": 3,
                "maxPods": 110,
                "osDiskSizeGB": 30,
                "osType": "Linux",
                "type": "VirtualMachineScaleSets",
                "vmSize": "Standard_DS2_v2",
                "nodeLabels": {},
            }
        ],
        linuxProfile={
            "adminUsername": "aksuser",
            "ssh": {"publicKeys": [{"keyData": SSH_KEY}]},
        },
        servicePrincipalProfile={
            "clientId": "6c0b3a2e-0000-4000-8000-00000000000a",
            "secret": "s",
        },
    )


def template(program: Program) -> None:
    """A cluster in a subnet of its own, in zones, with Entra ID and an identity as a map."""
    subnets = program.network(("one", "10.1.0.0/22"), ("two", "10.1.4.0/22"))
    identity = program("managedidentity:UserAssignedIdentity", "identity")
    program.role("join", subnets[0].id, identity.outputs["principalId"], NETWORK_CONTRIBUTOR)
    program(
        "containerservice:ManagedCluster",
        "aks",
        aadProfile={"enableAzureRBAC": True, "managed": True, "adminGroupObjectIDs": ["g"]},
        addonProfiles={},
        agentPoolProfiles=[
            {
                "availabilityZones": ["1", "2", "3"],
                "count": 3,
                "enableNodePublicIP": False,
                "mode": "System",
                "name": "systempool",
                "osType": "Linux",
                "osDiskSizeGB": 30,
                "type": "VirtualMachineScaleSets",
                "vmSize": "Standard_B2s",
                "vnetSubnetID": subnets[0].id,
            }
        ],
        apiServerAccessProfile={
            "authorizedIPRanges": ["0.0.0.0/0"],
            "enablePrivateCluster": False,
        },
        dnsPrefix="shop",
        enableRBAC=True,
        identity={"type": "UserAssigned", "userAssignedIdentities": {identity.id: {}}},
        kubernetesVersion="1.36",
        networkProfile={
            "networkPlugin": "azure",
            "networkPolicy": "azure",
            "serviceCidr": "10.96.0.0/16",
            "dnsServiceIP": "10.96.0.10",
        },
    )


def registry(program: Program) -> None:
    """A cluster with an identity of Azure's, which pulls from a registry and sends metrics."""
    store = program(
        "containerregistry:Registry",
        "registry",
        adminUserEnabled=True,
        sku={"name": "Basic"},
    )
    workspace = program(
        "operationalinsights:Workspace",
        "logs",
        sku={"name": "PerGB2018"},
        retentionInDays=30,
    )
    config = {"logAnalyticsWorkspaceResourceID": workspace.id}
    cluster = program(
        "containerservice:ManagedCluster",
        "aks",
        dnsPrefix="aks",
        identity={"type": "SystemAssigned"},
        sku={"name": "Base", "tier": "Standard"},
        addonProfiles={
            "omsagent": {"enabled": True, "config": config},
            "azurepolicy": {"enabled": True},
        },
        agentPoolProfiles=[
            {
                "name": "system",
                "mode": "System",
                "count": 2,
                "enableAutoScaling": True,
                "minCount": 2,
                "maxCount": 5,
                "vmSize": "Standard_D4as_v5",
            }
        ],
        networkProfile={"networkPlugin": "azure", "networkPluginMode": "overlay"},
        oidcIssuerProfile={"enabled": True},
        securityProfile={"workloadIdentity": {"enabled": True}},
    )
    kubelet = cluster.outputs["identityProfile"]["kubeletidentity"]["objectId"]
    program.role("pull", store.id, kubelet, ACR_PULL)
    program.role("publish", cluster.id, kubelet, MONITORING_PUBLISHER)
    program(
        "monitor:DiagnosticSetting",
        "audit",
        resourceUri=cluster.id,
        workspaceId=workspace.id,
        logs=[
            {
                "category": "kube-audit-admin",
                "enabled": True,
                "retentionPolicy": {"enabled": False, "days": 0},
            }
        ],
    )


def encrypted(program: Program) -> None:
    """A private cluster whose disks are encrypted by a key of a vault, and a jump box."""
    cloud = program.provider.cloud
    nodes, machines = program.network(("nodes", "10.1.0.0/20"), ("machines", "10.1.16.0/24"))
    vault = program(
        "keyvault:Vault",
        "kv",
        vaultName="kv-shop",
        properties={
            "tenantId": cloud.tenant,
            "sku": {"family": "A", "name": "standard"},
            "enablePurgeProtection": True,
            "accessPolicies": [
                {
                    "objectId": OPERATOR,
                    "tenantId": cloud.tenant,
                    "permissions": {"keys": ["get", "delete"]},
                }
            ],
        },
    )
    key = program(
        "keyvault:Key",
        "disks",
        vaultName="kv-shop",
        properties={"kty": "RSA", "keySize": 4096},
    )
    disks = program(
        "compute:DiskEncryptionSet",
        "des",
        identity={"type": "SystemAssigned"},
        encryptionType="EncryptionAtRestWithCustomerKey",
        activeKey={
            "keyUrl": key.outputs["keyUriWithVersion"],
            "sourceVault": {"id": vault.id},
        },
    )
    program(
        "keyvault:AccessPolicy",
        "disks",
        vaultName="kv-shop",
        policy={
            "objectId": disks.outputs["identity"]["principalId"],
            "tenantId": cloud.tenant,
            "permissions": {"keys": ["get", "wrapKey", "unwrapKey"]},
        },
    )
    program(
        "containerservice:ManagedCluster",
        "aks",
        dnsPrefix="aks",
        diskEncryptionSetID=disks.id,
        disableLocalAccounts=False,
        identity={"type": "SystemAssigned"},
        apiServerAccessProfile={"enablePrivateCluster": True},
        agentPoolProfiles=[
            {
                "name": "system",
                "mode": "System",
                "count": 3,
                "vmSize": "Standard_D4s_v5",
                "vnetSubnetID": nodes.id,
            }
        ],
        networkProfile={
            "networkPlugin": "azure",
            "networkPluginMode": "overlay",
            "networkDataplane": "cilium",
            "networkPolicy": "cilium",
        },
    )
    card = program(
        "network:NetworkInterface",
        "nic",
        ipConfigurations=[
            {
                "name": "internal",
                "subnet": {"id": machines.id},
                "privateIPAllocationMethod": "Dynamic",
            }
        ],
    )
    program(
        "compute:VirtualMachine",
        "jump",
        hardwareProfile={"vmSize": "Standard_B2ats_v2"},
        networkProfile={"networkInterfaces": [{"id": card.id, "primary": True}]},
        osProfile={
            "computerName": "jump",
            "adminUsername": "ops",
            "adminPassword": "Throw-away-1",
            "linuxConfiguration": {"disablePasswordAuthentication": False},
        },
        storageProfile={
            "imageReference": {
                "publisher": "Canonical",
                "offer": "ubuntu-24_04-lts",
                "sku": "server",
                "version": "latest",
            },
            "osDisk": {"createOption": "FromImage", "name": "jump-os"},
        },
    )


def pools(program: Program) -> None:
    """A cluster whose pools are resources of their own, a storage account and DNS."""
    (nodes,) = program.network(("nodes", "10.1.0.0/20"))
    account = program(
        "storage:StorageAccount",
        "st",
        accountName="stshop",
        kind="StorageV2",
        sku={"name": "Standard_ZRS"},
        minimumTlsVersion="TLS1_2",
    )
    names = {"accountName": account.outputs["name"]}
    program(
        "storage:BlobServiceProperties",
        "blobs",
        **names,
        blobServicesName="default",
        deleteRetentionPolicy={"enabled": True, "days": 7},
    )
    program("storage:BlobContainer", "backups", **names, publicAccess="None")
    cluster = program(
        "containerservice:ManagedCluster",
        "aks",
        dnsPrefix="aks",
        identity={"type": "SystemAssigned"},
        nodeResourceGroup="rg-shop-nodes",
        autoUpgradeProfile={"upgradeChannel": "stable", "nodeOSUpgradeChannel": "NodeImage"},
        agentPoolProfiles=[
            {
                "name": "system",
                "mode": "System",
                "count": 1,
                "vmSize": "Standard_D4s_v5",
                "vnetSubnetID": nodes.id,
                "nodeTaints": ["CriticalAddonsOnly=true:NoSchedule"],
            }
        ],
        networkProfile={
            "networkPlugin": "kubenet",
            "podCidr": "10.244.0.0/16",
            "serviceCidr": "10.2.0.0/16",
            "dnsServiceIP": "10.2.0.10",
            "loadBalancerSku": "standard",
            "outboundType": "loadBalancer",
            "loadBalancerProfile": {"managedOutboundIPs": {"count": 2}},
        },
        tags={"env": "dev"},
    )
    settings = {"resourceName": cluster.outputs["name"], "vnetSubnetID": nodes.id}
    for name, more in {
        "apps": {"vmSize": "Standard_D8s_v5", "count": 3, "mode": "User"},
        "spot": {
            "vmSize": "Standard_D4as_v5",
            "count": 1,
            "scaleSetPriority": "Spot",
            "scaleSetEvictionPolicy": "Delete",
            "spotMaxPrice": -1,
            "nodeTaints": ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"],
        },
    }.items():
        program("containerservice:AgentPool", name, **settings, **more)
    zone = program("dns:Zone", "zone", zoneName="shop.example", location="global")
    program(
        "dns:RecordSet",
        "www",
        zoneName=zone.outputs["name"],
        recordType="A",
        relativeRecordSetName="www",
        ttl=300,
        aRecords=[{"ipv4Address": "20.1.2.3"}],
    )
