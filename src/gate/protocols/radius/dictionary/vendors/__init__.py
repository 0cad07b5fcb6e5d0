"""One file per vendor; `VENDOR_ATTRIBUTES` is all of them together."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute
from gate.protocols.radius.dictionary.vendors import (
    airespace,
    aruba,
    ascend,
    cambium,
    chillispot,
    cisco,
    colubris,
    fortinet,
    hp,
    huawei,
    meraki,
    microsoft,
    mikrotik,
    nomadix,
    openwifi,
    pfsense,
    ruckus,
    symbol,
    tplink,
    ubiquiti,
    wispr,
)

VENDOR_ATTRIBUTES: Final[tuple[Attribute, ...]] = (
    *airespace.ATTRIBUTES,
    *aruba.ATTRIBUTES,
    *ascend.ATTRIBUTES,
    *cambium.ATTRIBUTES,
    *chillispot.ATTRIBUTES,
    *cisco.ATTRIBUTES,
    *colubris.ATTRIBUTES,
    *fortinet.ATTRIBUTES,
    *hp.ATTRIBUTES,
    *huawei.ATTRIBUTES,
    *meraki.ATTRIBUTES,
    *microsoft.ATTRIBUTES,
    *mikrotik.ATTRIBUTES,
    *nomadix.ATTRIBUTES,
    *openwifi.ATTRIBUTES,
    *pfsense.ATTRIBUTES,
    *ruckus.ATTRIBUTES,
    *symbol.ATTRIBUTES,
    *tplink.ATTRIBUTES,
    *ubiquiti.ATTRIBUTES,
    *wispr.ATTRIBUTES,
)
