"""The grammar of `AZURE_SIM_FAULTS`, and which operations a fault strikes."""

from __future__ import annotations

import pytest

from simulator.errors import BadSetting
from simulator.faults import Fault, Faults, InjectedError, OperationFailed, parse

CLUSTER = "azure-native:containerservice:ManagedCluster"
SUBNET = "azure-native:network:Subnet"


def test_a_list_names_operation_type_occurrence_and_code():
    text = f"create:{CLUSTER}:1:InternalServerError, delete:*:*:429,"
    assert parse(text) == [
        Fault("create", CLUSTER, "1", "InternalServerError"),
        Fault("delete", "*", "*", "429"),
    ]


def test_a_resource_is_named_by_its_logical_name_even_with_colons_in_it():
    assert parse("update:kubernetes:core/v1:Namespace:a:b:lost") == [
        Fault("update", "kubernetes:core/v1:Namespace", "a:b", "lost")
    ]


def test_nothing_asked_for_is_no_fault():
    assert parse("") == []


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("explode:*:1:crash", "must be one of create, update, delete, read, *, not 'explode'"),
        ("create", "the type must be a type token of three parts"),
        (
            "create:network:Subnet:1:crash",
            "which must be a number from 1, a logical name, or *, and follow network:Subnet:1",
        ),
        ("create:azure-native:network:Subnet:crash", f"or *, and follow {SUBNET}"),
        ("create:*:crash", "or *, and follow *"),
        ("create:*:0:crash", "or *, and follow *"),
        ("create:*:1:200", "what must be an HTTP status from 400, an error code, or one of failed"),
        ("create:*:1:explode", "hang-after, not 'explode'"),
        ("create:*:1:", "hang-after, not ''"),
    ],
)
def test_a_bad_entry_is_refused_with_what_is_wrong(entry, problem):
    with pytest.raises(BadSetting) as caught:
        parse(f"create:*:1:crash,{entry}")
    assert f"AZURE_SIM_FAULTS: {entry!r}: " in str(caught.value)
    assert problem in str(caught.value)


def test_a_number_is_the_occurrence_among_those_that_match():
    faults = Faults(parse(f"create:{SUBNET}:2:crash"))
    assert faults.take("create", SUBNET, "a") is None
    assert faults.take("delete", SUBNET, "b") is None
    assert faults.take("create", CLUSTER, "c") is None
    assert faults.take("create", SUBNET, "d") is not None
    assert faults.take("create", SUBNET, "e") is None


def test_a_name_strikes_every_operation_of_that_resource():
    faults = Faults(parse("*:*:nodes:lost"))
    assert faults.take("create", SUBNET, "nodes")
    assert faults.take("delete", SUBNET, "nodes")
    assert faults.take("create", SUBNET, "ingress") is None


def test_a_lasting_fault_strikes_them_all():
    faults = Faults(parse(f"create:{SUBNET}:*:failed"))
    assert faults.take("create", SUBNET, "a")
    assert faults.take("create", SUBNET, "b")


def test_every_matching_entry_counts_although_the_first_strikes():
    faults = Faults(parse(f"create:{SUBNET}:1:lost,create:*:2:failed"))
    first, second = (faults.take("create", SUBNET, name) for name in "ab")
    assert [fault.what for fault in (first, second) if fault] == ["lost", "failed"]


def test_a_status_strikes_the_first_attempt_only():
    (fault,) = parse("create:*:1:429")
    with pytest.raises(InjectedError) as caught:
        fault.raise_before(0)
    assert (caught.value.status, caught.value.code) == (429, "TooManyRequests")
    assert caught.value.retry_after == 10
    fault.raise_before(1)


def test_a_lasting_status_strikes_every_attempt():
    (fault,) = parse("create:*:*:503")
    for attempt in range(5):
        with pytest.raises(InjectedError):
            fault.raise_before(attempt)


def test_a_code_is_the_result_of_the_operation_and_no_answer_to_a_request():
    (fault,) = parse("create:*:1:InternalServerError")
    with pytest.raises(InjectedError) as caught:
        fault.raise_before(0)
    assert (caught.value.status, caught.value.code) == (0, "InternalServerError")
    assert str(caught.value).startswith('Code="InternalServerError" Message=')


def test_some_faults_strike_after_all_is_done():
    failed, lost = parse("create:*:1:failed,create:*:1:lost")
    failed.raise_before(0)
    lost.raise_before(0)
    with pytest.raises(OperationFailed):
        failed.raise_after()
    with pytest.raises(InjectedError, match="context deadline exceeded"):
        lost.raise_after()
