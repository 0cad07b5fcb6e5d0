"""Replaces the lines of tallies by their sums, every ten minutes, so that counting stays quick."""

import logging

from django.db import connection
from procrastinate.contrib.django import app

from gate.database import tallies
from gate.jobs.fresh import on_fresh_connection

log = logging.getLogger(__name__)


@app.periodic(cron="7-59/10 * * * *")
@app.task(queueing_lock="compact_tallies", pass_context=False)
@on_fresh_connection
def compact_tallies(timestamp: int) -> None:  # noqa: ARG001  when it was due, from procrastinate
    """Run once."""
    with connection.cursor() as cursor:
        replaced = tallies.compact(cursor)
    if replaced:
        log.debug("Replaced %d lines of tallies", replaced)
