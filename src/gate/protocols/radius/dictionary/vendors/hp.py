"""HP and HPE switches."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 11

HP_PRIVILEGE_LEVEL: Final = 1
HP_COMMAND_STRING: Final = 2
HP_COMMAND_EXCEPTION: Final = 3
HP_PORT_BOUNCE_HOST: Final = 23
HP_CAPTIVE_PORTAL_URL: Final = 24
HP_USER_ROLE: Final = 25
HPE_CPPM_ROLE: Final = 27
HP_COS: Final = 40
HP_BANDWIDTH_MAX_INGRESS: Final = 46
HP_BANDWIDTH_MAX_EGRESS: Final = 48
HP_NAS_FILTER_RULE: Final = 61
HP_NAS_RULES_IPV6: Final = 63
HP_EGRESS_VLANID: Final = 64
HP_EGRESS_VLAN_NAME: Final = 65

HP_COMMAND_EXCEPTION_VALUES: Final = {
    "Permit-List": 0,
    "Deny-List": 1,
}

ATTRIBUTES: Final = (
    Attribute("HP-Privilege-Level", HP_PRIVILEGE_LEVEL, Kind.INTEGER, vendor=VENDOR),
    Attribute("HP-Command-String", HP_COMMAND_STRING, Kind.TEXT, vendor=VENDOR),
    Attribute("HP-Command-Exception", HP_COMMAND_EXCEPTION, Kind.INTEGER, vendor=VENDOR, values=HP_COMMAND_EXCEPTION_VALUES),
    Attribute("HP-Port-Bounce-Host", HP_PORT_BOUNCE_HOST, Kind.INTEGER, vendor=VENDOR),
    Attribute("HP-Captive-Portal-URL", HP_CAPTIVE_PORTAL_URL, Kind.TEXT, vendor=VENDOR),
    Attribute("HP-User-Role", HP_USER_ROLE, Kind.TEXT, vendor=VENDOR),
    Attribute("HPE-CPPM-Role", HPE_CPPM_ROLE, Kind.TEXT, vendor=VENDOR),
    Attribute("HP-Cos", HP_COS, Kind.TEXT, vendor=VENDOR),
    Attribute("HP-Bandwidth-Max-Ingress", HP_BANDWIDTH_MAX_INGRESS, Kind.INTEGER, vendor=VENDOR),
    Attribute("HP-Bandwidth-Max-Egress", HP_BANDWIDTH_MAX_EGRESS, Kind.INTEGER, vendor=VENDOR),
    Attribute("HP-Nas-Filter-Rule", HP_NAS_FILTER_RULE, Kind.TEXT, vendor=VENDOR),
    Attribute("HP-Nas-Rules-IPv6", HP_NAS_RULES_IPV6, Kind.INTEGER, vendor=VENDOR),
    Attribute("HP-Egress-VLANID", HP_EGRESS_VLANID, Kind.INTEGER, vendor=VENDOR),
    Attribute("HP-Egress-VLAN-Name", HP_EGRESS_VLAN_NAME, Kind.TEXT, vendor=VENDOR),
)
