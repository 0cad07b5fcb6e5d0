"""MS-CHAP-V2 without EAP (RFC 2548 sections 2.3 and 2.4): PPP, VPN and some hotspots."""

import secrets
from typing import Final

from gate.access.types import Grant, Proof
from gate.protocols.radius import mppe, mschap, values
from gate.protocols.radius.dictionary import rfc2865
from gate.protocols.radius.dictionary.vendors import microsoft
from gate.protocols.radius.errors import ValueMalformed
from gate.protocols.radius.packet import Packet, encode_vendor
from gate.radiusd.found import Row
from gate.radiusd.request import Request
from gate.radiusd.turn import Turn

METHOD: Final = "MS-CHAPv2"
_ALLOWED: Final = values.encode_integer(microsoft.MS_MPPE_ENCRYPTION_POLICY_VALUES["Encryption-Allowed"])
_TYPES: Final = values.encode_integer(microsoft.MS_MPPE_ENCRYPTION_TYPES_VALUES["RC4-40or128-bit-Allowed"])


class MsChap(Turn):
    """The answer of one request."""

    def __init__(self, *, username: bytes, challenge: bytes, response: mschap.Response) -> None:
        self._username = username
        self._challenge = challenge
        self._response = response
        self._proof = b""
        self._password_hash = b""

    def prove(self, row: Row, password: bytes | None) -> Proof:  # noqa: ARG002 - the password is the user's
        """Needs the password itself."""
        if password is None:
            return Proof.UNVERIFIABLE
        proof = mschap.prove(
            authenticator_challenge=self._challenge,
            peer_challenge=self._response.peer_challenge,
            username=self._username,
            password=password,
            response=self._response.nt_response,
        )
        if proof is None:
            return Proof.WRONG
        self._proof, self._password_hash = proof, mschap.nt_hash(password)
        return Proof.RIGHT

    def accepted(self, request: Request, row: Row, grant: Grant) -> bytes:  # noqa: ARG002 - the same for all
        """The server's own proof, and the keys of the link."""
        master = mppe.master_key(password_hash=self._password_hash, response=self._response.nt_response)
        success = bytes((self._response.identifier,)) + self._proof
        return (
            encode_vendor(microsoft.VENDOR, microsoft.MS_CHAP2_SUCCESS, success)
            + encode_vendor(microsoft.VENDOR, microsoft.MS_MPPE_ENCRYPTION_POLICY, _ALLOWED)
            + encode_vendor(microsoft.VENDOR, microsoft.MS_MPPE_ENCRYPTION_TYPES, _TYPES)
            + mppe.encode_keys(
                send=mppe.start_key(master=master, server_sends=True),
                receive=mppe.start_key(master=master, server_sends=False),
                secret=request.client.secret,
                authenticator=request.packet.authenticator,
                salts=(secrets.token_bytes(2), secrets.token_bytes(2)),
            )
        )

    def rejected(self) -> bytes:
        """Why, as the peer's system understands it: the same for every reason."""
        told = mschap.failure(challenge=secrets.token_bytes(mschap.CHALLENGE_SIZE))
        return encode_vendor(microsoft.VENDOR, microsoft.MS_CHAP_ERROR, bytes((self._response.identifier,)) + told)


def read(packet: Packet) -> Turn | None:
    """The MS-CHAP-V2 answer of a request, None where there is none; one that cannot be read proves nothing."""
    if packet.get(rfc2865.VENDOR_SPECIFIC) is None:
        return None
    value = packet.vendor(microsoft.VENDOR, microsoft.MS_CHAP2_RESPONSE)
    if value is None:
        return None
    challenge = packet.vendor(microsoft.VENDOR, microsoft.MS_CHAP_CHALLENGE)
    if challenge is None or len(challenge) != mschap.CHALLENGE_SIZE:
        return Turn()
    try:
        response = mschap.Response.parse(value)
    except ValueMalformed:
        return Turn()
    return MsChap(username=packet.get(rfc2865.USER_NAME) or b"", challenge=challenge, response=response)
