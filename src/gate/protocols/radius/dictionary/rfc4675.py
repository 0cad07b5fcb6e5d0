"""RFC 4675: VLANs and priorities."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

EGRESS_VLANID: Final = 56
INGRESS_FILTERS: Final = 57
EGRESS_VLAN_NAME: Final = 58
USER_PRIORITY_TABLE: Final = 59

INGRESS_FILTERS_VALUES: Final = {
    "Enabled": 1,
    "Disabled": 2,
}

ATTRIBUTES: Final = (
    Attribute("Egress-VLANID", EGRESS_VLANID, Kind.INTEGER),
    Attribute("Ingress-Filters", INGRESS_FILTERS, Kind.INTEGER, values=INGRESS_FILTERS_VALUES),
    Attribute("Egress-VLAN-Name", EGRESS_VLAN_NAME, Kind.TEXT),
    Attribute("User-Priority-Table", USER_PRIORITY_TABLE, Kind.OCTETS),
)
