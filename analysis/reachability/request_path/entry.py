"""The entry: its public address, its listener with the certificate, and the firewall."""

from __future__ import annotations

from analysis.reachability import hosts, services
from analysis.reachability.request_path.dns import public_entry
from analysis.reachability.request_path.request import Outcome, Request, Step
from analysis.stack_state import Json, Resource, State
from support import nested

HTTPS = services.tcp(443)
PKCS12, PEM = "application/x-pkcs12", "application/x-pem-file"
VAULT_ANNOTATION = "kubernetes.azure.com/tls-cert-keyvault-uri"


def public_address(request: Request) -> Step:
    """Whether the client finds a public address that admits it."""
    name, entry = "public address", public_entry(request)
    if not request.entry:
        remedy = f"install a controller for {request.route.served_by}, or use another class"
        return Step(name, Outcome.BREAKS, f"nothing in the state serves the route; {remedy}")
    if entry is None:
        remedy = (
            "put a gateway in front (ingress.waf), or use ingress.exposure: external; clients"
            " inside the networks are not affected"
        )
        return Step(name, Outcome.BREAKS, f"{request.entry} has a private address only; {remedy}")
    cell = request.matrix.between("Internet", request.entry)
    if not cell.services & HTTPS:
        reasons = {flow.reasons[-1] for flow in cell.denied if flow.services & HTTPS}
        # The return path is a step of its own; it is the last one of the matrix, too.
        if not any("the answers" in one for one in reasons):
            detail = f"{request.entry} does not admit tcp 443 from the Internet"
            why = "; ".join(sorted(reasons)) or "no listener"
            return Step(name, Outcome.BREAKS, f"{detail}: {why}")
    answers = ", ".join(entry.answers)
    return Step(name, Outcome.PASSES, f"{answers} of {request.entry} admits tcp 443")


def listener(request: Request) -> Step | None:
    """Whether the gateway has a listener for the host, with a certificate that it can read."""
    if request.gateway is None:
        return None
    name = "listener"
    if request.load_balancer is None:
        return Step(name, Outcome.NOTE, "the ingress controller add-on writes the listeners")
    found = listener_for(request.gateway, request.host)
    if found is None:
        detail = f"no HTTPS listener of {request.gateway.name} is for {request.host or 'any host'}"
        return Step(name, Outcome.BREAKS, f"{detail}; add one with its certificate")
    reference_name = str(nested.at(found, "sslCertificate", "id") or "").rsplit("/", 1)[-1]
    certificate = next(
        (one for one in request.gateway.items("sslCertificates") if one["name"] == reference_name),
        None,
    )
    if certificate is None:
        detail = f"listener {found['name']} has no certificate"
        return Step(name, Outcome.BREAKS, f"{detail}; set ingress.waf.certificate")
    source = str(certificate.get("keyVaultSecretId") or "")
    kind = content_type(request.state, source) if source else ""
    if kind and kind != PKCS12:
        detail = f"the gateway reads {PKCS12}, and secret {source} is {kind}"
        return Step(name, Outcome.BREAKS, f"{detail}; store the certificate as a PFX")
    held = f"certificate from {source}" if source else "its own certificate"
    return Step(name, Outcome.PASSES, f"{found['name']} with {held}")


def firewall(request: Request) -> Step:
    """Whether a web application firewall inspects the request."""
    name = "web application firewall"
    paths = request.matrix.between("Internet", request.target.name).proxied
    policies = dict.fromkeys(policy for path in paths for policy in path.waf_policies)
    if policies:
        return Step(name, Outcome.PASSES, f"{', '.join(policies)} inspects and blocks")
    return Step(name, Outcome.NOTE, "no firewall of the state inspects the request")


def controller_certificate(request: Request) -> Step | None:
    """Whether the controller's certificate has the form that its reader takes.

    Application routing copies a vault's plain secret as it is, so it must be PEM. A certificate
    object is converted (secrets-store-csi-driver-provider-azure, provider.go).
    """
    if request.load_balancer is None:
        return None
    name = "controller's certificate"
    sources = [str(one) for one in _vault_sources(request) if one]
    if not sources:
        return Step(name, Outcome.NOTE, _secret_detail(request))
    unknown: list[str] = []
    for source in sources:
        if "/certificates/" in source:
            continue
        kind = content_type(request.state, source)
        if not kind:
            unknown.append(source)
        elif kind != PEM:
            detail = (
                f"application routing copies secret {source} as it is ({kind}), and the controller"
                f" reads PEM; refer to a certificate object, or to a secret of type {PEM}"
            )
            return Step(name, Outcome.BREAKS, detail)
    if unknown:
        detail = f"{', '.join(unknown)} must be the secret of a certificate object, or PEM"
        return Step(name, Outcome.NOTE, detail)
    return Step(name, Outcome.PASSES, f"from {', '.join(sources)}")


def _vault_sources(request: Request) -> list[object]:
    """The ids in the annotation of the Ingress, or in the options of a Gateway's listeners."""
    found: list[object] = []
    for item in request.state.kubernetes("Ingress"):
        spec, metadata = item.mapping("spec"), item.mapping("metadata")
        hosts_of = {str(rule.get("host") or "") for rule in nested.items(spec, "rules")}
        if metadata.get("namespace") == request.route.namespace and request.host in hosts_of:
            found.append(nested.mapping(metadata, "annotations").get(VAULT_ANNOTATION))
    if request.load_balancer is not None and request.load_balancer.owner.kind == "Gateway":
        listeners = nested.items(request.load_balancer.owner.mapping("spec"), "listeners")
        found += [
            nested.mapping(row, "tls", "options").get(VAULT_ANNOTATION)
            for row in listeners
            if hosts.common(str(row.get("hostname") or ""), request.host) is not None
        ]
    return found


def _secret_detail(request: Request) -> str:
    namespace = request.route.namespace
    return (
        "in a Kubernetes secret, which is not in the state; check it with"
        f" kubectl get secret -n {namespace}"
    )


def listener_for(gateway: Resource, host: str) -> Json | None:
    """The HTTPS listener for a host, the most specific one first."""
    found = [
        (len(pattern), row)
        for row in gateway.items("httpListeners")
        if row.get("protocol") == "Https"
        for pattern in (row.get("hostNames") or [row.get("hostName") or ""])
        if hosts.common(str(pattern), host) is not None
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def content_type(state: State, secret_id: str) -> str:
    """The content type of a vault's secret in the state; empty if it is not there."""
    path = secret_id.partition("/secrets/")[2].split("/")
    vault = secret_id.partition("://")[2].partition(".")[0].lower()
    for item in state.of_type("keyvault:Secret"):
        uri = str(item.at("properties", "secretUri") or "").lower()
        if path[0] == item.name and (not uri or uri.partition("://")[2].startswith(f"{vault}.")):
            return str(item.at("properties", "contentType") or "")
    return ""
