"""The database decides what is unique; this says it in words.

Asking first and writing then leaves a gap in which another writer gets in. So a command writes, and a refused write is
translated by the name of the constraint.
"""

import contextlib
from collections.abc import Iterator, Mapping

from django.db import IntegrityError, transaction

from gate.core.errors import Conflict


@contextlib.contextmanager
def spoken(sentences: Mapping[str, tuple[str, str]]) -> Iterator[None]:
    """Turn a violated constraint into Conflict: `sentences` gives (field, reason) by the constraint's name.

    What happened in the block is rolled back, the transaction around it lives on. Other violations pass through: they are
    faults in GATE. Raises Conflict.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        found = sentences.get(getattr(diagnosis, "constraint_name", None) or "")
        if found is None:
            raise
        raise Conflict.field(*found) from None
