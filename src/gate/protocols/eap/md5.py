"""EAP-MD5 (RFC 3748 section 5.4): CHAP in EAP. No keys and no proof of the server, so it is of no use by radio."""

from __future__ import annotations

import os

from gate.protocols.eap import packet
from gate.protocols.eap.steps import Done, Failed, NeedSecret, Step
from gate.protocols.radius import chap


class EapMd5:
    """One conversation by EAP-MD5. The identifier of its Request goes into the answer, so the conversation has to tell it."""

    type = packet.MD5_CHALLENGE
    name = "EAP-MD5"

    def __init__(self, *, claimed: str, identifier: int) -> None:
        self._identity = claimed
        self._identifier = identifier
        self._challenge = os.urandom(16)
        self._is_asked = False

    def start(self) -> bytes:
        """The challenge behind its size."""
        return bytes((len(self._challenge),)) + self._challenge

    def receive(self, data: bytes, *, now: float) -> Step:  # noqa: ARG002 - as all methods
        """Take the answer: 16 octets behind their size, and perhaps a name, which is ignored."""
        if self._is_asked or len(data) < 17 or data[0] != 16:
            return Failed("that is no answer of EAP-MD5", identity=self._identity, method=self.name)
        self._is_asked = True
        answer = bytes((self._identifier,)) + data[1:17]
        return NeedSecret(self._identity, lambda secret: chap.verify(answer, self._challenge, secret), self.name)

    def answer(self, *, right: bool) -> Step:
        """What the caller found out."""
        if not self._is_asked or not right:
            return Failed("wrong credential", identity=self._identity, method=self.name)
        return Done(self._identity, self.name)
