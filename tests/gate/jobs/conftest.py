"""A committed database for the worker's process."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """See radius_server.Committed."""
    import radius_server

    with django_db_blocker.unblock(), radius_server.committed_database("gate_jobs") as database:
        yield database
