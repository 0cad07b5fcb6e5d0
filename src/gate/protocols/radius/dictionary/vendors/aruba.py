"""Aruba."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 14823

ARUBA_USER_ROLE: Final = 1
ARUBA_USER_VLAN: Final = 2
ARUBA_PRIV_ADMIN_USER: Final = 3
ARUBA_ADMIN_ROLE: Final = 4
ARUBA_ESSID_NAME: Final = 5
ARUBA_LOCATION_ID: Final = 6
ARUBA_PORT_IDENTIFIER: Final = 7
ARUBA_MMS_USER_TEMPLATE: Final = 8
ARUBA_NAMED_USER_VLAN: Final = 9
ARUBA_AP_GROUP: Final = 10
ARUBA_FRAMED_IPV6_ADDRESS: Final = 11
ARUBA_DEVICE_TYPE: Final = 12
ARUBA_NO_DHCP_FINGERPRINT: Final = 14
ARUBA_CPPM_ROLE: Final = 23
ARUBA_AIRGROUP_USER_NAME: Final = 24
ARUBA_AIRGROUP_SHARED_USER: Final = 25
ARUBA_AIRGROUP_SHARED_ROLE: Final = 26
ARUBA_AIRGROUP_DEVICE_TYPE: Final = 27
ARUBA_AUTH_SURVIVABILITY: Final = 28
ARUBA_AS_USER_NAME: Final = 29
ARUBA_AS_CREDENTIAL_HASH: Final = 30
ARUBA_AP_IP_ADDRESS: Final = 34
ARUBA_AIRGROUP_SHARED_GROUP: Final = 35
ARUBA_USER_GROUP: Final = 36
ARUBA_NETWORK_SSO_TOKEN: Final = 37
ARUBA_PORT_BOUNCE_HOST: Final = 40
ARUBA_ADMIN_PATH: Final = 42
ARUBA_CAPTIVE_PORTAL_URL: Final = 43
ARUBA_MPSK_PASSPHRASE: Final = 44
ARUBA_AP_MAC_ADDRESS: Final = 60

ARUBA_AIRGROUP_DEVICE_TYPE_VALUES: Final = {
    "Personal-Device": 1,
    "Shared-Device": 2,
}

ATTRIBUTES: Final = (
    Attribute("Aruba-User-Role", ARUBA_USER_ROLE, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-User-Vlan", ARUBA_USER_VLAN, Kind.INTEGER, vendor=VENDOR),
    Attribute("Aruba-Priv-Admin-User", ARUBA_PRIV_ADMIN_USER, Kind.INTEGER, vendor=VENDOR),
    Attribute("Aruba-Admin-Role", ARUBA_ADMIN_ROLE, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-Essid-Name", ARUBA_ESSID_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-Location-Id", ARUBA_LOCATION_ID, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-Port-Identifier", ARUBA_PORT_IDENTIFIER, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-MMS-User-Template", ARUBA_MMS_USER_TEMPLATE, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-Named-User-Vlan", ARUBA_NAMED_USER_VLAN, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-AP-Group", ARUBA_AP_GROUP, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-Framed-IPv6-Address", ARUBA_FRAMED_IPV6_ADDRESS, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-Device-Type", ARUBA_DEVICE_TYPE, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-No-DHCP-Fingerprint", ARUBA_NO_DHCP_FINGERPRINT, Kind.INTEGER, vendor=VENDOR),
    Attribute("Aruba-CPPM-Role", ARUBA_CPPM_ROLE, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-AirGroup-User-Name", ARUBA_AIRGROUP_USER_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-AirGroup-Shared-User", ARUBA_AIRGROUP_SHARED_USER, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-AirGroup-Shared-Role", ARUBA_AIRGROUP_SHARED_ROLE, Kind.TEXT, vendor=VENDOR),
    Attribute(
        "Aruba-AirGroup-Device-Type",
        ARUBA_AIRGROUP_DEVICE_TYPE,
        Kind.INTEGER,
        vendor=VENDOR,
        values=ARUBA_AIRGROUP_DEVICE_TYPE_VALUES,
    ),
    Attribute("Aruba-Auth-Survivability", ARUBA_AUTH_SURVIVABILITY, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-AS-User-Name", ARUBA_AS_USER_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-AS-Credential-Hash", ARUBA_AS_CREDENTIAL_HASH, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-AP-IP-Address", ARUBA_AP_IP_ADDRESS, Kind.IPADDR, vendor=VENDOR),
    Attribute("Aruba-AirGroup-Shared-Group", ARUBA_AIRGROUP_SHARED_GROUP, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-User-Group", ARUBA_USER_GROUP, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-Network-SSO-Token", ARUBA_NETWORK_SSO_TOKEN, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-Port-Bounce-Host", ARUBA_PORT_BOUNCE_HOST, Kind.INTEGER, vendor=VENDOR),
    Attribute("Aruba-Admin-Path", ARUBA_ADMIN_PATH, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-Captive-Portal-URL", ARUBA_CAPTIVE_PORTAL_URL, Kind.TEXT, vendor=VENDOR),
    Attribute("Aruba-MPSK-Passphrase", ARUBA_MPSK_PASSPHRASE, Kind.HIDDEN, vendor=VENDOR),
    Attribute("Aruba-AP-MAC-Address", ARUBA_AP_MAC_ADDRESS, Kind.TEXT, vendor=VENDOR),
)
