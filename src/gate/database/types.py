"""What a database cursor is to this package, Django's and psycopg's alike."""

from collections.abc import Sequence
from typing import Any, Protocol


class Cursor(Protocol):
    """Enough of a cursor."""

    def execute(self, query: Any, params: Any = None, /) -> Any:
        """Run one statement."""
        ...

    def fetchone(self) -> Sequence[Any] | None:
        """The next row."""
        ...

    def fetchall(self) -> Sequence[Sequence[Any]]:
        """All rows that are left."""
        ...
