"""Deletes the recoverable passwords of organizations that switched them off, every ten minutes."""

import logging

from procrastinate.contrib.django import app

from gate.jobs.fresh import on_fresh_connection
from gate.users import commands

log = logging.getLogger(__name__)


@app.periodic(cron="5-59/10 * * * *")
@app.task(queueing_lock="forget_recoverable_passwords", pass_context=False)
@on_fresh_connection
def forget_recoverable_passwords(timestamp: int) -> None:  # noqa: ARG001  when it was due, from procrastinate
    """Run once."""
    forgotten = commands.forget_recoverable()
    if forgotten:
        log.info("Deleted %d recoverable passwords", forgotten)
