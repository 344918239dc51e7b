"""Rules of the application routing add-on's kinds: the CEL expressions of their definitions.

Source: Azure/aks-app-routing-operator, config/crd/bases, as of 2026-06-30.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from simulator.azure.schema import Problem
from simulator.kubernetes.rules import Manifest, Problems, rule
from simulator.wire import Unknown
from support.nested import at, items, mapping

_NGINX = "approuting.kubernetes.azure.com/NginxIngressController"
_DNS = "approuting.kubernetes.azure.com/ClusterExternalDNS"
_CONTROLLERS = "aks-app-routing-operator nginxingresscontrollers"
_RECORDS = "Azure/aks-app-routing-operator crd/bases clusterexternaldnses"

# The property that identifies an identity, by its type.
_KEYS = {"workloadIdentity": "serviceAccount", "managedIdentity": "clientID"}


@rule(_NGINX, source=_CONTROLLERS)
def a_default_certificate_is_there_where_it_is_needed(manifest: Manifest) -> Problems:
    """A default certificate in a vault needs a URL; redirecting to HTTPS needs a certificate."""
    path = "spec.defaultSSLCertificate"
    certificate = mapping(manifest, "spec", "defaultSSLCertificate")
    uri = certificate.get("keyVaultURI")
    if isinstance(uri, str) and not (urlsplit(uri).scheme and urlsplit(uri).netloc):
        yield Problem(f"{path}.keyVaultURI", f"Invalid value: {uri!r}: must be a URL")
    if certificate.get("forceSSLRedirect") is True and not {"secret", "keyVaultURI"} & set(
        certificate
    ):
        reason = "Invalid value: forceSSLRedirect requires a secret or a keyVaultURI"
        yield Problem(path, reason)


@rule(_NGINX, source=_CONTROLLERS)
def a_controller_has_no_more_replicas_at_least_than_at_most(manifest: Manifest) -> Problems:
    """MinReplicas must not exceed maxReplicas."""
    scaling = mapping(manifest, "spec", "scaling")
    least, most = scaling.get("minReplicas"), scaling.get("maxReplicas")
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        yield Problem("spec.scaling", "Invalid value: minReplicas is above maxReplicas")


@rule(_DNS, source=_RECORDS)
def zones_of_one_object_lie_together(manifest: Manifest) -> Problems:
    """Zones are in one resource group, all public or all private, and different."""
    path = "spec.dnsZoneResourceIDs"
    zones = items(manifest, "spec", "dnsZoneResourceIDs")
    if any(isinstance(zone, Unknown) for zone in zones):
        return
    if len(set(zones)) < len(zones):
        yield Problem(path, "Duplicate value: a zone is listed twice")
    parts = [[*str(zone).split("/"), *[""] * 8] for zone in zones]
    for place, what in ((2, "subscription ID"), (4, "resource group"), (7, "resource type")):
        if len({part[place] for part in parts}) > 1:
            yield Problem(path, f"Invalid value: all items must have the same {what}")


@rule(_DNS, source=_RECORDS)
def records_come_from_known_kinds(manifest: Manifest) -> Problems:
    """The resource types are gateway, ingress or both, each at most once."""
    types = items(manifest, "spec", "resourceTypes")
    for index, kind in enumerate(types):
        if isinstance(kind, str) and not re.search("(?i)(gateway|ingress)", kind):
            reason = f"Invalid value: {kind!r}: must be 'gateway' or 'ingress'"
            yield Problem(f"spec.resourceTypes[{index}]", reason)
    if all(isinstance(kind, str) for kind in types) and len(set(types)) < len(types):
        yield Problem("spec.resourceTypes", "Duplicate value: a type is listed twice")


@rule(_DNS, source=_RECORDS)
def an_identity_is_named_as_its_type_wants(manifest: Manifest) -> Problems:
    """An identity needs its service account or its client id, depending on its type."""
    identity = at(manifest, "spec", "identity")
    kind = at(identity, "type") or "workloadIdentity"
    key = _KEYS.get(kind) if isinstance(kind, str) else None
    if key and not isinstance(identity, Unknown) and not mapping(identity).get(key):
        yield Problem(f"spec.identity.{key}", f"Required value: type {kind} requires it")
