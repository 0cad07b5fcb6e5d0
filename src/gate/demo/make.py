"""One run of `gate demo`, from lock to balances."""

import datetime as dt
from collections.abc import Callable

from django.db import DataError, OperationalError, connection, transaction

from gate.core import clock
from gate.credit import queries as credit
from gate.database import partitions
from gate.demo import fill, phones, sessions, telemetry, traffic
from gate.demo.types import DemoError, Tenant, Usage
from gate.telemetry import rollups


def make(*, say: Callable[[str], None]) -> tuple[Tenant, Usage, dict[int, int]]:
    """The tenant, its sessions, and the seconds left of users limited by time. Raises DemoError, GateError.

    All of it is one transaction: an interrupted run leaves nothing half done, and of two runs at once the second waits, and
    then finds what the first has made. Only the sums of what devices reported are made after it, as the worker makes them.
    """
    _check_migrated()
    now = clock.now().replace(microsecond=0)
    # Apart and first: making a partition locks its table, and sign-ins must not wait for all the rest.
    with connection.cursor() as cursor:
        # Two days more: a refused sign-in may lie before the first session.
        partitions.ensure(cursor, first=sessions.first_day(now) - dt.timedelta(days=1), last=now.date() + dt.timedelta(days=1))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1min'")
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('gate demo'))")
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
        say("Organizations, profiles, places, NAS, users, portals")
        tenant = fill.fill(now=now)
        say(f"Sessions and sign-ins of the last {traffic.DAYS} days")
        usage = sessions.write(tenant)
        fill.restore_credit(tenant)
        say(f"Devices, and what they reported in {phones.DAYS} days")
        telemetry.write(tenant)
        balances = credit.balances(tenant.scope, [account.user.id for account in tenant.subscribers.values()])
    _add_up(now, say)
    say(f"Done: {usage.new} new sessions.")
    return tenant, usage, balances


def _add_up(now: dt.datetime, say: Callable[[str], None]) -> None:
    """So that the connection summary is not empty until the worker does the same."""
    try:
        rollups.roll_up(now=now)
    except OperationalError as error:
        say(f"The connection summary follows when the worker adds it up: {str(error).strip()}.")


def _check_migrated() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('access_sign_in_hour') IS NOT NULL")
            migrated: bool = cursor.fetchone()[0]
    except DataError:
        migrated = False  # not even the role that commands take on, which the first migration makes
    if not migrated:
        raise DemoError(
            "The database has no tables of GATE yet: run gate migrate (gate up does it by itself), then gate demo again."
        )
