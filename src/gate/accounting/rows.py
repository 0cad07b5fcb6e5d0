"""Which packets are of one session, and what a packet changes in its session's row: the SQL of both, as texts.

A NAS uses a session id again after a restart. Two packets of an id, or a packet and a row, are of different sessions where one
*tells* when its session began (a Start does, and a session time does), and that is more than `APART` after the other began and
more than `GAP` after all that is known of the other. That depends on what happened when and not on the order in which it
comes. `updates.distinct` is the same in Python; every row has the columns named here, and every packet of the same names but
for `started` and `updated` (`acctstarttime`, `acctupdatetime`).

Everything merged is a lower bound that only grows, so that no order and no repetition counts anything twice.
"""

from typing import Final

APART: Final = 30
"""Seconds by which the starts of two sessions of an id differ at least: a NAS's times are not exact."""
GAP: Final = 10
"""Seconds between the end of a session and the start of the next of its id: a Start that comes late, without Event-Timestamp
and Acct-Delay-Time, is not to be taken for another session."""

# Told once, by whichever packet knows it first.
KNOWN_ONCE: Final = (
    "user_id", "access_point_id", "groupname", "acctmultisessionid", "realm", "klass", "nasidentifier",
    "nasportid",
    "nasporttype", "servicetype", "framedprotocol", "framedipaddress", "calledstationid", "callingstationid", "ssid",
    "acctauthentic", "connectinfo_start", "connectinfo_stop", "portal_session_id", "framedipv6address", "framedipv6prefix",
    "framedinterfaceid", "delegatedipv6prefix",
)  # fmt: skip

WRAP: Final = 2**32
BELIEVED: Final = 2**62
"""Counters from here on are no counters; adding to them could leave the 63 bits."""


def _started(side: str) -> str:
    return "to_timestamp(p.started)" if side == "p" else f"{side}.acctstarttime"


def _updated(side: str) -> str:
    return "to_timestamp(p.updated)" if side == "p" else f"{side}.acctupdatetime"


def later(one: str, other: str) -> str:
    """Whether `one` is of a session that began after the one of `other`, under the same id. `p` is a packet of `PACKETS`."""
    return (
        f"((({one}.start_seen OR {one}.acctsessiontime > 0)"
        f" AND {_started(one)} > {_started(other)} + interval '{APART} seconds'"
        f" AND {_started(one)} > {_updated(other)} + interval '{GAP} seconds'))"
    )


def same(one: str, other: str) -> str:
    """Whether both are of one session, their ids being the same."""
    return f"NOT {later(one, other)} AND NOT {later(other, one)}"


def merged(row: str, new: str, *, reopens: bool) -> str:
    """The SET list that brings `new` into `row`; `reopens`: what GATE closed is opened by what the NAS says of a later moment."""
    # A closing by GATE (closing.py) ends with the NAS's own Stop, and with whatever the NAS says of a moment past the closing.
    ends = f"{new}.acctstoptime IS NOT NULL" + (f" OR {new}.acctupdatetime > {row}.closed_until" if reopens else "")
    opened = f"WHEN {new}.acctupdatetime > {row}.closed_until THEN NULL" if reopens else ""
    return f"""
        {", ".join(f"{name} = COALESCE({row}.{name}, {new}.{name})" for name in KNOWN_ONCE)},
        organization_id = CASE WHEN {row}.access_point_id IS NULL AND {new}.access_point_id IS NOT NULL
                               THEN {new}.organization_id ELSE {row}.organization_id END,
        location_id = CASE WHEN {row}.access_point_id IS NULL AND {new}.access_point_id IS NOT NULL
                           THEN COALESCE({new}.location_id, {row}.location_id)
                           ELSE COALESCE({row}.location_id, {new}.location_id) END,
        username = CASE WHEN {row}.username = '' THEN {new}.username ELSE {row}.username END,
        start_seen = {row}.start_seen OR {new}.start_seen,
        acctstarttime = CASE WHEN {row}.start_seen = {new}.start_seen THEN LEAST({row}.acctstarttime, {new}.acctstarttime)
                             WHEN {row}.start_seen THEN {row}.acctstarttime ELSE {new}.acctstarttime END,
        acctinterval = CASE WHEN {new}.acctupdatetime > {row}.acctupdatetime
                            THEN COALESCE({new}.acctinterval,
                                          round(extract(epoch FROM {new}.acctupdatetime - {row}.acctupdatetime))::integer)
                            ELSE {row}.acctinterval END,
        acctupdatetime = GREATEST({row}.acctupdatetime, {new}.acctupdatetime),
        acctstoptime = CASE WHEN {row}.closed_by IS NULL THEN GREATEST({row}.acctstoptime, {new}.acctstoptime)
                            WHEN {new}.acctstoptime IS NOT NULL THEN {new}.acctstoptime
                            {opened} ELSE GREATEST({row}.acctupdatetime, {new}.acctupdatetime) END,
        acctterminatecause = CASE WHEN {row}.closed_by IS NULL THEN COALESCE({row}.acctterminatecause, {new}.acctterminatecause)
                                  WHEN {ends} THEN {new}.acctterminatecause ELSE {row}.acctterminatecause END,
        closed_by = CASE WHEN {row}.closed_by IS NULL OR {ends} THEN NULL ELSE {row}.closed_by END,
        closed_until = CASE WHEN {row}.closed_by IS NULL OR {ends} THEN NULL
                            ELSE GREATEST({row}.closed_until, {new}.acctupdatetime) END,
        narrow = LEAST({row}.narrow, {new}.narrow),
        acctsessiontime = GREATEST({row}.acctsessiontime, {new}.acctsessiontime),
        acctinputoctets = {_octets(row, new, "acctinputoctets")},
        acctoutputoctets = {_octets(row, new, "acctoutputoctets")}
    """


def _octets(row: str, new: str, name: str) -> str:
    """The larger of the two, or where 32 bits have wrapped between them, what was counted by the later of the two.

    Wrapped it has where no packet of the session told gigawords, the counter fell while the session's time went on, and the
    shorter way from the earlier to the later value, round the end of 32 bits, is forwards. `updates.octets` is the same.
    """
    old, fresh = f"{row}.{name}", f"{new}.{name}"
    span = f"GREATEST({old}, {fresh})"
    way = f"((LEAST({old}, {fresh}) - {span}) & {WRAP - 1})"
    after = (
        f"CASE WHEN {fresh} < {old} THEN {new}.acctupdatetime > {row}.acctupdatetime"
        f" AND {new}.acctsessiontime >= {row}.acctsessiontime"
        f" ELSE {new}.acctupdatetime < {row}.acctupdatetime AND {new}.acctsessiontime <= {row}.acctsessiontime END"
    )
    return (
        f"CASE WHEN {row}.narrow AND {new}.narrow AND {old} <> {fresh} AND {after}"
        f" AND {way} < {WRAP // 2} AND {span} < {BELIEVED} THEN {span} + {way} ELSE {span} END"
    )


def with_closing(columns: str) -> str:
    """The columns, and those that tell of a closing by GATE."""
    return f"{columns}, closed_by, closed_until"


def closed_by_reuse(columns: str, row: str, *, stop: str) -> str:
    """The columns of `row` as the next session of its id closes it: at its last update, unless its Stop came (`stop`)."""
    closed = {
        "acctstoptime": f"COALESCE({stop}, {row}.acctupdatetime)",
        "acctterminatecause": f"CASE WHEN {stop} IS NULL THEN 'NAS-Reboot' ELSE {row}.acctterminatecause END",
        "closed_by": f"CASE WHEN {stop} IS NULL THEN 'reuse' END",
        "closed_until": f"CASE WHEN {stop} IS NULL THEN {row}.acctupdatetime END",
    }
    names = (name.strip() for name in columns.split(","))
    return ", ".join(closed.get(name, f"{row}.{name}") for name in names)
