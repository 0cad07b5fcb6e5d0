"""`/aaa_accounting/`: sessions as NAS reported them, newest first."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, TypedDict, Unpack

from gate.client.calls import Asked, C, Category, Id, When, listing, one, operation, page
from gate.client.replies import Page, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(Reply):
    """A session. Octets and seconds are totals; input is what the user sent (RFC 2866, section 5.3)."""

    radacctid: int
    acctsessionid: str
    acctuniqueid: str
    username: str
    groupname: str | None
    """The first AAA profile that applied."""
    realm: str | None
    nasipaddress: str
    nasportid: str | None
    nasporttype: str | None
    acctstarttime: dt.datetime
    acctupdatetime: dt.datetime
    acctstoptime: dt.datetime | None
    """None while the session lasts."""
    acctinterval: int | None
    """Seconds between the last two updates."""
    acctsessiontime: int
    """Seconds."""
    acctauthentic: str | None
    connectinfo_start: str | None
    connectinfo_stop: str | None
    acctinputoctets: int
    acctoutputoctets: int
    calledstationid: str | None
    callingstationid: str | None
    acctterminatecause: str | None
    servicetype: str | None
    framedprotocol: str | None
    framedipaddress: str | None
    organization_id: str
    user_id: str | None
    user_transaction_id: str | None
    client_id: str
    """The RADIUS client (NAS)."""
    client_short_name: str | None
    location_id: str | None
    access_point_id: str | None
    access_point_name: str | None
    location_name: str | None
    nasidentifier: str | None
    klass: str | None
    access_point_mac_addr: str | None
    ssid: str | None


class SessionFilter(TypedDict, total=False):
    """Which sessions; all that are given must hold."""

    start_date: When
    """Started then or later."""
    end_date: When
    """Started then or earlier."""
    user: Id
    access_point: Id
    location: Id
    client: Id
    """The RADIUS client (NAS)."""
    organization: Id
    """Id or short name."""
    session_status: Literal["all", "active", "inactive"]
    limit: int
    """Rows a page, at most 100."""
    cursor: str


@listing("/aaa_accounting/")
def list_sessions(**where: Unpack[SessionFilter]) -> Asked[Page[Session]]:
    """Sessions of the token's organizations, newest first."""
    return Asked(reads=page(Session), query=where)


@operation("GET", "/aaa_accounting/{radacctid}/")
def get_session(radacctid: Id) -> Asked[Session]:
    """One session. Raises NotFound."""
    return Asked(reads=one(Session), path=(radacctid,))


class AaaAccountingCategory(Category[C]):
    """`gate.aaa_accounting`."""

    list = list_sessions
    get = get_session
