"""The other end of an EAP conversation, for tests of the protocols alone: TLS by pyOpenSSL, the inner method by a function."""

from collections.abc import Callable

from OpenSSL import SSL

from gate.commands import certs
from gate.core import clock
from gate.protocols.eap import fragments, mschapv2, packet, peap, ttls
from gate.protocols.eap.session import Conversation, Outcome, Request
from gate.protocols.eap.steps import NeedPassword, NeedSecret
from gate.protocols.eap.tunnel import Server, Tunnel
from gate.protocols.radius import mschap

Inner = Callable[["Peer", bytes], bytes]


def authority() -> certs.Pair:
    return certs.make_authority(name="CA of the tests", now=clock.now())


def server(ca: certs.Pair, *, newest: int = SSL.TLS1_3_VERSION, with_clients: bool = True) -> Server:
    pair = certs.issue(authority=ca, name="radius.example.net", now=clock.now(), is_server=True, days=30)
    return Server(
        certificates=pair.certificate_pem,
        key=pair.key_pem,
        authorities=ca.certificate_pem if with_clients else None,
        newest=newest,
    )


class Peer:
    """A client of one method over TLS."""

    def __init__(self, kind: int, *, inner: Inner | None = None, client: certs.Pair | None = None, size: int = 300) -> None:
        self.kind = kind
        self.inner = inner
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        if client is not None:
            context.use_certificate(client.certificate)
            context.use_privatekey(client.key)
        self.tls = SSL.Connection(context, None)
        self.tls.set_connect_state()
        self.incoming = fragments.Incoming()
        self.outgoing = fragments.Outgoing(size=size)
        self.established = False
        self.spoke = False

    def answer(self, request: bytes) -> bytes:
        """The Response to this Request."""
        return packet.encode_response(identifier=request[1], type=self.kind, data=self._data(request[5:]))

    def _data(self, data: bytes) -> bytes:
        if data[0] & fragments.START:
            message: bytes | None = b""
        else:
            message = self.incoming.add(data)
        if self.outgoing or message is None:
            return self.outgoing.next()
        if message:
            self.tls.bio_write(message)
        plain = b""
        try:
            if not self.established:
                self.tls.do_handshake()
                self.established = True
            plain = self.tls.recv(16_384)
        except (SSL.WantReadError, SSL.ZeroReturnError):
            pass
        except SSL.Error:
            # The server ended it by an alert: acknowledged, as RFC 5216 section 2.1.3 has it.
            self.inner = None
        # What belongs to the handshake goes out alone, as phones do it.
        out = self._drain()
        if not out and self.established and self.inner is not None and (plain or self.kind == packet.TTLS):
            said = self.inner(self, plain)
            if said:
                self.tls.sendall(said)
                out = self._drain()
        self.outgoing.put(out)
        return self.outgoing.next()

    def _drain(self) -> bytes:
        parts = []
        while True:
            try:
                parts.append(self.tls.bio_read(16_384))
            except SSL.WantReadError:
                return b"".join(parts)

    def msk(self) -> bytes:
        """As `Tunnel.msk`, by this end."""
        other = Tunnel.__new__(Tunnel)
        other._connection, other._method = self.tls, self.kind
        return other.msk()


def pap(name: str, password: bytes) -> Inner:
    def speak(peer: Peer, plain: bytes) -> bytes:
        if peer.spoke:
            return b""
        peer.spoke = True
        padded = password.ljust(-(-len(password) // 16) * 16, b"\0")
        return ttls.Avp(0, ttls.USER_NAME, name.encode()).encode() + ttls.Avp(0, ttls.USER_PASSWORD, padded).encode()

    return speak


def inner_mschap(name: str, password: bytes, *, response: Callable[[bytes], bytes] = lambda octets: octets) -> Inner:
    """EAP-MSCHAPv2 in PEAP; `response` may spoil the answer."""

    def speak(peer: Peer, plain: bytes) -> bytes:
        if len(plain) > 4 and plain[0] == packet.REQUEST and plain[4] == packet.EXTENSIONS:
            return packet.encode_response(identifier=plain[1], type=packet.EXTENSIONS, data=peap.encode_result(right=True))
        if plain[0] == packet.IDENTITY:
            return bytes((packet.IDENTITY,)) + name.encode()
        code, identifier = plain[1], plain[2]
        if code == mschapv2.CHALLENGE:
            challenge, own = plain[6:22], bytes(range(16))
            hashed = mschap.nt_hash(password)
            answer = mschap.nt_response(
                authenticator_challenge=challenge, peer_challenge=own, username=name.encode(), password_hash=hashed
            )
            value = response(b"\x31" + own + bytes(8) + answer + b"\0") + name.encode()
            return bytes((packet.MSCHAPV2, mschapv2.RESPONSE, identifier)) + (4 + len(value)).to_bytes(2, "big") + value
        return bytes((packet.MSCHAPV2, code))

    return speak


def converse(
    conversation: Conversation, peer: Peer, *, identity: str = "anonymous", password: bytes = b"secret",
    spoil: Callable[[int, bytes], bytes] = lambda _, octets: octets,
) -> Outcome:  # fmt: skip
    """Speak until it is over; what the users' passwords are is `password`. `spoil` may change the n-th packet of the peer."""
    octets = packet.encode_response(identifier=0, type=packet.IDENTITY, data=identity.encode())
    for number in range(80):
        outcome = conversation.receive(spoil(number, octets), now=0.0)
        while isinstance(outcome, NeedPassword | NeedSecret):
            is_right = outcome.password == password if isinstance(outcome, NeedPassword) else outcome.verify(password)
            outcome = conversation.answer(right=is_right)
        if not isinstance(outcome, Request):
            return outcome
        octets = peer.answer(outcome.octets)
    raise AssertionError("it does not end")
