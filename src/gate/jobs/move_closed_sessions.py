"""Moves sessions that ended more than a day ago from the live table to the history, every ten minutes."""

import logging

from procrastinate.contrib.django import app

from gate.access import commands as access
from gate.accounting import commands
from gate.core import clock
from gate.jobs.fresh import on_fresh_connection

log = logging.getLogger(__name__)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="move_closed_sessions", pass_context=False)
@on_fresh_connection
def move_closed_sessions(timestamp: int) -> None:  # noqa: ARG001  when it was due, from procrastinate
    """Run once."""
    # In the history nobody looks for what ended a portal's session: after a worker was away for long, that comes first.
    access.end_over(now=clock.now())
    moved = commands.move_closed(now=clock.now())
    if moved:
        log.info("Moved %d closed sessions to the history", moved)
