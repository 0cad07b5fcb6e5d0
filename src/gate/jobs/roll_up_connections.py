"""Adds what devices reported to the sums the connection summary is answered from, every five minutes."""

import logging

from procrastinate.contrib.django import app

from gate.core import clock
from gate.jobs.fresh import on_fresh_connection
from gate.telemetry import rollups

log = logging.getLogger(__name__)


@app.periodic(cron="2-59/5 * * * *")
@app.task(queueing_lock="roll_up_connections", pass_context=False)
@on_fresh_connection
def roll_up_connections(timestamp: int) -> None:  # noqa: ARG001  when it was due, from procrastinate
    """Run once."""
    added = rollups.roll_up(now=clock.now())
    if added:
        log.info("Added up %d connections", added)
