"""Azure names: one function makes all of them, within the length limit of each resource type.

Names follow the Cloud Adoption Framework: abbreviation, workload, environment, region, and a
further part where there are several resources of a type. They contain nothing random, so that a
resource that an interrupted run left behind can be found again.

Two kinds of names do not come from here. Reserved names (AzureBastionSubnet, GatewaySubnet) are
fixed by Azure. Names that are unique in all of Azure and stay reserved after deletion (key vaults)
come from the provider's autonaming, which generates a new one each time.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

AGC_FRONTEND = "public"
"""Azure name of the frontend of Application Gateway for Containers. The Gateway object in the
cluster refers to the frontend by this name."""

ORIGIN = "origin"
"""Part of the names of the ingress controller's static public address and of its resource group.
The controller's Service refers to the address by these names."""
GATEWAY_ORIGIN = "gateway-origin"
"""As `ORIGIN`, for application routing's Gateway: beside managed NGINX it has an address of its
own."""

_MAX_LENGTH = {
    "rg": 63,  # 90, but an overlay cluster's network needs at most 63 (azure-cni-overlay limits)
    "vnet": 63,  # 64, likewise
    "snet": 63,  # 80, likewise
    "aks": 63,
    "id": 128,
    "log": 63,
    "afw": 56,
    "agw": 80,
    "cr": 50,
    "st": 24,
}
"""Maximum length of a name in characters, by the abbreviation of the resource type."""
_DEFAULT_MAX_LENGTH = 80
"""The limit of most resource types of Microsoft.Network."""
_MAX_HOST_LENGTH = 63
"""Leaves room for a suffix within the 80 characters of Microsoft.Network."""
_DIGEST_LENGTH = 6
_GLOBAL_DIGEST_LENGTH = 10


@dataclass(frozen=True)
class Names:
    """The Azure names of one deployment of this program."""

    workload: str
    environment: str
    location: str

    def of(self, abbreviation: str, *parts: str) -> str:
        """The name of a resource, such as `nsg-shop-dev-westeurope-nodes`.

        A name that is too long for its type is shortened and ends with a digest of the full name.
        """
        pieces = (abbreviation, self.workload, self.environment, self.location, *parts)
        name = "-".join(pieces).lower()
        return _shorten(name, _MAX_LENGTH.get(abbreviation, _DEFAULT_MAX_LENGTH))

    def globally_unique(self, abbreviation: str, subscription_id: str) -> str:
        """A name of lower-case letters and digits that differs between subscriptions.

        It is for resource types whose names are unique in all of Azure and free again after
        deletion, such as storage accounts. A digest includes what the letters leave out: the
        subscription, the region and hyphens.
        """
        text = "/".join((subscription_id.lower(), self.of(abbreviation)))
        digest = hashlib.sha256(text.encode()).hexdigest()[:_GLOBAL_DIGEST_LENGTH]
        stem = "".join(filter(str.isalnum, f"{abbreviation}{self.workload}{self.environment}"))
        max_length = _MAX_LENGTH.get(abbreviation, _DEFAULT_MAX_LENGTH)
        return stem[: max_length - _GLOBAL_DIGEST_LENGTH].lower() + digest

    def dns_prefix(self) -> str:
        """The cluster's DNS prefix: letters, digits and hyphens, at most 54 characters."""
        return f"{self.workload}-{self.environment}"

    def guid(self, *parts: str) -> str:
        """A GUID that is the same for the same parts, such as the name of a role assignment."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join((self.of("guid"), *parts))))


def of_host(host: str, max_length: int = _MAX_HOST_LENGTH) -> str:
    """A host name without dots, such as `shop-example-com`, as a part of a resource's name.

    It has at most `max_length` characters. Different hosts give different names: a dot becomes one
    hyphen and a hyphen becomes two, and no label of a host begins or ends with a hyphen.
    """
    return _shorten(host.replace("-", "--").replace(".", "-"), max_length)


def _shorten(name: str, max_length: int) -> str:
    """The name, or its beginning and a digest of the full name."""
    if len(name) <= max_length:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST_LENGTH]
    return f"{name[: max_length - _DIGEST_LENGTH - 1].rstrip('-')}-{digest}"
