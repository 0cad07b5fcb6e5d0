"""The one statement that stores a batch of accounting, and the one that moves closed sessions to the history.

`STORE` takes one array a column (updates.py gives their order), finds each user, inserts or updates the session and debits the
user's time credit, all in one round trip and one commit. Exactness of the debit: an entry is what its session's row says was
used since the balance began, and whoever writes an entry holds that row's lock, so the last writer knows the latest row.
`credit_entry.previous` is set by the same ON CONFLICT that changes `seconds`, so it holds the value that was really replaced,
whatever another server did meanwhile; the balance moves by the difference of the two (docs/decisions/0027-credit-ledger.md).

The plan is pinned by the session settings of the writers' connections (`PIN`): a generic plan over arrays of unknown length
otherwise chooses hash joins and sequential scans. `OFFSET 0` and `= ANY (ARRAY(…))` keep the planner from turning a question
about a few rows into one pass over a whole index, which looks cheap while a table is young.
tests/gate/accounting/test_plan.py keeps watch.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Final

from gate.accounting import rows
from gate.accounting.updates import Update
from gate.database import arrays

GRACE: Final = dt.timedelta(days=1)
"""How long a closed session stays in `accounting_live`, where late packets find it by its unique id."""
_GRACE_BEGAN: Final = f"now() - interval '{GRACE.total_seconds():.0f} seconds'"

# name in unnest, SQL type
_INPUT: Final = (
    ("acctuniqueid", "bytea"), ("tenant_id", "bigint"), ("nas_id", "bigint"), ("organization_id", "bigint"), ("path", "text"),
    ("location_id", "bigint"), ("access_point_id", "bigint"), ("username_key", "text"), ("acctsessionid", "text"),
    ("acctmultisessionid", "text"), ("start_seen", "boolean"), ("started", "double precision"), ("updated", "double precision"),
    ("stopped", "double precision"), ("acctinterval", "integer"), ("acctsessiontime", "bigint"), ("acctinputoctets", "bigint"),
    ("acctoutputoctets", "bigint"), ("username", "text"), ("realm", "text"), ("klass", "text"), ("nasipaddress", "inet"),
    ("nasidentifier", "text"), ("nasportid", "text"), ("nasporttype", "text"), ("servicetype", "text"),
    ("framedprotocol", "text"),
    ("framedipaddress", "inet"), ("calledstationid", "text"), ("callingstationid", "text"), ("ssid", "text"),
    ("acctauthentic", "text"), ("acctterminatecause", "text"), ("connectinfo_start", "text"), ("connectinfo_stop", "text"),
    ("portal_session_id", "bigint"), ("narrow", "boolean"), ("ipv6", "text"),
)  # fmt: skip

TYPES: Final = tuple(kind for _, kind in _INPUT)

COLUMNS: Final = """
    radacctid, acctuniqueid, acctsessionid, acctmultisessionid, tenant_id, organization_id, nas_id, user_id, location_id,
    access_point_id, user_transaction_id, acctstarttime, acctupdatetime, acctstoptime, acctinterval, acctsessiontime,
    acctinputoctets, acctoutputoctets, start_seen, username, groupname, realm, klass, nasipaddress, nasidentifier, nasportid,
    nasporttype, servicetype, framedprotocol, framedipaddress, calledstationid, callingstationid, ssid, acctauthentic,
    acctterminatecause, connectinfo_start, connectinfo_stop, portal_session_id, closed_by, closed_until, heard,
    framedipv6address, framedipv6prefix, framedinterfaceid, delegatedipv6prefix, narrow
"""

# The one parameter is an array of rows (`parameters`). What comes out has the names of the tables' columns.
PACKETS: Final = """
    SELECT p.*, to_timestamp(p.started) AS acctstarttime, to_timestamp(p.updated) AS acctupdatetime,
        to_timestamp(p.stopped) AS acctstoptime,
        p.ipv6::jsonb ->> 'address' AS framedipv6address, p.ipv6::jsonb ->> 'prefix' AS framedipv6prefix,
        p.ipv6::jsonb ->> 'interface' AS framedinterfaceid, p.ipv6::jsonb ->> 'delegated' AS delegatedipv6prefix
    FROM unnest(%s::accounting_packet[]) AS p
"""


def parameters(updates: Iterable[Update]) -> list[str]:
    """What `PACKETS` takes: these updates as the literal of an array of rows; a round of updates.fold, not empty."""
    return [arrays.rows(TYPES, updates)]


# A session older than the balance has used some of its time before: that is not debited. A balance that began after the session
# ended finds nothing left to debit.
DEBIT: Final = """
    entry AS (
        INSERT INTO credit_entry (tenant_id, user_id, seconds, previous, reason, radacctid, began, actor, note, created)
        SELECT w.tenant_id, w.user_id,
            LEAST(0, GREATEST(0, ceil(extract(epoch FROM limited.began - w.acctstarttime))::bigint) - w.acctsessiontime),
            0, 'session', w.radacctid, limited.began, '', '', w.acctupdatetime
        FROM written w CROSS JOIN LATERAL (
            SELECT b.began FROM credit_balance b WHERE b.user_id = w.user_id AND b.began IS NOT NULL OFFSET 0
        ) AS limited
        WHERE w.acctsessiontime > 0
        ON CONFLICT (radacctid, began) WHERE radacctid IS NOT NULL
        DO UPDATE SET seconds = EXCLUDED.seconds, previous = credit_entry.seconds
        RETURNING user_id, seconds - previous AS change
    ),
    due AS (SELECT user_id, sum(change) AS change FROM entry WHERE change <> 0 GROUP BY user_id),
    debit AS (
        UPDATE credit_balance b SET seconds = b.seconds + d.change
        FROM due d WHERE b.user_id = d.user_id AND b.user_id = ANY (ARRAY(SELECT user_id FROM due))
    )
"""

_IS_MAC: Final = """
    u.id IS NULL AND p.portal_session_id IS NULL AND length(p.username_key) BETWEEN 12 AND 17
    AND translate(p.username_key, ':-. ', '') ~ '^[0-9a-f]{12}$'
"""
# The address is the device's own, not one that somebody typed for a name.
_OWN: Final = """
    COALESCE(lower(translate(p.callingstationid, ':-. ', '')), translate(p.username_key, ':-. ', ''))
    = translate(p.username_key, ':-. ', '')
"""
_MAC: Final = "upper(regexp_replace(translate(p.username_key, ':-. ', ''), '(..)(?=.)', '\\1:', 'g'))"

# Who a device is that came in without a password: the guest of the portal's session that the packet's Class names. Else, where
# the NAS sent the MAC address for the user's name, whose the address is, in the order of access/stations.py: by the nearest word
# of an operator that held when the session began, by the portal's session open for it, by the app's device where its user's
# organization takes that for a sign-in. A word for nobody makes it nobody's. Where a packet gives no cause to ask, none of it is
# begun: the first conditions ask nothing of a table.
_GUEST: Final = f"""
    LEFT JOIN LATERAL (
        SELECT v.id, v.organization_id, v.klass, s.portal_session_id,
               (SELECT f.short_name FROM profiles_profile f WHERE f.id = COALESCE(
                   (SELECT m.profile_id FROM devices_authorizedmacprofile m WHERE m.mac_id = s.mac_id
                    ORDER BY m.position LIMIT 1),
                   (SELECT a.profile_id FROM users_userprofile a WHERE a.user_id = v.id ORDER BY a.position LIMIT 1))
               ) AS groupname
        FROM (
            (SELECT s.id AS portal_session_id, s.user_id, NULL::bigint AS mac_id FROM portals_session s
             WHERE p.portal_session_id IS NOT NULL AND s.id = p.portal_session_id AND s.tenant_id = p.tenant_id)
            UNION ALL
            (SELECT w.portal_session_id, w.user_id, w.mac_id FROM (
                SELECT NULL::bigint AS portal_session_id, m.user_id, m.id AS mac_id, nlevel(o.path) AS depth
                FROM devices_authorizedmac m
                JOIN organizations_organization o ON o.id = m.organization_id
                JOIN nas_nas n ON n.id = p.nas_id AND n.tenant_id = p.tenant_id
                JOIN organizations_organization here ON here.id = n.organization_id AND here.path <@ o.path
                WHERE {_OWN} AND m.tenant_id = p.tenant_id AND m.mac = {_MAC} AND m.is_active
                  AND (m.expires IS NULL OR m.expires > to_timestamp(p.started))
                UNION ALL
                SELECT o.id, o.user_id, NULL, 0 FROM portals_session o
                WHERE o.tenant_id = p.tenant_id AND o.ended IS NULL AND o.mac = {_MAC}
                UNION ALL
                SELECT NULL, x.id, NULL, -1
                FROM devices_device d
                JOIN users_user x ON x.id = d.user_id AND x.role = 'device_user'
                JOIN organizations_organization o ON o.id = x.organization_id AND o.device_mac_sign_in
                WHERE {_OWN} AND d.tenant_id = p.tenant_id AND d.mac_addr = {_MAC}
                ORDER BY depth DESC LIMIT 1
             ) w
             WHERE {_IS_MAC})
        ) s
        JOIN users_user v ON v.id = s.user_id
    ) g ON true
"""

# A packet as a row of the tables: the column and where it comes from.
_ROW: Final = (
    *((name, f"p.{name}") for name in (
        "acctuniqueid", "acctsessionid", "acctmultisessionid", "tenant_id", "nas_id", "location_id", "access_point_id",
        "acctinterval", "acctsessiontime", "acctinputoctets", "acctoutputoctets", "start_seen", "username", "realm",
        "nasidentifier", "nasportid", "nasporttype", "servicetype", "framedprotocol", "calledstationid", "callingstationid",
        "ssid", "acctauthentic", "acctterminatecause", "connectinfo_start", "connectinfo_stop", "narrow", "acctstarttime",
        "acctupdatetime", "acctstoptime", "nasipaddress", "framedipaddress", "framedipv6address", "framedipv6prefix",
        "framedinterfaceid", "delegatedipv6prefix",
    )),
    ("organization_id", """
        CASE WHEN p.path IS NOT NULL AND <who>organization_id <> p.organization_id
                  AND EXISTS (SELECT 1 FROM organizations_organization o
                              WHERE o.id = <who>organization_id AND o.path <@ p.path::ltree)
             THEN <who>organization_id ELSE p.organization_id END"""),
    ("user_id", "<who>id"), ("groupname", "<who>groupname"), ("klass", "COALESCE(p.klass, <who>klass)"),
    ("portal_session_id", "<who>portal_session_id"),
)  # fmt: skip
ROW: Final = ", ".join(name for name, _ in _ROW)
_FOUND: Final = f"""
    SELECT {", ".join(f"{meant} AS {name}" for name, meant in _ROW)}
    FROM packet p
    LEFT JOIN LATERAL (
        SELECT u.id, u.organization_id, u.klass,
               (SELECT f.short_name FROM profiles_profile f WHERE f.id = (
                   SELECT a.profile_id FROM users_userprofile a WHERE a.user_id = u.id ORDER BY a.position LIMIT 1)
               ) AS groupname
        FROM users_user u WHERE u.tenant_id = p.tenant_id AND u.username_key = p.username_key
    ) u ON true
    <guest>
"""

# A session may move to the history while a packet of it waits for its row's lock. The packet would then be inserted as a second
# session; that the statement's snapshot still shows the row it inserted anew gives it away. The division by zero at the end
# takes all back (a plain statement has no other way to fail), and the writer runs it again. A packet of another session with
# the same id is not stored: that the count is too small tells the writer, which goes on as placing.py says.
_STORE: Final = f"""
WITH packet AS ({PACKETS}),
    written AS (
        INSERT INTO accounting_live AS s ({ROW})
        {_FOUND}
        WHERE CASE WHEN p.start_seen AND to_timestamp(p.started) > {_GRACE_BEGAN} THEN true
                   WHEN EXISTS (SELECT 1 FROM accounting_live l WHERE l.acctuniqueid = p.acctuniqueid OFFSET 0) THEN true
                   ELSE NOT EXISTS (SELECT 1 FROM accounting_history h
                                    WHERE h.acctuniqueid = p.acctuniqueid AND NOT {rows.later("p", "h")} OFFSET 0) END
        ON CONFLICT (acctuniqueid) DO UPDATE SET
            heard = EXCLUDED.heard, {rows.merged("s", "EXCLUDED", reopens=True)}
        WHERE {rows.same("EXCLUDED", "s")}
        RETURNING s.radacctid, s.tenant_id, s.user_id, s.acctsessiontime, s.acctstarttime, s.acctupdatetime, s.acctuniqueid,
            s.xmax = 0 AS inserted
    ),
    {DEBIT}
SELECT count(*) / CASE WHEN count(*) FILTER (
    WHERE w.inserted AND EXISTS (SELECT 1 FROM accounting_live l WHERE l.acctuniqueid = w.acctuniqueid OFFSET 0)
) = 0 THEN 1 ELSE 0 END FROM written w
"""


def plain(statement: str) -> str:
    """A statement of packets' rows without the question about portals' guests, which then costs nothing."""
    return _asking(
        statement, "", organization_id="u.organization_id", id="u.id", groupname="u.groupname", klass="u.klass",
        portal_session_id="NULL::bigint",
    )  # fmt: skip


def with_guests(statement: str) -> str:
    """A statement of packets' rows that asks whose a device without a password is, where a packet has something to ask with."""
    return _asking(
        statement, _GUEST, organization_id="COALESCE(g.organization_id, u.organization_id)", id="COALESCE(g.id, u.id)",
        groupname="COALESCE(g.groupname, u.groupname)", klass="g.klass, u.klass", portal_session_id="g.portal_session_id",
    )  # fmt: skip


def _asking(statement: str, guest: str, **who: str) -> str:
    found = statement.replace("<guest>", guest)
    for name, meant in who.items():
        found = found.replace(f"<who>{name}", meant)
    return found


STORE: Final = plain(_STORE)
# For batches in which some packet has a portal's Class, or a MAC address for a name. All others pay nothing for portals.
STORE_GUESTS: Final = with_guests(_STORE)

# The history's row of a packet, where the live table has none: the newest that is of the same session.
_ELSEWHERE: Final = f"""
    NOT EXISTS (SELECT 1 FROM accounting_live l WHERE l.acctuniqueid = p.acctuniqueid AND {rows.same("p", "l")})
"""

# For packets that come after their session went to the history: of a NAS that was cut off for more than a day, or that has used
# the session's id again. The history holds closed sessions only, so none is opened again there.
AMEND: Final = with_guests(f"""
WITH packet AS ({PACKETS}),
    incoming AS MATERIALIZED ({_FOUND} WHERE {_ELSEWHERE}),
    written AS (
        UPDATE accounting_history h SET {rows.merged("h", "i", reopens=False)}
        FROM incoming i
        WHERE h.acctuniqueid = i.acctuniqueid AND {rows.same("i", "h")}
          AND NOT EXISTS (SELECT 1 FROM accounting_history n WHERE n.acctuniqueid = i.acctuniqueid AND {rows.same("i", "n")}
                          AND (n.acctstarttime, n.radacctid) > (h.acctstarttime, h.radacctid))
        RETURNING h.radacctid, h.tenant_id, h.user_id, h.acctsessiontime, h.acctstarttime, h.acctupdatetime
    ),
    {DEBIT}
SELECT count(*) FROM written
""")

# A NAS has begun to use a session id again: what the live table holds under it is over. Its Stop was lost, or is on its way.
RETIRE: Final = f"""
WITH packet AS ({PACKETS}),
    over AS (
        DELETE FROM accounting_live s USING packet p
        WHERE s.acctuniqueid = p.acctuniqueid AND {rows.later("p", "s")}
        RETURNING s.*
    ),
    retired AS (
        INSERT INTO accounting_history ({COLUMNS})
        SELECT {rows.closed_by_reuse(COLUMNS, "s", stop="CASE WHEN s.closed_by IS NULL THEN s.acctstoptime END")} FROM over s
        RETURNING 1
    )
SELECT count(*) FROM retired
"""

# A session of which nothing was known, whose id its NAS has used again since. Who runs this holds BURYING, or two packets of
# one such session would make it two.
BURY: Final = with_guests(f"""
WITH packet AS ({PACKETS}),
    incoming AS MATERIALIZED ({_FOUND} WHERE {_ELSEWHERE}
        AND NOT EXISTS (SELECT 1 FROM accounting_history h WHERE h.acctuniqueid = p.acctuniqueid AND {rows.same("p", "h")})
        AND (EXISTS (SELECT 1 FROM accounting_live l WHERE l.acctuniqueid = p.acctuniqueid AND {rows.later("l", "p")})
             OR EXISTS (SELECT 1 FROM accounting_history h WHERE h.acctuniqueid = p.acctuniqueid AND {rows.later("h", "p")}))),
    written AS (
        INSERT INTO accounting_history AS h (radacctid, heard, {rows.with_closing(ROW)})
        SELECT nextval('accounting_radacctid'), now(), {rows.closed_by_reuse(rows.with_closing(ROW), "i", stop="i.acctstoptime")}
        FROM incoming i
        RETURNING h.radacctid, h.tenant_id, h.user_id, h.acctsessiontime, h.acctstarttime, h.acctupdatetime
    ),
    {DEBIT}
SELECT count(*) FROM written
""")

# Closed sessions another server has kept until now (bringing.py), into the history. What is there already stays as it is; time
# credit is not touched: it was used before there was any here.
BRING: Final = plain(f"""
WITH packet AS ({PACKETS}),
    incoming AS MATERIALIZED ({_FOUND}
        WHERE NOT EXISTS (SELECT 1 FROM accounting_live l WHERE l.acctuniqueid = p.acctuniqueid OFFSET 0)
          AND NOT EXISTS (SELECT 1 FROM accounting_history h WHERE h.acctuniqueid = p.acctuniqueid OFFSET 0)),
    brought AS (
        INSERT INTO accounting_history (radacctid, heard, {ROW})
        SELECT nextval('accounting_radacctid'), i.acctupdatetime, {ROW} FROM incoming i ORDER BY i.acctstarttime, i.acctuniqueid
        RETURNING 1
    )
SELECT count(*) FROM brought
""")

# The history's partitions that RETIRE, AMEND and BURY put rows into.
MONTHS: Final = f"""
WITH packet AS ({PACKETS})
SELECT count(gate_make_partition('accounting_history', month)) FROM (
    SELECT date_trunc('month', to_timestamp(p.started) AT TIME ZONE 'UTC')::date AS month FROM packet p
    UNION
    SELECT date_trunc('month', s.acctstarttime AT TIME ZONE 'UTC')::date
    FROM packet p JOIN accounting_live s ON s.acctuniqueid = p.acctuniqueid
) months
"""

PIN: Final = {
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_material": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    "synchronous_commit": "on",
}

# One pass over the primary key, a bounded window at a time: an index on the time of stop would make each Stop rewrite all
# indexes of its row.
WINDOW: Final = """
SELECT max(radacctid), array_agg(DISTINCT month) FILTER (WHERE month IS NOT NULL) FROM (
    SELECT radacctid,
           CASE WHEN acctstoptime < %(before)s THEN date_trunc('month', acctstarttime AT TIME ZONE 'UTC')::date END AS month
    FROM accounting_live WHERE radacctid > %(after)s ORDER BY radacctid LIMIT %(limit)s) AS page
"""

MOVE: Final = f"""
WITH closed AS (
    DELETE FROM accounting_live
    WHERE radacctid > %(after)s AND radacctid <= %(upto)s AND acctstoptime < %(before)s
    RETURNING {COLUMNS}
)
INSERT INTO accounting_history ({COLUMNS}) SELECT {COLUMNS} FROM closed
"""
