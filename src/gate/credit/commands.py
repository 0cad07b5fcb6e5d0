"""Writing the ledger: every change of a balance is an entry, and the balance stays the sum of the entries.

docs/decisions/0027-credit-ledger.md says why this holds beside the RADIUS server, which debits the same balances.
"""

import datetime as dt

from django.db import transaction

from gate.control import commands as control
from gate.control.types import Reason as Renewal
from gate.core import clock
from gate.core.tenancy import Scope
from gate.credit import models, rules
from gate.credit.types import Reason, Seconds
from gate.users import commands as user_commands
from gate.users.types import User, UserFields


def set_balance(
    scope: Scope, user_id: int, *, seconds: int | None, reason: Reason, actor: str, began: dt.datetime | None = None
) -> None:
    """Give a user exactly `seconds`, or with None no limit by time; the ledger gets the difference.

    A balance that is new begins now, or at `began`: what open sessions used before is not debited. One that is there goes on
    as it began: what sessions used and did not report yet is still debited.
    Raises NotFound, Invalid. Safe beside the RADIUS server debiting the same user: the balance row is locked.
    """
    rules.check_balance(seconds)
    with transaction.atomic():
        if _set(scope, user_id, seconds=seconds, reason=reason, actor=actor, began=began):
            control.renew_user(scope, user_id, reason=Renewal.CREDIT_CHANGED)


def _set(
    scope: Scope, user_id: int, *, seconds: int | None, reason: Reason, actor: str, began: dt.datetime | None = None
) -> bool:
    """Make the balance what is said; whether it was another before."""
    held = _locked(scope, user_id) if seconds is None else _made(scope, user_id)
    if held is None or (seconds is None and held.began is None):
        return False
    before = held.seconds, held.began
    # The row stays, so that a debit on its way finds it and the sum stays the balance.
    held.began = None if seconds is None else held.began or began or clock.now()
    _write(held, change=(seconds or 0) - held.seconds, reason=reason, actor=actor)
    return before != (held.seconds, held.began)


def grant(
    scope: Scope, user_id: int, *, seconds: int, reason: Reason, actor: str, note: str = "", voucher_id: int | None = None
) -> int:
    """Add `seconds` to a user's balance, or take them off where negative; returns what is left, which may be below nothing.

    A user who was not limited by time is from now on. `voucher_id` belongs to the reason `voucher`, and to no other.
    Raises NotFound, Invalid. Safe beside other grants and debits: they add up in any order.
    """
    rules.check_grant(seconds, reason=reason, voucher_id=voucher_id)
    with transaction.atomic():
        held = _made(scope, user_id)
        rules.check_sum(held.seconds + seconds)
        held.began = held.began or clock.now()
        _write(held, change=seconds, reason=reason, actor=actor, note=note, voucher_id=voucher_id)
        control.renew_user(scope, user_id, reason=Renewal.CREDIT_CHANGED)
        return held.seconds


def create_user(scope: Scope, *, fields: UserFields, seconds: int | None = 0) -> User:
    """A new user who is limited by time from the beginning, in one transaction; None: who is not. Raises as both commands do."""
    rules.check_balance(seconds)
    with transaction.atomic():
        made = user_commands.create(scope, fields=fields)
        _set(scope, made.id, seconds=seconds, reason="api", actor=scope.actor)
    return made


def update_user(scope: Scope, user_id: int, *, fields: UserFields, seconds: Seconds = "keep", replace: bool = False) -> User:
    """Change a user, or `replace` all of one, and the balance, in one transaction. Raises as both commands do."""
    if seconds != "keep":
        rules.check_balance(seconds)
    with transaction.atomic():
        change = user_commands.replace if replace else user_commands.update
        changed = change(scope, user_id, fields=fields)
        if seconds != "keep":
            set_balance(scope, user_id, seconds=seconds, reason="api", actor=scope.actor)
    return changed


def _locked(scope: Scope, user_id: int) -> models.Balance | None:
    """The user's balance row, locked; None where there never was one. Raises NotFound for a user out of reach."""
    user_commands.hold(scope, user_id)
    return models.Balance.objects.select_for_update().filter(user_id=user_id, tenant_id=scope.tenant_id).first()


def _made(scope: Scope, user_id: int) -> models.Balance:
    """The same, made where there was none."""
    user_commands.hold(scope, user_id)
    # Of two callers who find no row one makes it, and the other waits for it in the next statement.
    models.Balance.objects.bulk_create(
        [models.Balance(user_id=user_id, tenant_id=scope.tenant_id, seconds=0, began=None)], ignore_conflicts=True
    )
    return models.Balance.objects.select_for_update().get(user_id=user_id, tenant_id=scope.tenant_id)


def _write(
    held: models.Balance, *, change: int, reason: Reason, actor: str, note: str = "", voucher_id: int | None = None
) -> None:
    if change:
        models.Entry.objects.create(
            tenant_id=held.tenant_id,
            user_id=held.user_id,
            seconds=change,
            reason=reason,
            began=held.began or models.ALWAYS,
            actor=actor,
            note=note,
            voucher_id=voucher_id,
            created=clock.now(),
        )
    held.seconds += change
    held.save(update_fields=["seconds", "began"])
