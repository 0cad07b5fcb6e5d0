"""What a request offers as proof, and what it offers where there is none: its device."""

import logging
from dataclasses import dataclass, field

from gate.access.types import Proof
from gate.core import seal
from gate.protocols.radius import chap, pap
from gate.protocols.radius.dictionary import rfc2865
from gate.protocols.radius.errors import ValueMalformed
from gate.radiusd import mschap, translate
from gate.radiusd.found import PortalRow, Row
from gate.radiusd.request import Request
from gate.radiusd.turn import Turn

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Credential:
    """What the request offers as proof."""

    method: str
    password: bytes | None = field(default=None, repr=False)
    chap_password: bytes | None = field(default=None, repr=False)
    challenge: bytes = b""
    device: str | None = None
    """MAC address of the device, where that is all the request offers."""
    sessions: int = 0
    """Sessions the user has open elsewhere, where the profile limits them."""
    turn: Turn | None = None
    """What speaks for MS-CHAP-V2 and for EAP."""


def read_credential(request: Request) -> Credential:
    """What the request offers; what cannot be read is no credential."""
    packet = request.packet
    hidden = packet.get(rfc2865.USER_PASSWORD)
    if hidden is not None:
        try:
            return Credential("PAP", password=pap.decrypt(hidden, request.client.secret, packet.authenticator))
        except ValueMalformed:
            return Credential("PAP")
    answer = packet.get(rfc2865.CHAP_PASSWORD)
    if answer is not None:
        challenge = packet.get(rfc2865.CHAP_CHALLENGE)
        return Credential("CHAP", chap_password=answer, challenge=packet.authenticator if challenge is None else challenge)
    turn = mschap.read(packet)
    return Credential("none") if turn is None else Credential(mschap.METHOD, turn=turn)


def lone_device(request: Request, username: str, credential: Credential) -> str | None:
    """MAC address of a device that is all the request offers; None where a password is to be checked.

    NAS that authenticate devices put into the password what they have: nothing, the address again, the name again, or the
    shared secret. Whatever else stands there is a password.
    """
    packet, password = request.packet, credential.password
    if password is None and credential.method == "PAP":
        return None  # there was one, and it cannot be read
    if password and password != request.client.secret and password != packet.get(rfc2865.USER_NAME):
        if not (translate.is_mac(username) and translate.is_mac(password.decode("utf-8", "replace"))):
            return None
    elif credential.chap_password is not None and not (translate.is_mac(username) and _chap_of_device(request, credential)):
        return None
    if credential.turn is not None:
        return None
    return translate.device(translate.text(packet.get(rfc2865.CALLING_STATION_ID)))


def _chap_of_device(request: Request, credential: Credential) -> bool:
    """Whether a CHAP answer was made of what NAS put there for devices."""
    offered = (request.packet.get(rfc2865.USER_NAME) or b"", request.client.secret, b"")
    try:
        return any(chap.verify(credential.chap_password or b"", credential.challenge, password) for password in offered)
    except ValueMalformed:
        return False


def is_guest(username: str, credential: Credential, held: PortalRow) -> bool:
    """Whether the name is the device's own, or one of the guest's that the session is for."""
    if translate.is_mac(username):
        return translate.device(username) == credential.device
    return username.casefold() in {held.uid.casefold(), held.username.casefold()}


def is_own_device(username: str, credential: Credential) -> bool:
    """Whether the name is the MAC address of the device itself, and any password that is one of these as well.

    A NAS that lets people type a name sends it with the device's address beside it: another's address is nobody's name here.
    """
    if credential.device is None or translate.device(username) != credential.device:
        return False
    password = translate.device((credential.password or b"").decode("utf-8", "replace"))
    return password is None or password == credential.device


def prove_chap(credential: Credential, row: Row) -> Proof:
    """CHAP needs the password itself: there is one only where the organization keeps recoverable passwords."""
    password = recoverable(row)
    if password is None or credential.chap_password is None:
        return Proof.UNVERIFIABLE
    try:
        return Proof.RIGHT if chap.verify(credential.chap_password, credential.challenge, password) else Proof.WRONG
    except ValueMalformed:
        return Proof.WRONG


def recoverable(row: Row) -> bytes | None:
    """The password itself, None where it is not kept or cannot be opened."""
    if row.password_sealed is None:
        return None
    try:
        return seal.unseal(row.password_sealed, purpose="user-password", row=f"user:{row.id}")
    except seal.SealError as error:
        log.error("The recoverable password of user %s cannot be opened: %s", row.id, error)  # noqa: TRY400
        return None
