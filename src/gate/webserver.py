"""`gate web`: Granian serving the WSGI application (docs/decisions/ on the HTTP server)."""

from typing import Final

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from gate.core import logs
from gate.core.board import BOARD, Board
from gate.settings import Settings

THREADS: Final = 4
"""Blocking threads a worker: each holds a database connection of its own."""
SHARED: Final[Board] = BOARD
"""Mapped here, before the workers are forked, so that they count into the same memory."""


def run(settings: Settings) -> int:
    """Serve until SIGTERM; the exit status."""
    Granian(
        "gate.wsgi:application",
        address=settings.http_bind,
        port=settings.http_port,
        interface=Interfaces.WSGI,
        workers=settings.http_workers,
        blocking_threads=THREADS,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        # In GATE's own form, also in the workers. No access log: it would cost more than the answers.
        log_dictconfig=logs.configuration(settings),
        log_level=LogLevels.warning if settings.log_level in {"WARNING", "ERROR"} else LogLevels.info,
        log_access=False,
    ).serve()
    return 0
