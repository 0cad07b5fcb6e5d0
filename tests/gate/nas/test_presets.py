"""What makes of NAS want, and how addresses are written to them."""

import pytest

from gate.nas import presets
from gate.protocols.radius import dictionary


@pytest.mark.parametrize("vendor", presets.PRESETS)
def test_each_line_can_be_sent_and_tells_a_session(vendor):
    preset = presets.of(vendor)
    assert set(preset.identify) <= set(presets.IDENTIFYING)
    assert presets.OF_SESSION.intersection(preset.identify)
    assert preset.mac_format in presets.MAC_FORMATS
    for name in (*preset.identify, *dict(preset.fixed)):
        assert dictionary.by_name(name) is not None, name
    assert all(dictionary.encode(name, value) for name, value in preset.fixed)


def test_an_unknown_make_gets_the_generic_line():
    assert presets.of("acme-3000") is presets.GENERIC


@pytest.mark.parametrize(
    ("mac_format", "written"),
    [
        ("as-sent", "aa-bb-cc-00-11-2f"), ("AA-BB-CC-DD-EE-FF", "AA-BB-CC-00-11-2F"), ("aa:bb:cc:dd:ee:ff", "aa:bb:cc:00:11:2f"),
        ("aabbccddeeff", "aabbcc00112f"), ("AABBCCDDEEFF", "AABBCC00112F"), ("aabb.ccdd.eeff", "aabb.cc00.112f"),
    ],
)  # fmt: skip
def test_mac_addresses_are_written_as_asked(mac_format, written):
    assert presets.write_mac("aa-bb-cc-00-11-2f", mac_format=mac_format) == written


@pytest.mark.parametrize("text", ["", "+49 30 1234", "aa-bb-cc-00-11", "zz-bb-cc-00-11-2f"])
def test_what_is_no_mac_address_stays(text):
    assert presets.write_mac(text, mac_format="aabbccddeeff") == text


def test_attributes_are_read_whatever_their_case():
    assert presets.names(" user-name,ACCT-SESSION-ID ,User-Name") == ("User-Name", "Acct-Session-Id")
    assert presets.names("") == ()


@pytest.mark.parametrize("text", ["User-Password", "NAS-IP-Address", "Called-Station-Id, NAS-Identifier"])
def test_attributes_that_tell_no_session_are_refused(text):
    with pytest.raises(ValueError, match=r"session"):
        presets.names(text)
