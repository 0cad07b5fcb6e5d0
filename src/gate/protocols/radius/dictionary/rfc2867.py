"""RFC 2867: accounting of tunnels."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

ACCT_TUNNEL_CONNECTION: Final = 68
ACCT_TUNNEL_PACKETS_LOST: Final = 86

ATTRIBUTES: Final = (
    Attribute("Acct-Tunnel-Connection", ACCT_TUNNEL_CONNECTION, Kind.TEXT),
    Attribute("Acct-Tunnel-Packets-Lost", ACCT_TUNNEL_PACKETS_LOST, Kind.INTEGER),
)
