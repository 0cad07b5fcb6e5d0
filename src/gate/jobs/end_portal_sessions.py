"""Ends portal sessions whose time is over, or which accounting says are over, every minute, and logs why."""

import logging

from procrastinate.contrib.django import app

from gate.access import commands
from gate.core import clock
from gate.jobs.fresh import on_fresh_connection

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="end_portal_sessions", pass_context=False)
@on_fresh_connection
def end_portal_sessions(timestamp: int) -> None:  # noqa: ARG001  when it was due, from procrastinate
    """Run once."""
    ended = commands.end_over(now=clock.now())
    if ended:
        log.info("Ended %d portal sessions", ended)
