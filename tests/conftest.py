"""How many examples Hypothesis tries: few in `make test-unit`, all in `make test`."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("quick", max_examples=25)
settings.register_profile("full", max_examples=100)
# Another is chosen by --hypothesis-profile.
settings.load_profile("quick")
