"""Reading sessions, live and past as one list, newest first. Hand-written: the ORM costs more than PostgreSQL here.

How a page stays fast over a hundred million rows:
- One condition leads, and it has an index that ends in (acctstarttime DESC, radacctid DESC), so that a page is a walk along it.
- Every other condition is checked behind an OFFSET 0, which PostgreSQL does not plan across: it would multiply the
  probabilities of the two, expect next to nothing, and sort everything it finds (100 ms in place of 3).
- What is filtered by is checked against the scope first; then it may lead alone. Below the root the session's own
  organization has to be in the scope as well: a guest of a sister branch is not shown for having used a shared access point.
- The plain list is a prepared statement, planned once a connection: planning takes longer than reading the page. For that the
  number of rows is written into the text; a plan for any number would sort. What has filters is planned for their values.
- Names come last, joined to the rows of the page alone. They are other rooms' tables; nothing but names is read.
"""

import datetime as dt
from typing import Any

import psycopg
from django.db import connection

from gate.accounting.types import Session, SessionFilter
from gate.core.errors import NotFound
from gate.core.paging import Cursor, CursorPage, cut
from gate.core.tenancy import Scope, activate

# With this many organizations one walk each is cheaper than a walk over the whole tenant.
FEW_ORGANIZATIONS = 32
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

_STORED = """
    radacctid, acctsessionid, acctuniqueid, username, groupname, realm, nasipaddress, nasportid, nasporttype, acctstarttime,
    acctupdatetime, acctstoptime, acctinterval, acctsessiontime, acctauthentic, connectinfo_start, connectinfo_stop,
    acctinputoctets, acctoutputoctets, calledstationid, callingstationid, acctterminatecause, servicetype, framedprotocol,
    framedipaddress, organization_id, user_id, user_transaction_id, nas_id, location_id, access_point_id,
    nasidentifier, klass, ssid
"""
# In the order of the fields of Session.
_SHOWN = """
    p.radacctid, p.acctsessionid, encode(p.acctuniqueid, 'hex'), p.username, p.groupname, p.realm, host(p.nasipaddress),
    p.nasportid, p.nasporttype, p.acctstarttime, p.acctupdatetime, p.acctstoptime, p.acctinterval, p.acctsessiontime,
    p.acctauthentic, p.connectinfo_start, p.connectinfo_stop, p.acctinputoctets, p.acctoutputoctets, p.calledstationid,
    p.callingstationid, p.acctterminatecause, p.servicetype, p.framedprotocol, host(p.framedipaddress), p.organization_id,
    u.id, p.user_transaction_id, p.nas_id, n.short_name, p.location_id, p.access_point_id, a.name, l.name, p.nasidentifier,
    p.klass, a.mac_addr, p.ssid
"""
_NAMES = """
    LEFT JOIN users_user u ON u.id = p.user_id
    LEFT JOIN nas_nas n ON n.id = p.nas_id
    LEFT JOIN places_accesspoint a ON a.id = p.access_point_id
    LEFT JOIN places_location l ON l.id = p.location_id
"""
# The filter, the column of the session, and the table that says whose it is. The first one set leads.
_OBJECTS = (
    ("user_id", "users_user"),
    ("access_point_id", "places_accesspoint"),
    ("nas_id", "nas_nas"),
    ("location_id", "places_location"),
)

Parameters = dict[str, Any]


def get(scope: Scope, radacctid: int) -> Session:
    """One session of the scope. Raises NotFound."""
    mine = "tenant_id = %(tenant)s" + ("" if scope.whole_tenant else " AND organization_id = ANY(%(organizations)s)")
    both = " UNION ALL ".join(
        f"SELECT {_STORED} FROM accounting_{table} WHERE radacctid = %(id)s AND {mine}" for table in ("live", "history")
    )
    parameters = {"id": radacctid, "tenant": scope.tenant_id, "organizations": list(scope.organization_ids)}
    rows = _fetch(scope, f"SELECT {_SHOWN} FROM ({both} LIMIT 1) p {_NAMES}", parameters)
    if not rows:
        raise NotFound("There is no such session.")
    return Session(*rows[0])


def page(scope: Scope, wanted: SessionFilter, *, cursor: Cursor | None, limit: int) -> CursorPage[Session]:
    """A page of the sessions of the scope, newest first."""
    if not _all_within(scope, wanted):
        return CursorPage(results=(), next=None, previous=None)
    sql, parameters = _page_sql(scope, wanted, cursor=cursor, limit=limit)
    # With times or an object, how many sessions there are to expect depends on the values: a user has ten, or a million.
    plain = wanted == SessionFilter(organization_id=wanted.organization_id, status=wanted.status)
    rows = [Session(*row) for row in _fetch(scope, sql, parameters, prepare=plain)]
    return cut(rows, limit=limit, cursor=cursor, key=_key)


def _key(session: Session) -> tuple[int, int]:
    return (session.acctstarttime - _EPOCH) // dt.timedelta(microseconds=1), session.radacctid


def _page_sql(scope: Scope, wanted: SessionFilter, *, cursor: Cursor | None, limit: int) -> tuple[str, Parameters]:
    parameters: Parameters = {"tenant": scope.tenant_id}
    lead, rest = _conditions(scope, wanted, parameters)
    along = _along(wanted, cursor, parameters)
    order = "acctstarttime, radacctid" if cursor is not None and cursor.backwards else "acctstarttime DESC, radacctid DESC"
    most = f"LIMIT {limit + 1:d}"
    # History holds closed sessions only.
    tables = ("live",) if wanted.status == "active" else ("live", "history")
    walks = [_walk(f"accounting_{table}", lead, along, order, most) for table in tables]
    both = " UNION ALL ".join(
        f"(SELECT * FROM ({walk} OFFSET 0) s{rest} ORDER BY {order} {most})" if rest else f"({walk} {most})" for walk in walks
    )
    listed = "p.acctstarttime, p.radacctid" if order == "acctstarttime, radacctid" else "p.acctstarttime DESC, p.radacctid DESC"
    return f"SELECT {_SHOWN} FROM (SELECT * FROM ({both}) b ORDER BY {order} {most}) p {_NAMES} ORDER BY {listed}", parameters


def _walk(table: str, lead: str, along: str, order: str, most: str) -> str:
    if lead:
        return f"SELECT {_STORED} FROM {table} WHERE {lead}{along} ORDER BY {order}"
    # One short walk for each organization, merged.
    each = f"SELECT {_STORED} FROM {table} WHERE organization_id = o.id{along} ORDER BY {order} {most}"
    return f"SELECT e.* FROM unnest(%(organizations)s::bigint[]) o(id) CROSS JOIN LATERAL ({each}) e ORDER BY {order}"


def _conditions(scope: Scope, wanted: SessionFilter, parameters: Parameters) -> tuple[str, str]:
    """The leading condition (empty: one walk for each organization), and a WHERE of the others."""
    found = []
    for column, _ in _OBJECTS:
        value = getattr(wanted, column)
        if value is not None:
            parameters[column] = value
            found.append(f"{column} = %({column})s")
    if wanted.organization_id is not None:
        parameters["organization"] = wanted.organization_id
        found.append("organization_id = %(organization)s")
    elif scope.whole_tenant:
        if not found:
            found.append("tenant_id = %(tenant)s")
    elif len(scope.organization_ids) == 1:
        parameters["organization"] = scope.organization_id
        found.append("organization_id = %(organization)s")
    else:
        parameters["organizations"] = list(scope.organization_ids)
        if not found and len(scope.organization_ids) <= FEW_ORGANIZATIONS:
            return "", ""
        if not found:
            found.append("tenant_id = %(tenant)s")
        found.append("organization_id = ANY(%(organizations)s)")
    return found[0], f" WHERE {' AND '.join(found[1:])}" if found[1:] else ""


def _along(wanted: SessionFilter, cursor: Cursor | None, parameters: Parameters) -> str:
    """Conditions met while walking: times, place of the cursor, open or closed."""
    parts = []
    if wanted.start is not None:
        parameters["start"] = wanted.start
        parts.append("acctstarttime >= %(start)s")
    if wanted.end is not None:
        parameters["end"] = wanted.end
        parts.append("acctstarttime <= %(end)s")
    if cursor is not None:
        parameters["at"] = _EPOCH + dt.timedelta(microseconds=cursor.major)
        parameters["beside"] = cursor.minor
        sign = ">" if cursor.backwards else "<"
        # The first of the two says nothing new, but lets PostgreSQL begin in the right partition.
        parts.append(f"acctstarttime {sign}= %(at)s AND (acctstarttime, radacctid) {sign} (%(at)s, %(beside)s)")
    if wanted.status != "all":
        parts.append("acctstoptime IS NULL" if wanted.status == "active" else "acctstoptime IS NOT NULL")
    return "".join(f" AND {part}" for part in parts)


def _all_within(scope: Scope, wanted: SessionFilter) -> bool:
    """Whether everything that is filtered by lies within the scope; what does not has no sessions to show."""
    if wanted.organization_id is not None and not scope.covers(wanted.organization_id):
        return False
    for column, table in _OBJECTS:
        value = getattr(wanted, column)
        if value is not None:
            sql = f"SELECT organization_id FROM {table} WHERE id = %(id)s AND tenant_id = %(tenant)s"
            rows = _fetch(scope, sql, {"id": value, "tenant": scope.tenant_id})
            if not rows or not scope.covers(rows[0][0]):
                return False
    return True


def _fetch(scope: Scope, sql: str, parameters: Parameters, *, prepare: bool = True) -> list[tuple[Any, ...]]:
    """Rows, in binary, on Django's own connection; errors are Django's, so that it drops a dead one."""
    activate(scope.tenant_id)
    with connection.wrap_database_errors:
        connection.ensure_connection()
        with psycopg.Cursor(connection.connection) as cursor:
            return cursor.execute(sql, parameters, prepare=prepare, binary=True).fetchall()
