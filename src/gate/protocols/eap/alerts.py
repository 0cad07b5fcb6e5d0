"""Alerts of TLS by their names, and what each means when a device sends it to a RADIUS server (RFC 8446 section 6).

OpenSSL names the alert of its peer in the reason it gives: `tlsv1 alert unknown ca`, or `ssl/tls alert certificate expired`.
"""

from __future__ import annotations

import re
from typing import Final

_SERVER = "the device does not accept the server's certificate"
ALERTS: Final = {
    "close notify": (0, "the device closed the connection"),
    "unexpected message": (10, "the device met a message out of turn"),
    "bad record mac": (20, "what arrived was damaged, or is of another connection"),
    "handshake failure": (40, "the device and the server have no cipher or curve in common"),
    "no certificate": (41, "the device has no certificate"),
    "bad certificate": (42, f"{_SERVER}: it cannot be read or verified"),
    "unsupported certificate": (43, f"{_SERVER}: a kind it does not support"),
    "certificate revoked": (44, f"{_SERVER}: it is revoked"),
    "certificate expired": (45, "the server's certificate has expired, or the device's clock is off"),
    "certificate unknown": (46, f"{_SERVER}: another name, or the user said no"),
    "illegal parameter": (47, "the device met a value out of range"),
    "unknown ca": (48, "the device does not trust the CA of the server's certificate"),
    "access denied": (49, "the device's own rules forbid this server"),
    "decode error": (50, "the device could not read a message"),
    "decrypt error": (51, "a signature or the end of the handshake did not hold on the device"),
    "protocol version": (70, "the device and the server have no version of TLS in common"),
    "insufficient security": (71, "the device wants stronger ciphers than the server offers"),
    "internal error": (80, "something failed on the device itself"),
    "user canceled": (90, "the user or the device broke it off"),
    "missing extension": (109, "the device misses an extension of TLS"),
    "unsupported extension": (110, "the device does not take an extension of TLS"),
    "unrecognized name": (112, "the device asked for another name of the server"),
    "unknown psk identity": (115, "the session to be resumed is not known"),
    "certificate required": (116, "the device wants a certificate"),
}
"""Name as OpenSSL writes it: the number on the wire, and a sentence for operators."""
_NAMED = re.compile(r"\balert (?P<name>[a-z ]+)")


def explained(reason: str) -> str:
    """`reason` of OpenSSL, an alert in it by its number and meaning. Other reasons stay as they are."""
    named = _NAMED.search(reason.lower())
    if named is None or named["name"].strip() not in ALERTS:
        return reason
    name = named["name"].strip()
    number, meaning = ALERTS[name]
    return f"alert {number} ({name}): {meaning}"
