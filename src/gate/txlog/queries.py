"""Reading the transaction log, newest first. Hand-written: the ORM costs more than PostgreSQL here.

A page is a walk along one index that ends in (at, id); what that is depends on the filter that leads: an object, a device, a
status, a type, or else the organizations. Of several values (types, organizations) each is walked for a page, and the walks
are merged. Further filters are checked behind an OFFSET 0, which PostgreSQL does not plan across: it would multiply the
probabilities, expect next to nothing, and sort everything it finds.

Every index but that of organizations begins with the tenant, so an id of another tenant, or of a row that was deleted, needs no
look at its table. Below the root a user, access point or location of a branch outside the scope finds nothing, and the event's
own organization has to be in the scope as well. Names of places are joined to the rows of the page alone: nothing else is read
of other rooms' tables. They are the present names, the same the sessions show; what an event says of its user stays as it was.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection

from gate.core.paging import Cursor, CursorPage, cut
from gate.core.tenancy import Scope, activate
from gate.txlog.types import EventFilter, LoggedEvent

# With this many organizations one walk each is cheaper than a walk over the whole tenant.
FEW_ORGANIZATIONS = 32
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

_STORED = """
    id, at, type, organization_id, source, status, message, service_id, service_name, authservice_id, authservice_name, user_id,
    username, email, external_id, new_user, session_id, external_session, payment_transaction_log, site, page_id, page_url,
    action, location_id, access_point_id, ssid, user_agent_id, remote_ip_addr, captured_ip_addr, mac_addr, http_referer_id
"""
# In the order of the fields of LoggedEvent.
_SHOWN = """
    p.id, p.at, p.type, p.organization_id, p.source, p.status, p.message, p.service_id, p.service_name, p.authservice_id,
    p.authservice_name, p.user_id, p.username, p.email, p.external_id, p.new_user, p.session_id, p.external_session,
    p.payment_transaction_log, p.site, p.page_id, p.page_url, p.action, p.location_id, l.name, p.access_point_id, a.name, p.ssid,
    p.user_agent_id, p.remote_ip_addr, p.captured_ip_addr, p.mac_addr, p.http_referer_id
"""
_NAMES = """
    LEFT JOIN places_location l ON l.id = p.location_id
    LEFT JOIN places_accesspoint a ON a.id = p.access_point_id
"""
# The filter and its column, those that are likely to find least first: the first one set leads.
_SINGLE = (
    ("mac_addr", "mac_addr"),
    ("user_id", "user_id"),
    ("access_point_id", "access_point_id"),
    ("page", "page_id"),
    ("location_id", "location_id"),
)
_SEVERAL = (("statuses", "status"), ("types", "type"))
# Whose the object is, asked for a caller below the root.
_OWNERS = {
    "user_id": "SELECT organization_id FROM users_user WHERE id = %(id)s AND tenant_id = %(tenant)s",
    "access_point_id": "SELECT organization_id FROM places_accesspoint WHERE id = %(id)s AND tenant_id = %(tenant)s",
    "location_id": "SELECT organization_id FROM places_location WHERE id = %(id)s AND tenant_id = %(tenant)s",
}

Parameters = dict[str, Any]


@dataclass(slots=True)
class _Conditions:
    """What leads the walk, and what is checked on the way."""

    parameters: Parameters
    lead: str = ""
    each: str = ""
    """Where there is a walk for each of several values: their SQL array."""
    rest: list[str] = field(default_factory=list)

    def add(self, condition: str, *, each: str = "", otherwise: str = "") -> None:
        """Let this lead, or be checked on the way where something leads already (`otherwise`, where it reads differently)."""
        if self.lead:
            self.rest.append(otherwise or condition)
        else:
            self.lead, self.each = condition, each


def page(scope: Scope, wanted: EventFilter, *, cursor: Cursor | None, limit: int) -> CursorPage[LoggedEvent]:
    """A page of the events of the scope, newest first."""
    if not _all_within(scope, wanted):
        return CursorPage(results=(), next=None, previous=None)
    sql, parameters = _page_sql(scope, wanted, cursor=cursor, limit=limit)
    # With filters, how many events there are to expect depends on the values.
    plain = wanted == EventFilter(organization_id=wanted.organization_id)
    rows = [LoggedEvent(*row) for row in _fetch(scope, sql, parameters, prepare=plain)]
    return cut(rows, limit=limit, cursor=cursor, key=_key)


def texts(scope: Scope, numbers: Sequence[int]) -> Mapping[int, str]:
    """User agents, referers and interned addresses by their numbers, of the scope's tenant alone."""
    sql = "SELECT id, text FROM txlog_text WHERE tenant_id = %(tenant)s AND id = ANY(%(numbers)s)"
    return dict(_fetch(scope, sql, {"tenant": scope.tenant_id, "numbers": list(numbers)}))


def _key(event: LoggedEvent) -> tuple[int, int]:
    return (event.at - _EPOCH) // dt.timedelta(microseconds=1), event.id


def _page_sql(scope: Scope, wanted: EventFilter, *, cursor: Cursor | None, limit: int) -> tuple[str, Parameters]:
    if _by_words_in_few(scope, wanted):
        return _words_sql(scope, wanted, cursor=cursor, limit=limit)
    conditions = _conditions(scope, wanted)
    along = _along(wanted, cursor, conditions.parameters)
    back = cursor is not None and cursor.backwards
    order = "at, id" if back else "at DESC, id DESC"
    most = f"ORDER BY {order} LIMIT {limit + 1:d}"
    walk = f"SELECT {_STORED} FROM txlog_event WHERE {conditions.lead}{along} ORDER BY {order}"
    if conditions.rest:
        walk = f"SELECT * FROM ({walk} OFFSET 0) s WHERE {' AND '.join(conditions.rest)} {most}"
    else:
        walk = f"{walk} LIMIT {limit + 1:d}"
    if conditions.each:
        walk = f"SELECT e.* FROM unnest({conditions.each}) v(value) CROSS JOIN LATERAL ({walk}) e {most}"
    listed = "p.at, p.id" if back else "p.at DESC, p.id DESC"
    return f"SELECT {_SHOWN} FROM ({walk}) p {_NAMES} ORDER BY {listed}", conditions.parameters


def _by_words_in_few(scope: Scope, wanted: EventFilter) -> bool:
    """Whether types, statuses or a page of few organizations are asked for, and nothing else."""
    few = wanted.organization_id is not None or (not scope.whole_tenant and len(scope.organization_ids) <= FEW_ORGANIZATIONS)
    objects = any(getattr(wanted, name) is not None for name, _ in _SINGLE if name != "page")
    return few and not objects and bool(wanted.types or wanted.statuses or wanted.page is not None)


def _words_sql(scope: Scope, wanted: EventFilter, *, cursor: Cursor | None, limit: int) -> tuple[str, Parameters]:
    """A page of types, statuses or a page of the portal of few organizations.

    What is rare, the organization or the word, differs by a factor of a thousand; PostgreSQL knows which, and each index has
    what the other leads by. So it chooses, out of indexes alone, and the rows of the page are read afterwards.
    """
    own = [wanted.organization_id] if wanted.organization_id is not None else list(scope.organization_ids)
    parameters: Parameters = {"tenant": scope.tenant_id, "organizations": own}
    words = ""
    if wanted.page is not None:
        parameters["page"] = wanted.page
        words = " AND page_id = %(page)s"
    for name, column in _SEVERAL:
        if values := getattr(wanted, name):
            parameters[name] = list(values)
            words += f" AND {column} = ANY(%({name})s::text[])"
    along = _along(wanted, cursor, parameters)
    back = cursor is not None and cursor.backwards
    order = "at, id" if back else "at DESC, id DESC"
    most = f"ORDER BY {order} LIMIT {limit + 1:d}"
    matching = f"SELECT at, id FROM txlog_event WHERE tenant_id = %(tenant)s{words}{along}"
    if len(own) == 1:
        parameters["organization"] = own[0]
        walk = f"{matching} AND organization_id = %(organization)s {most}"
    else:
        each = f"{matching} AND organization_id = o.id {most}"
        walk = f"SELECT e.* FROM unnest(%(organizations)s::bigint[]) o(id) CROSS JOIN LATERAL ({each}) e {most}"
    row = f"SELECT {_STORED} FROM txlog_event r WHERE r.tenant_id = %(tenant)s AND r.at = k.at AND r.id = k.id LIMIT 1"
    listed = "p.at, p.id" if back else "p.at DESC, p.id DESC"
    sql = f"SELECT {_SHOWN} FROM ({walk}) k CROSS JOIN LATERAL ({row}) p {_NAMES} ORDER BY {listed}"
    return sql, parameters


def _conditions(scope: Scope, wanted: EventFilter) -> _Conditions:
    found = _Conditions({"tenant": scope.tenant_id})
    for name, column in _SINGLE:
        value = getattr(wanted, name)
        if value is not None:
            found.parameters[name] = value
            found.add(f"tenant_id = %(tenant)s AND {column} = %({name})s", otherwise=f"{column} = %({name})s")
    for name, column in _SEVERAL:
        values = getattr(wanted, name)
        if values:
            found.parameters[name] = list(values)
            array = f"%({name})s::text[]"
            found.add(f"tenant_id = %(tenant)s AND {column} = v.value", each=array, otherwise=f"{column} = ANY({array})")
    _add_organizations(scope, wanted, found)
    return found


def _add_organizations(scope: Scope, wanted: EventFilter, found: _Conditions) -> None:
    if wanted.organization_id is not None:
        found.parameters["organization"] = wanted.organization_id
        found.add("organization_id = %(organization)s")
    elif scope.whole_tenant:
        if not found.lead:
            found.add("tenant_id = %(tenant)s")
    else:
        array = "%(organizations)s::bigint[]"
        found.parameters["organizations"] = list(scope.organization_ids)
        if not found.lead and len(scope.organization_ids) > FEW_ORGANIZATIONS:
            found.add("tenant_id = %(tenant)s")
        found.add("organization_id = v.value", each=array, otherwise=f"organization_id = ANY({array})")


def _along(wanted: EventFilter, cursor: Cursor | None, parameters: Parameters) -> str:
    """Conditions on the order of the walk: times, and the place of the cursor."""
    parts = []
    if wanted.start is not None:
        parameters["start"] = wanted.start
        parts.append("at >= %(start)s")
    if wanted.end is not None:
        parameters["end"] = wanted.end
        parts.append("at <= %(end)s")
    if cursor is not None:
        parameters["at"] = _EPOCH + dt.timedelta(microseconds=cursor.major)
        parameters["beside"] = cursor.minor
        sign = ">" if cursor.backwards else "<"
        # The first of the two says nothing new, but lets PostgreSQL begin in the right partition.
        parts.append(f"at {sign}= %(at)s AND (at, id) {sign} (%(at)s, %(beside)s)")
    return "".join(f" AND {part}" for part in parts)


def _all_within(scope: Scope, wanted: EventFilter) -> bool:
    """Whether nothing that is filtered by is known to lie outside the scope; what does has no events to show."""
    if wanted.organization_id is not None and not scope.covers(wanted.organization_id):
        return False
    if scope.whole_tenant:
        return True
    for name, owner in _OWNERS.items():
        value = getattr(wanted, name)
        if value is not None:
            rows = _fetch(scope, owner, {"id": value, "tenant": scope.tenant_id})
            if rows and not scope.covers(rows[0][0]):
                return False
    return True


def _fetch(scope: Scope, sql: str, parameters: Parameters, *, prepare: bool = True) -> list[tuple[Any, ...]]:
    """Rows, in binary, on Django's own connection; errors are Django's, so that it drops a dead one."""
    activate(scope.tenant_id)
    with connection.wrap_database_errors:
        connection.ensure_connection()
        with psycopg.Cursor(connection.connection) as cursor:
            return cursor.execute(sql, parameters, prepare=prepare, binary=True).fetchall()
