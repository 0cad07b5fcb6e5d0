"""Jobs come minutes apart: each begins on a new database connection, so that none meets one that died in between."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import connections

P = ParamSpec("P")
R = TypeVar("R")


def on_fresh_connection(job: Callable[P, R]) -> Callable[P, R]:
    """`job`, with the connections of its thread closed before it; Django opens new ones on demand."""

    @functools.wraps(job)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close()
        return job(*args, **kwargs)

    return run
