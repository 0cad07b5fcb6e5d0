"""Everything the RADIUS codec raises. Decoders raise nothing else, whatever bytes they are given.

::

    RadiusError
    ├── PacketError                        the datagram is not a RADIUS packet (RFC 2865 section 3): drop it
    │   ├── PacketTooShort                 fewer than 20 octets, received or announced
    │   ├── PacketLengthMismatch           the Length field announces more octets than arrived
    │   ├── PacketTooLong                  more than 4096 octets, announced or to be sent
    │   └── AttributeMalformed             an attribute is shorter than its header or runs past the end
    ├── SignatureError                     the packet does not come from a holder of the secret: drop it
    │   ├── AuthenticatorMismatch          Request or Response Authenticator
    │   ├── MessageAuthenticatorMissing    attribute 80 is required and absent
    │   └── MessageAuthenticatorMismatch   attribute 80 is there and wrong
    ├── ValueMalformed                     a value does not fit its attribute
    └── UnknownAttribute                   the dictionary has no such name
"""


class RadiusError(Exception):
    """Anything wrong with RADIUS bytes or values."""


class PacketError(RadiusError):
    """The datagram is not a well-formed RADIUS packet; RFC 2865 section 3 has it silently discarded."""


class PacketTooShort(PacketError):
    """Fewer than the 20 octets of a header, received or announced."""


class PacketLengthMismatch(PacketError):
    """The Length field announces more octets than arrived."""


class PacketTooLong(PacketError):
    """More than the 4096 octets a packet may have."""


class AttributeMalformed(PacketError):
    """An attribute is shorter than its own header, runs past the end of the packet or may not stand there."""


class SignatureError(RadiusError):
    """The packet was not made by a holder of the shared secret, or was changed on its way."""


class AuthenticatorMismatch(SignatureError):
    """The Request Authenticator (RFC 2866 section 3) or the Response Authenticator (RFC 2865 section 3) is wrong."""


class MessageAuthenticatorMissing(SignatureError):
    """A Message-Authenticator (RFC 3579 section 3.2) is required and absent."""


class MessageAuthenticatorMismatch(SignatureError):
    """The Message-Authenticator (RFC 3579 section 3.2) is there and wrong."""


class ValueMalformed(RadiusError):
    """A value does not fit its attribute's data type or bounds."""


class UnknownAttribute(RadiusError):
    """The dictionary has no attribute of this name."""
