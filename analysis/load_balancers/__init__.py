"""The load balancers that Azure creates for Services of a stack's cluster.

`load_balancers` finds them: Services, ingress controllers of add-ons, Helm charts and Gateways.
"""

from analysis.load_balancers.charts import unknown_releases
from analysis.load_balancers.find import APP_ROUTING_NAMESPACE, load_balancers, target_of
from analysis.load_balancers.gateways import (
    GATEWAY_CLASSES,
    GATEWAY_GROUP,
    customization,
    of_gateway,
)
from analysis.load_balancers.load_balancer import LoadBalancer
from analysis.load_balancers.probes import failing_probes

__all__ = [
    "APP_ROUTING_NAMESPACE",
    "GATEWAY_CLASSES",
    "GATEWAY_GROUP",
    "LoadBalancer",
    "customization",
    "failing_probes",
    "load_balancers",
    "of_gateway",
    "target_of",
    "unknown_releases",
]
