"""The simulated Azure's REST API on what a simulated cloud holds, in this process."""

from __future__ import annotations

import os
from pathlib import Path

from cli.console import Failure
from cli.simulated.fixture import conditions, fixture_of, load_fixture
from simulator.azure.rest import RestApi
from simulator.azure.subscription import Subscription
from simulator.errors import BadSetting
from simulator.store import snapshot

__all__ = ["RestApi", "rest_api"]


def rest_api(state: Path, stack_file: Path) -> RestApi:
    """The API on a copy of the cloud in the directory `state`, with the stack file's fixture.

    Nothing is written. Raises `Failure` where the fixture or the environment does not describe a
    subscription.
    """
    fixture = fixture_of(stack_file)
    try:
        subscription = Subscription.read(conditions(fixture), os.environ)
    except BadSetting as error:
        raise Failure(str(error)) from error
    api = RestApi.of(snapshot(state), subscription)
    load_fixture(api.cloud, fixture)
    return api
