"""Which statements store a round of updates: one, nearly always. What is left over belongs to sessions before or after the row.

Written without a connection, so that the RADIUS server and tests run the same: run each statement that comes out with what it
says, and send back the number in its only row. After an error of PostgreSQL's, UNLOCK_ALL, and begin anew.
"""

from collections.abc import Generator
from typing import Final, Literal

from gate.accounting import sql

With = Literal["packets", "nothing"]

# An advisory lock of the session, not the transaction: each statement is a transaction of its own. The number says nothing.
LOCK: Final = "SELECT 1 FROM pg_advisory_lock(1196444741)"
UNLOCK: Final = "SELECT 1 FROM pg_advisory_unlock(1196444741)"
UNLOCK_ALL: Final = "SELECT 1 FROM pg_advisory_unlock_all()"
"""After a statement that failed: whether the lock was held then does not matter."""
_TURNS: Final = 10


class NotPlaced(Exception):
    """What was left over could not be stored, again and again: a fault of GATE's. The packets must not be acknowledged."""


def place(count: int, *, guests: bool) -> Generator[tuple[str, With], int, None]:
    """The statements that store `count` updates of different ids. Raises NotPlaced."""
    store = sql.STORE_GUESTS if guests else sql.STORE
    for _ in range(_TURNS):
        if (stored := (yield store, "packets")) >= count:
            return
        # A NAS used a session id again, or a session went to the history.
        yield sql.MONTHS, "packets"
        if (yield sql.RETIRE, "packets") and (stored := (yield store, "packets")) >= count:
            return
        if stored + (yield sql.AMEND, "packets") >= count:
            return
        yield LOCK, "nothing"
        # Amending once more: somebody else may have buried the session while this waited for the lock.
        stored += yield sql.AMEND, "packets"
        stored += yield sql.BURY, "packets"
        yield UNLOCK, "nothing"
        if stored >= count:
            return
    raise NotPlaced(f"{count - stored} of {count} updates")
