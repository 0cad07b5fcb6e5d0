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
from typing import Final

GRACE: Final = dt.timedelta(days=1)
"""How long a closed session stays in `accounting_live`, where late packets find it by its unique id."""
_GRACE_BEGAN: Final = f"now() - interval '{GRACE.total_seconds():.0f} seconds'"

# name in unnest, SQL type
_INPUT: Final = (
    ("acctuniqueid", "bytea"), ("tenant_id", "bigint"), ("nas_id", "bigint"), ("organization_id", "bigint"), ("path", "text"),
    ("location_id", "bigint"), ("access_point_id", "bigint"), ("username_key", "text"), ("acctsessionid", "text"),
    ("acctmultisessionid", "text"), ("start_seen", "boolean"), ("started", "double precision"), ("updated", "double precision"),
    ("stopped", "double precision"), ("acctinterval", "integer"), ("acctsessiontime", "bigint"), ("acctinputoctets", "bigint"),
    ("acctoutputoctets", "bigint"), ("username", "text"), ("realm", "text"), ("klass", "text"), ("nasipaddress", "text"),
    ("nasidentifier", "text"), ("nasportid", "text"), ("nasporttype", "text"), ("servicetype", "text"),
    ("framedprotocol", "text"),
    ("framedipaddress", "text"), ("calledstationid", "text"), ("callingstationid", "text"), ("ssid", "text"),
    ("acctauthentic", "text"), ("acctterminatecause", "text"), ("connectinfo_start", "text"), ("connectinfo_stop", "text"),
    ("portal_session_id", "bigint"),
)  # fmt: skip

TYPES: Final = tuple(kind for _, kind in _INPUT)

# Told once, by whichever packet knows it first.
_KNOWN_ONCE: Final = (
    "user_id", "access_point_id", "groupname", "acctmultisessionid", "realm", "klass", "nasidentifier",
    "nasportid",
    "nasporttype", "servicetype", "framedprotocol", "framedipaddress", "calledstationid", "callingstationid", "ssid",
    "acctauthentic", "connectinfo_start", "connectinfo_stop", "portal_session_id",
)  # fmt: skip

# A closing by GATE (closing.py) ends with the NAS's own Stop, and with whatever the NAS says of a moment past the closing.
_CLOSING_ENDS: Final = "EXCLUDED.acctstoptime IS NOT NULL OR EXCLUDED.acctupdatetime > s.closed_until"

# Each parameter is an array literal: database/arrays.py.
_PACKETS: Final = f"""
    SELECT * FROM unnest({", ".join(f"%s::{kind}[]" for kind in TYPES)})
        AS t({", ".join(name for name, _ in _INPUT)})
"""

# A session older than the balance has used some of its time before: that is not debited. A balance that began after the session
# ended finds nothing left to debit.
_DEBIT: Final = """
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

# Who a device is that a portal let in: the guest of the portal's session that the packet's Class names, or where the NAS lost
# that, of the one open for the MAC address it sent as the user's name. Where a packet gives no cause to ask, neither half is
# begun: its first conditions ask nothing of a table.
_GUEST: Final = """
    LEFT JOIN LATERAL (
        SELECT v.id, v.organization_id, v.klass, s.portal_session_id,
               (SELECT f.short_name FROM profiles_profile f WHERE f.id = (
                   SELECT a.profile_id FROM users_userprofile a WHERE a.user_id = v.id ORDER BY a.position LIMIT 1)
               ) AS groupname
        FROM (
            (SELECT s.id AS portal_session_id, s.user_id FROM portals_session s
             WHERE p.portal_session_id IS NOT NULL AND s.id = p.portal_session_id AND s.tenant_id = p.tenant_id)
            UNION ALL
            (SELECT s.id, s.user_id FROM portals_session s
             WHERE u.id IS NULL AND p.portal_session_id IS NULL AND length(p.username_key) BETWEEN 12 AND 17
               AND translate(p.username_key, ':-. ', '') ~ '^[0-9a-f]{12}$'
               AND s.tenant_id = p.tenant_id AND s.ended IS NULL
               AND s.mac = upper(regexp_replace(translate(p.username_key, ':-. ', ''), '(..)(?=.)', '\\1:', 'g')))
        ) s
        JOIN users_user v ON v.id = s.user_id
    ) g ON true
"""

# A session may move to the history while a packet of it waits for its row's lock. The packet would then be inserted as a second
# session; that the statement's snapshot still shows the row it inserted anew gives it away. The division by zero at the end
# takes all back (a plain statement has no other way to fail), and the writer runs it again.
_STORE: Final = f"""
WITH packet AS ({_PACKETS}),
    written AS (
        INSERT INTO accounting_live AS s (
            acctuniqueid, acctsessionid, acctmultisessionid, tenant_id, organization_id, nas_id, user_id, location_id,
            access_point_id, acctstarttime, acctupdatetime, acctstoptime, acctinterval, acctsessiontime, acctinputoctets,
            acctoutputoctets, start_seen, username, groupname, realm, klass, nasipaddress, nasidentifier, nasportid, nasporttype,
            servicetype, framedprotocol, framedipaddress, calledstationid, callingstationid, ssid, acctauthentic,
            acctterminatecause, connectinfo_start, connectinfo_stop, portal_session_id)
        SELECT p.acctuniqueid, p.acctsessionid, p.acctmultisessionid, p.tenant_id,
            CASE WHEN p.path IS NOT NULL AND <who>organization_id <> p.organization_id
                      AND EXISTS (SELECT 1 FROM organizations_organization o
                                  WHERE o.id = <who>organization_id AND o.path <@ p.path::ltree)
                 THEN <who>organization_id ELSE p.organization_id END,
            p.nas_id, <who>id, p.location_id, p.access_point_id, to_timestamp(p.started), to_timestamp(p.updated),
            to_timestamp(p.stopped), p.acctinterval, p.acctsessiontime, p.acctinputoctets, p.acctoutputoctets, p.start_seen,
            p.username, <who>groupname, p.realm, COALESCE(p.klass, <who>klass), p.nasipaddress::inet,
            p.nasidentifier, p.nasportid, p.nasporttype, p.servicetype, p.framedprotocol, p.framedipaddress::inet,
            p.calledstationid, p.callingstationid, p.ssid, p.acctauthentic, p.acctterminatecause, p.connectinfo_start,
            p.connectinfo_stop, <who>portal_session_id
        FROM packet p
        LEFT JOIN LATERAL (
            SELECT u.id, u.organization_id, u.klass,
                   (SELECT f.short_name FROM profiles_profile f WHERE f.id = (
                       SELECT a.profile_id FROM users_userprofile a WHERE a.user_id = u.id ORDER BY a.position LIMIT 1)
                   ) AS groupname
            FROM users_user u WHERE u.tenant_id = p.tenant_id AND u.username_key = p.username_key
        ) u ON true
        <guest>
        WHERE CASE WHEN p.start_seen AND to_timestamp(p.started) > {_GRACE_BEGAN} THEN true
                   WHEN EXISTS (SELECT 1 FROM accounting_live l WHERE l.acctuniqueid = p.acctuniqueid OFFSET 0) THEN true
                   ELSE NOT EXISTS (SELECT 1 FROM accounting_history h WHERE h.acctuniqueid = p.acctuniqueid OFFSET 0) END
        ON CONFLICT (acctuniqueid) DO UPDATE SET
            {", ".join(f"{name} = COALESCE(s.{name}, EXCLUDED.{name})" for name in _KNOWN_ONCE)},
            organization_id = CASE WHEN s.access_point_id IS NULL AND EXCLUDED.access_point_id IS NOT NULL
                                   THEN EXCLUDED.organization_id ELSE s.organization_id END,
            location_id = CASE WHEN s.access_point_id IS NULL AND EXCLUDED.access_point_id IS NOT NULL
                               THEN COALESCE(EXCLUDED.location_id, s.location_id)
                               ELSE COALESCE(s.location_id, EXCLUDED.location_id) END,
            username = CASE WHEN s.username = '' THEN EXCLUDED.username ELSE s.username END,
            start_seen = s.start_seen OR EXCLUDED.start_seen,
            acctstarttime = CASE WHEN s.start_seen = EXCLUDED.start_seen THEN LEAST(s.acctstarttime, EXCLUDED.acctstarttime)
                                 WHEN s.start_seen THEN s.acctstarttime ELSE EXCLUDED.acctstarttime END,
            acctinterval = CASE WHEN EXCLUDED.acctupdatetime > s.acctupdatetime
                                THEN COALESCE(EXCLUDED.acctinterval,
                                              round(extract(epoch FROM EXCLUDED.acctupdatetime - s.acctupdatetime))::integer)
                                ELSE s.acctinterval END,
            acctupdatetime = GREATEST(s.acctupdatetime, EXCLUDED.acctupdatetime),
            heard = EXCLUDED.heard,
            acctstoptime = CASE WHEN s.closed_by IS NULL OR EXCLUDED.acctstoptime IS NOT NULL
                                THEN GREATEST(CASE WHEN s.closed_by IS NULL THEN s.acctstoptime END, EXCLUDED.acctstoptime)
                                WHEN EXCLUDED.acctupdatetime > s.closed_until THEN NULL
                                ELSE GREATEST(s.acctupdatetime, EXCLUDED.acctupdatetime) END,
            acctterminatecause = CASE WHEN s.closed_by IS NULL THEN COALESCE(s.acctterminatecause, EXCLUDED.acctterminatecause)
                                      WHEN {_CLOSING_ENDS} THEN EXCLUDED.acctterminatecause
                                      ELSE s.acctterminatecause END,
            closed_by = CASE WHEN s.closed_by IS NULL OR {_CLOSING_ENDS} THEN NULL ELSE s.closed_by END,
            closed_until = CASE WHEN s.closed_by IS NULL OR {_CLOSING_ENDS} THEN NULL ELSE s.closed_until END,
            acctsessiontime = GREATEST(s.acctsessiontime, EXCLUDED.acctsessiontime),
            acctinputoctets = GREATEST(s.acctinputoctets, EXCLUDED.acctinputoctets),
            acctoutputoctets = GREATEST(s.acctoutputoctets, EXCLUDED.acctoutputoctets)
        RETURNING s.radacctid, s.tenant_id, s.user_id, s.acctsessiontime, s.acctstarttime, s.acctupdatetime, s.acctuniqueid,
            s.xmax = 0 AS inserted
    ),
    {_DEBIT}
SELECT count(*) / CASE WHEN count(*) FILTER (
    WHERE w.inserted AND EXISTS (SELECT 1 FROM accounting_live l WHERE l.acctuniqueid = w.acctuniqueid OFFSET 0)
) = 0 THEN 1 ELSE 0 END FROM written w
"""


def _store(guest: str, **who: str) -> str:
    """The statement with the question about portals' guests, or without."""
    found = _STORE.replace("<guest>", guest)
    for name, meant in who.items():
        found = found.replace(f"<who>{name}", meant)
    return found


STORE: Final = _store(
    "", organization_id="u.organization_id", id="u.id", groupname="u.groupname", klass="u.klass",
    portal_session_id="NULL::bigint",
)  # fmt: skip
# For batches in which some packet has a portal's Class, or a MAC address for a name. All others pay nothing for portals.
STORE_GUESTS: Final = _store(
    _GUEST, organization_id="COALESCE(g.organization_id, u.organization_id)", id="COALESCE(g.id, u.id)",
    groupname="COALESCE(g.groupname, u.groupname)", klass="g.klass, u.klass", portal_session_id="g.portal_session_id",
)  # fmt: skip

# For packets that come after their session went to the history (a NAS that was cut off for more than a day). A NAS may use a
# session id again after months: the newest session of the id is meant.
AMEND: Final = f"""
WITH packet AS ({_PACKETS}),
    written AS (
        UPDATE accounting_history h SET
            acctupdatetime = GREATEST(h.acctupdatetime, to_timestamp(p.updated)),
            acctstoptime = GREATEST(h.acctstoptime, to_timestamp(p.stopped)),
            acctsessiontime = GREATEST(h.acctsessiontime, p.acctsessiontime),
            acctinputoctets = GREATEST(h.acctinputoctets, p.acctinputoctets),
            acctoutputoctets = GREATEST(h.acctoutputoctets, p.acctoutputoctets)
        FROM packet p
        WHERE h.acctuniqueid = p.acctuniqueid
          AND NOT EXISTS (SELECT 1 FROM accounting_live l WHERE l.acctuniqueid = p.acctuniqueid)
          AND NOT EXISTS (SELECT 1 FROM accounting_history n WHERE n.acctuniqueid = p.acctuniqueid
                          AND (n.acctstarttime, n.radacctid) > (h.acctstarttime, h.radacctid))
        RETURNING h.radacctid, h.tenant_id, h.user_id, h.acctsessiontime, h.acctstarttime, h.acctupdatetime
    ),
    {_DEBIT}
SELECT count(*) FROM written
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

_COLUMNS: Final = """
    radacctid, acctuniqueid, acctsessionid, acctmultisessionid, tenant_id, organization_id, nas_id, user_id, location_id,
    access_point_id, user_transaction_id, acctstarttime, acctupdatetime, acctstoptime, acctinterval, acctsessiontime,
    acctinputoctets, acctoutputoctets, start_seen, username, groupname, realm, klass, nasipaddress, nasidentifier, nasportid,
    nasporttype, servicetype, framedprotocol, framedipaddress, calledstationid, callingstationid, ssid, acctauthentic,
    acctterminatecause, connectinfo_start, connectinfo_stop, portal_session_id, closed_by, closed_until, heard,
    framedipv6address, framedipv6prefix, framedinterfaceid, delegatedipv6prefix
"""

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
    RETURNING {_COLUMNS}
)
INSERT INTO accounting_history ({_COLUMNS}) SELECT {_COLUMNS} FROM closed
"""
