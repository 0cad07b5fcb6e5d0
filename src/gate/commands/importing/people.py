"""Users out of records, a thousand at a time; passwords in clear are hashed on all cores."""

import bisect
import os
from array import array
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gate.commands.importing.kinds import Complaint, Order, Row
from gate.core.errors import Invalid
from gate.credit import bulk as credit
from gate.credit import rules as credit_rules
from gate.users import bulk, hashing

_PLAIN = (
    "username", "password", "email", "first_name", "last_name", "external_id", "klass", "is_active", "description", "expiration",
    "avatar_url", "profile", "max_sessions",
)  # fmt: skip


class People:
    """Makes users; remembers 16 bytes of each, to name the line a username stood on before."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._ids = array("q")
        self._lines = array("q")

    def make(self, rows: Sequence[Row]) -> Sequence[Complaint]:
        """The users and their time credit."""
        complaints: list[Complaint] = []
        taken: list[tuple[Row, bulk.Newcomer]] = []
        for row in rows:
            try:
                taken.append((row, self._newcomer(row.values)))
            except Invalid as refused:
                complaints.append(Complaint(row.line, refused.detail))
        answers = bulk.create_many(self._order.scope, [newcomer for _, newcomer in taken], hash_all=self._hashes)
        balances: dict[int, int] = {}
        for (row, _), answer in zip(taken, answers, strict=True):
            if isinstance(answer, Invalid):
                complaints.append(Complaint(row.line, self._told(answer)))
                continue
            self._ids.append(answer)
            self._lines.append(row.line)
            if "user_time" in row.values:
                balances[answer] = row.values["user_time"]
        credit.open_balances(self._order.scope, balances, reason="operator", actor=self._order.scope.actor)
        return complaints

    def _newcomer(self, values: dict[str, Any]) -> bulk.Newcomer:
        credit_rules.check_balance(values.get("user_time"))
        fields: dict[str, Any] = {name: values[name] for name in _PLAIN if name in values}
        fields["organization_id"] = organization_of(self._order, values)
        return bulk.Newcomer(fields=fields, password_hash=values.get("password_hash", ""))  # type: ignore[arg-type]  # the names are UserFields'

    def _hashes(self, passwords: Sequence[str]) -> Iterable[str]:
        if self._order.rehearsal:
            return [""] * len(passwords)
        # Argon2 runs outside Python's lock: threads use all cores.
        with ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
            return list(pool.map(hashing.hash_password, passwords))

    def _told(self, refused: Invalid) -> str:
        if isinstance(refused, bulk.Taken):
            place = bisect.bisect_left(self._ids, refused.user_id)
            if place < len(self._ids) and self._ids[place] == refused.user_id:
                return f"username: stands on line {self._lines[place]} already"
        return refused.detail


def organization_of(order: Order, values: dict[str, Any]) -> int:
    """The organization a record names by short name; the one imported into where it names none. Raises Invalid."""
    named = values.get("organization")
    if named is None:
        return order.scope.organization_id
    found = order.organizations.get(str(named).strip().lower())
    if found is None:
        raise Invalid.field("organization", "there is no such organization, here or below")
    return found
