"""What is written into the transaction log, and what is read out of it."""

import datetime as dt
from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a user, a session or a payment. The words stand in rules.py and docs/txlog.md.

    Who called (address, user agent, referer) is taken from `core.calling`. Username, e-mail and external id are those of the
    moment: they stay as they were when the user is renamed or deleted.
    """

    type: str
    """What happened."""
    status: str
    """The verdict."""
    organization_id: int
    source: str | None = None
    """Who caused it; None: told from the scope's actor."""
    action: str = "na"
    """What the page asked for."""
    message: str = ""
    """One sentence for people; never a secret."""
    user_id: int | None = None
    username: str | None = None
    email: str | None = None
    external_id: str | None = None
    new_user: bool = False
    session_id: str | None = None
    external_session: str | None = None
    payment_transaction_log: int | None = None
    service: int | None = None
    """The portal."""
    service_name: str | None = None
    authservice: int | None = None
    """What proved the identity."""
    authservice_name: str | None = None
    site: str | None = None
    """Host name of the portal."""
    page: int | None = None
    page_url: str | None = None
    location_id: int | None = None
    access_point_id: int | None = None
    ssid: str | None = None
    mac_addr: str | None = None
    """In any common notation; what is no MAC address is left out."""
    captured_ip_addr: str | None = None
    """Address of the device in the site's network; what is no address is left out."""
    at: dt.datetime | None = None
    """None: now. More than 28 days from now counts as now."""


class LoggedEvent(msgspec.Struct, frozen=True, gc=False):
    """A row of the log. A frozen dataclass in all but its making, which is faster: lists make a hundred at once."""

    id: int
    at: dt.datetime
    type: str
    organization_id: int
    source: str
    status: str
    message: str
    service: int | None
    service_name: str | None
    authservice: int | None
    authservice_name: str | None
    user_id: int | None
    """As it was: kept when the user is deleted."""
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
    location_id: int | None
    location_name: str | None
    """The present name; None where the location is gone."""
    access_point_id: int | None
    access_point_name: str | None
    ssid: str | None
    user_agent: int | None
    """Number of the text, within the tenant's own."""
    remote_ip_addr: int | None
    """See rules.address_number."""
    captured_ip_addr: int | None
    mac_addr: int | None
    """48 bits."""
    http_referer: int | None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events a list holds; all that is set must hold, what is None or empty does not narrow."""

    types: tuple[str, ...] = ()
    """Any of these."""
    statuses: tuple[str, ...] = ()
    """Any of these."""
    user_id: int | None = None
    page: int | None = None
    access_point_id: int | None = None
    location_id: int | None = None
    organization_id: int | None = None
    mac_addr: int | None = None
    start: dt.datetime | None = None
    """At this moment or later."""
    end: dt.datetime | None = None
    """At this moment or earlier."""
