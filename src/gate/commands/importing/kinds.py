"""What can be imported: the columns of each kind, how a cell is read. The inverse of exporting/kinds.py.

The words are the API's. An empty cell says nothing: the row has what it would have without the column.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gate.commands.importing import cells
from gate.core.tenancy import Scope

PLACE: Mapping[str, cells.Read] = {
    "name": cells.text, "short_name": cells.text, "organization": cells.text, "is_active": cells.boolean,
    "description": cells.text, "thumbnail": cells.text, "address": cells.text, "reference": cells.text, "city": cells.text,
    "postal_code": cells.text, "state": cells.text, "region": cells.text, "country_code": cells.text,
    "latitude": cells.degrees, "longitude": cells.degrees,
}  # fmt: skip

COLUMNS: Mapping[str, Mapping[str, cells.Read]] = {
    "users": {
        "username": cells.text, "password": cells.exact, "password_hash": cells.exact, "email": cells.text,
        "first_name": cells.text, "last_name": cells.text, "external_id": cells.text, "klass": cells.text,
        "is_active": cells.boolean, "organization": cells.text, "description": cells.text, "expiration": cells.end,
        "avatar_url": cells.text, "profile": cells.names, "user_time": cells.whole,
        "max_sessions": cells.whole,
    },
    "profiles": {
        "name": cells.text, "short_name": cells.text, "organization": cells.text, "description": cells.text,
        "reply_attribute": cells.items, "check_attribute": cells.items, "rate_up": cells.whole, "rate_down": cells.whole,
        "quota_up": cells.whole, "quota_down": cells.whole, "quota_total": cells.whole, "session_timeout": cells.whole,
        "idle_timeout": cells.whole, "vlan": cells.whole, "role": cells.text, "redirect_url": cells.text,
        "max_sessions": cells.whole,
    },
    "nas": {
        "name": cells.text, "short_name": cells.text, "address": cells.text, "secret": cells.exact, "organization": cells.text,
        "description": cells.text, "nas_identifier": cells.text, "vendor": cells.text, "message_authenticator": cells.text,
        "coa_port": cells.whole, "live_control": cells.text, "coa_address": cells.text, "coa_attributes": cells.text,
        "coa_mac_format": cells.text, "by_identifier": cells.boolean, "packet_rate": cells.whole,
        "unchangeable": cells.text,
        "swapped_octets": cells.boolean, "radsec_name": cells.text, "radsec_fingerprint": cells.text, "location": cells.text,
        "is_active": cells.boolean,
    },
    "locations": PLACE,
    "access-points": {**PLACE, "mac_addr": cells.text, "location": cells.text},
}  # fmt: skip

REQUIRED: Mapping[str, Sequence[str]] = {
    "users": ("username",),
    "profiles": ("name", "short_name"),
    "nas": ("name", "short_name"),
    "locations": ("name", "short_name"),
    "access-points": ("name", "short_name"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A record whose cells could be read: values by column, of the cells that are not empty."""

    line: int
    values: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why the record on this line is not taken."""

    line: int
    reason: str


class Maker(Protocol):
    """Makes rows of one kind, inside the transaction of who calls."""

    def make(self, rows: Sequence[Row]) -> Sequence[Complaint]:
        """Make what can be made; what is wrong with the others."""


@dataclass(frozen=True, slots=True)
class Order:
    """What every maker is told."""

    scope: Scope
    organizations: Mapping[str, int]
    """Ids by short name in lower case, of the organization imported into and all below it."""
    rehearsal: bool
    """Nothing will be kept: what costs time and cannot fail may be left out."""
    tell_secret: Callable[[str, str, str], None] | None = field(repr=False)
    """Takes short name, address (maybe empty) and secret of a NAS a secret was made for; None where nobody wants to know."""
