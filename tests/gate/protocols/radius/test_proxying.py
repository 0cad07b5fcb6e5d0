"""RFC 2865 section 2.3: what a proxy changes in a packet, and that it changes nothing else."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius import chap, mppe, pap, proxying
from gate.protocols.radius.errors import RadiusError, ValueMalformed
from gate.protocols.radius.packet import Packet, encode, encode_attribute, encode_vendor

NAS, HOME = b"secret of the NAS", b"secret of the home server"
THEIRS, OURS = os.urandom(16), os.urandom(16)


def _request(*attributes: bytes) -> Packet:
    return Packet.parse(encode(1, 7, THEIRS, b"".join(attributes)))


def _sent(packet: Packet, username: bytes | None = None) -> Packet:
    attributes = proxying.access_request(
        packet, secret=NAS, to_secret=HOME, authenticator=OURS, username=username, proxy_state=b"ours"
    )
    return Packet.parse(encode(1, 9, OURS, attributes))


def _told(*attributes: bytes, allowed: frozenset[tuple[int, int]] | None = None) -> Packet:
    packet = Packet.parse(encode(2, 9, OURS, b"".join(attributes)))
    told = proxying.reply(
        packet, secret=HOME, authenticator=OURS, to_secret=NAS, to_authenticator=THEIRS, salt=proxying.salts(os.urandom(2)),
        allowed=allowed,
    )  # fmt: skip
    return Packet.parse(encode(2, 7, THEIRS, told))


@pytest.mark.parametrize("password", [b"", b"short", b"x" * 16, b"y" * 128])
def test_section_5_2_password_is_hidden_for_the_next_server(password: bytes) -> None:
    """By its secret and the new authenticator."""
    sent = _sent(_request(encode_attribute(2, pap.encrypt(password, NAS, THEIRS))))
    assert pap.decrypt(sent.get(2) or b"", HOME, OURS) == password


def test_section_5_40_the_challenge_of_chap_is_told() -> None:
    """Where the Request Authenticator was the challenge; where there is one it stays."""
    answer = encode_attribute(3, chap.respond(identifier=1, challenge=THEIRS, password=b"secret"))
    assert _sent(_request(answer)).get_all(60) == [THEIRS]
    assert _sent(_request(answer, encode_attribute(60, b"another challenge"))).get_all(60) == [b"another challenge"]
    assert _sent(_request(encode_attribute(1, b"ann"))).get(60) is None


def test_section_5_33_proxy_state_of_ours_comes_last() -> None:
    """Those that came stay, in their order; in the reply there is none of either."""
    came = [encode_attribute(33, b"first"), encode_attribute(1, b"ann"), encode_attribute(33, b"second")]
    assert _sent(_request(*came)).get_all(33) == [b"first", b"second", b"ours"]
    assert _told(*came, encode_attribute(33, b"ours")).attributes == [(1, b"ann")]


def test_everything_else_stays_in_order() -> None:
    """Also several of a kind, empty ones, those of vendors; but Message-Authenticator, which whoever signs makes."""
    attributes = [
        encode_attribute(79, b"a"), encode_vendor(9, 1, b"x=y"), encode_attribute(79, b"b"), b"\x19\x02",
        encode_attribute(200, b"?"),
    ]  # fmt: skip
    sent = _sent(_request(encode_attribute(80, bytes(16)), *attributes))
    assert sent.attributes == [*_request(*attributes).attributes, (33, b"ours")]


def test_the_name_may_go_without_its_realm() -> None:
    """In its place."""
    sent = _sent(_request(encode_attribute(1, b"ann@example.edu"), encode_attribute(4, bytes(4))), b"ann")
    assert sent.attributes == [(1, b"ann"), (4, bytes(4)), (33, b"ours")]


def test_keys_are_hidden_for_the_nas() -> None:
    """RFC 2548 section 2.4: both keys of a link, in one attribute or in two, by salts of their own."""
    send, receive = os.urandom(32), os.urandom(32)
    hidden = [
        mppe.encrypt(key, secret=HOME, authenticator=OURS, salt=salt)
        for key, salt in ((send, b"\x80\x01"), (receive, b"\x80\x02"))
    ]
    together = (311).to_bytes(4, "big") + b"".join(
        bytes((number, len(value) + 2)) + value for number, value in zip((16, 17), hidden, strict=True)
    )
    for told in (
        _told(encode_vendor(311, 16, hidden[0]), encode_vendor(311, 17, hidden[1])),
        _told(encode_attribute(26, together)),
    ):
        values = [told.vendor(311, 16) or b"", told.vendor(311, 17) or b""]
        assert [mppe.decrypt(value, secret=NAS, authenticator=THEIRS) for value in values] == [send, receive]
        assert values[0][:2] != values[1][:2]


def test_chap_mppe_keys_keep_their_zeros() -> None:
    """RFC 2548 section 2.4.1: 24 octets and 8 of padding."""
    keys = os.urandom(22) + bytes(10)
    told = _told(encode_vendor(311, 12, pap.encrypt(keys, HOME, OURS)))
    assert pap.decrypt(told.vendor(311, 12) or b"", NAS, THEIRS).ljust(32, b"\0") == keys


def test_tunnel_password_keeps_its_tag() -> None:
    """RFC 2868 section 3.5."""
    value = b"\x03" + mppe.encrypt(b"tunnel", secret=HOME, authenticator=OURS, salt=b"\x90\x00")
    told = _told(encode_attribute(69, value)).get(69) or b""
    assert told[:1] == b"\x03"
    assert mppe.decrypt(told[1:], secret=NAS, authenticator=THEIRS) == b"tunnel"


def test_keys_of_another_secret_are_no_answer() -> None:
    """They would let the guest in and leave the link dead."""
    with pytest.raises(ValueMalformed):
        _told(encode_vendor(311, 16, mppe.encrypt(b"k" * 32, secret=b"other", authenticator=OURS, salt=b"\x80\x00")))


def test_only_what_is_allowed_passes() -> None:
    """And what a sign-in cannot do without."""
    key = mppe.encrypt(b"k" * 16, secret=HOME, authenticator=OURS, salt=b"\x80\x00")
    told = _told(
        encode_attribute(25, b"class"), encode_attribute(18, b"hello"), encode_attribute(79, b"eap"),
        encode_attribute(24, b"state"),
        encode_vendor(14988, 8, b"1M/1M"), encode_vendor(9, 1, b"x=y"), encode_vendor(311, 16, key), b"\x1a\x06\0\0\0\x09",
        allowed=frozenset({(0, 25), (14988, 8)}),
    )  # fmt: skip
    assert [number for number, _ in told.attributes] == [25, 79, 24, 26, 26]
    assert told.vendor(14988, 8) == b"1M/1M"
    assert told.vendor(9, 1) is None
    assert told.vendor(311, 16) is not None


@pytest.mark.parametrize(("told", "waited", "then"), [(None, 0, None), (None, 5, 5), (3, 5, 8), (2**32 - 2, 5, 2**32 - 1)])
def test_rfc2866_section_5_2_the_delay_grows(told: int | None, waited: int, then: int | None) -> None:
    """By what a packet waited, in its place."""
    attributes = encode_attribute(1, b"ann@x") + (b"" if told is None else encode_attribute(41, told.to_bytes(4, "big")))
    packet = Packet.parse(encode(4, 1, bytes(16), attributes + encode_attribute(80, bytes(16))))
    kept = proxying.accounting_kept(packet, username=b"ann", proxy_state=b"ours")
    sent = Packet.parse(encode(4, 1, bytes(16), proxying.accounting_request(kept, waited=waited)))
    assert sent.get(1) == b"ann"
    assert sent.get_all(41) == ([] if then is None else [then.to_bytes(4, "big")])
    assert sent.get_all(33) == [b"ours"]
    assert sent.get(80) is None


def test_a_name_without_realm_gets_it_back() -> None:
    """Where the realm was taken off on the way, so that accounting comes under the name that leads there."""
    packet = Packet.parse(encode(2, 9, OURS, encode_attribute(1, b"ann") + encode_attribute(25, b"c")))
    told = proxying.reply(
        packet, secret=HOME, authenticator=OURS, to_secret=NAS, to_authenticator=THEIRS, salt=proxying.salts(b"\0\0"),
        realm=b"example.edu",
    )  # fmt: skip
    assert Packet.parse(encode(2, 7, THEIRS, told)).attributes == [(1, b"ann@example.edu"), (25, b"c")]


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=253)), max_size=12))
def test_nothing_but_radius_errors(attributes: list[tuple[int, bytes]]) -> None:
    """Whatever came in a packet."""
    encoded = b"".join(bytes((number, len(value) + 2)) + value for number, value in attributes)
    packet = Packet.parse(encode(1, 7, THEIRS, encoded))
    kept = proxying.accounting_kept(packet, username=None, proxy_state=b"ours")
    assert proxying.accounting_request(kept, waited=1)
    for work in (lambda: _sent(packet), lambda: _told(encoded)):
        try:
            work()
        except RadiusError:
            continue
