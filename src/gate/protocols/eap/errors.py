"""Everything the EAP decoders raise, whatever bytes they are given.

::

    EapError
    ├── PacketMalformed      no EAP packet: discard it, the conversation goes on (RFC 3748 section 4.1)
    ├── MessageMalformed     a method's contents make no sense: the conversation fails
    │   └── TooMuch          more octets or rounds than a conversation may have
    └── TlsFailed            the handshake or the tunnel failed; the text says why, for operators
"""


class EapError(Exception):
    """Anything wrong with what a peer sent."""


class PacketMalformed(EapError):
    """The octets are no EAP packet of a peer; RFC 3748 section 4.1 has them silently discarded."""


class MessageMalformed(EapError):
    """A method's contents have a wrong shape or came at a wrong time."""


class TooMuch(MessageMalformed):
    """The peer sends more than a conversation may take."""


class TlsFailed(EapError):
    """TLS ended: an alert, a certificate that does not hold, or octets that are no TLS."""
