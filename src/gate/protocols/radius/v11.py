"""RADIUS/1.1 (RFC 9765): RADIUS over TLS 1.3 without MD5, as another spelling of the packets every other part knows.

A packet has a Token in place of Identifier and Authenticator, carries no Message-Authenticator, and hides nothing: passwords
and keys stand in it as they are. Here such a request is turned into the historic form, hidden under a secret and an
authenticator that never leave the process, and the historic answer back. So no handler has to know which one it answers.
"""

from __future__ import annotations

from typing import Final

from gate.protocols.radius import mppe, pap
from gate.protocols.radius.packet import (
    MAX_VALUE_SIZE,
    Packet,
    encode_attribute,
    encode_header,
    encode_vendor,
    split_vendor,
)

ALPN: Final = "radius/1.1"
"""What a client and a server agree on by ALPN (RFC 9765 section 3)."""
HISTORIC: Final = "radius/1.0"

TOKEN_SIZE: Final = 4
_USER_PASSWORD: Final = 2
_CHAP_PASSWORD: Final = 3
_VENDOR_SPECIFIC: Final = 26
_CHAP_CHALLENGE: Final = 60
_TUNNEL_PASSWORD: Final = 69
_MESSAGE_AUTHENTICATOR: Final = 80
_LONGEST_PASSWORD: Final = 128
_RESERVED: Final = bytes(12)


def parse(data: bytes, *, secret: bytes) -> Packet:
    """A RADIUS/1.1 packet in historic form: its authenticator is the Token and twelve zeros, its identifier 0.

    Message-Authenticator is left out unread (section 5.2). So is a CHAP-Password without CHAP-Challenge (section 5.1.2), which
    would else be checked against an authenticator nobody chose. A User-Password longer than 128 octets stays as it is, which is
    one that cannot be read. Raises `PacketError`.
    """
    packet = Packet.parse(data)
    authenticator = packet.authenticator[:TOKEN_SIZE] + _RESERVED
    has_challenge = packet.get(_CHAP_CHALLENGE) is not None
    attributes: list[tuple[int, bytes]] = []
    for number, value in packet.attributes:
        if number == _MESSAGE_AUTHENTICATOR or (number == _CHAP_PASSWORD and not has_challenge):
            continue
        if number == _USER_PASSWORD and len(value) <= _LONGEST_PASSWORD:
            attributes.append((number, pap.encrypt(value, secret, authenticator)))
        else:
            attributes.append((number, value))
    return Packet(packet.code, 0, authenticator, attributes)


def token_of(packet: Packet) -> bytes:
    """The Token of a packet `parse` gave."""
    return packet.authenticator[:TOKEN_SIZE]


def encode(*, code: int, token: bytes, attributes: bytes) -> bytes:
    """A packet with that Token; reserved fields are zero (section 4.1). Raises `PacketTooLong`."""
    return encode_header(code, 0, len(attributes)) + token + _RESERVED + attributes


def response(*, code: int, request: Packet, secret: bytes, attributes: bytes) -> bytes:
    """The answer to a request `parse` gave, its `attributes` in historic form.

    What is hidden under the secret is revealed: MS-MPPE-Send-Key, MS-MPPE-Recv-Key, Tunnel-Password (section 5.1). Raises
    `PacketTooLong`.
    """
    # Nearly no answer has any of it.
    if _VENDOR_SPECIFIC in attributes or _TUNNEL_PASSWORD in attributes or _MESSAGE_AUTHENTICATOR in attributes:
        attributes = _revealed(attributes, secret=secret, authenticator=request.authenticator)
    return encode(code=code, token=token_of(request), attributes=attributes)


def _revealed(attributes: bytes, *, secret: bytes, authenticator: bytes) -> bytes:
    parts: list[bytes] = []
    position = 0
    while position < len(attributes):
        end = position + attributes[position + 1]
        part = attributes[position:end]
        if part[0] == _VENDOR_SPECIFIC:
            part = _revealed_key(part, secret=secret, authenticator=authenticator)
        elif part[0] == _TUNNEL_PASSWORD:
            part = _revealed_password(part, secret=secret, authenticator=authenticator)
        elif part[0] == _MESSAGE_AUTHENTICATOR:
            part = b""
        parts.append(part)
        position = end
    return b"".join(parts)


def _revealed_key(part: bytes, *, secret: bytes, authenticator: bytes) -> bytes:
    split = split_vendor(part[2:])
    if split is None or split[0] != mppe.MICROSOFT or not any(kind in {mppe.SEND_KEY, mppe.RECV_KEY} for kind, _ in split[1]):
        return part
    plain = b""
    for kind, value in split[1]:
        if kind in {mppe.SEND_KEY, mppe.RECV_KEY}:
            plain += encode_vendor(mppe.MICROSOFT, kind, mppe.decrypt(value, secret=secret, authenticator=authenticator))
        else:
            plain += encode_vendor(mppe.MICROSOFT, kind, value)
    return plain


def _revealed_password(part: bytes, *, secret: bytes, authenticator: bytes) -> bytes:
    """The tag stays (RFC 9765 section 5.1.3), Salt and Data-Length go (RFC 2868 section 3.5: hidden as keys are)."""
    plain = mppe.decrypt(part[3:], secret=secret, authenticator=authenticator)
    return encode_attribute(_TUNNEL_PASSWORD, (part[2:3] + plain)[:MAX_VALUE_SIZE])
