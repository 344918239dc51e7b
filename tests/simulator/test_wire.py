from __future__ import annotations

from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from simulator.wire import UNKNOWN, decode, encode, has_unknown

scalars = st.one_of(
    st.text(max_size=20), st.booleans(), st.integers(-(2**50), 2**50), st.just(UNKNOWN)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("ab", min_size=1), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("xyz", min_size=1), values, max_size=4), st.data())
def test_values_and_secrets_come_back_as_they_went(given_values: dict, data: st.DataObject):
    secrets = {(key,) for key in given_values if data.draw(st.booleans())}
    back = decode(encode(given_values, secrets))
    assert back.values == given_values
    assert back.secrets == secrets


def test_nested_secrets_keep_their_place():
    values = {"list": [{"password": "x"}], "plain": 1}
    back = decode(encode(values, {("list", 0, "password")}))
    assert back.values == values
    assert back.secrets == {("list", 0, "password")}


def test_nulls_are_absent():
    struct = struct_pb2.Struct()
    struct.update({"a": None, "b": {"c": None, "d": 1.5}})
    assert decode(struct).values == {"b": {"d": 1.5}}


def test_an_unknown_is_found_at_any_depth():
    assert has_unknown({"a": [{"b": UNKNOWN}]})
    assert not has_unknown({"a": [{"b": "c"}]})
