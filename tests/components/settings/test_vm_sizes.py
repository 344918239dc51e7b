"""The vCPUs that follow from the name of a virtual machine size."""

from __future__ import annotations

import pytest

from components.settings.vm_sizes import vcpus
from simulator.azure import subscription


def test_the_names_of_the_simulated_subscriptions_sizes_say_their_vcpus():
    sizes = subscription.current().sizes
    assert len(sizes) > 300
    said = {size.name: vcpus(size.name) for size in sizes}
    assert said == {size.name: size.vcpus for size in sizes}


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("Standard_D4ds_v5", 4),
        ("Standard_E4-2ds_v5", 2),
        ("Standard_DS3_v2", 4),
        ("Standard_D2", 2),
        ("Standard_NC24ads_A100_v4", 24),
        ("Standard_GS4", None),
        ("mine", None),
    ],
)
def test_a_name_says_the_vcpus_or_nothing(name: str, count: int | None):
    assert vcpus(name) == count
