"""EAP-TTLS version 0 with PAP or MS-CHAP-V2 in its tunnel (RFC 5281; RFC 9427 for TLS 1.3)."""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from gate.protocols.eap import packet
from gate.protocols.eap.errors import MessageMalformed, TooMuch
from gate.protocols.eap.steps import Done, NeedPassword, NeedSecret, Step
from gate.protocols.eap.tls_method import TlsMethod
from gate.protocols.eap.tunnel import Tunnel
from gate.protocols.radius import mschap
from gate.protocols.radius.errors import ValueMalformed

MICROSOFT: Final = 311
USER_NAME: Final = 1
USER_PASSWORD: Final = 2
MS_CHAP_CHALLENGE: Final = 11
MS_CHAP2_RESPONSE: Final = 25
MS_CHAP2_SUCCESS: Final = 26

_VENDOR: Final = 0x80
_MANDATORY: Final = 0x40
MAX_AVPS: Final = 32
_KNOWN: Final = frozenset({
    (0, USER_NAME), (0, USER_PASSWORD), (MICROSOFT, MS_CHAP_CHALLENGE), (MICROSOFT, MS_CHAP2_RESPONSE),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Avp:
    """An attribute-value pair in the form of Diameter (RFC 5281 section 10.1)."""

    vendor: int
    code: int
    value: bytes
    is_mandatory: bool = True

    def encode(self) -> bytes:
        """On the wire, padded to four octets."""
        flags = (_VENDOR if self.vendor else 0) | (_MANDATORY if self.is_mandatory else 0)
        vendor = self.vendor.to_bytes(4, "big") if self.vendor else b""
        length = 8 + len(vendor) + len(self.value)
        head = self.code.to_bytes(4, "big") + bytes((flags,)) + length.to_bytes(3, "big") + vendor
        return head + self.value + bytes(-length % 4)


def parse_avps(octets: bytes) -> list[Avp]:
    """Take what came through the tunnel apart. Raises `MessageMalformed`, and `TooMuch` for more than 32."""
    found: list[Avp] = []
    position = 0
    while position < len(octets):
        if len(found) == MAX_AVPS:
            raise TooMuch(f"more than {MAX_AVPS} AVPs")
        if len(octets) - position < 8:
            raise MessageMalformed("the header of an AVP is cut off")
        code = int.from_bytes(octets[position : position + 4], "big")
        flags = octets[position + 4]
        length = int.from_bytes(octets[position + 5 : position + 8], "big")
        head = 12 if flags & _VENDOR else 8
        if length < head or position + length > len(octets):
            raise MessageMalformed(f"AVP {code} has length {length}")
        vendor = int.from_bytes(octets[position + 8 : position + 12], "big") if flags & _VENDOR else 0
        value = octets[position + head : position + length]
        found.append(Avp(vendor, code, value, bool(flags & _MANDATORY)))
        # The last one's padding is left out by some peers.
        position += length + -length % 4
    return found


class EapTtls(TlsMethod):
    """One conversation by EAP-TTLS."""

    type = packet.TTLS
    name = "EAP-TTLS"

    def __init__(self, **named: object) -> None:
        super().__init__(**named)  # type: ignore[arg-type]
        self._asked: NeedPassword | NeedSecret | None = None
        self._success = b""

    def _established(self, tunnel: Tunnel, plain: bytes) -> Step:
        if plain:
            return self._advance(tunnel, plain)
        tie = tunnel.tie
        if tie is not None:
            self._identity, self.name = tie.identity, tie.method
            return self._finish(tunnel, self._done(tunnel))
        # The peer speaks first, once it has what TLS still has to say.
        return self._flush(tunnel) or self._acknowledge()

    def _advance(self, tunnel: Tunnel, plain: bytes) -> Step:
        if self._asked is not None:
            raise MessageMalformed("the peer goes on before its credential was looked at")
        found: dict[tuple[int, int], bytes] = {}
        for avp in parse_avps(plain):
            if avp.is_mandatory and (avp.vendor, avp.code) not in _KNOWN:
                # RFC 5281 section 10.1: what is mandatory and not understood fails the negotiation.
                raise MessageMalformed(f"AVP {avp.code} of vendor {avp.vendor} is not supported: PAP and MS-CHAP-V2 are")
            if found.setdefault((avp.vendor, avp.code), avp.value) is not avp.value:
                raise MessageMalformed(f"AVP {avp.code} of vendor {avp.vendor} came twice")
        try:
            self._identity = packet.decode_identity(found[0, USER_NAME])
        except KeyError:
            raise MessageMalformed("no User-Name came through the tunnel") from None
        if (0, USER_PASSWORD) in found:
            self.name = "EAP-TTLS/PAP"
            # Padded with NULs to a multiple of 16, so that its length does not show (RFC 5281 section 11.2.5).
            self._asked = NeedPassword(self._identity, found[0, USER_PASSWORD].rstrip(b"\0"), self.name)
            return self._asked
        return self._mschap(tunnel, found)

    def _mschap(self, tunnel: Tunnel, found: dict[tuple[int, int], bytes]) -> Step:
        """RFC 5281 section 11.2.4: the challenge is not sent, both sides take it from the tunnel's keys."""
        try:
            challenge, value = found[MICROSOFT, MS_CHAP_CHALLENGE], found[MICROSOFT, MS_CHAP2_RESPONSE]
            response = mschap.Response.parse(value)
        except KeyError:
            raise MessageMalformed("neither a password nor an answer of MS-CHAP-V2 came through the tunnel") from None
        except ValueMalformed as error:
            raise MessageMalformed(str(error)) from None
        self.name = "EAP-TTLS/MSCHAPv2"
        implicit = tunnel.export(b"ttls challenge", 17)
        if not compare_digest(implicit, challenge + bytes((response.identifier,))):
            raise MessageMalformed("the challenge is not that of this tunnel")
        username = found[0, USER_NAME]

        def verify(secret: bytes) -> bool:
            proof = mschap.prove(
                authenticator_challenge=challenge,
                peer_challenge=response.peer_challenge,
                username=username,
                password=secret,
                response=response.nt_response,
            )
            if proof is None:
                return False
            self._success = bytes((response.identifier,)) + proof
            return True

        self._asked = NeedSecret(self._identity or "", verify, self.name)
        return self._asked

    def _answered(self, right: bool) -> Step:
        tunnel, asked = self._tunnel, self._asked
        if tunnel is None or asked is None or self._ending is not None:
            raise MessageMalformed("nothing was asked")
        if not right:
            return self._failed("wrong credential")
        if isinstance(asked, NeedSecret):
            tunnel.write(Avp(MICROSOFT, MS_CHAP2_SUCCESS, self._success).encode())
        return self._finish(tunnel, self._done(tunnel))

    def _done(self, tunnel: Tunnel) -> Done:
        return Done(
            self._identity or "",
            self.name,
            msk=tunnel.msk(),
            resumed=tunnel.tie,
            session_key=tunnel.settle(),
        )
