"""A NAS that speaks RadSec, written for the tests: RADIUS/1.0 and 1.1, well and badly behaved; and its certificates."""

import contextlib
import dataclasses
import socket
import ssl
import struct
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import radius_server
from gate.commands import certs
from gate.core import clock
from gate.protocols.radius import pap, signing
from gate.protocols.radius.packet import Packet

SECRET = b"radsec"
SERVER = "radius.example.net"


def attribute(number: int, value: bytes) -> bytes:
    return bytes((number, len(value) + 2)) + value


@dataclasses.dataclass(frozen=True)
class Files:
    """A folder as `gate radius certs --nas` makes it, and NAS's certificates of its CA or another."""

    data: Path
    authority: certs.Pair

    @classmethod
    def make(cls, data: Path) -> "Files":
        folder = data / "radius" / "radsec"
        folder.mkdir(parents=True)
        authority = certs.make_authority(name="CA of the NAS", now=clock.now())
        server = certs.issue(authority=authority, name=SERVER, now=clock.now(), is_server=True, days=40)
        (folder / "server.pem").write_bytes(server.certificate_pem)
        (folder / "server.key").write_bytes(server.key_pem)
        (folder / "ca.pem").write_bytes(authority.certificate_pem)
        made = cls(data, authority)
        made.revoke()
        return made

    @property
    def ca(self) -> Path:
        return self.data / "radius" / "radsec" / "ca.pem"

    def revoke(self, *pairs: certs.Pair) -> None:
        now = clock.now()
        serials = {pair.certificate.serial_number: now for pair in pairs}
        draft = self.ca.with_name("crl.new")
        draft.write_bytes(certs.make_crl(authority=self.authority, revoked=serials, now=now))
        draft.replace(self.ca.with_name("crl.pem"))

    def pair(self, *labels: str, authority: certs.Pair | None = None, days: int = 30, now: Any = None) -> certs.Pair:
        return certs.issue(
            authority=authority or self.authority, name="a NAS", now=now or clock.now(), is_server=False, days=days, labels=labels
        )

    def stored(self, pair: certs.Pair) -> tuple[Path, Path]:
        """Its certificate and key as files."""
        certificate = self.data / f"{pair.certificate.serial_number:x}.pem"
        certificate.write_bytes(pair.certificate_pem)
        key = certificate.with_suffix(".key")
        key.write_bytes(pair.key_pem)
        return certificate, key


class Peer:
    """One connection."""

    def __init__(
        self, port: int, *, ca: Path, own: tuple[Path, Path] | None, alpn: tuple[str, ...] = (), tls: str = "TLSv1_3",
        receive_buffer: int | None = None,
    ) -> None:  # fmt: skip
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(ca)
        context.minimum_version = context.maximum_version = ssl.TLSVersion[tls]
        if own is not None:
            context.load_cert_chain(*own)
        if alpn:
            context.set_alpn_protocols(list(alpn))
        plain = socket.socket()
        plain.settimeout(10)
        if receive_buffer is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            plain.connect(("127.0.0.1", port))
            self.tls = context.wrap_socket(plain, server_hostname=SERVER)
        except BaseException:
            plain.close()
            raise
        self._held = b""
        self._number = 0

    @property
    def alpn(self) -> str | None:
        return self.tls.selected_alpn_protocol()

    def close(self) -> None:
        self.tls.close()

    def send(self, octets: bytes) -> None:
        self.tls.sendall(octets)

    def receive(self) -> bytes | None:
        """The next packet, None where the other side closed the connection."""
        while len(self._held) < 4 or len(self._held) < struct.unpack("!H", self._held[2:4])[0]:
            try:
                more = self.tls.recv(16384)
            except (ssl.SSLError, ConnectionError):
                return None
            if not more:
                return None
            self._held += more
        size = struct.unpack("!H", self._held[2:4])[0]
        packet, self._held = self._held[:size], self._held[size:]
        return packet

    def is_closed(self) -> bool:
        """Whether the server ends it, and says nothing before."""
        return self.receive() is None

    # --- RADIUS/1.0 -----------------------------------------------------------------------------------------------------------

    def next(self) -> int:
        self._number = (self._number + 1) % 256
        return self._number

    def ask(self, request: bytes) -> Packet | None:
        """The answer, its signature checked."""
        self.send(request)
        answer = self.receive()
        if answer is None:
            return None
        signing.verify_response(answer, request[4:20], SECRET, require_message_authenticator=request[0] != 4)
        assert answer[1] == request[1]
        return Packet.parse(answer)

    def sign_in(self, username: str, password: str, *more: bytes) -> bytes:
        authenticator = uuid.uuid4().bytes
        hidden = pap.encrypt(password.encode(), SECRET, authenticator)
        return signing.access_request(
            identifier=self.next(), authenticator=authenticator, secret=SECRET,
            attributes=attribute(1, username.encode()) + attribute(2, hidden) + b"".join(more),
        )  # fmt: skip

    def status(self) -> bytes:
        return signing.access_request(
            identifier=self.next(), authenticator=uuid.uuid4().bytes, secret=SECRET, attributes=b"", code=12
        )

    def accounting(self, status: int, session: str, username: str = "", *more: bytes) -> bytes:
        return signing.accounting_request(
            identifier=self.next(), secret=SECRET,
            attributes=attribute(40, struct.pack("!I", status)) + attribute(44, session.encode())
            + (attribute(1, username.encode()) if username else b"") + b"".join(more),
        )  # fmt: skip

    # --- RADIUS/1.1 -----------------------------------------------------------------------------------------------------------

    def tell(self, code: int, attributes: bytes, *, token: bytes = b"", reserved: bytes = bytes(13)) -> bytes:
        """Send a packet of RADIUS/1.1; its Token."""
        token = token or struct.pack("!I", self.next() + 0xFFFF_FF00)
        self.send(bytes((code,)) + reserved[:1] + struct.pack("!H", 20 + len(attributes)) + token + reserved[1:] + attributes)
        return token

    def hear(self, token: bytes) -> Packet:
        """The answer with this Token, its reserved fields checked."""
        answer = self.receive()
        assert answer is not None
        assert answer[4:8] == token
        assert answer[1:2] + answer[8:20] == bytes(13)
        return Packet.parse(answer)


@dataclasses.dataclass
class RadSec:
    """A server that serves RadSec, and its NAS."""

    server: Any
    files: Files
    port: int
    committed: Any

    def bind(self, name: str, *, radsec_name: str = "", fingerprint: str = "") -> int:
        """Have the NAS of that organization known by this; its id."""
        address = {"acme": 1, "acme-west": 2, "acme-east": 3, "rival": 4}[name]
        nas_id = self.committed.one("SELECT id FROM nas_nas WHERE address = %s", f"127.0.0.{address}/32")
        self.committed.all(
            "UPDATE nas_nas SET radsec_name = %s, radsec_fingerprint = %s WHERE id = %s", radsec_name, fingerprint, nas_id
        )
        store = self.server.service.store
        radius_server.until(lambda: store.bindings._wanted.get(nas_id, ("", "")) == (radsec_name, fingerprint))
        return nas_id

    def tenant(self, name: str) -> int:
        return int(self.committed.world.organizations[name])

    @contextlib.contextmanager
    def connected(self, pair: certs.Pair | None = None, **said: Any) -> Iterator[Peer]:
        own = None if pair is None else self.files.stored(pair)
        peer = Peer(self.port, ca=said.pop("ca", self.files.ca), own=own, **said)
        try:
            yield peer
        finally:
            peer.close()

    @property
    def radsec(self) -> Any:
        return self.server.service.radsec

    def refused(self, reason: str) -> int:
        return int(self.radsec.refused[reason])

    def closed(self, reason: str) -> int:
        return int(self.radsec.closed[reason])


@contextlib.contextmanager
def serving(committed: Any, data: Path, **variables: str) -> Iterator[RadSec]:
    """A server of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    files = Files.make(data)
    with radius_server.serving(committed, GATE_DATA=str(data), GATE_RADSEC_PORT=str(port), **variables) as server:
        yield RadSec(server, files, port, committed)
