"""What a NAS is told and where, and what its answers mean."""

import pytest

from gate.control import rules
from gate.control.types import Item, LiveSession, Nas, State


def session(**said):
    held = {
        "username": "john", "acctsessionid": "s1", "acctmultisessionid": None, "callingstationid": "AA-BB-CC-DD-EE-0F",
        "calledstationid": None, "framedipaddress": None, "nasipaddress": "192.0.2.7", "nasidentifier": None, "nasportid": None,
    } | said  # fmt: skip
    return LiveSession(**held)


def nas(**said):
    held = {
        "address": "192.0.2.7/32", "vendor": "", "live_control": "both", "coa_port": None, "coa_address": None,
        "coa_attributes": "", "coa_mac_format": "",
    } | said  # fmt: skip
    return Nas(**held)


@pytest.mark.parametrize(
    ("said", "told", "expected"),
    [
        ({}, {}, ("192.0.2.7", 3799)),
        ({"vendor": "cisco"}, {}, ("192.0.2.7", 1700)),
        ({"vendor": "cisco", "coa_port": 3799}, {}, ("192.0.2.7", 3799)),
        ({"address": "192.0.2.0/24"}, {"nasipaddress": "192.0.2.99"}, ("192.0.2.99", 3799)),
        ({"address": "2001:db8::/64"}, {"nasipaddress": "2001:db8::7"}, ("2001:db8::7", 3799)),
        # What a packet said of itself never leads out of what the operator registered.
        ({}, {"nasipaddress": "10.0.0.1"}, ("192.0.2.7", 3799)),
        ({"coa_address": "198.51.100.1"}, {"nasipaddress": "10.0.0.1"}, ("198.51.100.1", 3799)),
        # Known by its certificate before it said a word.
        ({"address": None}, {"nasipaddress": "10.0.0.1"}, ("10.0.0.1", 3799)),
        ({"address": None, "vendor": "cisco"}, {"nasipaddress": "2001:db8::7"}, ("2001:db8::7", 1700)),
        ({"address": None, "coa_address": "198.51.100.1"}, {"nasipaddress": "0.0.0.0"}, ("198.51.100.1", 3799)),
    ],
)
def test_where_a_nas_is_asked(said, told, expected):
    assert rules.destination(session(**told), nas(**said), default_port=3799) == expected


@pytest.mark.parametrize("told", ["10.0.0.1", "2001:db8::7"])
def test_a_range_is_asked_nowhere_else(told):
    with pytest.raises(rules.Impossible, match="set its CoA address"):
        rules.destination(session(nasipaddress=told), nas(address="192.0.2.0/24"), default_port=3799)


@pytest.mark.parametrize("told", ["0.0.0.0", "127.0.0.1", "169.254.1.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1"])
def test_a_nas_without_an_address_is_not_asked_where_nobody_is(told):
    with pytest.raises(rules.Impossible, match=r"cannot be reached at the one its session tells, .*: set its CoA address"):
        rules.destination(session(nasipaddress=told), nas(address=None), default_port=3799)


def test_what_a_session_lacks_is_left_out():
    assert rules.identity(session(), nas(coa_attributes="Framed-IP-Address,Acct-Session-Id")) == [Item("Acct-Session-Id", "s1")]
    with pytest.raises(rules.Impossible, match="Framed-IP-Address"):
        rules.identity(session(), nas(coa_attributes="Framed-IP-Address"))
    with pytest.raises(rules.Impossible):
        # Only the NAS would be named: that could end every session it has.
        rules.identity(session(callingstationid=None), nas(vendor="cisco"))


@pytest.mark.parametrize(
    ("kind", "acknowledged", "cause", "state"),
    [
        ("disconnect", True, None, State.ACKNOWLEDGED), ("disconnect", False, 503, State.GONE),
        ("disconnect", False, 404, State.REFUSED), ("disconnect", False, None, State.REFUSED),
        ("coa", True, None, State.ACKNOWLEDGED), ("coa", False, 503, State.REFUSED),
    ],
)  # fmt: skip
def test_what_an_answer_means(kind, acknowledged, cause, state):
    assert rules.state_of(kind, acknowledged=acknowledged, error_cause=cause) is state


def test_silence_is_borne_a_bounded_number_of_times():
    states = [rules.after_silence(rounds)[0] for rounds in (1, 2, 3, 4)]
    assert states == [State.QUEUED, State.QUEUED, State.UNANSWERED, State.UNANSWERED]
    waits = [rules.after_silence(rounds)[1] for rounds in (1, 2)]
    assert waits == sorted(waits)


def test_the_named_session_timeout_counts():
    items = [Item("session-timeout", "1"), Item("Filter-Id", "x")]
    assert rules.changes(items, session_timeout=600) == [Item("Session-Timeout", "600"), Item("Filter-Id", "x")]
    assert rules.changes(items, session_timeout=None) == items
