"""What makes of NAS want in a Disconnect- or CoA-Request (RFC 5176 section 3), as data. Pure.

All attributes of a request must match one session, and some makes refuse a request for any attribute they do not know
(Error-Cause 401), so each line holds the fewest that are known to work. To add a make, add a line.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

IDENTIFYING: Mapping[str, str] = {
    "User-Name": "username",
    "Acct-Session-Id": "acctsessionid",
    "Acct-Multi-Session-Id": "acctmultisessionid",
    "Calling-Station-Id": "callingstationid",
    "Called-Station-Id": "calledstationid",
    "Framed-IP-Address": "framedipaddress",
    "NAS-IP-Address": "nasipaddress",
    "NAS-Identifier": "nasidentifier",
    "NAS-Port-Id": "nasportid",
}
"""What a request may name, and the column of the session that holds it (RFC 5176 section 3)."""
OF_SESSION = frozenset(IDENTIFYING) - {"NAS-IP-Address", "NAS-Identifier", "Called-Station-Id"}
"""Those that tell one session from others; the rest tell the NAS. One at least has to be in a request."""


@dataclass(frozen=True, slots=True)
class Preset:
    """How a make takes requests about live sessions."""

    label: str
    identify: tuple[str, ...]
    mac_format: str = "as-sent"
    fixed: tuple[tuple[str, str], ...] = ()
    """Attributes that are the same in every request."""
    port: int | None = None
    """Where it is not GATE's default."""
    changes: tuple[str, ...] = ("*",)
    """Attributes a CoA-Request may change in a session that runs; a star stands for the rest of a name. None at all: it ends
    sessions only, or wants attributes of its own in place of the limits."""


GENERIC = Preset("Other", ("User-Name", "Acct-Session-Id"))
PRESETS: Mapping[str, Preset] = {
    "": GENERIC,
    "mikrotik": Preset("MikroTik", ("User-Name", "Acct-Session-Id")),
    "coovachilli": Preset(
        "CoovaChilli", ("User-Name", "Acct-Session-Id"), changes=("Session-Timeout", "Idle-Timeout", "WISPr-*", "ChilliSpot-*")
    ),
    "cisco": Preset(
        "Cisco",
        ("Calling-Station-Id", "NAS-IP-Address"),
        "aa-bb-cc-dd-ee-ff",
        (("Service-Type", "Login-User"),),
        1700,
        changes=(),
    ),
    "meraki": Preset("Meraki", ("Acct-Session-Id",), changes=()),
    "aruba": Preset(
        "Aruba",
        ("User-Name", "Calling-Station-Id", "NAS-IP-Address"),
        "AA-BB-CC-DD-EE-FF",
        changes=("Aruba-User-Role", "Filter-Id", "Session-Timeout"),
    ),
    "aruba-instant": Preset("Aruba Instant", ("User-Name", "Calling-Station-Id"), "aabbccddeeff", changes=("Aruba-User-Role",)),
    "ruckus": Preset(
        "Ruckus", ("User-Name", "Calling-Station-Id", "NAS-IP-Address"), changes=("WISPr-Bandwidth-*", "Session-Timeout")
    ),
    "ubiquiti": Preset("Ubiquiti UniFi", ("Calling-Station-Id", "NAS-Identifier"), "AA-BB-CC-DD-EE-FF", changes=()),
    "cambium": Preset("Cambium", ("User-Name", "Calling-Station-Id"), changes=()),
    "fortinet": Preset("Fortinet", ("User-Name", "Acct-Session-Id", "Framed-IP-Address"), changes=("Fortinet-Group-Name",)),
    "extreme": Preset("Extreme", ("Calling-Station-Id", "NAS-IP-Address"), changes=("Filter-Id",)),
    "hp": Preset("HPE AOS-CX", ("User-Name", "Calling-Station-Id", "NAS-Identifier"), changes=("HP-User-Role",)),
    "huawei": Preset("Huawei", ("User-Name", "Acct-Session-Id")),
    "mist": Preset(
        "Juniper Mist",
        ("Calling-Station-Id", "NAS-IP-Address", "Acct-Session-Id"),
        "AA-BB-CC-DD-EE-FF",
        changes=("Tunnel-*", "Filter-Id"),
    ),
    "arista": Preset("Arista", ("Calling-Station-Id", "NAS-Identifier"), changes=()),
    "nomadix": Preset("Nomadix", ("User-Name", "Acct-Session-Id")),
    "omada": Preset("TP-Link Omada", ("User-Name", "Acct-Session-Id"), changes=()),
    "pfsense": Preset("pfSense", ("User-Name", "Acct-Session-Id"), changes=()),
    # hostapd answers any attribute it does not know with 401.
    "openwrt": Preset("OpenWrt (hostapd)", ("Acct-Session-Id",), changes=()),
    "hostapd": Preset("hostapd", ("Acct-Session-Id",), changes=()),
}
"""By the word in `Nas.vendor`."""
ALIASES: Mapping[str, str] = {
    "airespace": "cisco", "chillispot": "coovachilli", "hpe": "hp", "symbol": "extreme", "tplink": "omada", "unifi": "ubiquiti",
}  # fmt: skip
"""Other words for a make."""


def of(vendor: str) -> Preset:
    """The line of a make; an unknown one gets the generic line."""
    return PRESETS.get(ALIASES.get(vendor, vendor), GENERIC)


def takes_change(vendor: str, attribute: str) -> bool:
    """Whether a make changes this attribute of a session that runs, when a CoA-Request says it."""
    name = attribute.lower()
    return any(
        name.startswith(known[:-1].lower()) if known.endswith("*") else name == known.lower() for known in of(vendor).changes
    )


def _grouped(separator: str, digits: int, *, upper: bool) -> Callable[[str], str]:
    def write(plain: str) -> str:
        plain = plain.upper() if upper else plain.lower()
        return separator.join(plain[at : at + digits] for at in range(0, 12, digits))

    return write


MAC_FORMATS: Mapping[str, Callable[[str], str] | None] = {
    "as-sent": None,
    "AA-BB-CC-DD-EE-FF": _grouped("-", 2, upper=True),
    "aa-bb-cc-dd-ee-ff": _grouped("-", 2, upper=False),
    "AA:BB:CC:DD:EE:FF": _grouped(":", 2, upper=True),
    "aa:bb:cc:dd:ee:ff": _grouped(":", 2, upper=False),
    "AABBCCDDEEFF": _grouped("", 12, upper=True),
    "aabbccddeeff": _grouped("", 12, upper=False),
    "aabb.ccdd.eeff": _grouped(".", 4, upper=False),
}
"""How a MAC address may be written; `as-sent` is the way the NAS wrote it itself."""
_NOT_HEX = re.compile(r"[:.\- ]")
_PLAIN = re.compile(r"[0-9A-Fa-f]{12}", re.ASCII)


def write_mac(text: str, *, mac_format: str) -> str:
    """A MAC address in that format; what is no MAC address stays as it is (Calling-Station-Id may be a number or a name)."""
    write = MAC_FORMATS.get(mac_format)
    plain = _NOT_HEX.sub("", text)
    return text if write is None or not _PLAIN.fullmatch(plain) else write(plain)


def names(text: str) -> tuple[str, ...]:
    """The attributes in a comma list, spelled as the dictionary spells them. Raises ValueError with a sentence for people."""
    by_key = {name.casefold(): name for name in IDENTIFYING}
    said = [word.strip() for word in text.split(",") if word.strip()]
    unknown = [word for word in said if word.casefold() not in by_key]
    if unknown:
        raise ValueError(f"{unknown[0]} does not identify a session: take some of {', '.join(IDENTIFYING)}.")
    found = tuple(dict.fromkeys(by_key[word.casefold()] for word in said))
    if found and not OF_SESSION.intersection(found):
        raise ValueError(f"Name one at least that tells sessions apart: {', '.join(sorted(OF_SESSION))}.")
    return found
