"""An operator's own attributes, for a while."""

import contextlib
from collections.abc import Iterator

from gate import dictionaries
from gate.protocols.radius import dictionary

HILLTOP = """VENDOR Hilltop 64000
BEGIN-VENDOR Hilltop
ATTRIBUTE Hilltop-Plan 1 integer
VALUE Hilltop-Plan Gold 7
END-VENDOR Hilltop
"""


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """What is read meanwhile is forgotten."""
    held = [
        (table, dict(table)) for table in (dictionary._BY_NAME, dictionary._BY_NUMBER, dictionary._NUMBERS, dictionary._WORDS)
    ]
    loaded = dictionaries._loaded
    try:
        yield
    finally:
        dictionaries._loaded = loaded
        for table, before in held:
            table.clear()
            table.update(before)  # type: ignore[arg-type]
