"""What is inside the cluster: the ingress controller and the applications."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pulumi

from components.azure.roles import Role
from components.cluster.cluster import Cluster
from components.deployment.context import DeploymentContext
from components.deployment.ingress import IngressResources, certificate_vault_ids, reads_own_vault
from components.deployment.networks import Network
from components.ingress.application_gateway_config import CERTIFICATE
from components.ingress.dns_and_key_vault import certificate_vault_roles, zone_roles
from components.network import subnet_specs

if TYPE_CHECKING:
    # Few stacks need these, and their imports cost every run's time.
    import pulumi_kubernetes

    from components.cluster.workload_identity import WorkloadIdentity
    from components.kubernetes.ingress_plan import Given
    from components.kubernetes.ingress_routes import VaultCertificates

Roles = dict[str, tuple[Role, pulumi.Input[str]]]


def applications(
    base: DeploymentContext,
    cluster: Cluster,
    ingress_resources: IngressResources,
    network: Network,
    granted: Sequence[pulumi.Resource],
) -> None:
    """The ingress controller and every application, as far as objects are delivered at all.

    `granted` are the roles of the add-on that the objects give something to do.
    """
    settings = base.settings.kubernetes
    if settings.delivery == "none":
        return
    # Only now: a stack that delivers nothing does not pay for these imports.
    from components.kubernetes.applications import Applications, ApplicationsArgs
    from components.kubernetes.ingress_controller import IngressController, IngressControllerArgs
    from components.kubernetes.ingress_plan import ingress_plan
    from components.kubernetes.network_policies import PolicyRanges

    given, after = _given(base, cluster, ingress_resources, network)
    after += granted
    plan = ingress_plan(base.settings.ingress, settings, given)
    opts = pulumi.ResourceOptions(parent=base.parent, providers=[_provider(base, cluster)])
    deleted_with = cluster.resource if settings.delivery == "apply" else None
    controller = IngressController(
        base.named("ingress"),
        IngressControllerArgs(plan=plan, after=after),
        opts,
        deleted_with=deleted_with,
    )
    Applications(
        base.named("applications"),
        ApplicationsArgs(
            applications=settings.applications,
            route=plan.route,
            internal_route=plan.internal_route,
            ranges=PolicyRanges.of(base.plan),
            after=controller.made,
        ),
        opts,
        deleted_with=deleted_with,
    )


def _provider(base: DeploymentContext, cluster: Cluster) -> pulumi_kubernetes.Provider:
    from components.kubernetes import provider

    settings = base.settings.kubernetes
    if settings.delivery == "render":
        directory = settings.render_directory or f"rendered/{base.settings.environment}"
        return provider.rendering(base.named("kubernetes"), directory=directory, opts=base.opts)
    return provider.applying(
        base.named("kubernetes"),
        kubeconfig=cluster.kubeconfig(),
        cluster_id=cluster.resource.id,
        login=settings.login,
        opts=base.opts,
    )


def _given(
    base: DeploymentContext, cluster: Cluster, ingress_resources: IngressResources, network: Network
) -> tuple[Given, list[pulumi.Resource]]:
    """What the ingress controller is made of that exists by now, and what it waits for."""
    from components.kubernetes.ingress_plan import Given
    from components.kubernetes.load_balancer import ingress_load_balancer, internal_load_balancer

    settings = base.settings
    identity = _controller_identity(base, cluster, ingress_resources, network)
    controller, firewall = ingress_resources.traffic_controller, ingress_resources.firewall
    given = Given(
        load_balancer=ingress_load_balancer(
            base.plan, settings.network, settings.ingress, base.common.names
        ),
        internal_load_balancer=internal_load_balancer(
            base.plan, settings.network, settings.ingress, base.common.names
        ),
        certificates=_certificates(base, ingress_resources),
        installed_certificate=CERTIFICATE if firewall else None,
        pod_gateway=subnet_specs.pod_gateway(base.plan, settings.ingress),
        client_id=identity.client_id if identity else None,
        zone_ids={
            kind: list(ids.values())
            for kind, ids in ingress_resources.routing.addon_zone_ids.items()
        },
        traffic_controller_id=controller.id if controller else None,
        policy_id=controller.policy_id if controller else None,
    )
    after: list[pulumi.Resource] = [
        *(identity.ready if identity else []),
        *(controller.ready if controller else []),
        *(ingress_resources.routing.vault_ready["cluster"] if given.certificates.fetched else []),
    ]
    return given, after


def _certificates(
    base: DeploymentContext, ingress_resources: IngressResources
) -> VaultCertificates:
    from components.kubernetes.ingress_routes import VaultCertificates

    own: dict[str, pulumi.Input[str]] = {}
    for application in base.settings.kubernetes.applications:
        tls = application.tls
        if tls and tls.certificate_id:
            own[application.name] = tls.certificate_id
        elif tls and tls.certificate_name:
            uri = ingress_resources.routing.vault_uri
            own[application.name] = pulumi.Output.concat(uri, "certificates/", tls.certificate_name)
    firewall = ingress_resources.firewall
    return VaultCertificates(firewall.certificate_secret_id if firewall else None, own)


def _controller_identity(
    base: DeploymentContext, cluster: Cluster, ingress_resources: IngressResources, network: Network
) -> WorkloadIdentity | None:
    """What a controller in the cluster signs in to Azure by, if it does."""
    if not base.settings.ingress.uses_gateway_api:
        return None
    from components.cluster.workload_identity import WorkloadIdentity, WorkloadIdentityArgs
    from components.kubernetes import gateway_manifests, helm_charts

    if ingress_resources.traffic_controller:
        part, roles = "alb", _traffic_controller_roles(ingress_resources, cluster, network)
        account = (helm_charts.ALB_NAMESPACE, helm_charts.ALB_SERVICE_ACCOUNT)
    else:
        part, roles = "gateway", _gateway_roles(base, ingress_resources)
        account = (gateway_manifests.GATEWAY.namespace, gateway_manifests.SERVICE_ACCOUNT)
    return WorkloadIdentity(
        base.named(part),
        WorkloadIdentityArgs(
            common=base.common,
            resource_group_name=ingress_resources.group.name,
            part=part,
            issuer_url=cluster.lookup.issuer_url,
            namespace=account[0],
            service_account=account[1],
            roles=roles,
        ),
        base.opts,
    )


def _traffic_controller_roles(
    ingress_resources: IngressResources, cluster: Cluster, network: Network
) -> Roles:
    """Of the ALB controller ("Quickstart: deploy Application Gateway for Containers")."""
    roles: Roles = {
        "configuration": (
            Role.APPGW_FOR_CONTAINERS_CONFIGURATION_MANAGER,
            ingress_resources.group.id,
        ),
        "subnet": (Role.NETWORK_CONTRIBUTOR, network.subnet_ids["trafficController"]),
        "nodes": (Role.READER, cluster.node_resource_group_id),
    }
    controller = ingress_resources.traffic_controller
    if controller is not None and controller.policy_id is not None:
        roles["policy"] = (Role.NETWORK_CONTRIBUTOR, controller.policy_id)
    return roles


def _gateway_roles(base: DeploymentContext, ingress_resources: IngressResources) -> Roles:
    """Of the add-on's Gateway API implementation: records in the zones, and the certificates.

    Source: aks/app-routing-gateway-api-dns-tls.
    """
    routing, role = ingress_resources.routing, Role.KEY_VAULT_SECRETS_USER
    roles: Roles = {
        **zone_roles(routing.addon_zone_ids),
        **certificate_vault_roles(role, certificate_vault_ids(base)),
    }
    if reads_own_vault(base):
        roles["vault"] = (role, routing.vault_id)
    return roles
