"""PEAP version 0 with EAP-MSCHAPv2 in its tunnel (draft-kamath-pppext-peapv0, as Windows and phones speak it; RFC 9427).

In the tunnel EAP packets travel without their header, but for those of type 33 (Extensions), by which both sides acknowledge the
result before the outer Success: that is what keeps somebody from cutting the conversation short.
"""

from __future__ import annotations

import os
from enum import Enum
from typing import Final

from gate.protocols.eap import mschapv2, packet
from gate.protocols.eap.errors import MessageMalformed, PacketMalformed
from gate.protocols.eap.steps import Done, NeedSecret, Step
from gate.protocols.eap.tls_method import TlsMethod
from gate.protocols.eap.tunnel import Tunnel
from gate.protocols.radius import mschap

RESULT_TLV: Final = 3
_MANDATORY: Final = 0x8000
_RESULT_SUCCESS, _RESULT_FAILURE = 1, 2


class _Phase(Enum):
    """What the peer is to send next."""

    FLUSH = "acknowledge what TLS had to say"
    IDENTITY = "its identity"
    ANSWER = "its answer to the challenge"
    WAIT = "nothing: the caller looks at the credential"
    SUCCESS = "that it believes the server's proof"
    FAILURE = "that it took note of the failure"
    RESULT = "the result, as it sees it"


class Peap(TlsMethod):
    """One conversation by PEAP."""

    type = packet.PEAP
    name = "PEAP/MSCHAPv2"

    def __init__(self, **named: object) -> None:
        super().__init__(**named)  # type: ignore[arg-type]
        self._phase = _Phase.FLUSH
        self._inner = 0
        self._challenge = b""
        self._proof = b""
        self._is_right = False

    def _established(self, tunnel: Tunnel, plain: bytes) -> Step:
        if plain:
            raise MessageMalformed("the peer speaks first, and the server has to")
        return self._flush(tunnel) or self._begin(tunnel)

    def _begin(self, tunnel: Tunnel) -> Step:
        if tunnel.tie is not None:
            self._identity = tunnel.tie.identity
            return self._tell_result(tunnel, right=True)
        self._phase = _Phase.IDENTITY
        return self._ask(tunnel, packet.IDENTITY, b"")

    def _ask(self, tunnel: Tunnel, type: int, data: bytes) -> Step:  # noqa: A002 - the RFC's word
        """An inner Request, without its header."""
        self._inner = (self._inner + 1) & 255
        return self._say(tunnel, bytes((type,)) + data)

    def _tell_result(self, tunnel: Tunnel, *, right: bool) -> Step:
        """The Result TLV, in an Extensions packet, which keeps its header."""
        self._is_right = right
        self._phase = _Phase.RESULT
        self._inner = (self._inner + 1) & 255
        return self._say(
            tunnel, packet.encode_request(identifier=self._inner, type=packet.EXTENSIONS, data=encode_result(right=right))
        )

    def _advance(self, tunnel: Tunnel, plain: bytes) -> Step:
        if self._phase is _Phase.FLUSH:
            if plain:
                raise MessageMalformed("the peer speaks first, and the server has to")
            return self._begin(tunnel)
        kind, data = parse_inner(plain, identifier=self._inner)
        match self._phase:
            case _Phase.IDENTITY if kind == packet.IDENTITY:
                # The name in the answer to the challenge is what counts: the answer is bound to it.
                self._phase = _Phase.ANSWER
                self._challenge = os.urandom(mschap.CHALLENGE_SIZE)
                return self._ask(
                    tunnel,
                    packet.MSCHAPV2,
                    mschapv2.encode_challenge(identifier=self._inner + 1 & 255, challenge=self._challenge),
                )
            case _Phase.ANSWER if kind == packet.MSCHAPV2:
                return self._take_answer(data)
            case _Phase.ANSWER if kind == packet.NAK:
                return self._failed(f"the peer wants another method than EAP-MSCHAPv2 in the tunnel: {list(data)}")
            case _Phase.SUCCESS if kind == packet.MSCHAPV2 and data[:1] == bytes((mschapv2.SUCCESS,)):
                return self._tell_result(tunnel, right=True)
            case _Phase.FAILURE if kind == packet.MSCHAPV2 and data[:1] == bytes((mschapv2.FAILURE,)):
                return self._tell_result(tunnel, right=False)
            case _Phase.RESULT if kind == packet.EXTENSIONS:
                return self._take_result(tunnel, data)
            case _:
                raise MessageMalformed(f"type {kind} came, and what is awaited is {self._phase.value}")

    def _take_answer(self, data: bytes) -> Step:
        answer = mschapv2.parse_answer(data, identifier=self._inner)
        self._identity = answer.identity
        self._phase = _Phase.WAIT

        def verify(secret: bytes) -> bool:
            proof = mschap.prove(
                authenticator_challenge=self._challenge,
                peer_challenge=answer.peer_challenge,
                username=answer.username,
                password=secret,
                response=answer.nt_response,
            )
            self._proof = proof or b""
            return proof is not None

        return NeedSecret(answer.identity, verify, self.name)

    def _answered(self, right: bool) -> Step:
        tunnel = self._tunnel
        if tunnel is None or self._phase is not _Phase.WAIT:
            raise MessageMalformed("nothing was asked")
        identifier = self._inner
        if right and self._proof:
            self._phase = _Phase.SUCCESS
            return self._ask(tunnel, packet.MSCHAPV2, mschapv2.encode_success(identifier=identifier, proof=self._proof))
        self._phase = _Phase.FAILURE
        return self._ask(tunnel, packet.MSCHAPV2, mschapv2.encode_failure(identifier=identifier, challenge=self._challenge))

    def _take_result(self, tunnel: Tunnel, data: bytes) -> Step:
        agreed = parse_result(data)
        if not self._is_right:
            return self._failed("wrong credential")
        if not agreed:
            return self._failed("the peer sees a failure where the server sees none")
        return Done(
            self._identity or "",
            self.name,
            msk=tunnel.msk(),
            resumed=tunnel.tie,
            session_key=tunnel.settle(),
        )


def encode_result(*, right: bool) -> bytes:
    """A Result TLV."""
    status = _RESULT_SUCCESS if right else _RESULT_FAILURE
    return (_MANDATORY | RESULT_TLV).to_bytes(2, "big") + (2).to_bytes(2, "big") + status.to_bytes(2, "big")


def parse_result(data: bytes) -> bool:
    """What the Result TLV among these says. Raises `MessageMalformed` where there is none, or something mandatory beside it."""
    position, result = 0, None
    while position < len(data):
        if len(data) - position < 4:
            raise MessageMalformed("the header of a TLV is cut off")
        kind = int.from_bytes(data[position : position + 2], "big")
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        value = data[position + 4 : position + 4 + length]
        if len(value) != length:
            raise MessageMalformed(f"TLV {kind & 0x3FFF} has length {length}")
        if kind & 0x3FFF == RESULT_TLV:
            if length != 2 or result is not None:
                raise MessageMalformed("there is one Result TLV, of two octets")
            result = int.from_bytes(value, "big") == _RESULT_SUCCESS
        elif kind & _MANDATORY:
            raise MessageMalformed(f"TLV {kind & 0x3FFF} is not supported")
        position += 4 + length
    if result is None:
        raise MessageMalformed("there is no Result TLV")
    return result


def parse_inner(plain: bytes, *, identifier: int) -> tuple[int, bytes]:
    """Type and data of an inner Response: an Extensions packet has a header, all others begin with their type.

    Raises `MessageMalformed`.
    """
    if len(plain) >= 5 and plain[0] == packet.RESPONSE and plain[4] == packet.EXTENSIONS:
        try:
            response = packet.parse_response(plain)
        except PacketMalformed as error:
            raise MessageMalformed(str(error)) from None
        if response.identifier != identifier:
            raise MessageMalformed(f"the inner Response is to Request {response.identifier}, not {identifier}")
        return response.type, response.data
    if not plain:
        raise MessageMalformed("nothing came through the tunnel")
    return plain[0], plain[1:]
