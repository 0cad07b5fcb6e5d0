"""Reading the ledger."""

import dataclasses
from collections.abc import Collection

from django.db import connection

from gate.core.tenancy import Scope, activate
from gate.credit import models, sql
from gate.credit.types import Checked, Entry

_COLUMNS = tuple(field.name for field in dataclasses.fields(Entry))


def balances(scope: Scope, user_ids: Collection[int]) -> dict[int, int]:
    """Seconds left for those of the tenant's users who are limited by time; who is not is absent.

    The caller has found the users within the scope already.
    """
    activate(scope.tenant_id)
    rows = models.Balance.objects.filter(tenant_id=scope.tenant_id, user_id__in=user_ids, began__isnull=False)
    return dict(rows.values_list("user_id", "seconds"))


def entries(scope: Scope, user_id: int, *, limit: int, offset: int = 0) -> list[Entry]:
    """A user's ledger, newest first, from `offset` on, at most `limit`. The caller has found the user within the scope."""
    activate(scope.tenant_id)
    rows = models.Entry.objects.filter(tenant_id=scope.tenant_id, user_id=user_id).order_by("-pk").values(*_COLUMNS)
    return [Entry(**row) for row in rows[offset : offset + limit]]


def check(*, after: int = 0, limit: int = 1_000) -> Checked:
    """Whether each balance is the sum of its entries: those of the next `limit` users after user `after`.

    For the system: crosses tenants. Reads every entry of the page's users, by index.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.CHECK, [after, limit])
        found, last, differing = cursor.fetchone()
    return Checked(balances=found, differing=tuple(differing), last=last if found == limit else None)
