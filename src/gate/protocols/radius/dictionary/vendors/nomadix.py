"""Nomadix. Bandwidths are in kbit/s."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 3309

NOMADIX_BW_UP: Final = 1
NOMADIX_BW_DOWN: Final = 2
NOMADIX_URL_REDIRECTION: Final = 3
NOMADIX_IP_UPSELL: Final = 4
NOMADIX_EXPIRATION: Final = 5
NOMADIX_SUBNET: Final = 6
NOMADIX_MAXBYTESUP: Final = 7
NOMADIX_MAXBYTESDOWN: Final = 8
NOMADIX_ENDOFSESSION: Final = 9
NOMADIX_LOGOFF_URL: Final = 10
NOMADIX_NET_VLAN: Final = 11
NOMADIX_CONFIG_URL: Final = 12
NOMADIX_GOODBYE_URL: Final = 13
NOMADIX_QOS_POLICY: Final = 14
NOMADIX_SMTP_REDIRECT: Final = 17
NOMADIX_CENTRALIZED_MGMT: Final = 18
NOMADIX_GROUP_POLICY_ID: Final = 19
NOMADIX_GROUP_BW_MAX_UP: Final = 20
NOMADIX_GROUP_BW_MAX_DOWN: Final = 21

NOMADIX_IP_UPSELL_VALUES: Final = {
    "PrivatePool": 0,
    "PublicPool": 1,
}

ATTRIBUTES: Final = (
    Attribute("Nomadix-Bw-Up", NOMADIX_BW_UP, Kind.INTEGER, vendor=VENDOR),
    Attribute("Nomadix-Bw-Down", NOMADIX_BW_DOWN, Kind.INTEGER, vendor=VENDOR),
    Attribute("Nomadix-URL-Redirection", NOMADIX_URL_REDIRECTION, Kind.TEXT, vendor=VENDOR),
    Attribute("Nomadix-IP-Upsell", NOMADIX_IP_UPSELL, Kind.INTEGER, vendor=VENDOR, values=NOMADIX_IP_UPSELL_VALUES),
    Attribute("Nomadix-Expiration", NOMADIX_EXPIRATION, Kind.TEXT, vendor=VENDOR),
    Attribute("Nomadix-Subnet", NOMADIX_SUBNET, Kind.TEXT, vendor=VENDOR),
    Attribute("Nomadix-MaxBytesUp", NOMADIX_MAXBYTESUP, Kind.INTEGER, vendor=VENDOR),
    Attribute("Nomadix-MaxBytesDown", NOMADIX_MAXBYTESDOWN, Kind.INTEGER, vendor=VENDOR),
    Attribute("Nomadix-EndofSession", NOMADIX_ENDOFSESSION, Kind.INTEGER, vendor=VENDOR),
    Attribute("Nomadix-Logoff-URL", NOMADIX_LOGOFF_URL, Kind.TEXT, vendor=VENDOR),
    Attribute("Nomadix-Net-VLAN", NOMADIX_NET_VLAN, Kind.INTEGER, vendor=VENDOR),
    Attribute("Nomadix-Config-URL", NOMADIX_CONFIG_URL, Kind.TEXT, vendor=VENDOR),
    Attribute("Nomadix-Goodbye-URL", NOMADIX_GOODBYE_URL, Kind.TEXT, vendor=VENDOR),
    Attribute("Nomadix-Qos-Policy", NOMADIX_QOS_POLICY, Kind.TEXT, vendor=VENDOR),
    Attribute("Nomadix-SMTP-Redirect", NOMADIX_SMTP_REDIRECT, Kind.INTEGER, vendor=VENDOR),
    Attribute("Nomadix-Centralized-Mgmt", NOMADIX_CENTRALIZED_MGMT, Kind.TEXT, vendor=VENDOR),
    Attribute("Nomadix-Group-Policy-Id", NOMADIX_GROUP_POLICY_ID, Kind.INTEGER, vendor=VENDOR),
    Attribute("Nomadix-Group-Bw-Max-Up", NOMADIX_GROUP_BW_MAX_UP, Kind.INTEGER, vendor=VENDOR),
    Attribute("Nomadix-Group-Bw-Max-Down", NOMADIX_GROUP_BW_MAX_DOWN, Kind.INTEGER, vendor=VENDOR),
)
