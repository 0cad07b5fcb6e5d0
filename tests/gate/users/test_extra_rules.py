"""users/extra_rules.py: ages and what is refused."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.core.errors import Invalid
from gate.users import extra_rules
from gate.users.types import UserExtraFields
from strategies import quick

TODAY = dt.date(2024, 2, 28)


@pytest.mark.parametrize(
    ("birthday", "age"),
    [("2024-02-28", 0), ("2023-02-28", 1), ("2023-03-01", 0), ("2000-02-29", 23), ("1985-06-15", 38), ("2024-02-29", -1)],
)
def test_ages(birthday: str, age: int) -> None:
    assert extra_rules.age_on(dt.date.fromisoformat(birthday), TODAY) == age


def test_a_leap_day_child_is_older_on_the_first_of_march() -> None:
    born = dt.date(2000, 2, 29)
    assert [extra_rules.age_on(born, day) for day in (dt.date(2023, 2, 28), dt.date(2023, 3, 1), dt.date(2024, 2, 29))] == [
        22, 23, 24,
    ]  # fmt: skip


@quick
@given(st.integers(0, extra_rules.MAX_AGE))
def test_every_age_lies_in_its_range(age: int) -> None:
    text = extra_rules.age_range(age)
    first, _, last = text.rstrip("+").partition("-")
    assert int(first) <= age <= (int(last) if last else age)


@pytest.mark.parametrize(("age", "text"), [(31, "30-34"), (33, "30-34"), (38, "35-44")])
def test_the_ranges_of_the_reference(age: int, text: str) -> None:
    assert extra_rules.age_range(age) == text


def test_good_values_pass() -> None:
    fields: UserExtraFields = {"gender": None, "birthday": None, "country_id": "de", "age": 0, "title": "", "locale": "en_US"}
    assert extra_rules.normal(fields, today=TODAY) == {**fields, "country_id": "DE"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gender", "x"),
        ("country_id", ""),
        ("country_id", "D1"),
        ("age", 151),
        ("birthday", dt.date(1800, 1, 1)),
        ("city", "x" * 151),
    ],
)
def test_bad_values_are_named(name: str, value: Any) -> None:
    fields: Any = {name: value}
    with pytest.raises(Invalid) as caught:
        extra_rules.normal(fields, today=TODAY)
    assert set(caught.value.fields) == {name}
