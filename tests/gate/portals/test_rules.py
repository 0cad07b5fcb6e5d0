"""What a site may say of a guest, where a guest may be sent back to, and how sessions end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.core.errors import Invalid, Missing
from gate.portals import rules
from gate.portals.types import EndReason, PortalDraft
from gate.txlog.rules import TYPES
from strategies import quick

SAID = {"uid": "room_401", "mac": "11-22-33-44-55-66", "ap_mac": "aabb.ccdd.eeff", "ip": "192.168.1.100"}


def test_what_is_said_comes_out_canonical():
    visit = rules.visit({**SAID, "uid": " room_401 ", "ip": "2001:DB8::0:1", "controller_address": " wlc.example.com "})
    assert (visit.uid, visit.mac, visit.ap_mac) == ("room_401", "11:22:33:44:55:66", "AA:BB:CC:DD:EE:FF")
    assert (visit.ip, visit.controller_address) == ("2001:db8::1", "wlc.example.com")


def test_every_fault_is_named_at_once():
    with pytest.raises(Invalid) as refused:
        rules.visit({**SAID, "mac": "x", "ap_mac": "y", "ip": "z", "session_timeout": 0, "controller_address": "a b"})
    assert set(refused.value.fields) == {"mac", "ap_mac", "ip", "session_timeout", "controller_address"}
    with pytest.raises(Missing) as absent:
        rules.visit({"uid": " ", "ip": None})
    assert set(absent.value.fields) == {"uid", "mac", "ap_mac", "ip"}


@pytest.mark.parametrize("url", [
    "https://www.example.com", "http://example.com:8080/a?b=c#d", "https://münchen.de/", "https://8.8.8.8/", "http://a.b-c.example/x",
    "https://[2606:4700::1111]/", "https://example.com/?next=http://127.0.0.1/",
])  # fmt: skip
def test_safe_ways_back(url):
    assert rules.safe_url(url) == url


@pytest.mark.parametrize("url", [
    None, "", "example.com", "//example.com/", "/path", "javascript:alert(1)", "data:text/html,x", "ftp://example.com/",
    "http:\\\\evil.example.com", "https:/\\evil.example.com", "https:/evil.example.com", "https:evil.example.com",
    "http://evil.example.com\\@example.com", "http://user@evil.example.com/", "http://user:pass@example.com/", "http://@example.com",
    "http://exa mple.com/", "http://example.com/\r\nSet-Cookie: a=b", "http://example.com/\x00", "http://example.com/\u0085x",
    "http://localhost/", "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
    "http://10.0.0.1/", "http://192.168.1.1/", "http://169.254.169.254/latest/", "http://100.64.0.1/", "http://0.0.0.0/",
    "http://[::1]/", "http://[::ffff:8.8.8.8]/", "http://[fe80::1]/", "http://[fd00::1]/", "http://224.0.0.1/",
    "http://printer/", "http://nas.local/", "http://a.localhost/", "http://router.lan./", "http://wiki.corp/",
    "http://1.2.3.4.5/", "http://example.0x10/", "http://example.com:0/", "http://example.com:99999/", "http://exa_mple.com/",
    "http://-a.example.com/", "http://[::1/", f"https://example.com/{'x' * 2048}", "https://GATE.example.net/console/",
    "https://gate.example.net./",
])  # fmt: skip
def test_unsafe_ways_back(url):
    assert rules.safe_url(url, own_hosts=["gate.example.net"]) is None


@quick
@given(st.text(max_size=60))
def test_no_text_is_too_odd_to_be_looked_at(text):
    for url in (text, f"http://{text}", f"https://example.com{text}"):
        safe = rules.safe_url(url)
        assert safe is None or safe.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("asked", "portal", "allowed", "expected"),
    [
        (None, None, None, rules.SESSION_TIMEOUT), (None, 60, None, 60), (90, 60, None, 90), (90, None, 30, 30),
        (None, 60, 5, 5), (10**9, None, None, rules.LONGEST), (10, None, 0, 1),
    ],
)  # fmt: skip
def test_how_long_a_session_lasts(asked, portal, allowed, expected):
    assert rules.lasts(asked, portal=portal, allowed=allowed) == expected


def test_what_a_stop_means():
    assert rules.end_of("Session-Timeout", credit=5) is EndReason.SESSION_TIMEOUT
    assert rules.end_of("Session-Timeout", credit=None) is EndReason.SESSION_TIMEOUT
    assert rules.end_of("Session-Timeout", credit=0) is EndReason.QUOTA
    assert rules.end_of("Idle-Timeout", credit=0) is EndReason.IDLE_TIMEOUT
    for cause in ("Lost-Carrier", "NAS-Reboot", "", None):
        assert rules.end_of(cause, credit=0) is None


def test_every_end_but_a_replacement_has_a_line_in_the_log():
    assert set(rules.EVENT_BY_END) == set(EndReason) - {EndReason.REPLACED}
    assert set(rules.EVENT_BY_END.values()) <= set(TYPES)


@pytest.mark.parametrize(
    ("uid", "expected"),
    [
        ("guest@hotel.com", ("guest@hotel.com", "guest@hotel.com")), ("room_401", ("room_401", "")), ("room 401", (None, "")),
        ("a@b", ("a@b", "")), ("x" * 151, (None, "")),
    ],
)  # fmt: skip
def test_names_of_somebody_unknown(uid, expected):
    assert rules.names_of_unknown(uid) == expected


@pytest.mark.parametrize("field", ["name", "short_name", "session_timeout", "idle_timeout"])
def test_portals_with_refused_values(field):
    good = {"organization_id": 1, "name": "Guests", "short_name": "guests"}
    rules.checked(PortalDraft(**good))
    bad = {"name": "x" * 201, "short_name": "a b", "session_timeout": rules.LONGEST + 1, "idle_timeout": 0}[field]
    with pytest.raises(Invalid) as refused:
        rules.checked(PortalDraft(**{**good, field: bad}))
    assert list(refused.value.fields) == [field]
