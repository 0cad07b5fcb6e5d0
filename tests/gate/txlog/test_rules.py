"""txlog/rules.py"""

import contextlib
import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.core.errors import Invalid
from gate.core.tenancy import Scope
from gate.txlog import rules
from strategies import quick

SCOPE = Scope(tenant_id=1, organization_id=1, organization_ids=(1,))


def test_the_vocabulary_has_its_shape() -> None:
    assert len(rules.TYPES) == 26
    assert all(len(word) == 2 and word.islower() for word in (*rules.TYPES, *rules.ACTIONS))
    assert all(len(word) == 1 and word.islower() for word in (*rules.SOURCES, *rules.GIVERS))
    assert all(status[0] in rules.GIVERS and len(status) == 4 and status[1:].isdigit() for status in rules.STATUSES)
    assert {status[0] for status in rules.STATUSES} == set(rules.GIVERS)


@pytest.mark.parametrize(
    ("changed", "source"),
    [
        ({"actor": "token:12"}, "a"), ({"actor": "user:7"}, "m"), ({"actor": "user:7", "user_id": 7}, "a"),
        ({"actor": "user:7", "user_id": 7, "own_only": True}, "d"), ({"actor": "command"}, "s"), ({"actor": ""}, "s"),
        ({"actor": "radius"}, "r"), ({"actor": "portal:3"}, "u"), ({"actor": "nas:3"}, "n"),
    ],
)  # fmt: skip
def test_the_source_is_told_from_who_acts(changed: dict[str, object], source: str) -> None:
    assert rules.source_of(dataclasses.replace(SCOPE, **changed)) == source  # type: ignore[arg-type]
    assert source in rules.SOURCES


def test_a_beginning_stands_for_every_status_that_begins_so() -> None:
    every = {status for status in rules.STATUSES if status.startswith("u4")}
    assert set(rules.parse_statuses("u4*")) == every
    assert rules.parse_statuses("u401, u401,h200") == ("u401", "h200")
    assert set(rules.parse_statuses("u40*,u4*")) == every
    assert rules.parse_statuses("q*") == ("q*",)


@quick
@given(st.text(max_size=20))
def test_any_other_text_is_refused(text: str) -> None:
    for parse in (rules.parse_types, rules.parse_statuses):
        found: tuple[str, ...] = ()
        with contextlib.suppress(Invalid):
            found = parse(text)
        assert all(len(word) <= 4 and word.isascii() for word in found)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("AA:BB:CC:DD:EE:FF", 0xAABBCCDDEEFF), ("aa-bb-cc-dd-ee-ff", 0xAABBCCDDEEFF), ("aabb.ccdd.eeff", 0xAABBCCDDEEFF),
        ("aabbccddeeff", 0xAABBCCDDEEFF), (" 00:00:00:00:00:01 ", 1), ("aa:bb:cc:dd:ee", None), ("aa:bb:cc:dd:ee:fg", None),
        ("", None), (None, None), ("aa:bb:cc:dd:ee:ff:00", None), ("\u0660\u0660:00:00:00:00:00", None),
    ],
)  # fmt: skip
def test_mac_addresses(text: str | None, number: int | None) -> None:
    assert rules.mac_number(text) == number
    if number is not None:
        assert rules.mac_number(rules.mac_text(number)) == number


@quick
@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_is_its_number(number: int) -> None:
    text = rules.address_text(number)
    assert rules.address_parts(text) == rules.address_parts(f"::ffff:{text}") == (number, None)


@quick
@given(st.ip_addresses(v=6))
def test_an_ipv6_address_is_a_canonical_text(address: object) -> None:
    number, text = rules.address_parts(str(address))
    assert (number is None) != (text is None)
    assert number is not None or rules.address_parts(text) == (None, text)


@quick
@given(st.text(max_size=60))
def test_what_is_no_address_is_nothing(text: str) -> None:
    number, canonical = rules.address_parts(text)
    assert number is None or 0 <= number < rules.INTERNED
    assert canonical is None or ":" in canonical
    assert rules.address_text(None) is rules.address_text(rules.INTERNED + 1) is None


def test_what_went_well() -> None:
    well = {status for status in rules.STATUSES if rules.went_well(status)}
    assert {"h200", "h201", "h302", "u202", "r002", "r041", "p205", "s200"} <= well
    assert {status for status in rules.STATUSES if status[1] in "45"} & well == set()
    assert not well & {"r003", "r042", "r045", "r408", "r503"}
