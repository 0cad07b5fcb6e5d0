"""profiles/rules.py"""

import pytest

from gate.attributes import RadiusDictionary
from gate.core.errors import Invalid
from gate.profiles import rules
from gate.profiles.types import Item, Kind

DICTIONARY = RadiusDictionary()


def problems(kind: Kind, *items: tuple[str, str, str]) -> list[str]:
    return rules.validate_items([Item(*item) for item in items], kind=kind, dictionary=DICTIONARY)


@pytest.mark.parametrize(
    "item",
    [
        ("Session-Timeout", ":=", "3600"),
        ("session-timeout", "=", "3600"),
        ("Tunnel-Type", ":=", "VLAN"),
        ("Tunnel-Type:1", ":=", "VLAN"),
        ("Tunnel-Private-Group-Id", "+=", "100"),
        ("Framed-IP-Address", "=", "192.168.1.100"),
        ("Mikrotik-Rate-Limit", ":=", "10M/10M"),
        ("Filter-Id", ":=", "acl_%{User-Name}"),
        ("Session-Timeout", ":=", "%{Session-Timeout}"),
        ("Service-Type", "=", "Administrative-User"),
    ],
)
def test_good_reply_items(item: tuple[str, str, str]) -> None:
    assert problems("reply", item) == []


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (("No-Such-Thing", ":=", "1"), "no attribute of this name"),
        (("", ":=", "1"), "no attribute of this name"),
        (("Session-Timeout", "==", "1"), "take the operators"),
        (("Session-Timeout", "", "1"), "take the operators"),
        (("Session-Timeout", ":=", "soon"), "number"),
        (("Session-Timeout", ":=", "4294967296"), "Session-Timeout"),
        (("Tunnel-Type", ":=", "VLAM"), "word"),
        (("Framed-IP-Address", ":=", "192.168.1.300"), "Framed-IP-Address"),
        (("Huntgroup-Name", ":=", "x"), "checks only"),
        (("Huntgroup-Name", ":=", "%{User-Name}"), "checks only"),
        (("User-Password", ":=", "x"), "hidden"),
        (("Filter-Id", ":=", "%{No-Such}"), "refers to"),
        (("Filter-Id", ":=", "%{User-Name"), "not closed"),
        (("Filter-Id", ":=", "%{%{User-Name}}"), "not closed"),
        (("Filter-Id", ":=", "x" * 4001), "longer"),
        (("Reply-Message", ":=", "x" * 254), "Reply-Message"),
    ],
)
def test_refused_reply_items(item: tuple[str, str, str], why: str) -> None:
    (reason,) = problems("reply", item)
    assert reason.startswith(f"item 0 ({item[0] or 'no attribute'}): ")
    assert why in reason


@pytest.mark.parametrize(
    "item",
    [
        ("NAS-Port-Type", "==", "Virtual"),
        ("NAS-Port-Type", "==", "Wireless-IEEE-802.11"),
        ("User-Password", "==", "%{User-Password}"),
        ("User-Password", "!=", ""),
        ("Huntgroup-Name", "==", "management"),
        ("NAS-IP-Address", "==", "192.168.100.1"),
        ("Session-Timeout", ">=", "60"),
        ("NAS-IP-Address", "<", "10.0.0.9"),
        ("Calling-Station-Id", "=~", "^00:11"),
        ("Calling-Station-Id", "!~", "^%{NAS-Identifier}$"),
        ("Calling-Station-Id", "=*", "^([0-9A-Fa-f]{2}[:-]){5}([0-9A-Fa-f]{2})$"),
        ("Calling-Station-Id", "=*", ""),
        ("Calling-Station-Id", "=*", "any"),
        ("Calling-Station-Id", "!*", ""),
        ("Simultaneous-Use", "==", "1"),
    ],
)
def test_good_check_items(item: tuple[str, str, str]) -> None:
    assert problems("check", item) == []


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (("No-Such-Thing", "==", "1"), "no attribute of this name"),
        (("User-Name", ":=", "x"), "take the operators"),
        (("NAS-Port-Type", "==", "Postal"), "word"),
        (("NAS-IP-Address", "!=", "here"), "NAS-IP-Address"),
        (("User-Name", ">", "a"), "compares numbers"),
        (("Session-Timeout", "<", ""), "Session-Timeout"),
        (("User-Name", "=~", "(?=x)"), "regular expression"),
        (("User-Name", "=*", "("), "regular expression"),
        (("User-Name", "!~", "x" * 1001), "longer"),
        (("User-Name", "=~", "((a{50}){50}){50}"), "regular expression"),
        (("User-Name", "==", "%{Nobody}"), "refers to"),
    ],
)
def test_refused_check_items(item: tuple[str, str, str], why: str) -> None:
    (reason,) = problems("check", item)
    assert why in reason


def test_each_item_is_named_by_its_place() -> None:
    good, bad = ("Session-Timeout", ":=", "1"), ("Session-Timeout", ":=", "x")
    reasons = problems("reply", good, bad, good, bad)
    assert [reason.partition(" (")[0] for reason in reasons] == ["item 1", "item 3"]


def test_not_too_many() -> None:
    assert problems("reply", *[("Session-Timeout", ":=", "1")] * 65) == ["has more than 64 items"]


def test_what_is_named_once_is_told_for_every_field() -> None:
    with pytest.raises(Invalid) as caught:
        rules.check({"name": " ", "short_name": "a b", "check_attribute": (Item("X", "==", ""),)}, dictionary=DICTIONARY)
    assert set(caught.value.fields) == {"name", "short_name", "check_attribute"}


def test_presence() -> None:
    assert [rules.asks_presence(Item("User-Name", "=*", value)) for value in ("", " ANY ", "any", "a")] == [
        True,
        True,
        True,
        False,
    ]
    assert not rules.asks_presence(Item("User-Name", "=~", ""))
