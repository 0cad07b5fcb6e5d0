"""Reading the ledger."""

import dataclasses
from collections.abc import Collection

from gate.core.tenancy import Scope, activate
from gate.credit import models
from gate.credit.types import Entry

_COLUMNS = tuple(field.name for field in dataclasses.fields(Entry))


def balances(scope: Scope, user_ids: Collection[int]) -> dict[int, int]:
    """Seconds left for those of the tenant's users who are limited by time; who is not is absent.

    The caller has found the users within the scope already.
    """
    activate(scope.tenant_id)
    rows = models.Balance.objects.filter(tenant_id=scope.tenant_id, user_id__in=user_ids)
    return dict(rows.values_list("user_id", "seconds"))


def entries(scope: Scope, user_id: int, *, limit: int, offset: int = 0) -> list[Entry]:
    """A user's ledger, newest first, from `offset` on, at most `limit`. The caller has found the user within the scope."""
    activate(scope.tenant_id)
    rows = models.Entry.objects.filter(tenant_id=scope.tenant_id, user_id=user_id).order_by("-pk").values(*_COLUMNS)
    return [Entry(**row) for row in rows[offset : offset + limit]]
