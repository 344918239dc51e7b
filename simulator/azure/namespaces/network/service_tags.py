"""The service tags of security rules.

Source: Microsoft Learn, azure/virtual-network/service-tags-overview.
A region may follow the tag, as in `AzureCloud.westeurope`.
"""

from __future__ import annotations

_TAGS = frozenset(
    """
    actiongroup apimanagement applicationinsightsavailability appconfiguration appservice
    appservicemanagement autonomousdevelopmentplatform azureactivedirectory
    azureactivedirectorydomainservices azureadvancedthreatprotection azurearcinfrastructure
    azureattestation azurebackup azurebotservice azurecloud azurecognitivesearch azureconnectors
    azurecontainerappsservice azurecontainerregistry azurecosmosdb azuredatabricks
    azuredataexplorermanagement azuredatalake azuredeviceupdate azuredevspaces azuredevops
    azuredigitaltwins azureeventgrid azurefrontdoor azurehealthcareapis azureinformationprotection
    azureiothub azurekeyvault azureloadbalancer azureloadtestinginstancemanagement
    azuremachinelearning azuremachinelearninginference azuremanagedgrafana azuremonitor
    azuremonitorforsap azureopendatasets azureplatformdns azureplatformimds azureplatformlkm
    azureresourcemanager azuresentinel azuresignalr azuresiterecovery azuresphere azurespringcloud
    azurestack azuretrafficmanager azureupdatedelivery azurewebpubsub batchnodemanagement
    chaosstudio cognitiveservicesfrontend cognitiveservicesmanagement datafactory
    datafactorymanagement dynamics365formarketingemail dynamics365businesscentral
    eopexternalpublishedips eventhub gatewaymanager grafana guestandhybridmanagement hdinsight
    internet kustoanalytics logicapps logicappsmanagement marketplace m365managementactivityapi
    m365managementactivityapiwebhook microsoftazurefluidrelay microsoftcloudappsecurity
    microsoftcontainerregistry microsoftdefenderforendpoint microsoftpurviewpolicydistribution
    onedsanalytics powerbi powerplatforminfra powerplatformplex powerqueryonline scuba servicebus
    servicefabric sql sqlmanagement storage storagesyncservice windowsadmincenter
    windowsvirtualdesktop virtualnetwork
    """.split()  # noqa: SIM905 - a hundred words are easier to read so
)


def exists(text: str) -> bool:
    """Whether a service tag is known, ignoring case as Azure does."""
    return text.partition(".")[0].lower() in _TAGS
