"""Reading the requests made about sessions, newest first."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import connection

from gate.control import sql
from gate.control.types import Item, Reason, Request, State
from gate.core.errors import NotFound
from gate.core.tenancy import Scope, activate

SHOWN = 50
"""How many requests about one session are shown."""


def get(scope: Scope, request_id: int) -> Request:
    """One request. Raises NotFound."""
    parameters: dict[str, Any] = {"tenant": scope.tenant_id, "organizations": list(scope.organization_ids), "id": request_id}
    activate(scope.tenant_id)
    with connection.cursor() as cursor:
        cursor.execute(sql.GET, parameters)
        row = cursor.fetchone()
    if row is None:
        raise NotFound("There is no such request.")
    return _request(row)


def of_session(scope: Scope, radacctid: int, *, limit: int = SHOWN) -> Sequence[Request]:
    """The requests about one session, newest first, at most `limit`."""
    parameters: dict[str, Any] = {
        "tenant": scope.tenant_id, "organizations": list(scope.organization_ids), "session": radacctid, "limit": limit,
    }  # fmt: skip
    activate(scope.tenant_id)
    with connection.cursor() as cursor:
        cursor.execute(sql.LIST, parameters)
        return [_request(row) for row in cursor.fetchall()]


def _request(row: Any) -> Request:
    (number, radacctid, organization_id, nas_id, user_id, username, kind, reason, source, items, state, message, error_cause,
     rounds, asked, created, answered) = row  # fmt: skip
    return Request(
        id=number, radacctid=radacctid, organization_id=organization_id, nas_id=nas_id, user_id=user_id, username=username,
        kind=kind, reason=Reason(reason), source=source, items=msgspec.json.decode(items, type=list[Item]), state=State(state),
        message=message, error_cause=error_cause, rounds=rounds, asked=asked, created=created, answered=answered,
    )  # fmt: skip
