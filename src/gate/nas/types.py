"""What crosses this room's border. A shared secret does so once, in `WithSecret`, when it is made."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

MessageAuthenticator = Literal["auto", "require", "off"]
LiveControl = Literal["off", "disconnect", "both"]
Unchangeable = Literal["leave", "disconnect"]
NAS_LABEL = "urn:gate:nas:"
"""With a NAS's id behind it, a URI in a certificate for RadSec: the name of that NAS, which no other may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NasDraft:
    """Everything a caller may say about a NAS but its secret. What is not said is empty."""

    organization_id: int
    name: str
    short_name: str
    address: str | None = None
    """Source address or range of its packets: `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/64`. None: nothing of it is taken by
    UDP; it is known by its certificate for RadSec alone, and has to have one."""
    description: str = ""
    nas_identifier: str = ""
    """NAS-Identifier (RFC 2865 §5.32) it sends; for information, unless `by_identifier`."""
    by_identifier: bool = False
    """One of several NAS behind the address, told apart by NAS-Identifier. One without takes what fits none of the others."""
    vendor: str = ""
    """Make of the device, in lower case: `mikrotik`."""
    message_authenticator: MessageAuthenticator = "auto"
    """Whether Access-Requests without Message-Authenticator are left unanswered: always (`require`), never (`off`), or as soon
    as the sender is known to send it (`auto`). One of several behind an address always has to send it."""
    packet_rate: int | None = None
    """Packets a second taken from it, on each port; None: GATE's default."""
    swapped_octets: bool = False
    """It counts the wrong way round: Acct-Input-Octets is what the user received (RFC 2866 §5.3 says sent)."""
    coa_port: int | None = None
    """UDP port for Disconnect and CoA (RFC 5176); None: GATE's default."""
    live_control: LiveControl = "disconnect"
    """What of RFC 5176 it takes."""
    coa_address: str | None = None
    """Where it takes them; None: at its own address, or for a range at the session's NAS-IP-Address within it. Without an
    address: at the session's NAS-IP-Address, or where its connection came from."""
    coa_attributes: str = ""
    """Names of the attributes that identify a session to it, separated by commas; empty: those of its make (presets.py)."""
    coa_mac_format: str = ""
    """How it wants MAC addresses, by the words of presets.MAC_FORMATS; empty: as its make does."""
    unchangeable: Unchangeable = "leave"
    """What becomes of a live session whose limits changed, where the NAS cannot be told by CoA or refuses it."""
    radsec_name: str = ""
    """Name in its certificate for RadSec (RFC 6614), in lower case: a DNS name or URI of subjectAltName, or a common name."""
    radsec_fingerprint: str = ""
    """SHA-256 of that certificate, 64 hexadecimal digits in lower case. With both, both have to fit; with neither, no RadSec."""
    location_id: int | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Nas(NasDraft):
    """A stored NAS. `address`, where it has one, is in CIDR form."""

    id: int
    created: dt.datetime
    last_change: dt.datetime


@dataclass(frozen=True, slots=True)
class WithSecret:
    """A NAS and the shared secret just made for it: the only time it is told."""

    nas: Nas
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ListedNas:
    """One page of NAS, and how many there are in all."""

    count: int
    results: Sequence[Nas]
