"""The certificate files of RadSec, read at the start and again when one of them changed.

A file that cannot be used is told once, and what was in use stays in use. Apart from the files of EAP on purpose: the CA here
says which NAS somebody is, that of EAP which user; were they one, a user's certificate would be a step to being a NAS.
"""

import datetime as dt
import logging
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509

from gate.core import clock
from gate.protocols.radius import v11
from gate.radiusd.radsec.certificates import Revocation, revoked
from gate.settings import Settings

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 10.0
"""Seconds between two looks at the files."""
WARN_DAYS: Final = 30

_Stamp = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class Server:
    """What handshakes are made with, and who is no longer believed."""

    context: ssl.SSLContext
    revoked: frozenset[Revocation]


class Materials:
    """Certificate, key, CAs of NAS and CRL, as the settings name them or as `gate radius certs --nas` made them."""

    def __init__(self, settings: Settings) -> None:
        folder = settings.data / "radius" / "radsec"
        self._cert = settings.radsec_cert or folder / "server.pem"
        self._key = settings.radsec_key or folder / "server.key"
        self._ca = settings.radsec_ca or folder / "ca.pem"
        # The install's own list says nothing of the certificates of a CA that was supplied.
        own = None if settings.radsec_ca is not None else folder / "crl.pem"
        self._crl = settings.radsec_crl or own
        self._is_named = any((settings.radsec_cert, settings.radsec_key, settings.radsec_ca, settings.radsec_crl))
        self._has_to_have_crl = settings.radsec_crl is not None
        self._stamps: tuple[_Stamp, ...] = ()
        self._looked: float | None = None
        self._server: Server | None = None

    def server(self, *, now: float) -> Server | None:
        """What to use, None where there are no certificates. `now` is of the monotonic clock."""
        if self._looked is None or now - self._looked >= LOOK_EVERY:
            self._looked = now
            stamps = tuple(map(_stamp, (self._cert, self._key, self._ca, self._crl)))
            if stamps != self._stamps:
                self._stamps = stamps
                self._read()
        return self._server

    def look_again(self) -> None:
        """Have the next question look at the files, however short ago they were looked at."""
        self._looked = None

    def _read(self) -> None:
        paths = (self._cert, self._key, self._ca, *((self._crl,) if self._crl and self._has_to_have_crl else ()))
        missing = [str(path) for path in paths if not path.exists()]
        if missing:
            if self._is_named or self._server is not None:
                log.error("Certificates of RadSec: %s cannot be read", " and ".join(missing))
            return
        try:
            self._server = self._made()
            left = (_expiry(self._cert) - clock.now()).days
        except (OSError, ssl.SSLError, ValueError) as error:
            log.error("Certificates of RadSec: %s", error)  # noqa: TRY400  the sentence says it all
        else:
            say = log.warning if left < WARN_DAYS else log.info
            say("RadSec uses the certificate in %s, for %d days more", self._cert, left)

    def _made(self) -> Server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_REQUIRED
        # No session outlives its connection: who was revoked, or agreed on RADIUS/1.1, does not come back by an old ticket as
        # somebody else (RFC 9765 section 3.5).
        context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
        context.num_tickets = 0
        # A key with a password would have OpenSSL ask for it on the terminal.
        context.load_cert_chain(self._cert, self._key, password=_no_password)
        context.load_verify_locations(self._ca)
        context.set_alpn_protocols([v11.ALPN, v11.HISTORIC])
        gone: frozenset[Revocation] = frozenset()
        if self._crl is not None and self._crl.exists():
            context.load_verify_locations(self._crl)
            context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_CHAIN
            gone = revoked(self._crl.read_bytes())
        return Server(context, gone)


def _no_password() -> str:
    raise ValueError("the key has a password; RadSec takes one without")


def _expiry(path: Path) -> dt.datetime:
    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc


def _stamp(path: Path | None) -> _Stamp:
    try:
        held = path.stat() if path is not None else None
    except OSError:
        return None
    return None if held is None else (held.st_mtime_ns, held.st_size, held.st_ino)
