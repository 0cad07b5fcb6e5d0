"""A NAS for tests: makes packets, sends them from its own loopback address, and believes no answer it has not verified."""

import dataclasses
import hashlib
import itertools
import secrets
import select
import socket
import struct
import time
from typing import Any

from gate.protocols.radius import chap, pap, signing
from gate.protocols.radius.packet import Packet, encode_attribute

ACCEPT, REJECT, ACKNOWLEDGED = 2, 3, 5
START, STOP, INTERIM = 1, 2, 3


def number(value: int) -> bytes:
    """A 32 bit integer as attributes carry it."""
    return struct.pack("!I", value)


def encoded(attributes: list[tuple[int, bytes]]) -> bytes:
    """Attributes on the wire; empty ones too, which the codec refuses to make."""
    return b"".join(bytes((kind, 2)) if not value else encode_attribute(kind, value) for kind, value in attributes)


@dataclasses.dataclass
class Nas:
    """One device: where it sends from, where to, and its secret."""

    secret: bytes
    auth_port: int
    acct_port: int
    address: str = "127.0.0.1"

    def __post_init__(self) -> None:
        self._identifiers = itertools.cycle(range(256))
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((self.address, 0))

    def close(self) -> None:
        """Let the socket go."""
        self.socket.close()

    # --- packets

    def pap(self, username: str, password: str | bytes, *more: tuple[int, bytes], **named: Any) -> bytes:
        """An Access-Request with a User-Password."""
        plain = password.encode() if isinstance(password, str) else password
        authenticator = secrets.token_bytes(16)
        hidden = (2, pap.encrypt(plain, self.secret, authenticator))
        return self.access_request((1, username.encode()), hidden, *more, authenticator=authenticator, **named)

    def chap(self, username: str, password: str, *more: tuple[int, bytes], challenge: bytes | None = None) -> bytes:
        """An Access-Request with a CHAP-Password; without `challenge` the authenticator is it."""
        authenticator = secrets.token_bytes(16)
        answer = chap.respond(identifier=7, challenge=challenge or authenticator, password=password.encode())
        extra = () if challenge is None else ((60, challenge),)
        return self.access_request((1, username.encode()), (3, answer), *extra, *more, authenticator=authenticator)

    def access_request(self, *attributes: tuple[int, bytes], authenticator: bytes | None = None, signed: bool = True) -> bytes:
        """An Access-Request of exactly these attributes."""
        return signing.access_request(
            identifier=next(self._identifiers),
            authenticator=authenticator or secrets.token_bytes(16),
            secret=self.secret,
            attributes=encoded(list(attributes)),
            message_authenticator=signed,
        )

    def accounting(self, status: int, session: str, username: str, *more: tuple[int, bytes], seconds: int = 0) -> bytes:
        """An Accounting-Request."""
        attributes = [(40, number(status)), (44, session.encode()), (1, username.encode()), (46, number(seconds)), *more]
        return signing.accounting_request(identifier=next(self._identifiers), secret=self.secret, attributes=encoded(attributes))

    # --- exchange

    def send(self, request: bytes) -> None:
        """To the port its code belongs to."""
        port = self.acct_port if request[0] == 4 else self.auth_port
        self.socket.sendto(request, ("127.0.0.1", port))

    def receive(self, within: float = 5.0) -> bytes | None:
        """The next datagram; None if there is none in time."""
        ready, _, _ = select.select([self.socket], [], [], within)
        return self.socket.recv(4097) if ready else None

    def ask(self, request: bytes, *, within: float = 5.0) -> Packet:
        """Send and take the verified answer; AssertionError without one."""
        return self.verified(request, self.ask_raw(request, within=within))

    def ask_raw(self, request: bytes, *, within: float = 5.0) -> bytes:
        """Send and take the answer as it is, sending again every second as devices do."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            self.send(request)
            answer = self.receive(min(1.0, max(0.01, deadline - time.monotonic())))
            if answer is not None:
                return answer
        raise AssertionError("no answer")

    def verified(self, request: bytes, answer: bytes) -> Packet:
        """The answer as a packet, if it is one to this request."""
        assert answer[1] == request[1], "another identifier"
        signing.verify_response(answer, request[4:20], self.secret, require_message_authenticator=answer[0] in {ACCEPT, REJECT})
        packet = Packet.parse(answer)
        if answer[0] in {ACCEPT, REJECT}:
            assert packet.attributes[0][0] == 80, "Message-Authenticator comes first"
        return packet

    def silent(self, probe: bytes) -> bool:
        """Whether nothing but the answer to `probe`, a packet sent after others, comes back."""
        answer = self.ask_raw(probe)
        return answer[1] == probe[1] and self.receive(0.02) is None


def digest(data: bytes) -> str:
    """Short name of some octets, for messages."""
    return hashlib.sha256(data).hexdigest()[:8]
