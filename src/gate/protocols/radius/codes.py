"""Packet codes (the first octet of every packet)."""

from enum import IntEnum


class Code(IntEnum):
    """Registered packet codes; the name is the RFC's name in capitals, `label` gives the RFC's spelling."""

    ACCESS_REQUEST = 1  # RFC 2865 section 4.1
    ACCESS_ACCEPT = 2  # RFC 2865 section 4.2
    ACCESS_REJECT = 3  # RFC 2865 section 4.3
    ACCOUNTING_REQUEST = 4  # RFC 2866 section 4.1
    ACCOUNTING_RESPONSE = 5  # RFC 2866 section 4.2
    ACCESS_CHALLENGE = 11  # RFC 2865 section 4.4
    STATUS_SERVER = 12  # RFC 5997
    DISCONNECT_REQUEST = 40  # RFC 5176 section 2.1
    DISCONNECT_ACK = 41
    DISCONNECT_NAK = 42
    COA_REQUEST = 43  # RFC 5176 section 2.2
    COA_ACK = 44
    COA_NAK = 45

    @property
    def label(self) -> str:
        """The code as the RFCs write it: ``Access-Request``, ``CoA-NAK``."""
        return _LABELS[self]


_LABELS = {
    Code.ACCESS_REQUEST: "Access-Request",
    Code.ACCESS_ACCEPT: "Access-Accept",
    Code.ACCESS_REJECT: "Access-Reject",
    Code.ACCOUNTING_REQUEST: "Accounting-Request",
    Code.ACCOUNTING_RESPONSE: "Accounting-Response",
    Code.ACCESS_CHALLENGE: "Access-Challenge",
    Code.STATUS_SERVER: "Status-Server",
    Code.DISCONNECT_REQUEST: "Disconnect-Request",
    Code.DISCONNECT_ACK: "Disconnect-ACK",
    Code.DISCONNECT_NAK: "Disconnect-NAK",
    Code.COA_REQUEST: "CoA-Request",
    Code.COA_ACK: "CoA-ACK",
    Code.COA_NAK: "CoA-NAK",
}
