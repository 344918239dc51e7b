"""The controllers' own objects and their charts' values."""

from components.load_balancer import LoadBalancer
from components.nginx_controller import nginx_controller

PREFIX = "service.beta.kubernetes.io/azure-load-balancer"
INTERNAL = LoadBalancer(internal_subnet="snet-ingress", address="10.20.195.4")


def test_an_internal_controller_has_its_planned_address():
    annotations = nginx_controller("publicingress", INTERNAL)["spec"]["loadBalancerAnnotations"]
    assert annotations == {
        f"{PREFIX}-internal": "true",
        f"{PREFIX}-internal-subnet": "snet-ingress",
        f"{PREFIX}-ipv4": "10.20.195.4",
    }


def test_a_public_controller_for_everyone_is_not_restricted():
    assert (
        "loadBalancerAnnotations" not in nginx_controller("publicingress", LoadBalancer())["spec"]
    )


def test_a_public_controller_behind_someone_elses_firewall_hears_that_firewall_only():
    balancer = LoadBalancer(source_ranges=("198.51.100.0/24", "203.0.113.0/24"))
    annotations = nginx_controller("publicingress", balancer)["spec"]["loadBalancerAnnotations"]
    assert annotations == {
        "service.beta.kubernetes.io/azure-allowed-ip-ranges": "198.51.100.0/24,203.0.113.0/24"
    }
