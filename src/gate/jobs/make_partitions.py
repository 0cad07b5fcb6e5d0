"""Makes the partitions of the coming months, daily, so that none is ever missing when its month begins."""

import logging

from django.db import connection
from procrastinate.contrib.django import app

from gate.core import clock
from gate.database import partitions
from gate.jobs.fresh import on_fresh_connection

log = logging.getLogger(__name__)


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="make_partitions", pass_context=False)
@on_fresh_connection
def make_partitions(timestamp: int) -> None:  # noqa: ARG001  when it was due, from procrastinate
    """Run once."""
    with connection.cursor() as cursor:
        made = partitions.ensure_ahead(cursor, now=clock.now())
    if made:
        log.info("Made %d partitions", made)
