"""Writing the transaction log: one statement, whatever the number of events. Nothing changes or deletes a row of it."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection

from gate.core import calling, clock
from gate.core.tenancy import Scope, activate
from gate.txlog import rules, sql
from gate.txlog.types import Event

MAX_MESSAGE = 1_000
_MAX_NAME = 300
_MAX_URL = 2_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def write(scope: Scope, events: Sequence[Event]) -> None:
    """Log what happened, inside the caller's transaction: what is rolled back leaves no trace.

    Texts are cut to a length and lose control characters. Raises ValueError for words the log does not have.
    """
    if not events:
        return
    for event in events:
        rules.check(event)
    source, now, caller = rules.source_of(scope), clock.now(), calling.current()
    columns = [list(column) for column in zip(*(_values(event, source=source, now=now) for event in events), strict=True)]
    number, text = rules.address_parts(caller.address)
    parameters = [*columns, scope.tenant_id, number, caller.user_agent, caller.referer, text, text]
    activate(scope.tenant_id)
    with connection.wrap_database_errors:
        connection.ensure_connection()
        with psycopg.Cursor(connection.connection) as cursor:
            cursor.execute(sql.WRITE, parameters, prepare=True)


def _values(event: Event, *, source: str, now: dt.datetime) -> tuple[Any, ...]:
    """What sql.WRITE takes of an event, in its order."""
    return (
        event.at or now, event.organization_id, event.type, event.source or source, event.status, event.action,
        _cut(event.message, MAX_MESSAGE) or "", event.new_user, event.user_id, _cut(event.username), _cut(event.email),
        _cut(event.external_id), _cut(event.session_id), _cut(event.external_session), event.payment_transaction_log,
        event.service, _cut(event.service_name), event.authservice, _cut(event.authservice_name), _cut(event.site), event.page,
        _cut(event.page_url, _MAX_URL), event.location_id, event.access_point_id, _cut(event.ssid),
        rules.mac_number(event.mac_addr), *rules.address_parts(event.captured_ip_addr),
    )  # fmt: skip


def _cut(text: str | None, longest: int = _MAX_NAME) -> str | None:
    return None if text is None else _CONTROL.sub("", text[:longest])
