"""api/body.py"""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.api import body
from gate.core.errors import Invalid

OBJECT = {"username": "a", "profile": ["x"]}


@pytest.mark.parametrize("form", [OBJECT, {"data": OBJECT}, {"data": json.dumps(OBJECT)}, {"data": OBJECT, "format": "json"}])
def test_three_forms_mean_the_same(form: Any) -> None:
    assert body.read(json.dumps(form).encode()) == OBJECT


def test_a_batch_and_a_field_that_is_called_data() -> None:
    assert body.read(json.dumps({"data": [OBJECT]}).encode()) == [OBJECT]
    assert body.read(b'{"data": 5}') == {"data": 5}


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"nothing", b"\xff\xfe", b'{"a": NaN}', b'{"data": "{"}', b'{"data": "text"}', b'"\\ud800"', b"[" * 100_000,
        b'{"a":' * 33 + b"1" + b"}" * 33, b'{"a": "\\u0000"}', b'{"\\u0000": 1}', b'[["\\u0000"]]',
        b'{"data": "{\\"a\\": \\"\\\\u0000\\"}"}', b"1" * (body.MAX_BYTES + 1),
        b"[9223372036854775808]", b'{"a": -1e300}', b'"' + b"x" * (body.MAX_TEXT + 1) + b'"',
        b"[" + b"1," * body.MAX_ITEMS + b"1]",
    ],
)  # fmt: skip
def test_refused(raw: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        body.read(raw)
    assert caught.value.code in {"malformed", "body_too_large"}


def test_an_escaped_backslash_is_no_nul() -> None:
    assert body.read(b'{"a": "\\\\u0000"}') == {"a": "\\u0000"}
    assert body.read(b'{"a":' * 31 + b"1" + b"}" * 31)


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_refused(raw: bytes) -> None:
    try:
        body.read(raw)
    except Invalid as error:
        assert error.code in {"malformed", "body_too_large"}  # noqa: PT017  both outcomes are right
