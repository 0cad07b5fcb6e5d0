"""The certificate files of EAP, read at the start and again when one of them changed.

A file that cannot be used is told once, and what was in use stays in use: a certificate half copied must not end Wi-Fi.
"""

import logging
from collections import OrderedDict
from pathlib import Path
from typing import Final

from gate.core import clock
from gate.protocols.eap.tunnel import Server, Sessions, Trusted, Unusable
from gate.settings import Settings

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 10.0
"""Seconds between two looks at the files."""

WARN_DAYS: Final = 30
TENANTS: Final = 256
"""Tenants with CAs of their own whose servers are kept, some 100 KB each and their CRLs; the longest unheard of goes."""

_Stamp = tuple[int, int] | None


class Materials:
    """Certificate, key, CAs of clients and CRL, as the settings name them or as `gate radius certs` made them."""

    def __init__(self, settings: Settings) -> None:
        folder = settings.data / "radius"
        self._paths = {
            "certificates": settings.radius_tls_cert or folder / "server.pem",
            "key": settings.radius_tls_key or folder / "server.key",
            "authorities": settings.radius_tls_ca or folder / "ca.pem",
            "crls": settings.radius_tls_crl or folder / "crl.pem",
        }
        # The install's own CA is not trusted beside a CA that was supplied, nor its list of revoked certificates asked.
        self._is_named = {
            "certificates": settings.radius_tls_cert is not None,
            "key": settings.radius_tls_key is not None,
            "authorities": settings.radius_tls_ca is not None,
            "crls": settings.radius_tls_crl is not None,
        }
        if settings.radius_tls_ca is not None and settings.radius_tls_crl is None:
            del self._paths["crls"]
        self.sessions = Sessions()
        self._stamps: dict[str, _Stamp] = {}
        self._looked: float | None = None
        self._server: Server | None = None
        self._tenants: OrderedDict[int, tuple[tuple[Trusted, ...], Server, Server]] = OrderedDict()

    def server(self, *, now: float, tenant_id: int = 0, trusted: tuple[Trusted, ...] | None = None) -> Server | None:
        """What handshakes are made with; None where there is no certificate. `now` is of the monotonic clock.

        `trusted` are the tenant's own CAs: its clients' certificates are taken in its requests alone. The server made of them
        is kept until they, or the install's files, are others.
        """
        base = self._base(now)
        if base is None or trusted is None:
            return base
        held = self._tenants.get(tenant_id)
        if held is None or held[0] is not trusted or held[1] is not base:
            held = trusted, base, self._of_tenant(base, tenant_id, trusted)
            while len(self._tenants) >= TENANTS:
                self._tenants.popitem(last=False)
            self._tenants[tenant_id] = held
        self._tenants.move_to_end(tenant_id)
        return held[2]

    def _of_tenant(self, base: Server, tenant_id: int, trusted: tuple[Trusted, ...]) -> Server:
        try:
            return base.trusting(trusted)
        except Unusable as error:
            log.error("The CAs of tenant %d let nobody in: %s", tenant_id, error)  # noqa: TRY400  the sentence says it all
            return base

    def _base(self, now: float) -> Server | None:
        """By the files."""
        if self._looked is None or now - self._looked >= LOOK_EVERY:
            self._looked = now
            stamps = {name: _stamp(path) for name, path in self._paths.items()}
            if stamps != self._stamps:
                self._stamps = stamps
                self._read()
        return self._server

    def _read(self) -> None:
        missing = [str(self._paths[name]) for name, stamp in self._stamps.items() if stamp is None and self._is_needed(name)]
        if missing:
            if any(self._is_named.values()) or self._server is not None:
                log.error("Certificates of EAP: %s cannot be read", " and ".join(missing))
            return
        try:
            held = {name: self._paths[name].read_bytes() for name, stamp in self._stamps.items() if stamp is not None}
            self._server = Server(
                certificates=held["certificates"],
                key=held["key"],
                authorities=held.get("authorities"),
                crls=held.get("crls"),
                sessions=self.sessions,
            )
        except (OSError, Unusable) as error:
            log.error("Certificates of EAP: %s", error)  # noqa: TRY400  the sentence says it all
        else:
            self._tell(self._server)

    def _tell(self, server: Server) -> None:
        left = (server.expires - clock.now()).days
        if left < WARN_DAYS:
            log.warning("The certificate of EAP in %s ends in %d days", self._paths["certificates"], left)
        else:
            log.info("EAP uses the certificate in %s, for %d days more", self._paths["certificates"], left)

    def _is_needed(self, name: str) -> bool:
        return name in {"certificates", "key"} or self._is_named[name]


def _stamp(path: Path) -> _Stamp:
    try:
        held = path.stat()
    except OSError:
        return None
    return held.st_mtime_ns, held.st_size
