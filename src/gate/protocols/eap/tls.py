"""EAP-TLS: the client's certificate is the proof (RFC 5216; RFC 9190 for TLS 1.3)."""

from __future__ import annotations

from typing import Final

from gate.protocols.eap import names, packet
from gate.protocols.eap.errors import MessageMalformed, TlsFailed
from gate.protocols.eap.steps import Done, Step
from gate.protocols.eap.tls_method import TlsMethod
from gate.protocols.eap.tunnel import Tunnel

PROTECTED_SUCCESS: Final = b"\x00"
"""What tells a peer by TLS 1.3 that nothing else follows the handshake (RFC 9190 section 2.5)."""


class EapTls(TlsMethod):
    """One conversation by EAP-TLS."""

    type = packet.TLS
    name = "EAP-TLS"

    def _established(self, tunnel: Tunnel, plain: bytes) -> Step:
        if plain:
            raise MessageMalformed("data came through the tunnel, of which there are none in EAP-TLS")
        certificate = tunnel.peer_certificate()
        if certificate is None:
            raise TlsFailed("the client has no certificate")
        found = names.names(certificate)
        identity = names.choose(found, claimed=self._claimed)
        if identity is None:
            return self._failed("the certificate names nobody")
        self._identity = identity
        if tunnel.is_tls_1_3:
            tunnel.write(PROTECTED_SUCCESS)
        return self._finish(
            tunnel,
            Done(
                identity,
                self.name,
                msk=tunnel.msk(),
                names=found,
                labels=names.labels(certificate),
                expires=certificate.not_valid_after_utc,
                resumed=tunnel.tie,
                session_key=tunnel.settle(),
            ),
        )

    def _advance(self, tunnel: Tunnel, plain: bytes) -> Step:  # noqa: ARG002 - nothing is taken
        raise MessageMalformed("data came through the tunnel, of which there are none in EAP-TLS")
