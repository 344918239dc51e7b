"""Azure names: one function for all of them, deterministic, within each type's length.

Names follow the Cloud Adoption Framework: abbreviation, workload, environment, region, and a part
where there are several of a type. They hold nothing random, so that what an interrupted run left
behind can be found again. Reserved names (AzureBastionSubnet, GatewaySubnet, …) never come from
here. Globally unique names that stay taken after deletion (key vaults, registries) don't either:
the provider's autonaming makes a new one each time.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

AGC_FRONTEND = "public"
"""The frontend of Application Gateway for Containers, by which the Gateway object in the cluster
names it."""

_LONGEST = {
    "rg": 63,  # 90, but an overlay cluster's network needs at most 63 (azure-cni-overlay limits)
    "vnet": 63,  # 64, likewise
    "snet": 63,  # 80, likewise
    "aks": 63,
    "id": 128,
    "log": 63,
    "afw": 56,
    "agw": 80,
    "st": 24,
}
"""Longest name of a type, by abbreviation; 80 for every other (Microsoft.Network's limit)."""
_DEFAULT_LONGEST = 80
_LONGEST_HOST = 63
"""Leaves room for a suffix in the 80 characters of Microsoft.Network's names."""
_DIGEST = 6
_GLOBAL_DIGEST = 10


@dataclass(frozen=True)
class Names:
    """The names of one deployment of this program."""

    workload: str
    environment: str
    location: str

    def of(self, abbreviation: str, *parts: str) -> str:
        """The name of a resource, such as `nsg-shop-dev-westeurope-nodes`.

        A name too long for its type is cut, and made unique again by a digest of the whole.
        """
        pieces = (abbreviation, self.workload, self.environment, self.location, *parts)
        name = "-".join(pieces).lower()
        return _cut(name, _LONGEST.get(abbreviation, _DEFAULT_LONGEST))

    def globally_unique(self, abbreviation: str, subscription_id: str) -> str:
        """A name of lower-case letters and digits that no other subscription's deployment has.

        For what has one name space in all of Azure and is free again once deleted, such as storage
        accounts. The digest tells apart what the letters don't: subscription, region, hyphens.
        """
        seed = "/".join((subscription_id.lower(), self.of(abbreviation)))
        digest = hashlib.sha256(seed.encode()).hexdigest()[:_GLOBAL_DIGEST]
        stem = "".join(filter(str.isalnum, f"{abbreviation}{self.workload}{self.environment}"))
        longest = _LONGEST.get(abbreviation, _DEFAULT_LONGEST)
        return stem[: longest - _GLOBAL_DIGEST].lower() + digest

    def dns_prefix(self) -> str:
        """The cluster's DNS prefix: letters, digits and hyphens, at most 54."""
        return f"{self.workload}-{self.environment}"

    def guid(self, *parts: str) -> str:
        """A GUID that is the same for the same parts: the names of role assignments."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join((self.of("guid"), *parts))))


def of_host(host: str) -> str:
    """A host as a part of names without dots, such as `shop-example-com`; at most 63 characters.

    Different hosts differ: a label neither begins nor ends with a hyphen, so that a dot is an odd
    number of hyphens here, and the host's own hyphens are an even one.
    """
    return _cut(host.replace("-", "--").replace(".", "-"), _LONGEST_HOST)


def _cut(name: str, longest: int) -> str:
    """The name, or its beginning and a digest of the whole."""
    if len(name) <= longest:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]
    return f"{name[: longest - _DIGEST - 1].rstrip('-')}-{digest}"
