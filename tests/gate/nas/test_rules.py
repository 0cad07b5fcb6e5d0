import datetime as dt
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.core.errors import Invalid, Missing
from gate.nas import rules
from gate.nas.types import NasDraft


def draft(**said):
    return NasDraft(**{"organization_id": 1, "name": "Controller", "short_name": "wlc", "address": "192.0.2.7"} | said)


@pytest.mark.parametrize(
    ("given_address", "stored", "shown"),
    [
        ("192.0.2.7", "192.0.2.7/32", "192.0.2.7"),
        (" 192.0.2.0/24 ", "192.0.2.0/24", "192.0.2.0/24"),
        ("2001:DB8::1", "2001:db8::1/128", "2001:db8::1"),
        ("2001:db8::/64", "2001:db8::/64", "2001:db8::/64"),
    ],
)
def test_an_address_or_a_range_is_stored_as_cidr(given_address, stored, shown):
    address = rules.checked(draft(address=given_address)).address
    assert address == stored
    assert rules.shown_address(address) == shown


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("192.0.2.7/24", "write 192.0.2.7 for the one address, or 192.0.2.0/24 for the range"),
        ("2001:db8::1/64", "write 2001:db8::1 for the one address"),
        ("0.0.0.0/0", "every address there is"),
        ("::/0", "every address there is"),
        ("1.2.3.4/0", "every address there is"),
        ("::ffff:192.0.2.7", "as IPv4"),
        ("224.0.0.1", "No packet comes from"),
        ("0.0.0.0", "No packet comes from"),
        ("fe80::1%eth0", "zone"),
        ("nas.example.net", "An IPv4 or IPv6 address"),
        ("192.0.2", "An IPv4 or IPv6 address"),
    ],
)
def test_a_refused_address_says_why(address, says):
    with pytest.raises(Invalid) as refused:
        rules.checked(draft(address=address))
    assert list(refused.value.fields) == ["address"]
    assert says in refused.value.fields["address"][0]


@pytest.mark.parametrize("address", [None, "", "  "])
@pytest.mark.parametrize("known", [{"radsec_name": "AP-7.example.net"}, {"radsec_fingerprint": ":".join(["AB"] * 32)}])
def test_whose_certificate_is_known_needs_no_address(address, known):
    stored = rules.checked(draft(address=address, **known))
    assert stored.address is None
    assert rules.shown_address(stored.address) == "-"
    with pytest.raises(Invalid) as refused:
        rules.checked(draft(address=address, by_identifier=True, **known))
    assert list(refused.value.fields) == ["by_identifier"]


@pytest.mark.parametrize("address", [None, "", "  "])
def test_what_nothing_tells_from_others_is_no_nas(address):
    with pytest.raises(Missing) as refused:
        rules.checked(draft(address=address, radsec_name=" ", radsec_fingerprint=" : "))
    assert list(refused.value.fields) == ["address"]
    assert "certificate for RadSec" in refused.value.fields["address"][0]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"address": "192.0.2.7/32"}, "192.0.2.7"),
        ({"address": "192.0.2.0/24"}, "Where each session says that its NAS is, within 192.0.2.0/24"),
        ({"address": None}, "Where each session says that its NAS is; give a CoA address"),
        ({"address": None, "coa_address": "198.51.100.1"}, "198.51.100.1"),
        ({"address": "192.0.2.7/32", "live_control": "off"}, "Nowhere"),
    ],
)
def test_where_it_is_asked_is_told(said, told):
    assert rules.reached(**{"coa_address": None, "live_control": "both"} | said).startswith(told)


@given(st.text(max_size=60))
def test_any_text_is_a_network_or_one_sentence(text):
    fault, network = "", None
    try:
        network = rules.parse_address(text)
    except ValueError as error:
        fault = str(error)
    assert fault.endswith(".") if network is None else ipaddress.ip_network(str(network)) == network


def test_every_fault_is_named_at_once():
    with pytest.raises(Invalid) as refused:
        rules.checked(
            draft(
                short_name="no spaces",
                coa_port=70000,
                vendor="Micro Tik",
                message_authenticator="never",
                name="x" * 201,
                packet_rate=0,
            )
        )
    assert set(refused.value.fields) == {"short_name", "coa_port", "vendor", "message_authenticator", "name", "packet_rate"}
    with pytest.raises(Missing) as absent:
        rules.checked(draft(name="", address=" "))
    assert set(absent.value.fields) == {"name", "address"}


def test_a_secret_brought_along_must_do():
    assert rules.checked_secret("a" * 16) == "a" * 16
    for poor in ("short", "with a space in it", "é" * 20, "x" * 129):
        with pytest.raises(Invalid) as refused:
            rules.checked_secret(poor)
        assert poor not in str(refused.value)


@pytest.mark.parametrize(
    ("signed", "unsigned", "said"),
    [(None, None, "-"), (1, None, "Sent"), (1, 8, "Sent"), (9, 1, "Not always sent"), (None, 1, "Not sent"), (None, 8, "-")],
)
def test_what_is_said_of_message_authenticator(signed, unsigned, said):
    now = dt.datetime(2026, 1, 20, tzinfo=dt.UTC)
    last_signed, last_unsigned = (None if days is None else now - dt.timedelta(days=days) for days in (signed, unsigned))
    assert rules.signing(last_signed=last_signed, last_unsigned=last_unsigned, now=now) == said


def test_what_binds_a_certificate_is_stored_in_lower_case_without_marks():
    stored = rules.checked(draft(radsec_name=" AP-7.Example.NET ", radsec_fingerprint=":".join(["AB"] * 32)))
    assert (stored.radsec_name, stored.radsec_fingerprint) == ("ap-7.example.net", "ab" * 32)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("radsec_name", "a\nb"),
        ("radsec_name", "é"),
        ("radsec_name", "a" * 256),
        ("radsec_fingerprint", "ab" * 31),
        ("radsec_fingerprint", "xy" * 32),
        ("radsec_fingerprint", "ab" * 20),
    ],
)
def test_what_cannot_be_in_a_certificate_binds_none(field, value):
    with pytest.raises(Invalid) as refused:
        rules.checked(draft(**{field: value}))
    assert set(refused.value.fields) == {field}
