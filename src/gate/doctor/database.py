"""The part of `gate doctor` that asks PostgreSQL."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

import gate
from gate.core import clock
from gate.credit.sql import CHECK
from gate.database import embedded, walls
from gate.database.cluster import EXTENSIONS
from gate.database.programs import OLDEST
from gate.doctor import kept, passwords
from gate.doctor.findings import Finding, fault, good, warning
from gate.nas.rules import RECENT
from gate.settings import Settings

_LARGEST_SKEW = 2.0  # seconds
_YEARS = range(2025, 2100)
_NAMED = 5
_LEDGER_PAGE, _LEDGER_SECONDS = 2_000, 3.0
_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")

_Connection = psycopg.Connection[tuple[Any, ...]]


def check(settings: Settings) -> Iterator[Finding]:
    """The database is reachable, new enough, migrated, durable, and its roles are as the migrations made them."""
    try:
        url = settings.database_url or embedded.running_url(data=settings.data)
    except embedded.DatabaseStartError as error:
        yield fault("database", error.sentence)
        return
    if url is None:
        yield fault(
            "database",
            "GATE is not running, and DATABASE_URL is not set",
            advice="start it with `make up` (or `gate up`), or set DATABASE_URL",
        )
        return
    try:
        with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
            connection.execute("SET statement_timeout = '10s'")
            yield from _version(connection)
            yield from _extensions(connection)
            yield from _migrations(connection)
            yield from _durability(connection)
            yield from _roles(connection)
            yield from _clock(connection)
            yield from _ledger(connection)
            yield from _signing(connection)
            yield from _authorities(connection)
            yield from passwords.check(connection)
            yield from kept.check(connection, settings)
    except psycopg.Error as error:
        yield fault(
            "database", f"cannot be used: {str(error).strip()}", advice="see that PostgreSQL runs and DATABASE_URL is right"
        )


def _rows(connection: _Connection, query: str, *values: object) -> list[tuple[Any, ...]]:
    return connection.execute(query, values).fetchall()


def _version(connection: _Connection) -> Iterator[Finding]:
    number = connection.info.server_version
    text = f"PostgreSQL {number // 10000}.{number % 10000}"
    if number // 10000 < OLDEST:
        yield fault("database", f"{text} is too old", advice=f"upgrade to PostgreSQL {OLDEST} or newer")
    else:
        yield good("database", f"{text} answers")


def _extensions(connection: _Connection) -> Iterator[Finding]:
    there = {name for (name,) in _rows(connection, "SELECT name FROM pg_available_extensions")}
    missing = sorted(EXTENSIONS - there)
    if missing:
        yield fault("extensions", f"missing: {', '.join(missing)}", advice="install postgresql-contrib on the database server")
    else:
        yield good("extensions", f"{', '.join(sorted(EXTENSIONS))} can be used")


def _known_migrations() -> set[tuple[str, str]]:
    """(app, name) of the migrations this version of GATE has."""
    files = Path(gate.__file__).parent.glob("*/migrations/[0-9]*.py")
    return {(file.parent.parent.name, file.stem) for file in files}


def _migrations(connection: _Connection) -> Iterator[Finding]:
    known = _known_migrations()
    if _rows(connection, "SELECT to_regclass('django_migrations') IS NULL") == [(True,)]:
        yield fault("migrations", "the database is empty", advice="run `gate migrate`, or `gate up`, which does it")
        return
    apps = list({app for app, _ in known})
    rows = _rows(connection, "SELECT app, name FROM django_migrations WHERE app = ANY(%s)", apps)
    applied = {(app, name) for app, name in rows}
    if known - applied:
        names = ", ".join(f"{app}.{name}" for app, name in sorted(known - applied))
        yield fault("migrations", f"not applied: {names}", advice="run `gate migrate`, or `gate up`, which does it")
    elif applied - known:
        yield fault(
            "migrations", "a newer GATE has migrated this database", advice="run that version, or load a backup made before it"
        )
    else:
        yield good("migrations", f"all {len(known)} applied")


def _durability(connection: _Connection) -> Iterator[Finding]:
    rows = _rows(connection, "SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = 'off'", list(_DURABLE))
    off = sorted(name for (name,) in rows)
    if off:
        yield fault(
            "durability",
            f"{', '.join(off)} off: accounting that was acknowledged can be lost in a crash",
            advice=f"set {' and '.join(off)} to on in the configuration of PostgreSQL",
        )
    else:
        yield good("durability", "what is acknowledged is on disk")


def _roles(connection: _Connection) -> Iterator[Finding]:
    names = [walls.APP, walls.SYSTEM]
    rows = _rows(
        connection,
        "SELECT rolname, rolsuper OR rolbypassrls,"
        " EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid), pg_has_role(oid, 'USAGE')"
        " FROM pg_roles WHERE rolname = ANY(%s)",
        names,
    )
    found = {name: (mighty, owner, member) for name, mighty, owner, member in rows}
    faulty = False
    for name in names:
        if name not in found:
            faulty = True
            yield fault("roles", f"{name} does not exist", advice="run `gate migrate`")
            continue
        mighty, owner, member = found[name]
        if mighty or owner:
            faulty = True
            reason = "passes row-level security" if mighty else "owns tables, so row-level security does not bind it"
            advice = f"ALTER ROLE {name} NOSUPERUSER NOBYPASSRLS" if mighty else f"REASSIGN OWNED BY {name} TO the migrating role"
            yield fault("roles", f"{name} {reason}", advice=advice)
        if not member:
            faulty = True
            yield fault("roles", f"GATE's user may not become {name}", advice=f"GRANT {name} TO {connection.info.user}")
    unforced = _rows(
        connection,
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relrowsecurity AND NOT relforcerowsecurity",
    )
    if unforced != [(0,)]:
        faulty = True
        yield fault("roles", "row-level security does not bind the owner of every table", advice="run `gate migrate`")
    if not faulty:
        yield good("roles", f"{' and '.join(names)} own nothing and pass by no wall")


def _clock(connection: _Connection) -> Iterator[Finding]:
    before = clock.now()
    ((theirs,),) = _rows(connection, "SELECT clock_timestamp()")
    after = clock.now()
    skew = abs((theirs - (before + (after - before) / 2)).total_seconds())
    if after.astimezone(dt.UTC).year not in _YEARS:
        yield fault("clock", f"this machine believes it is {after:%Y-%m-%d}", advice="set the clock")
    elif skew > _LARGEST_SKEW:
        yield fault("clock", f"the database's clock is {skew:.0f} s off this machine's", advice="run NTP on both machines")
    else:
        yield good("clock", f"{after:%Y-%m-%d %H:%M:%S} UTC, as the database says")


def _ledger(connection: _Connection) -> Iterator[Finding]:
    """Balances are the sums of their entries: all of them, or as many as a few seconds allow."""
    if _rows(connection, "SELECT to_regclass('credit_balance') IS NULL") == [(True,)]:
        return
    until, checked, after, more = clock.monotonic() + _LEDGER_SECONDS, 0, 0, True
    differing: list[int] = []
    while more and clock.monotonic() < until:
        ((found, last, wrong),) = _rows(connection, CHECK, after, _LEDGER_PAGE)
        checked, after, more = checked + found, last or after, found == _LEDGER_PAGE
        differing += wrong
    of = "balances; there are more" if more else "balances, all there are"
    if differing:
        yield fault(
            "time credit",
            f"{len(differing)} of {checked} {of}, are not the sum of their ledger; the first is user {differing[0]}'s",
            advice="this is a fault of GATE's, please report it; the entries are the evidence, so leave them as they are",
        )
    else:
        yield good("time credit", f"the ledger adds up ({checked} {of})")


def _signing(connection: _Connection) -> Iterator[Finding]:
    """Which NAS send sign-ins without Message-Authenticator, which alone proves where they are from."""
    if _rows(connection, "SELECT to_regclass('nas_posture') IS NULL") == [(True,)]:
        return
    rows = _rows(
        connection,
        "SELECT n.short_name, n.message_authenticator, cardinality(p.signers) > 0"
        " FROM nas_posture p JOIN nas_nas n ON n.id = p.nas_id WHERE n.is_active AND p.last_unsigned > %s ORDER BY n.id",
        clock.now() - RECENT,
    )
    subject, days = "Message-Authenticator", RECENT.days
    if not rows:
        yield good(subject, f"no sign-in came without it in the last {days} days")
        return
    names = ", ".join(name for name, _, _ in rows[:_NAMED]) + (f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else "")
    refused = sum(signing == "require" or (signing == "auto" and known) for _, signing, known in rows)
    yield warning(
        subject,
        f"{len(rows)} NAS sent sign-ins without it in the last {days} days ({names}); {refused} of them have to,"
        " and were not answered then",
        advice="have them send it (a new version of their software does); a device that cannot is set to off, in the console",
    )


def _authorities(connection: _Connection) -> Iterator[Finding]:
    """Tenants' own CAs that let nobody in, or soon will not."""
    if _rows(connection, "SELECT to_regclass('organizations_authority') IS NULL") == [(True,)]:
        return
    rows = _rows(
        connection,
        "SELECT o.short_name, a.name, a.expires, a.crl_expires FROM organizations_authority a"
        " JOIN organizations_organization o ON o.id = a.tenant_id"
        " WHERE LEAST(a.expires, a.crl_expires) < now() + interval '14 days' ORDER BY o.short_name, a.id",
    )
    now = clock.now()
    for tenant, name, expires, crl_expires in rows:
        is_list = crl_expires is not None and crl_expires < expires
        what, end = ("list of revoked certificates", crl_expires) if is_list else ("certificate", expires)
        told = f"its {what} {'ended' if end <= now else 'ends'} at {end:%Y-%m-%d %H:%M} UTC"
        advice = f"give the newer one: gate radius {'crl' if is_list else 'ca add'} {tenant} FILE"
        yield warning(f"CA {name} of {tenant}", told, advice=advice)
