"""`/txlog_portal/`: what happened to users, sessions and payments, newest first."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

from gate.client.calls import Asked, C, Category, Id, When, listing, page
from gate.client.replies import Page, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction(Reply):
    """An event."""

    id: int
    datetime: dt.datetime
    type: str
    """What happened: `ui` a user signed in, `ur` registered, …"""
    organization: int
    source: str
    """Who caused it."""
    status: str
    message: str
    service: int | None
    service_name: str | None
    authservice: int | None
    authservice_name: str | None
    user: int | None
    username: str | None
    email: str | None
    external_id: str | None
    new_user: bool
    session_id: str | None
    external_session: str | None
    payment_transaction_log: int | None
    site: str | None
    page: int | None
    page_url: str | None
    action: str
    location: int | None
    location_name: str | None
    access_point: int | None
    access_point_name: str | None
    ssid: str | None
    user_agent: int | None
    remote_ip_addr: int | None
    captured_ip_addr: int | None
    mac_addr: int | None
    http_referer: int | None


class TransactionFilter(TypedDict, total=False):
    """Which events; all that are given must hold."""

    type: str | Sequence[str]
    """A code, or several: any of them."""
    status: str | Sequence[str]
    """A verdict, or several: any of them; `u4*` is all that begin so."""
    start_date: When
    """Then or later."""
    end_date: When
    """Then or earlier."""
    user: Id
    page: Id
    access_point: Id
    location: Id
    organization: Id
    """Id or short name."""
    mac: str
    limit: int
    """Rows a page, at most 100."""
    cursor: str


@listing("/txlog_portal/")
def list_transactions(**where: Unpack[TransactionFilter]) -> Asked[Page[Transaction]]:
    """Events of the token's organizations, newest first."""
    return Asked(reads=page(Transaction), query=where)


class TxlogPortalCategory(Category[C]):
    """`gate.txlog_portal`."""

    list = list_transactions
