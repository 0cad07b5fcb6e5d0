"""A NAS that takes Disconnect and CoA on loopback: checks each request as RFC 5176 has it, and answers what it is told to."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from gate.protocols.radius import dictionary, signing
from gate.protocols.radius.errors import RadiusError
from gate.protocols.radius.packet import Packet

Answer = Callable[[bytes], list[bytes]]


def ack(secret: bytes) -> Answer:
    """Says yes."""
    return lambda request: [_reply(request, request[0] + 1, secret)]


def nak(secret: bytes, cause: int | None = None) -> Answer:
    """Says no, and why."""
    attributes = b"" if cause is None else dictionary.encode("Error-Cause", str(cause))
    return lambda request: [_reply(request, request[0] + 2, secret, attributes)]


def silence(_: bytes) -> list[bytes]:
    """Says nothing."""
    return []


def _reply(request: bytes, code: int, secret: bytes, attributes: bytes = b"") -> bytes:
    return signing.response(
        code=code, identifier=request[1], request_authenticator=request[4:20], secret=secret, attributes=attributes
    )


class CoaNas:
    """What it received, and what it answers. A request not signed with its secret is kept apart and not answered."""

    def __init__(self, secret: bytes, address: str) -> None:
        self.secret = secret
        self.answer: Answer = ack(secret)
        self.requests: list[bytes] = []
        self.forged: list[bytes] = []
        self.socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.port = self.socket.getsockname()[1]

    def serve(self) -> None:
        """Until the socket is closed."""
        with suppress(OSError):
            while True:
                data, source = self.socket.recvfrom(4097)
                if not data:
                    return
                try:
                    signing.verify_accounting_request(data, self.secret)
                    assert signing.verify_message_authenticator(data, self.secret)
                except (AssertionError, RadiusError):
                    self.forged.append(data)
                    continue
                self.requests.append(data)
                for reply in self.answer(data):
                    self.socket.sendto(reply, source)

    def named(self, place: int = -1) -> dict[str, str]:
        """The attributes of a request, by name, as the dictionary prints them."""
        found = {}
        for number, value in Packet.parse(self.requests[place]).attributes:
            attribute = dictionary.by_number(0, number)
            assert attribute is not None, number
            found[attribute.name] = dictionary.decode_value(attribute, value)
        return found


@contextmanager
def coa_nas(secret: bytes, *, address: str = "127.0.0.1") -> Iterator[CoaNas]:
    """One that runs."""
    nas = CoaNas(secret, address)
    thread = threading.Thread(target=nas.serve, daemon=True)
    thread.start()
    try:
        yield nas
    finally:
        with suppress(OSError), socket.socket(nas.socket.family, socket.SOCK_DGRAM) as poke:
            poke.sendto(b"", nas.socket.getsockname()[:2])
        thread.join(5)
        nas.socket.close()
