"""Type tokens of azure-native, whichever of its packages a type is taken from.

azure-native serves an API version other than its default as a package of its own, named after the
module and the version (pulumi-azure-native, provider/pkg/provider/provider_parameterize.go):

    azure-native_containerservice_v20260301:containerservice:ManagedCluster

An older way is a version in the module. All of them are the same Azure type. Whatever asks for a
resource's type asks for the plain form, so that it sees a resource at every version.
"""

from __future__ import annotations

import re
from functools import cache

_VERSION = r"v\d{8}(?:preview|privatepreview)?"
_PACKAGE = re.compile(rf"azure-native_[a-z0-9]+_{_VERSION}:")
_DATE = re.compile(r"azure-native(?:_[a-z0-9]+_|:[a-z0-9]+/)v(\d{4})(\d\d)(\d\d)([a-z]*):")
_MODULE = re.compile(rf"(azure-native:[a-z0-9]+)/{_VERSION}:")


@cache
def plain_token(token: str) -> str:
    """The token as azure-native's default package has it; every other token unchanged.

    `azure-native_containerservice_v20260301:containerservice:ManagedCluster` becomes
    `azure-native:containerservice:ManagedCluster`.
    """
    return _MODULE.sub(r"\1:", _PACKAGE.sub("azure-native:", token, count=1), count=1)


@cache
def api_version(token: str) -> str | None:
    """The API version in the token, such as `2026-03-01`; None for the package's default."""
    found = _DATE.match(token)
    if found is None:
        return None
    year, month, day, preview = found.groups()
    return "-".join(filter(None, (year, month, day, preview)))
