"""The regions of Azure's public cloud.

Sources: Microsoft Learn, "Azure regions list" (reliability/regions-list), and for newer regions the
list in aks/automatic/quick-automatic-managed-network (2026-06). Azure opens a few regions a year.
Add a new one here, by the name that `az account list-locations` shows.
"""

from __future__ import annotations

_NAMES = """
    australiacentral australiacentral2 australiaeast australiasoutheast austriaeast belgiumcentral
    brazilsouth brazilsoutheast canadacentral canadaeast centralindia centralus chilecentral
    denmarkeast eastasia eastus eastus2 francecentral francesouth germanynorth germanywestcentral
    indonesiacentral israelcentral italynorth japaneast japanwest jioindiacentral jioindiawest
    koreacentral koreasouth malaysiawest mexicocentral newzealandnorth northcentralus northeurope
    norwayeast norwaywest polandcentral qatarcentral southafricanorth southafricawest
    southcentralus southeastasia southindia spaincentral swedencentral swedensouth
    switzerlandnorth switzerlandwest uaecentral uaenorth uksouth ukwest westcentralus westeurope
    westindia westus westus2 westus3
"""

REGIONS = frozenset(_NAMES.split())
"""Names of the regions, in lower case and without blanks."""

WITHOUT_STANDARD_V2 = frozenset(
    [
        "canadaeast",
        "indonesiacentral",
        "israelnorthwest",
        "qatarcentral",
        "swedensouth",
        "westindia",
    ]
)
"""Regions without NAT gateways and public IP addresses of the SKU StandardV2 (nat-gateway/nat-sku,
"Known limitations"; 2026-07)."""
