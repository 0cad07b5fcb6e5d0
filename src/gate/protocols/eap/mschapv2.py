"""EAP-MSCHAPv2 inside a tunnel (draft-kamath-pppext-eap-mschapv2): the packets of RFC 2759 as EAP data.

Challenge, Response, then Success or Failure, which the peer answers with the same code. Never offered without a tunnel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gate.protocols.eap import packet
from gate.protocols.eap.errors import MessageMalformed, PacketMalformed
from gate.protocols.radius import mschap

CHALLENGE, RESPONSE, SUCCESS, FAILURE = 1, 2, 3, 4
SERVER_NAME: Final = b"gate"
_VALUE_SIZE: Final = 49


@dataclass(frozen=True, slots=True)
class Answer:
    """What the peer answers to a Challenge."""

    identity: str
    username: bytes
    """The name as it was sent, which the answer is bound to."""
    peer_challenge: bytes
    nt_response: bytes


def encode_challenge(*, identifier: int, challenge: bytes) -> bytes:
    """The data of the Request that asks for an answer to these 16 octets."""
    return _encode(CHALLENGE, identifier, bytes((len(challenge),)) + challenge + SERVER_NAME)


def encode_success(*, identifier: int, proof: bytes) -> bytes:
    """The data of the Request that proves the server (`S=…`)."""
    return _encode(SUCCESS, identifier, proof + b" M=OK")


def encode_failure(*, identifier: int, challenge: bytes) -> bytes:
    """The data of the Request that says that the answer was wrong, and that trying again is of no use."""
    return _encode(FAILURE, identifier, mschap.failure(challenge=challenge))


def _encode(code: int, identifier: int, rest: bytes) -> bytes:
    return bytes((code, identifier & 255)) + (4 + len(rest)).to_bytes(2, "big") + rest


def parse_answer(data: bytes, *, identifier: int) -> Answer:
    """Take a Response's data apart. Raises `MessageMalformed`."""
    if len(data) < 5 + _VALUE_SIZE or data[0] != RESPONSE or data[4] != _VALUE_SIZE:
        raise MessageMalformed("that is no Response of EAP-MSCHAPv2")
    if data[1] != identifier:
        raise MessageMalformed(f"the Response is to challenge {data[1]}, not {identifier}")
    length = int.from_bytes(data[2:4], "big")
    if not 5 + _VALUE_SIZE <= length <= len(data):
        raise MessageMalformed(f"the Response has length {length}")
    value, username = data[5 : 5 + _VALUE_SIZE], data[5 + _VALUE_SIZE : length]
    try:
        identity = packet.decode_identity(username)
    except PacketMalformed as error:
        raise MessageMalformed(str(error)) from None
    # Octets 16 to 23 are reserved, the last one is Flags: all have to be zero and are ignored.
    return Answer(identity=identity, username=username, peer_challenge=value[:16], nt_response=value[24:48])
