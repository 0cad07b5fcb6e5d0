"""What a proxy changes in a packet on its way (RFC 2865 section 2.3): little, and what is hidden is hidden anew.

Requests: User-Password is hidden for the next server, CHAP-Challenge is added where the Request Authenticator was the challenge
(section 5.40), Message-Authenticator is left to whoever signs, Proxy-State of ours goes behind those that came (section 5.33).
Replies: keys and tunnel passwords are hidden for the NAS, and every Proxy-State is taken out: whoever answers the NAS puts back
its own. Everything else passes octet for octet and in order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gate.protocols.radius import mppe, pap
from gate.protocols.radius.errors import ValueMalformed
from gate.protocols.radius.packet import VENDOR_SPECIFIC, Packet, encode_attribute, split_vendor

USER_NAME: Final = 1
USER_PASSWORD: Final = 2
CHAP_PASSWORD: Final = 3
STATE: Final = 24
REPLY_MESSAGE: Final = 18
PROXY_STATE: Final = 33
ACCT_DELAY_TIME: Final = 41
CHAP_CHALLENGE: Final = 60
TUNNEL_PASSWORD: Final = 69
EAP_MESSAGE: Final = 79
MESSAGE_AUTHENTICATOR: Final = 80

_MICROSOFT: Final = mppe.MICROSOFT
_CHAP_MPPE_KEYS: Final = 12
_KEYS: Final = frozenset({mppe.SEND_KEY, mppe.RECV_KEY})
_CHAP_ERROR: Final = 2
_CHAP2_SUCCESS: Final = 26
_MOST_SECONDS: Final = 2**32 - 1

NEEDED: Final = frozenset(
    {(0, STATE), (0, EAP_MESSAGE)}
    | {(_MICROSOFT, number) for number in (_CHAP_ERROR, _CHAP2_SUCCESS, _CHAP_MPPE_KEYS, mppe.SEND_KEY, mppe.RECV_KEY)}
)
"""(vendor, number) of what a sign-in cannot do without, whatever attributes of a reply are let through."""

Salt = Callable[[], bytes]
"""Gives 2 octets, the first bit set, that it did not give before for this packet."""


def access_request(
    packet: Packet, *, secret: bytes, to_secret: bytes, authenticator: bytes, username: bytes | None, proxy_state: bytes
) -> bytes:
    """The attributes of an Access-Request for the next server, which is sent it under `authenticator`.

    `secret` is shared with the NAS, `username` replaces the user's name where it is given. Raises `ValueMalformed` for a
    User-Password of a wrong size.
    """
    encoded = bytearray()
    for number, value in packet.attributes:
        if number == USER_NAME and username is not None:
            encoded += encode_attribute(USER_NAME, username)
        elif number == USER_PASSWORD:
            plain = pap.decrypt(value, secret, packet.authenticator)
            encoded += encode_attribute(USER_PASSWORD, pap.encrypt(plain, to_secret, authenticator))
        elif number != MESSAGE_AUTHENTICATOR:
            encoded += _same(number, value)
    if packet.get(CHAP_PASSWORD) is not None and packet.get(CHAP_CHALLENGE) is None:
        encoded += encode_attribute(CHAP_CHALLENGE, packet.authenticator)
    return bytes(encoded + encode_attribute(PROXY_STATE, proxy_state))


def accounting_kept(packet: Packet, *, username: bytes | None, proxy_state: bytes) -> bytes:
    """What of an Accounting-Request is kept until it can be forwarded; `username` replaces the user's name where it is given."""
    encoded = bytearray()
    for number, value in packet.attributes:
        if number == USER_NAME and username is not None:
            encoded += encode_attribute(USER_NAME, username)
        elif number != MESSAGE_AUTHENTICATOR:
            encoded += _same(number, value)
    return bytes(encoded + encode_attribute(PROXY_STATE, proxy_state))


def accounting_request(kept: bytes, *, waited: int) -> bytes:
    """The attributes of such a request when it is sent after it waited so many seconds: Acct-Delay-Time grows by them.

    RFC 2866 section 5.2; where it was not told it counts as 0.
    """
    encoded, told = bytearray(), False
    position = 0
    while position < len(kept):
        number, end = kept[position], position + kept[position + 1]
        if number == ACCT_DELAY_TIME and end - position == 6 and not told:
            told = True
            seconds = int.from_bytes(kept[position + 2 : end], "big") + waited
            encoded += encode_attribute(ACCT_DELAY_TIME, min(seconds, _MOST_SECONDS).to_bytes(4, "big"))
        else:
            encoded += kept[position:end]
        position = end
    if waited and not told:
        encoded += encode_attribute(ACCT_DELAY_TIME, min(waited, _MOST_SECONDS).to_bytes(4, "big"))
    return bytes(encoded)


def reply(
    packet: Packet,
    *,
    secret: bytes,
    authenticator: bytes,
    to_secret: bytes,
    to_authenticator: bytes,
    salt: Salt,
    allowed: frozenset[tuple[int, int]] | None = None,
    realm: bytes | None = None,
) -> bytes:
    """The attributes of a home server's reply, for the NAS.

    What is hidden by `secret` and the `authenticator` of our request is hidden by `to_secret` and that of the NAS's. `allowed`
    are the (vendor, number) let through beside `NEEDED`; None: all. `realm` was taken off the user's name and is put
    back where there is none. Raises `ValueMalformed` where something hidden was not made with the secret.
    """

    def hidden(value: bytes) -> bytes:
        plain = mppe.decrypt(value, secret=secret, authenticator=authenticator)
        return mppe.encrypt(plain, secret=to_secret, authenticator=to_authenticator, salt=salt())

    def inner(vendor: int, number: int, value: bytes) -> bytes:
        if vendor != _MICROSOFT:
            return value
        if number in _KEYS:
            return hidden(value)
        if number == _CHAP_MPPE_KEYS:
            # Hidden like a password (RFC 2548 section 2.4.1), whose trailing zeros are part of the keys.
            plain = pap.decrypt(value, secret, authenticator).ljust(len(value), b"\0")
            return pap.encrypt(plain, to_secret, to_authenticator)
        return value

    encoded = bytearray()
    for number, value in packet.attributes:
        if number == VENDOR_SPECIFIC:
            encoded += _vendor_specific(value, inner, allowed)
        elif number in {PROXY_STATE, MESSAGE_AUTHENTICATOR} or not _passes(0, number, allowed):
            continue
        elif number == USER_NAME and realm is not None and b"@" not in value:
            encoded += encode_attribute(USER_NAME, value + b"@" + realm)
        elif number == TUNNEL_PASSWORD:
            # A tag goes before the salt (RFC 2868 section 3.5).
            encoded += encode_attribute(TUNNEL_PASSWORD, value[:1] + hidden(value[1:]))
        else:
            encoded += _same(number, value)
    return bytes(encoded)


def _vendor_specific(
    value: bytes, change: Callable[[int, int, bytes], bytes], allowed: frozenset[tuple[int, int]] | None
) -> bytes:
    parts = split_vendor(value)
    if parts is None:
        # Of another shape inside: nothing tells what it is.
        return _same(VENDOR_SPECIFIC, value) if allowed is None else b""
    vendor, pairs = parts
    content = b""
    for number, held in pairs:
        if _passes(vendor, number, allowed):
            changed = change(vendor, number, held)
            content += bytes((number, len(changed) + 2)) + changed
    return encode_attribute(VENDOR_SPECIFIC, value[:4] + content) if content else b""


def _passes(vendor: int, number: int, allowed: frozenset[tuple[int, int]] | None) -> bool:
    return allowed is None or (vendor, number) in allowed or (vendor, number) in NEEDED


def salts(random: bytes) -> Salt:
    """Salts from 2 random octets on, each another (RFC 2868 section 3.5): 32,768 of them."""
    if len(random) != 2:
        raise ValueMalformed("a salt has 2 octets")
    counter = [int.from_bytes(random, "big")]

    def salt() -> bytes:
        counter[0] += 1
        return (counter[0] & 0x7FFF | 0x8000).to_bytes(2, "big")

    return salt


def _same(number: int, value: bytes) -> bytes:
    # Octet for octet, also where it is empty, which no RFC allows and some send.
    return bytes((number, len(value) + 2)) + value
