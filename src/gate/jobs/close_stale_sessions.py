"""Closes sessions whose NAS has said nothing for long, every five minutes. One that is heard of again is opened again."""

import logging

from procrastinate.contrib.django import app

from gate import settings
from gate.accounting import commands
from gate.core import clock
from gate.jobs.fresh import on_fresh_connection

log = logging.getLogger(__name__)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="close_stale_sessions", pass_context=False)
@on_fresh_connection
def close_stale_sessions(timestamp: int) -> None:  # noqa: ARG001  when it was due, from procrastinate
    """Run once."""
    closed = commands.close_silent(now=clock.now(), interval=settings.current().radius_interim_interval or None)
    if closed:
        log.info("Closed %d sessions of which nothing was heard for long", closed)
