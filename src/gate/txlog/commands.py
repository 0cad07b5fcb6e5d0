"""Writing the transaction log: one statement, whatever the number of events. Nothing changes or deletes a row of it."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg
from django.db import connection

from gate.core import calling, clock
from gate.core.tenancy import Scope, activate
from gate.txlog import rules, sql
from gate.txlog.types import Event

MAX_MESSAGE = 1_000
_MAX_NAME = 300
_MAX_URL = 2_000
# Control characters, and halves of surrogate pairs, which are no text.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_Row = msgspec.defstruct("_Row", [name for name, _ in sql.EVENT + sql.CAPTURED], frozen=True, gc=False)
_encoder = msgspec.json.Encoder()


def write(scope: Scope, events: Sequence[Event]) -> None:
    """Log what happened, inside the caller's transaction: what is rolled back leaves no trace.

    Texts are cut to a length and lose control characters. Raises ValueError for words the log does not have.
    """
    if not events:
        return
    for event in events:
        rules.check(event)
    source, now, caller = rules.source_of(scope), clock.now(), calling.current()
    rows = [_Row(*_values(event, source=source, now=now)) for event in events]
    number, text = rules.address_parts(caller.address)
    parameters = [_encoder.encode(rows).decode(), scope.tenant_id, number, caller.user_agent, caller.referer, text, text]
    activate(scope.tenant_id)
    with connection.wrap_database_errors:
        connection.ensure_connection()
        with psycopg.Cursor(connection.connection) as cursor:
            cursor.execute(sql.WRITE, parameters, prepare=True)


def _values(event: Event, *, source: str, now: dt.datetime) -> tuple[Any, ...]:
    """What sql.WRITE takes of an event, in its order."""
    return (
        rules.moment(event, now=now), event.organization_id, event.type, event.source or source, event.status, event.action,
        _cut(event.message, MAX_MESSAGE) or "", event.new_user, event.user_id, _cut(event.username), _cut(event.email),
        _cut(event.external_id), _cut(event.session_id), _cut(event.external_session), event.payment_transaction_log,
        event.service, _cut(event.service_name), event.authservice, _cut(event.authservice_name), _cut(event.site), event.page,
        _cut(event.page_url, _MAX_URL), event.location_id, event.access_point_id, _cut(event.ssid),
        rules.mac_number(event.mac_addr), *rules.address_parts(event.captured_ip_addr),
    )  # fmt: skip


def _cut(text: str | None, longest: int = _MAX_NAME) -> str | None:
    return None if text is None else _CONTROL.sub("", text[:longest])
