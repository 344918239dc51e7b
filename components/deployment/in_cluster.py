"""The Kubernetes objects: the ingress controller and the applications."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pulumi

from components.addressing import SubnetKey
from components.azure.roles import Role
from components.cluster.cluster import Cluster
from components.deployment.context import DeploymentContext
from components.deployment.ingress import IngressResources, certificate_vault_ids, reads_own_vault
from components.deployment.networks import AnyClusterNetwork
from components.ingress.application_gateway_config import CERTIFICATE
from components.ingress.dns_and_key_vault import certificate_vault_roles, zone_roles
from components.network import subnet_specs

if TYPE_CHECKING:
    # Few stacks need these, and their imports take time in every run.
    import pulumi_kubernetes

    from components.cluster.workload_identity import WorkloadIdentity
    from components.kubernetes.ingress_plan import IngressInputs
    from components.kubernetes.ingress_routes import VaultCertificates

Roles = dict[str, tuple[Role, pulumi.Input[str]]]


def applications(
    context: DeploymentContext,
    cluster: Cluster,
    ingress: IngressResources,
    network: AnyClusterNetwork,
    *,
    wait_for: Sequence[pulumi.Resource],
    images_ready: Sequence[pulumi.Resource],
) -> None:
    """The ingress controller and all applications; nothing with `delivery: none`.

    They wait for `wait_for`: the role assignments of the add-on that handles the controller's
    objects, and the firewall's rule for the API server. Pods wait for `images_ready`: the roles and
    private endpoints of the registries.
    """
    settings = context.settings.kubernetes
    if settings.delivery == "none":
        return
    # Lazy imports: a stack that delivers nothing does not need them.
    from components.kubernetes.applications import Applications, ApplicationsArgs
    from components.kubernetes.ingress_controller import IngressController, IngressControllerArgs
    from components.kubernetes.ingress_plan import ingress_plan
    from components.kubernetes.network_policies import PolicyRanges

    inputs, depends_on = _ingress_inputs(context, cluster, ingress, network)
    plan = ingress_plan(context.settings.ingress, settings, inputs)
    opts = pulumi.ResourceOptions(parent=context.parent, providers=[_provider(context, cluster)])
    deleted_with = cluster.resource if settings.delivery == "apply" else None
    controller = IngressController(
        context.logical_name("ingress"),
        IngressControllerArgs(plan=plan, depends_on=[*depends_on, *wait_for]),
        opts,
        deleted_with=deleted_with,
    )
    Applications(
        context.logical_name("applications"),
        ApplicationsArgs(
            applications=settings.applications,
            routes=plan.routes,
            internal_routes=plan.internal_routes,
            ranges=PolicyRanges.of(
                context.plan,
                # Allowed before it is on: pods lose their DNS if the nodes have it first.
                local_dns=True,
                cilium=context.settings.network.policy == "cilium",
            ),
            ingress_controller=controller.resources,
            images_ready=images_ready,
        ),
        opts,
        deleted_with=deleted_with,
    )


def _provider(context: DeploymentContext, cluster: Cluster) -> pulumi_kubernetes.Provider:
    from components.kubernetes import provider

    settings = context.settings.kubernetes
    name = context.logical_name("kubernetes")
    if settings.delivery == "render":
        directory = settings.render_directory or f"rendered/{context.settings.environment}"
        return provider.rendering_provider(name, directory=directory, opts=context.opts)
    return provider.cluster_provider(
        name,
        kubeconfig=cluster.kubeconfig(),
        cluster_id=cluster.resource.id,
        login=settings.login,
        opts=context.opts,
    )


def _ingress_inputs(
    context: DeploymentContext,
    cluster: Cluster,
    ingress: IngressResources,
    network: AnyClusterNetwork,
) -> tuple[IngressInputs, list[pulumi.Resource]]:
    """The values of other resources for the ingress controller, and what it must wait for."""
    from components.kubernetes.client_address import proxies_in_front
    from components.kubernetes.ingress_plan import IngressInputs
    from components.kubernetes.load_balancer import ingress_load_balancer, internal_load_balancer

    settings = context.settings
    given = context.plan, settings.network, settings.ingress, context.common.names
    identity = _controller_identity(context, cluster, ingress, network)
    controller = ingress.traffic_controller
    zone_ids = ingress.dns_and_key_vault.addon_zone_ids
    inputs = IngressInputs(
        load_balancer=ingress_load_balancer(*given, gateway=False),
        internal_load_balancer=internal_load_balancer(*given, gateway=False),
        gateway_load_balancer=ingress_load_balancer(*given, gateway=True),
        internal_gateway_load_balancer=internal_load_balancer(*given, gateway=True),
        certificates=_certificates(context, ingress),
        installed_certificate=CERTIFICATE if ingress.web_application_firewall else None,
        pod_gateway=subnet_specs.pod_gateway(context.plan, settings.ingress),
        client_id=identity.client_id if identity else None,
        zone_ids={kind: list(ids.values()) for kind, ids in zone_ids.items()}
        if settings.ingress.through_gateway
        else {},
        traffic_controller_id=controller.id if controller else None,
        policy_id=controller.policy_id if controller else None,
        proxies=proxies_in_front(context.plan, settings.ingress),
        api_server_ranges=_api_server_ranges(context),
    )
    vault_ready = ingress.dns_and_key_vault.vault_ready["cluster"]
    depends_on: list[pulumi.Resource] = [
        *(identity.ready if identity else []),
        *(controller.ready if controller else []),
        *(vault_ready if inputs.certificates.fetched else []),
    ]
    return inputs, depends_on


def _api_server_ranges(context: DeploymentContext) -> tuple[str, ...]:
    plan = context.plan
    if not plan.has(SubnetKey.API_SERVER):
        return ()
    return (plan.subnet(SubnetKey.API_SERVER).prefix,)


def _certificates(context: DeploymentContext, ingress: IngressResources) -> VaultCertificates:
    from components.kubernetes.ingress_routes import VaultCertificates

    own: dict[str, pulumi.Input[str]] = {}
    for application in context.settings.kubernetes.applications:
        tls = application.tls
        if tls and tls.certificate_id:
            own[application.name] = tls.certificate_id
        elif tls and tls.certificate_name:
            own[application.name] = pulumi.Output.concat(
                ingress.dns_and_key_vault.vault_uri, "certificates/", tls.certificate_name
            )
    firewall = ingress.web_application_firewall
    return VaultCertificates(firewall.controller_secret_id if firewall else None, own)


def _controller_identity(
    context: DeploymentContext,
    cluster: Cluster,
    ingress: IngressResources,
    network: AnyClusterNetwork,
) -> WorkloadIdentity | None:
    """The Azure identity of a controller in the cluster; None where it needs none."""
    if not context.settings.ingress.has_gateway_objects:
        return None
    from components.cluster.workload_identity import WorkloadIdentity, WorkloadIdentityArgs
    from components.kubernetes import gateway_manifests, helm_charts

    if ingress.traffic_controller:
        part, roles = "alb", _alb_controller_roles(ingress, cluster, network)
        account = (helm_charts.ALB_NAMESPACE, helm_charts.ALB_SERVICE_ACCOUNT)
    else:
        part, roles = "gateway", _gateway_roles(context, ingress)
        account = (gateway_manifests.GATEWAY.namespace, gateway_manifests.SERVICE_ACCOUNT)
    return WorkloadIdentity(
        context.logical_name(part),
        WorkloadIdentityArgs(
            common=context.common,
            resource_group_name=ingress.resource_group.name,
            part=part,
            issuer_url=cluster.lookup.issuer_url,
            namespace=account[0],
            service_account=account[1],
            roles=roles,
        ),
        context.opts,
    )


def _alb_controller_roles(
    ingress: IngressResources, cluster: Cluster, network: AnyClusterNetwork
) -> Roles:
    """The roles of the ALB controller ("Quickstart: deploy Application Gateway for Containers")."""
    subnet_id = network.subnet_ids[SubnetKey.TRAFFIC_CONTROLLER]
    roles: Roles = {
        "configuration": (
            Role.APPGW_FOR_CONTAINERS_CONFIGURATION_MANAGER,
            ingress.resource_group.id,
        ),
        "subnet": (Role.NETWORK_CONTRIBUTOR, subnet_id),
        "nodes": (Role.READER, cluster.node_resource_group_id),
    }
    controller = ingress.traffic_controller
    if controller is not None and controller.policy_id is not None:
        roles["policy"] = (Role.NETWORK_CONTRIBUTOR, controller.policy_id)
    return roles


def _gateway_roles(context: DeploymentContext, ingress: IngressResources) -> Roles:
    """The roles of application routing with the Gateway API: records and certificates.

    Source: aks/app-routing-gateway-api-dns-tls.
    """
    vault_role = Role.KEY_VAULT_SECRETS_USER
    zone_ids = ingress.dns_and_key_vault.addon_zone_ids
    roles: Roles = {
        **(zone_roles(zone_ids) if context.settings.ingress.through_gateway else {}),
        **certificate_vault_roles(vault_role, certificate_vault_ids(context)),
    }
    if reads_own_vault(context):
        roles["vault"] = (vault_role, ingress.dns_and_key_vault.vault_id)
    return roles
