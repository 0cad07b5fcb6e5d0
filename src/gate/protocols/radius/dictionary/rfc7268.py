"""RFC 7268: IEEE 802 networks."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

ALLOWED_CALLED_STATION_ID: Final = 174
EAP_PEER_ID: Final = 175
EAP_SERVER_ID: Final = 176
MOBILITY_DOMAIN_ID: Final = 177
PREAUTH_TIMEOUT: Final = 178
NETWORK_ID_NAME: Final = 179
EAPOL_ANNOUNCEMENT: Final = 180
WLAN_HESSID: Final = 181
WLAN_VENUE_INFO: Final = 182
WLAN_VENUE_LANGUAGE: Final = 183
WLAN_VENUE_NAME: Final = 184
WLAN_REASON_CODE: Final = 185
WLAN_PAIRWISE_CIPHER: Final = 186
WLAN_GROUP_CIPHER: Final = 187
WLAN_AKM_SUITE: Final = 188
WLAN_GROUP_MGMT_CIPHER: Final = 189
WLAN_RF_BAND: Final = 190

ATTRIBUTES: Final = (
    Attribute("Allowed-Called-Station-Id", ALLOWED_CALLED_STATION_ID, Kind.TEXT),
    Attribute("EAP-Peer-Id", EAP_PEER_ID, Kind.OCTETS),
    Attribute("EAP-Server-Id", EAP_SERVER_ID, Kind.OCTETS),
    Attribute("Mobility-Domain-Id", MOBILITY_DOMAIN_ID, Kind.INTEGER),
    Attribute("Preauth-Timeout", PREAUTH_TIMEOUT, Kind.INTEGER),
    Attribute("Network-Id-Name", NETWORK_ID_NAME, Kind.OCTETS),
    Attribute("EAPoL-Announcement", EAPOL_ANNOUNCEMENT, Kind.OCTETS),
    Attribute("WLAN-HESSID", WLAN_HESSID, Kind.TEXT),
    Attribute("WLAN-Venue-Info", WLAN_VENUE_INFO, Kind.INTEGER),
    Attribute("WLAN-Venue-Language", WLAN_VENUE_LANGUAGE, Kind.OCTETS),
    Attribute("WLAN-Venue-Name", WLAN_VENUE_NAME, Kind.TEXT),
    Attribute("WLAN-Reason-Code", WLAN_REASON_CODE, Kind.INTEGER),
    Attribute("WLAN-Pairwise-Cipher", WLAN_PAIRWISE_CIPHER, Kind.INTEGER),
    Attribute("WLAN-Group-Cipher", WLAN_GROUP_CIPHER, Kind.INTEGER),
    Attribute("WLAN-AKM-Suite", WLAN_AKM_SUITE, Kind.INTEGER),
    Attribute("WLAN-Group-Mgmt-Cipher", WLAN_GROUP_MGMT_CIPHER, Kind.INTEGER),
    Attribute("WLAN-RF-Band", WLAN_RF_BAND, Kind.INTEGER),
)
