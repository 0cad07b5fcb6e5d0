"""EAP packets (RFC 3748 section 4) and their way through RADIUS in pieces (RFC 3579 section 3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gate.protocols.eap.errors import PacketMalformed
from gate.protocols.radius.packet import MAX_VALUE_SIZE, encode_attribute

REQUEST, RESPONSE, SUCCESS, FAILURE = 1, 2, 3, 4
IDENTITY: Final = 1
NOTIFICATION: Final = 2
NAK: Final = 3
MD5_CHALLENGE: Final = 4
TLS: Final = 13
TTLS: Final = 21
PEAP: Final = 25
MSCHAPV2: Final = 26
EXTENSIONS: Final = 33
"""PEAP's own TLVs."""

HEADER_SIZE: Final = 4
MAX_IDENTITY: Final = 253
"""As much as a User-Name can hold."""
EAP_MESSAGE: Final = 79


@dataclass(frozen=True, slots=True)
class Response:
    """What a peer answers: of this type, with this data behind the type octet."""

    identifier: int
    type: int
    data: bytes


def parse_response(octets: bytes) -> Response:
    """Take a peer's packet apart; octets past its length are padding (RFC 3748 section 4.1).

    Raises `PacketMalformed` for anything but a Response with a type.
    """
    if len(octets) < HEADER_SIZE:
        raise PacketMalformed(f"{len(octets)} octets are fewer than the 4 of a header")
    code, identifier, length = octets[0], octets[1], int.from_bytes(octets[2:4], "big")
    if code != RESPONSE:
        raise PacketMalformed(f"a peer sends Responses, not code {code}")
    if length > len(octets):
        raise PacketMalformed(f"Length is {length}, but {len(octets)} octets arrived")
    if length <= HEADER_SIZE:
        raise PacketMalformed(f"Length {length} has no room for a type")
    return Response(identifier=identifier, type=octets[4], data=octets[5:length])


def encode_request(*, identifier: int, type: int, data: bytes = b"") -> bytes:  # noqa: A002 - the RFC's word
    """A Request of this type."""
    return _encode(REQUEST, identifier, bytes((type,)) + data)


def encode_response(*, identifier: int, type: int, data: bytes = b"") -> bytes:  # noqa: A002 - the RFC's word
    """A Response of this type, as a peer sends it."""
    return _encode(RESPONSE, identifier, bytes((type,)) + data)


def encode_success(*, identifier: int) -> bytes:
    """Success (RFC 3748 section 4.2): four octets, the identifier that of the last Response."""
    return _encode(SUCCESS, identifier, b"")


def encode_failure(*, identifier: int) -> bytes:
    """Failure (RFC 3748 section 4.2)."""
    return _encode(FAILURE, identifier, b"")


def _encode(code: int, identifier: int, rest: bytes) -> bytes:
    return bytes((code, identifier & 255)) + (HEADER_SIZE + len(rest)).to_bytes(2, "big") + rest


def encode_attributes(octets: bytes) -> bytes:
    """One EAP packet as the EAP-Message attributes of a RADIUS packet, in order (RFC 3579 section 3.1)."""
    return b"".join(
        encode_attribute(EAP_MESSAGE, octets[position : position + MAX_VALUE_SIZE])
        for position in range(0, len(octets), MAX_VALUE_SIZE)
    )


def decode_identity(data: bytes) -> str:
    """The name of an Identity (RFC 3748 section 5.1): UTF-8 up to the first NUL, behind which options may follow.

    Raises `PacketMalformed` where it is longer than a User-Name, or no text.
    """
    name = data.partition(b"\0")[0]
    if len(name) > MAX_IDENTITY:
        raise PacketMalformed(f"an identity has {MAX_IDENTITY} octets at most, not {len(name)}")
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        raise PacketMalformed("the identity is not UTF-8 text") from None
