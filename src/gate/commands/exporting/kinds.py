"""What can be exported, a page at a time. The first five are what importing/kinds.py reads back; secrets are never among them.

Each page is a statement of its own that goes on behind the last row, so that nothing is held open however long it takes, and
each row is as it was when its page was read.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from gate.accounting import queries as accounting
from gate.accounting.types import Session, SessionFilter
from gate.core.tenancy import Scope
from gate.credit import queries as credit
from gate.nas import bulk as nas
from gate.nas.types import Nas
from gate.places import bulk as places
from gate.places.types import AccessPoint, Location
from gate.profiles import bulk as profiles
from gate.profiles.types import Profile
from gate.txlog import queries as txlog
from gate.txlog.types import EventFilter, LoggedEvent
from gate.users import bulk as users
from gate.users.types import User

T = TypeVar("T", User, Profile, Nas, Location, AccessPoint)
_PAGE = 1_000

PLACE = (
    "name", "short_name", "organization", "is_active", "description", "thumbnail", "address", "reference", "city", "postal_code",
    "state", "region", "country_code", "latitude", "longitude",
)  # fmt: skip
COLUMNS: Mapping[str, Sequence[str]] = {
    "users": (
        "username", "email", "first_name", "last_name", "external_id", "klass", "is_active", "organization", "description",
        "expiration", "avatar_url", "profile", "user_time", "max_sessions",
    ),
    "profiles": (
        "name", "short_name", "organization", "description", "reply_attribute", "check_attribute", "rate_up", "rate_down",
        "quota_up", "quota_down", "quota_total", "session_timeout", "idle_timeout", "vlan", "role", "redirect_url",
        "max_sessions",
    ),
    "nas": (
        "name", "short_name", "address", "organization", "description", "nas_identifier", "vendor", "message_authenticator",
        "coa_port", "live_control", "coa_address", "coa_attributes", "coa_mac_format", "by_identifier", "packet_rate",
        "unchangeable", "swapped_octets", "radsec_name", "radsec_fingerprint", "location", "is_active",
    ),
    "locations": PLACE,
    "access-points": (*PLACE, "mac_addr", "location"),
    "sessions": Session.__struct_fields__,
    "txlog": LoggedEvent.__struct_fields__,
}  # fmt: skip
DATED = ("sessions", "txlog")
"""What --since and --until narrow."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export."""

    scope: Scope
    organizations: Mapping[int, str]
    """Short names by id, of all organizations of the scope; empty for the one exported."""
    since: dt.datetime | None
    until: dt.datetime | None
    """Bounds of when a session began, or something happened."""
    password_hashes: bool

    def organization(self, organization_id: int) -> str | None:
        """How a row names its organization; None where it is the one exported, so that another may take its place."""
        return None if organization_id == self.scope.organization_id else self.organizations[organization_id]


Row = Mapping[str, Any]


def columns(kind: str, *, password_hashes: bool) -> Sequence[str]:
    """The columns of an export."""
    return (*COLUMNS[kind], "password_hash") if password_hashes else COLUMNS[kind]


def people(wanted: Wanted) -> Iterator[Row]:
    """Subscribers; staff are made in the console."""
    for page in _pages(wanted.scope, users.after):
        ids = [user.id for user in page]
        left = credit.balances(wanted.scope, ids)
        hashes = users.password_hashes(wanted.scope, ids) if wanted.password_hashes else {}
        for user in page:
            yield {
                **_plain(user),
                "organization": wanted.organization(user.organization_id),
                # Short names hold no commas.
                "profile": ",".join(user.profile),
                "user_time": left.get(user.id),
                "password_hash": hashes.get(user.id, ""),
            }


def profile_rows(wanted: Wanted) -> Iterator[Row]:
    """Profiles with their items, which have the shape of the API."""
    for page in _pages(wanted.scope, profiles.after):
        for profile in page:
            yield {**_plain(profile), "organization": wanted.organization(profile.organization_id)}


def nas_rows(wanted: Wanted) -> Iterator[Row]:
    """NAS without their secrets."""
    for page in _pages(wanted.scope, nas.after):
        yield from _located(wanted, page)


def location_rows(wanted: Wanted) -> Iterator[Row]:
    """Locations."""
    for page in _pages(wanted.scope, places.locations_after):
        for location in page:
            yield {**_plain(location), "organization": wanted.organization(location.organization_id)}


def access_point_rows(wanted: Wanted) -> Iterator[Row]:
    """Access points."""
    for page in _pages(wanted.scope, places.access_points_after):
        yield from _located(wanted, page)


def session_rows(wanted: Wanted) -> Iterator[Row]:
    """Sessions, newest first, with the columns of `/aaa_accounting/` by the names they are stored under."""
    cursor, within = None, SessionFilter(start=wanted.since, end=wanted.until)
    while True:
        page = accounting.page(wanted.scope, within, cursor=cursor, limit=_PAGE)
        for session in page.results:
            yield {name: getattr(session, name) for name in Session.__struct_fields__}
        if page.next is None:
            return
        cursor = page.next


def event_rows(wanted: Wanted) -> Iterator[Row]:
    """The transaction log, newest first; addresses and texts are the numbers `/txlog_portal/` shows."""
    cursor, within = None, EventFilter(start=wanted.since, end=wanted.until)
    while True:
        page = txlog.page(wanted.scope, within, cursor=cursor, limit=_PAGE)
        for event in page.results:
            yield {name: getattr(event, name) for name in LoggedEvent.__struct_fields__}
        if page.next is None:
            return
        cursor = page.next


ROWS: Mapping[str, Callable[[Wanted], Iterator[Row]]] = {
    "users": people,
    "profiles": profile_rows,
    "nas": nas_rows,
    "locations": location_rows,
    "access-points": access_point_rows,
    "sessions": session_rows,
    "txlog": event_rows,
}


def _pages(scope: Scope, after: Callable[..., list[T]]) -> Iterator[list[T]]:
    last = 0
    while page := after(scope, last, limit=_PAGE):
        yield page
        last = page[-1].id


def _plain(row: Any) -> dict[str, Any]:
    return {item.name: getattr(row, item.name) for item in fields(row)}


def _located(wanted: Wanted, page: Sequence[Nas] | Sequence[AccessPoint]) -> Iterator[Row]:
    named = places.location_short_names(wanted.scope, {row.location_id for row in page if row.location_id is not None})
    for row in page:
        location = None if row.location_id is None else named.get(row.location_id)
        yield {**_plain(row), "organization": wanted.organization(row.organization_id), "location": location}
