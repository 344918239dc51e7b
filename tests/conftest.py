"""How many examples Hypothesis tries, and when garbage is collected."""

from __future__ import annotations

import gc

from hypothesis import settings

# Few examples in `make test-unit`, all in `make test`; another profile is chosen by
# --hypothesis-profile.
settings.register_profile("quick", max_examples=25)
settings.register_profile("full", max_examples=100)
settings.load_profile("quick")

# What is imported stays: no collection goes through it again and again.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
