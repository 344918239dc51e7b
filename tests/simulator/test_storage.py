"""Storage accounts: their blob services, containers and keys."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.errors import AzureError
from simulator.store import Resource

CONTAINER, SERVICE = "storage:BlobContainer", "storage:BlobServiceProperties"


@pytest.fixture
def account(azure) -> Resource:
    return make(azure)


def make(azure: Any, **more: Any) -> Resource:
    sku = {"name": "Standard_LRS"}
    return azure.put(
        "storage:StorageAccount", accountName="stlogs", kind="StorageV2", sku=sku, **more
    )


def container(azure: Any, **more: Any) -> Resource:
    return azure.put(CONTAINER, accountName="stlogs", containerName="logs", **more)


def test_a_container_needs_its_account(azure):
    error = azure.refused(CONTAINER, accountName="stlogs", containerName="logs")
    assert error.code == "ParentResourceNotFound"


def test_a_container_is_in_the_accounts_default_service(azure, account):
    made = container(azure)
    assert made.id == f"{account.id}/blobServices/default/containers/logs"
    assert (made.outputs["publicAccess"], made.outputs["leaseState"]) == ("None", "Available")
    azure.cloud.delete(account.id)
    assert azure.cloud.get(made.id) is None


@pytest.mark.parametrize("allowed", [None, False])
def test_a_public_container_in_an_account_that_is_not_public_is_refused(azure, allowed):
    """Rule: public_containers_need_a_public_account."""
    make(azure, **({} if allowed is None else {"allowBlobPublicAccess": allowed}))
    with pytest.raises(AzureError) as error:
        container(azure, publicAccess="Blob")
    assert (error.value.status, error.value.code) == (409, "PublicAccessNotPermitted")


def test_a_public_container_in_a_public_account_is_accepted(azure):
    make(azure, allowBlobPublicAccess=True)
    assert container(azure, publicAccess="Blob").outputs["publicAccess"] == "Blob"


@pytest.mark.usefixtures("account")
def test_the_settings_of_a_service_come_and_go_without_its_containers(azure):
    inside = container(azure)
    retention = {"enabled": True, "days": 7}
    service = azure.put(
        SERVICE, accountName="stlogs", blobServicesName="default", deleteRetentionPolicy=retention
    )
    assert service.outputs["deleteRetentionPolicy"] == retention
    assert service.outputs["sku"] == {"name": "Standard_LRS", "tier": "Standard"}
    azure.cloud.delete(service.id)
    assert azure.cloud.get(inside.id) == inside


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("File", "fileServicesName"),
        ("Queue", "queueServiceName"),
        ("Table", "tableServiceName"),
    ],
)
def test_the_other_services_have_settings_too(azure, service, name):
    token = f"storage:{service}ServiceProperties"
    made = azure.put(token, accountName="stlogs", **{name: "default"}, cors={"corsRules": []})
    assert made.id.endswith(f"/storageAccounts/stlogs/{service.lower()}Services/default")
    assert made.outputs["cors"] == {"corsRules": []}


@pytest.mark.usefixtures("account")
def test_an_account_has_two_keys(azure):
    args = {"resourceGroupName": "rg-test", "accountName": "stlogs"}
    keys = azure.cloud.invoke("azure-native:storage:listStorageAccountKeys", args)["keys"]
    assert [key["keyName"] for key in keys] == ["key1", "key2"]
    assert keys[0]["value"] != keys[1]["value"]
    with pytest.raises(AzureError) as error:
        azure.cloud.invoke("storage:listStorageAccountKeys", {**args, "accountName": "stother"})
    assert error.value.code == "ResourceNotFound"
