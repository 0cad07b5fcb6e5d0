"""Which file renders for which make: the word in `Nas.vendor`."""

from collections.abc import Callable, Mapping
from typing import Final

from gate.access.types import Limits
from gate.radiusd.replies import (
    aruba,
    cambium,
    cisco,
    coovachilli,
    extreme,
    fortinet,
    generic,
    hp,
    huawei,
    meraki,
    mikrotik,
    nomadix,
    omada,
    pfsense,
    ruckus,
    ubiquiti,
)  # fmt: skip
from gate.radiusd.replies.rendering import Groups

Render = Callable[[Limits], Groups]

BY_MAKE: Final[Mapping[str, Render]] = {
    "": generic.render,
    "wispr": generic.render,
    "aruba": aruba.render,
    "aruba-instant": aruba.render,
    "cambium": cambium.render,
    "cisco": cisco.render,
    "airespace": cisco.render,
    "coovachilli": coovachilli.render,
    "chillispot": coovachilli.render,
    "extreme": extreme.render,
    "symbol": extreme.render,
    "fortinet": fortinet.render,
    "hp": hp.render,
    "hpe": hp.render,
    "huawei": huawei.render,
    "meraki": meraki.render,
    "mikrotik": mikrotik.render,
    "nomadix": nomadix.render,
    "omada": omada.render,
    "tplink": omada.render,
    "pfsense": pfsense.render,
    "ruckus": ruckus.render,
    "ubiquiti": ubiquiti.render,
    "unifi": ubiquiti.render,
}
"""To add a make, add a file and a line (docs/howto/add-a-vendor.md)."""


def of(vendor: str) -> Render:
    """What renders for a make; an unknown one gets the generic attributes."""
    return BY_MAKE.get(vendor, generic.render)
