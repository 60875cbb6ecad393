"""Values survive being stored, and equal values have equal bytes."""

from __future__ import annotations

import json
import pickle

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import DecodeError, PipelineError
from pipeline.values import decode, encode, encode_with


@given(strategies.values)
def test_a_value_comes_back_as_it_was(value: object) -> None:
    assert decode(type(value), encode(value)) == value


@given(strategies.values, strategies.values)
def test_equal_values_and_only_those_have_equal_bytes(one: object, other: object) -> None:
    if type(one) is type(other):
        assert (encode(one) == encode(other)) == (one == other)


@given(strategies.values, st.data())
def test_a_value_is_encoded_the_same_when_parts_of_it_are_encoded_already(value: object, data: st.DataObject) -> None:
    names: tuple[str, ...] = value._fields  # type: ignore[attr-defined]
    known = data.draw(st.sets(st.sampled_from(names)))
    assert encode_with(value, {name: encode(getattr(value, name)) for name in known}) == encode(value)


@given(st.text(), st.none() | st.integers(), st.text())
def test_an_error_crosses_a_process_boundary(message: str, line: int | None, hint: str) -> None:
    error: PipelineError = pickle.loads(pickle.dumps(DecodeError(message, line=line, hint=hint)))
    assert type(error) is DecodeError
    assert error.diagnostic == DecodeError(message, line=line, hint=hint).diagnostic


@given(strategies.values)
def test_what_has_more_or_fewer_fields_was_made_by_another_version(value: object) -> None:
    plain = json.loads(encode(value))
    for other in (plain[:-1], [*plain, None], []):
        with pytest.raises((ValueError, TypeError)):
            decode(type(value), json.dumps(other))
