"""How many examples Hypothesis tries, and when garbage is collected."""

from __future__ import annotations

import gc

from hypothesis import HealthCheck, settings

# Few examples in `make test-unit`, all in `make test`; another profile is chosen by
# --hypothesis-profile.
for profile, count in (("quick", 25), ("full", 100)):
    # Time says nothing about a test on a machine with other work.
    settings.register_profile(
        profile,
        max_examples=count,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile("quick")

# What is imported stays: no collection goes through it again and again.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
