"""Authenticators: RFC 2865 section 3, RFC 2866 section 3, RFC 3579 section 3.2, RFC 5176 section 2.3."""

import contextlib
import hmac
from hashlib import md5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.protocols.radius import errors, signing
from gate.protocols.radius.packet import Packet, encode, encode_attribute, encode_header
from radius_vectors import PACKETS, Vector, read

SECRETS = st.binary(min_size=1, max_size=100)
AUTHENTICATORS = st.binary(min_size=16, max_size=16)
ATTRIBUTES = st.lists(
    st.tuples(st.integers(0, 255).filter(lambda number: number != 80), st.binary(min_size=1, max_size=40)), max_size=8
).map(lambda pairs: b"".join(encode_attribute(*pair) for pair in pairs))
SECRET = b"xyzzy5461"
AUTHENTICATOR = bytes(range(16))
NAME = encode_attribute(1, b"bob")
FORGED = read("forged.txt")


def request_authenticator(vector: Vector) -> bytes | None:
    return PACKETS[vector.keys["request"]].packet[4:20] if "request" in vector.keys else None


@pytest.mark.parametrize("vector", PACKETS.values(), ids=PACKETS)
def test_a_published_packet_passes_its_checks(vector: Vector) -> None:
    data, secret, authenticator = vector.packet, vector.secret, request_authenticator(vector)
    present = signing.verify_message_authenticator(data, secret, authenticator)
    assert present is ("message-authenticator" in vector.checks)
    if "accounting" in vector.checks:
        signing.verify_accounting_request(data, secret)
        with pytest.raises(errors.AuthenticatorMismatch):
            signing.verify_accounting_request(data, secret + b"x")
    if "response" in vector.checks:
        assert authenticator is not None
        signing.verify_response(data, authenticator, secret)
        with pytest.raises(errors.AuthenticatorMismatch):
            signing.verify_response(data, authenticator, secret + b"x")
    if "message-authenticator" in vector.checks:
        with pytest.raises(errors.MessageAuthenticatorMismatch):
            signing.verify_message_authenticator(data, secret + b"x")


@pytest.mark.parametrize("vector", FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("form", [bytes, memoryview])
def test_a_forged_packet_raises_its_error(vector: Vector, form: type[bytes] | type[memoryview]) -> None:
    data, authenticator = form(vector.packet), request_authenticator(vector) or b""
    look = {
        "request": lambda: signing.verify_message_authenticator(data, vector.secret),
        "accounting": lambda: signing.verify_accounting_request(data, vector.secret),
        "response": lambda: signing.verify_response(data, authenticator, vector.secret),
    }[vector.keys["check"]]
    if vector.keys["error"] == "none":
        look()
        return
    with pytest.raises(errors.RadiusError) as caught:
        look()
    assert type(caught.value).__name__ == vector.keys["error"]


@pytest.mark.parametrize(
    "vector", [vector for vector in PACKETS.values() if "response" in vector.checks], ids=lambda vector: vector.name
)
def test_a_published_reply_is_made(vector: Vector) -> None:
    authenticator = request_authenticator(vector)
    assert authenticator is not None
    made = signing.response(
        code=vector.packet[0],
        identifier=vector.packet[1],
        request_authenticator=authenticator,
        secret=vector.secret,
        attributes=vector.packet[20:],
        message_authenticator=False,
    )
    assert made == vector.packet


@pytest.mark.parametrize("name", ["rfc5997-6.1-request", "rfc5997-6.2-request"])
def test_a_published_status_server_is_made(name: str) -> None:
    data = PACKETS[name].packet
    made = signing.access_request(
        code=12, identifier=data[1], authenticator=data[4:20], secret=PACKETS[name].secret, attributes=b""
    )
    assert made == data


def test_a_published_accounting_request_is_made() -> None:
    vector = PACKETS["rfc2866-request"]
    made = signing.accounting_request(identifier=4, secret=vector.secret, attributes=vector.packet[20:])
    assert made == vector.packet


@given(SECRETS, AUTHENTICATORS, ATTRIBUTES, st.sampled_from([2, 3, 5, 11, 41, 42, 44, 45]))
def test_a_reply_leads_with_a_message_authenticator_and_verifies(
    secret: bytes, authenticator: bytes, attributes: bytes, code: int
) -> None:
    data = signing.response(code=code, identifier=7, request_authenticator=authenticator, secret=secret, attributes=attributes)
    packet = Packet.parse(data)
    assert packet.attributes[0][0] == 80
    assert data[38:] == attributes
    # The definitions of RFC 3579 section 3.2 and RFC 2865 section 3 written out with the standard library.
    unsigned = data[:4] + authenticator + b"\x50\x12" + bytes(16) + attributes
    assert packet.attributes[0][1] == hmac.digest(secret, unsigned, "md5")
    assert packet.authenticator == md5(data[:4] + authenticator + data[20:] + secret).digest()
    signing.verify_response(data, authenticator, secret, require_message_authenticator=True)


@pytest.mark.parametrize("size", [1, 63, 64, 65, 200])
def test_secrets_longer_than_a_block_of_md5_are_hashed_first(size: int) -> None:
    secret = bytes(range(size))
    data = signing.access_request(identifier=1, authenticator=AUTHENTICATOR, secret=secret, attributes=NAME)
    unsigned = data[:22] + bytes(16) + NAME
    assert data[22:38] == hmac.digest(secret, unsigned, "md5")


@given(SECRETS, AUTHENTICATORS, ATTRIBUTES, st.sampled_from([1, 12]), st.data())
def test_any_changed_bit_of_an_access_request_is_noticed(
    secret: bytes, authenticator: bytes, attributes: bytes, code: int, source: st.DataObject
) -> None:
    data = signing.access_request(code=code, identifier=7, authenticator=authenticator, secret=secret, attributes=attributes)
    assert signing.verify_message_authenticator(data, secret) is True
    assert signing.verify_message_authenticator(memoryview(data + b"padding"), secret) is True
    position = source.draw(st.sampled_from([1, *range(4, 20), *range(22, len(data))]))
    changed = bytearray(data)
    changed[position] ^= 1 << source.draw(st.integers(0, 7))
    with pytest.raises((errors.MessageAuthenticatorMismatch, errors.AttributeMalformed)):
        signing.verify_message_authenticator(bytes(changed), secret)


@given(SECRETS, ATTRIBUTES, st.sampled_from([4, 40, 43]), st.booleans(), st.data())
def test_any_changed_bit_of_an_accounting_request_is_noticed(
    secret: bytes, attributes: bytes, code: int, signed: bool, source: st.DataObject
) -> None:
    data = signing.accounting_request(code=code, identifier=7, secret=secret, attributes=attributes, message_authenticator=signed)
    signing.verify_accounting_request(data, secret)
    signing.verify_accounting_request(memoryview(data + b"padding"), secret)
    assert signing.verify_message_authenticator(data, secret) is signed
    position = source.draw(st.sampled_from([0, 1, *range(4, len(data))]))
    changed = bytearray(data)
    changed[position] ^= 1 << source.draw(st.integers(0, 7))
    with pytest.raises(errors.AuthenticatorMismatch):
        signing.verify_accounting_request(bytes(changed), secret)


def test_a_message_authenticator_may_stand_anywhere() -> None:
    unsigned = encode(1, 9, AUTHENTICATOR, NAME + b"\x50\x12" + bytes(16) + NAME)
    digest = hmac.digest(SECRET, unsigned, "md5")
    data = unsigned[:27] + digest + unsigned[43:]
    assert signing.verify_message_authenticator(data, SECRET) is True


def test_two_message_authenticators_are_malformed() -> None:
    signed = signing.access_request(identifier=1, authenticator=AUTHENTICATOR, secret=SECRET, attributes=b"")
    data = encode(1, 1, AUTHENTICATOR, signed[20:] * 2)
    with pytest.raises(errors.AttributeMalformed):
        signing.verify_message_authenticator(data, SECRET)


@pytest.mark.parametrize("size", [1, 15, 17])
def test_a_message_authenticator_has_16_octets(size: int) -> None:
    data = encode(1, 1, AUTHENTICATOR, NAME + encode_attribute(80, bytes(size)))
    with pytest.raises(errors.AttributeMalformed):
        signing.verify_message_authenticator(data, SECRET)


def test_a_reply_without_its_request_is_refused() -> None:
    data = signing.response(code=2, identifier=1, request_authenticator=AUTHENTICATOR, secret=SECRET, attributes=NAME)
    assert signing.verify_message_authenticator(data, SECRET, AUTHENTICATOR) is True
    with pytest.raises(errors.MessageAuthenticatorMismatch):
        signing.verify_message_authenticator(data, SECRET)
    with pytest.raises(errors.MessageAuthenticatorMismatch):
        signing.verify_message_authenticator(data, SECRET, bytes(16))


def test_a_reply_may_be_required_to_carry_a_message_authenticator() -> None:
    data = signing.response(
        code=2,
        identifier=1,
        request_authenticator=AUTHENTICATOR,
        secret=SECRET,
        attributes=NAME,
        message_authenticator=False,
    )
    signing.verify_response(data, AUTHENTICATOR, SECRET)
    with pytest.raises(errors.MessageAuthenticatorMissing):
        signing.verify_response(data, AUTHENTICATOR, SECRET, require_message_authenticator=True)


def test_a_reply_with_a_wrong_message_authenticator_is_refused_although_its_authenticator_is_right() -> None:
    attributes = b"\x50\x12" + bytes(16) + NAME
    header = encode_header(2, 1, len(attributes))
    data = header + md5(header + AUTHENTICATOR + attributes + SECRET).digest() + attributes
    with pytest.raises(errors.MessageAuthenticatorMismatch):
        signing.verify_response(data, AUTHENTICATOR, SECRET)


def test_an_access_request_may_go_without_a_message_authenticator() -> None:
    data = signing.access_request(
        identifier=1, authenticator=AUTHENTICATOR, secret=SECRET, attributes=NAME, message_authenticator=False
    )
    assert data == encode(1, 1, AUTHENTICATOR, NAME)
    assert signing.verify_message_authenticator(data, SECRET) is False


@pytest.mark.parametrize("signed", [True, False])
def test_a_packet_past_4096_octets_is_not_made(signed: bool) -> None:
    size = 4076 - (18 if signed else 0)
    for attributes, fits in ((bytes(size), True), (bytes(size + 1), False)):
        for make in (
            lambda given=attributes: signing.response(
                code=2,
                identifier=1,
                request_authenticator=AUTHENTICATOR,
                secret=SECRET,
                attributes=given,
                message_authenticator=signed,
            ),
            lambda given=attributes: signing.access_request(
                identifier=1, authenticator=AUTHENTICATOR, secret=SECRET, attributes=given, message_authenticator=signed
            ),
            lambda given=attributes: signing.accounting_request(
                identifier=1, secret=SECRET, attributes=given, message_authenticator=signed
            ),
        ):
            if fits:
                assert len(make()) == 4096
            else:
                with pytest.raises(errors.PacketTooLong):
                    make()


@given(st.binary(max_size=120), st.booleans(), SECRETS, st.none() | AUTHENTICATORS)
def test_any_octets_verify_or_raise_documented_errors(
    data: bytes, mend: bool, secret: bytes, authenticator: bytes | None
) -> None:
    if mend and len(data) >= 4:
        data = data[:2] + len(data).to_bytes(2, "big") + data[4:]
    documented = (errors.PacketError, errors.SignatureError)
    with contextlib.suppress(documented):
        assert signing.verify_message_authenticator(data, secret, authenticator) in {True, False}
    with pytest.raises(documented):
        signing.verify_accounting_request(data, secret)
    with pytest.raises(documented):
        signing.verify_response(data, authenticator or AUTHENTICATOR, secret)
