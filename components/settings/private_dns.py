"""Settings of the private DNS zones: those of other teams, and the links to the networks."""

from __future__ import annotations

from collections.abc import Sequence

from components.settings.values import ResourceId, Section

VAULT_ZONE = "privatelink.vaultcore.azure.net"
"""The zone of the key vault's private endpoint (private-link/private-endpoint-dns)."""

REGISTRY_ZONE = "privatelink.azurecr.io"
"""The zone of a container registry's private endpoint (same page)."""

MOST_LINKED_ZONES = 1_000
"""Private DNS zones that are linked to one virtual network
(azure-subscription-service-limits#azure-dns)."""
MOST_PUBLIC_ZONES = 250
"""Public DNS zones of one subscription (same page)."""


class PrivateDnsSettings(Section):
    """The private DNS zones of the key vault, the API server and the internal hosts."""

    existing_zones: tuple[ResourceId, ...] = ()
    """The resource IDs of existing private DNS zones of another team, such as a central
    `privatelink.vaultcore.azure.net`. The program uses such a zone instead of a zone of its own. It
    writes nothing to the zone but the vault's record and role assignments. The zone's owner links
    it to the networks."""
    link_management_network: bool | None = None
    """Whether the program links the zones that it creates to the management network. Without a
    value, it does so unless the management network is another team's. Azure refuses a second zone
    of the same name on one network."""


def zone_name(zone_id: str) -> str:
    """The name of a zone from its resource id, in lower case."""
    return zone_id.rsplit("/", 1)[-1].lower()


def api_server_zone(location: str, *, vnet_integration: bool) -> str:
    """The name of a private API server's zone, which Azure prescribes (aks/private-clusters)."""
    first_label = "private" if vnet_integration else "privatelink"
    return f"{first_label}.{location}.azmk8s.io"


def serves(zone: str, needed: str) -> bool:
    """Whether a zone can be used where a zone with the name `needed` is needed.

    A subdomain of the API server's zone can be: `shop.privatelink.westeurope.azmk8s.io`.
    """
    return zone == needed or (needed.endswith(".azmk8s.io") and zone.endswith(f".{needed}"))


def existing_zone(zone_ids: Sequence[str], needed: str) -> str | None:
    """The id of the existing zone for a name; None where the program creates the zone."""
    return next((id_ for id_ in zone_ids if serves(zone_name(id_), needed)), None)
