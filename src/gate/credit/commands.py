"""Writing the ledger: every change of a balance is an entry, and the balance stays the sum of the entries."""

from django.db import transaction

from gate.core import clock
from gate.core.errors import NotFound
from gate.core.tenancy import Scope
from gate.credit import models, rules
from gate.credit.types import Reason
from gate.users import queries as users


def set_balance(scope: Scope, user_id: int, *, seconds: int | None, reason: Reason, actor: str) -> None:
    """Give a user exactly `seconds`, or with None no limit by time; the ledger gets the difference.

    Raises NotFound, Invalid. Safe beside the RADIUS server debiting the same user: the balance row is locked.
    """
    rules.check_balance(seconds)
    if not users.exists(scope, user_id):
        raise NotFound("There is no such user.")
    with transaction.atomic():
        if seconds is not None:
            # Of two callers who find no row one makes it, and the other waits for it in the next statement.
            models.Balance.objects.bulk_create(
                [models.Balance(user_id=user_id, tenant_id=scope.tenant_id, seconds=0)], ignore_conflicts=True
            )
        rows = models.Balance.objects.select_for_update().filter(user_id=user_id, tenant_id=scope.tenant_id)
        before = rows.values_list("seconds", flat=True).first()
        if before is None:
            return
        change = (seconds or 0) - before
        if change:
            models.Entry.objects.create(
                tenant_id=scope.tenant_id,
                user_id=user_id,
                seconds=change,
                reason=reason,
                actor=actor,
                created=clock.now(),
            )
        if seconds is None:
            rows.delete()
        else:
            rows.update(seconds=seconds)
