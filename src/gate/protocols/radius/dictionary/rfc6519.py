"""RFC 6519: Dual-Stack Lite."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

DS_LITE_TUNNEL_NAME: Final = 144

ATTRIBUTES: Final = (Attribute("DS-Lite-Tunnel-Name", DS_LITE_TUNNEL_NAME, Kind.TEXT),)
