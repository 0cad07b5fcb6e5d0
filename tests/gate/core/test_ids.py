"""Ids are understood in both forms and given out in the one the reference shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.core import ids


@pytest.mark.parametrize("given_id", [789, "789", "org_789", "org-789", " 789 ", "client_789"])
def test_both_forms_mean_the_same_number(given_id: str | int) -> None:
    assert ids.parse(given_id) == 789


@pytest.mark.parametrize("no_id", ["", "org_", "_789", "789x", "org_7_8", "-1", "٧٨٩", "9" * 20, str(2**63), True, -1])
def test_what_is_no_id_is_none(no_id: str | int) -> None:
    assert ids.parse(no_id) is None


@given(st.integers(min_value=0, max_value=ids.MAX_ID))
def test_what_goes_out_is_understood_when_it_comes_back(number: int) -> None:
    shown = ids.prefixed(ids.ORGANIZATION, number)
    assert shown is not None
    assert ids.parse(shown) == number


def test_no_id_is_shown_as_nothing() -> None:
    assert ids.prefixed(ids.USER, None) is None
