"""The checks on answers in the shapes that Microsoft publishes, and the simulated ones beside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.doctor import run
from cli.doctor.checks import account, capacity, names, permissions, providers, quotas
from cli.doctor.client import Client, Request, Response, SignIn
from cli.doctor.context import Context
from cli.doctor.findings import Result
from simulator.azure import identifiers
from simulator.azure.rest import ROUTES, RestApi
from simulator.azure.subscription import Subscription
from simulator.store import MemoryStore
from tests.cli.doctor.contexts import SUBSCRIPTION, Check, context
from tests.helpers.loops import each

RECORDED: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("recorded.yaml").read_text()
)


@dataclass(frozen=True)
class Recorded:
    """A transport that answers as it is published."""

    def sign_in(self) -> SignIn:
        return SignIn(
            "Azure CLI",
            identifiers.TENANT,
            identifiers.SUBSCRIPTION,
            identifiers.OPERATOR,
            is_user=True,
        )

    def send(self, request: Request) -> Response:
        if "$skiptoken" in request.query:
            return Response(200, {"value": []})
        path = request.path.removeprefix(SUBSCRIPTION)
        for row in RECORDED:
            same = request.method == row.get("method", "GET")
            if same and re.fullmatch(row["path"], path):
                return Response(row.get("status", 200), row["body"])
        raise AssertionError(request)


@pytest.fixture
def about() -> Context:
    return replace(context("prod"), azure=Client(Recorded()))


@pytest.mark.parametrize(
    ("check", "findings"),
    [
        (account.subscription, {"Subscription": Result.OK}),
        (providers.offered, {"Types in the region": Result.OK}),
        (providers.defender, {"Microsoft Defender": Result.OK}),
        (capacity.region, {"Region": Result.OK}),
        (capacity.zones, {"Availability zones": Result.OK}),
        (
            capacity.sizes,
            {
                "Size of pool system": Result.OK,
                "Size of pool apps": Result.FAILED,
                "Size of pool win": Result.FAILED,
                "Size of jump box": Result.FAILED,
            },
        ),
        (capacity.kubernetes, {"Kubernetes version": Result.OK}),
        (permissions.subscription, {"Rights in the subscription": Result.FAILED}),
        (names.groups, {"Resource groups": Result.OK}),
        (names.available, {"Global names": Result.FAILED}),
        (names.roles, {"Role names": Result.OK, "Role assignments": Result.OK}),
        (
            quotas.network,
            {"Quota of virtual networks": Result.FAILED, "Network quotas": Result.OK},
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_published_shapes_are_understood(check: Check, findings: dict[str, Result], about: Context):
    assert {one.title: one.result for one in check(about)} == findings


def test_published_quotas_are_understood(about: Context):
    found = {one.detail.partition(":")[0]: one.result for one in quotas.compute(about)}
    assert found == {
        "Total Regional vCPUs": Result.OK,
        "Standard DDSv5 Family vCPUs": Result.WARNING,
        "Standard BS Family vCPUs": Result.FAILED,
    }


def test_all_checks_together_understand_published_shapes(about: Context):
    found = each(one for group in run.run(about) for one in group.findings)
    assert not [one for one in found if "the check itself failed" in one.detail]


def _keys(value: Any, at: str = "") -> Iterator[str]:
    """Paths of the keys in a JSON value; those of names that are data count as one."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            name = "*" if re.fullmatch(r"[\d.]+", key) else key
            yield f"{at}.{name}"
            yield from _keys(item, f"{at}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item, f"{at}[]")


SAMPLES = {
    "/providers/Microsoft\\.[A-Za-z]+": "/providers/Microsoft.Network",
    ".*/providers/Microsoft\\.Authorization/roleAssignments": (
        "/providers/Microsoft.Authorization/roleAssignments"
    ),
    "/resourceGroups/[^/]+": "/resourceGroups/rg",
}


@pytest.mark.parametrize("row", RECORDED, ids=lambda row: str(row["source"]))
def test_the_simulated_azure_answers_in_the_published_shape(row: dict[str, Any]):
    taken = {"takenNames": {"Microsoft.Storage": ["st"]}}
    api = RestApi.of(MemoryStore(), Subscription.read([taken]))
    path = SUBSCRIPTION + (SAMPLES.get(row["path"]) or str(row["path"]).replace("\\", ""))
    query = {"api-version": "2024-01-01", "$filter": "location eq 'westeurope'"}
    body = {"name": "st", "type": "Microsoft.Storage/storageAccounts"}
    status, answer = api.answer(row.get("method", "GET"), path, query, body)
    assert status == row.get("status", 200)
    assert set(_keys(answer)) <= set(_keys(row["body"]))


def test_every_route_of_the_simulated_azure_names_its_page():
    assert all(route.source for route in ROUTES)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_the_simulated_rest_api_writes_nothing(method: str):
    api = RestApi.of(MemoryStore(), Subscription.read())
    query = {"api-version": "2024-01-01"}
    for path in ("/resourceGroups/rg", "", "/providers/Microsoft.Compute/skus"):
        assert api.answer(method, SUBSCRIPTION + path, query, {})[0] == 405
    assert not api.cloud.store.all()


def test_the_simulated_rest_api_asks_for_an_api_version_and_its_own_subscription():
    api = RestApi.of(MemoryStore(), Subscription.read())
    assert api.answer("GET", SUBSCRIPTION, {}, {})[0] == 400
    assert api.answer("GET", "/subscriptions/other", {"api-version": "1"}, {})[0] == 404
