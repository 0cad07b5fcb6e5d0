"""Time credit of many users just made: what commands.set_balance does for one, in two statements."""

from collections.abc import Mapping

from gate.core import clock
from gate.core.tenancy import Scope, activate
from gate.credit import models, rules
from gate.credit.types import Reason


def open_balances(scope: Scope, seconds: Mapping[int, int], *, reason: Reason, actor: str) -> None:
    """Limit users by time who have not been until now: `seconds` by user, who the caller made in this transaction.

    Raises Invalid.
    """
    for amount in seconds.values():
        rules.check_balance(amount)
    activate(scope.tenant_id)
    now = clock.now()
    models.Balance.objects.bulk_create(
        models.Balance(user_id=user_id, tenant_id=scope.tenant_id, seconds=amount, began=now)
        for user_id, amount in seconds.items()
    )
    models.Entry.objects.bulk_create(
        models.Entry(
            tenant_id=scope.tenant_id, user_id=user_id, seconds=amount, reason=reason, began=now, actor=actor, created=now
        )
        for user_id, amount in seconds.items()
        if amount
    )
