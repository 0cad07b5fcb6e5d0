"""A TLS server over memory, as the EAP methods use it, and what it needs: certificates, and a memory of sessions to resume.

TLS 1.2 and 1.3. Certificates of clients are verified by OpenSSL, which reads the machine's clock for that: the one place of the
protocols where time is not an argument.

Resumption: OpenSSL seals the session into the ticket it gives the peer, or keeps it, and `Sessions` remembers whose it is, once
that peer was let in. The key of that memory is the session's secret itself, hashed: the master secret of TLS 1.2, the pre-shared
key of TLS 1.3. Both sides of a resumption have it in hand before the first of their messages goes out.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL, crypto

from gate.protocols.eap import packet
from gate.protocols.eap.errors import TlsFailed
from gate.protocols.eap.steps import Tie

_KEY_MATERIAL: Final = 128
"""MSK and EMSK. TLS 1.3 makes other octets where fewer are asked for."""
MSK_SIZE: Final = 64
_READ: Final = 16_384
_CIPHERS: Final = b"ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:ECDHE+AES"
"""TLS 1.2: forward secrecy always. The last are for phones that have no AEAD."""
_TICKET_LIFETIME: Final = 3600
_TLS_1_3: Final = 0x0304

_NO_CRL: Final = 3
"""X509_V_ERR_UNABLE_TO_GET_CRL."""

Trusted = tuple[bytes, bytes | None]
"""CAs of clients, and their CRLs: PEM texts."""

_LABELS: Final = {
    packet.TLS: b"client EAP encryption",  # RFC 5216 section 2.3
    packet.PEAP: b"client EAP encryption",
    packet.TTLS: b"ttls keying material",  # RFC 5281 section 8
}
_LABEL_1_3: Final = b"EXPORTER_EAP_TLS_Key_Material"  # RFC 9190 section 2.3, RFC 9427 section 2.1


class Unusable(Exception):
    """The server's certificate, key, authorities or CRL cannot be used; the text says which and why."""


class Sessions:
    """Who the TLS sessions that may be resumed belong to: at most `capacity`, each for `lifetime` seconds.

    Used by several threads. `now` is of any clock that never goes back.
    """

    def __init__(self, *, capacity: int = 20_000, lifetime: float = _TICKET_LIFETIME) -> None:
        self._capacity = capacity
        self._lifetime = lifetime
        self._ties: OrderedDict[bytes, tuple[Tie, float]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._ties)

    def keep(self, key: bytes, tie: Tie, *, now: float) -> None:
        """Remember whose session it is; the oldest is forgotten for it. An empty key is nobody's."""
        if not key:
            return
        with self._lock:
            self._ties.pop(key, None)
            while len(self._ties) >= self._capacity:
                self._ties.popitem(last=False)
            self._ties[key] = (tie, now + self._lifetime)

    def find(self, key: bytes, *, now: float) -> Tie | None:
        """Whose session it is, while it may be resumed."""
        with self._lock:
            held = self._ties.get(key)
            if held is not None and held[1] <= now:
                del self._ties[key]
                held = None
        return None if held is None else held[0]


class Server:
    """Certificate, key, authorities and CRLs, ready for handshakes. Made anew when one of them changes, never changed.

    A new one has new keys for its tickets, so that what changed counts for everybody at once: nobody resumes past it.
    """

    def __init__(
        self,
        *,
        certificates: bytes,
        key: bytes,
        authorities: bytes | None = None,
        crls: bytes | None = None,
        sessions: Sessions | None = None,
        newest: int = SSL.TLS1_3_VERSION,
    ) -> None:
        """Take PEM texts: the server's certificate with its chain, its key, the CAs of clients and their CRLs.

        `newest` is the highest version of TLS to speak. Raises `Unusable`.
        """
        self.sessions = Sessions() if sessions is None else sessions
        self.takes_certificates = authorities is not None
        self._trusted: tuple[Trusted, ...] = () if authorities is None else ((authorities, crls),)
        self._fresh = partial(_context, certificates=certificates, key=key, method=packet.TLS, newest=newest)
        self._contexts: dict[int, SSL.Context] = {}
        for method in (packet.TLS, packet.TTLS, packet.PEAP):
            context = _context(certificates=certificates, key=key, method=method, newest=newest)
            if method == packet.TLS and authorities is not None:
                _trust(context, authorities=authorities, crls=crls)
            self._contexts[method] = context
        self.expires = x509.load_pem_x509_certificate(certificates).not_valid_after_utc
        """When the server's own certificate ends."""

    def trusting(self, further: Sequence[Trusted]) -> Server:
        """This server with further CAs of clients: PEM, and each CA's CRL where it has one, else none is asked of it.

        Sessions of certificates are resumed with one of the two alone, since each has keys of its own for them. What is not
        about clients' certificates is shared. Raises `Unusable`.
        """
        made = copy(self)
        context = self._fresh()
        _trust_all(context, [*self._trusted, *further])
        made.takes_certificates = True
        made._contexts = {  # noqa: SLF001 - another of this very class
            **self._contexts,
            packet.TLS: context,
        }
        return made

    def connect(self, method: int) -> Tunnel:
        """A tunnel for one conversation by this method."""
        return Tunnel(context=self._contexts[method], method=method, sessions=self.sessions)


class Tunnel:
    """One TLS connection: octets in, octets out."""

    __slots__ = ("_connection", "_faults", "_is_tie_sought", "_method", "_sessions", "tie")

    def __init__(self, *, context: SSL.Context, method: int, sessions: Sessions) -> None:
        self._method = method
        self._sessions = sessions
        self._connection = SSL.Connection(context, None)
        self._connection.set_accept_state()
        self._faults: list[str] = []
        self._connection.set_app_data(self._faults)
        self._is_tie_sought = False
        self.tie: Tie | None = None
        """Whose session was resumed; None for a whole handshake, and for a session nobody was let in by."""

    @property
    def is_tls_1_3(self) -> bool:
        """Whether TLS 1.3 is spoken."""
        return self._connection.get_protocol_version() >= _TLS_1_3

    def feed(self, octets: bytes) -> None:
        """Take what the peer sent."""
        if octets:
            self._connection.bio_write(octets)

    def drain(self) -> bytes:
        """What is to be sent to the peer, perhaps nothing."""
        parts = []
        while True:
            try:
                parts.append(self._connection.bio_read(_READ))
            except SSL.WantReadError:
                return b"".join(parts)

    def handshake(self, *, now: float) -> bool:
        """Go on with the handshake; whether it is finished. Raises `TlsFailed`; an alert may then wait to be drained."""
        try:
            self._guarded(self._connection.do_handshake)
        except SSL.WantReadError:
            if not self._is_tie_sought:
                self._seek_tie(now)
            return False
        return True

    def read(self) -> bytes:
        """What came through the tunnel, perhaps nothing. Raises `TlsFailed`."""
        parts = []
        while True:
            try:
                parts.append(self._guarded(lambda: self._connection.recv(_READ)))
            except SSL.WantReadError:
                return b"".join(parts)

    def write(self, octets: bytes) -> None:
        """Send through the tunnel. Raises `TlsFailed`."""
        self._guarded(lambda: self._connection.sendall(octets))

    def msk(self) -> bytes:
        """The 64 octets of key material of this method (RFC 5216 section 2.3, RFC 5281 section 8, RFC 9427 section 2)."""
        if self.is_tls_1_3:
            return self.export(_LABEL_1_3, _KEY_MATERIAL, context=bytes((self._method,)))[:MSK_SIZE]
        return self.export(_LABELS[self._method], _KEY_MATERIAL)[:MSK_SIZE]

    def export(self, label: bytes, size: int, *, context: bytes | None = None) -> bytes:
        """Keying material (RFC 5705, RFC 8446 section 7.5)."""
        return self._connection.export_keying_material(label, size, context)

    def session_key(self) -> bytes:
        """The key under which `Sessions` may remember this session; empty before the session has a secret."""
        try:
            secret = self._connection.master_key()
        except SSL.Error:
            return b""
        return sha256(bytes((self._method,)) + secret).digest() if secret else b""

    def settle(self) -> bytes:
        """Say, behind the last `write`, that the session may be resumed: its key for `Sessions`.

        EAP has no close_notify, and OpenSSL forgets a session whose connection ends without: those that failed.
        """
        self._connection.set_shutdown(SSL.SENT_SHUTDOWN)
        return self.session_key()

    def peer_certificate(self) -> x509.Certificate | None:
        """The client's certificate, that of the earlier handshake in a resumed session."""
        return self._connection.get_peer_certificate(as_cryptography=True)

    def _seek_tie(self, now: float) -> None:
        """Whose session is resumed: asked when the server has spoken first.

        Only a resumed session has a secret by then, and TLS 1.3 has not yet put a new one in its place.
        """
        self._is_tie_sought = True
        key = self.session_key()
        self.tie = self._sessions.find(key, now=now) if key else None

    def _guarded(self, work: Callable[[], bytes | int | None]) -> bytes:
        try:
            done = work()
        except SSL.WantReadError:
            raise
        except SSL.ZeroReturnError:
            raise TlsFailed("the peer closed the tunnel") from None
        except SSL.SysCallError:
            raise TlsFailed("the tunnel ended in the middle") from None
        except SSL.Error as error:
            raise TlsFailed("; ".join(self._faults) or _words(error)) from None
        return done if isinstance(done, bytes) else b""


def _words(error: SSL.Error) -> str:
    """The reasons OpenSSL gives, without its places in the source."""
    entries = error.args[0] if error.args and isinstance(error.args[0], list) else []
    return "; ".join(dict.fromkeys(str(entry[-1]) for entry in entries if entry)) or "TLS failed"


def _context(*, certificates: bytes, key: bytes, method: int, newest: int) -> SSL.Context:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_max_proto_version(newest)
    context.set_cipher_list(_CIPHERS)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION | SSL.OP_CIPHER_SERVER_PREFERENCE)
    # By ticket or, as Android has it with TLS 1.2, by id: OpenSSL keeps 20,480 of these. A session of one method is none of
    # another's.
    context.set_session_cache_mode(SSL.SESS_CACHE_SERVER)
    context.set_session_id(b"gate" + bytes((method,)))
    context.set_timeout(_TICKET_LIFETIME)
    try:
        own, *chain = x509.load_pem_x509_certificates(certificates)
        context.use_certificate(own)
        for certificate in chain:
            context.add_extra_chain_cert(certificate)
    except (ValueError, SSL.Error, crypto.Error) as error:
        raise Unusable(f"the certificate cannot be used: {error}") from error
    try:
        context.use_privatekey(load_pem_private_key(key, None))  # type: ignore[arg-type]
        context.check_privatekey()
    except (ValueError, TypeError, SSL.Error, crypto.Error) as error:
        raise Unusable(f"the key cannot be used, or is not the certificate's: {error}") from error
    return context


def _trust_all(context: SSL.Context, trusted: Sequence[Trusted]) -> None:
    """Trust several CAs, some of which have a CRL: of the others none is asked, whatever flag the first of them set."""
    unlisted: set[bytes] = set()
    for authorities, crls in trusted:
        _trust(context, authorities=authorities, crls=crls)
        if crls is None:
            unlisted |= {one.subject.public_bytes() for one in x509.load_pem_x509_certificates(authorities)}
    store = context.get_cert_store()
    if store is not None:
        # A CA below another is trusted without that one.
        store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)

    def told(connection: SSL.Connection, certificate: crypto.X509, error: int, depth: int, is_right: int) -> bool:
        if error == _NO_CRL and _issuer(certificate) in unlisted:
            return True
        return _told(connection, certificate, error, depth, is_right)

    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, told)


def _issuer(certificate: crypto.X509) -> bytes:
    try:
        return certificate.to_cryptography().issuer.public_bytes()
    except ValueError:
        return b""


def _trust(context: SSL.Context, *, authorities: bytes, crls: bytes | None) -> None:
    store = context.get_cert_store()
    if store is None:
        raise Unusable("OpenSSL has no store of certificates")
    try:
        for authority in x509.load_pem_x509_certificates(authorities):
            store.add_cert(crypto.X509.from_cryptography(authority))
            context.add_client_ca(authority)
    except (ValueError, SSL.Error, crypto.Error) as error:
        raise Unusable(f"the CA certificates cannot be used: {error}") from error
    if crls is not None:
        try:
            for text in _blocks(crls):
                store.add_crl(x509.load_pem_x509_crl(text))
        except (ValueError, SSL.Error, crypto.Error) as error:
            raise Unusable(f"the CRL cannot be used: {error}") from error
        # Of the client's own certificate; a CA of which there is no CRL lets nobody in.
        store.set_flags(crypto.X509StoreFlags.CRL_CHECK)
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, _told)


def _blocks(text: bytes) -> list[bytes]:
    """Each CRL of a PEM file. Raises ValueError where there is none."""
    end = b"-----END X509 CRL-----"
    blocks = [block + end + b"\n" for block in text.split(end)[:-1]]
    if not blocks:
        raise ValueError("there is no X509 CRL in it")
    return blocks


def _told(connection: SSL.Connection, certificate: crypto.X509, error: int, _depth: int, is_right: int) -> bool:
    """Keeps why a certificate does not hold, in words; decides nothing."""
    if not is_right:
        faults = connection.get_app_data()
        faults.append(f"the certificate of {_subject(certificate)} does not hold: {_reason(error)}")
    return bool(is_right)


def _subject(certificate: crypto.X509) -> str:
    """Whom it is for, as far as it can be read: what a callback raises would be met by another handshake."""
    try:
        return certificate.to_cryptography().subject.rfc4514_string()[:80] or "nobody"
    except ValueError:
        return "somebody unreadable"


_REASONS: Final = {
    2: "its issuer is not among the CAs",
    3: "there is no CRL of its issuer",
    9: "it is not valid yet",
    10: "it has expired",
    12: "the CRL has expired",
    18: "it is self-signed",
    19: "its issuer is not among the CAs",
    20: "its issuer is not among the CAs",
    21: "its issuer is not among the CAs",
    23: "it is revoked",
    26: "it is not made for clients",
}
"""X509_V_ERR_* of OpenSSL."""


def _reason(error: int) -> str:
    return _REASONS.get(error, f"OpenSSL's verification error {error}")
