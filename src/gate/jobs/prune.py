"""Drops what is older than it is to be kept (GATE_KEEP_...), once a night: whole months, and small tables in batches."""

import datetime as dt
import logging
from typing import Final

from procrastinate.contrib.django import app

from gate import settings
from gate.accounting import retention as accounting
from gate.control import commands as control
from gate.core import clock
from gate.database import retention
from gate.jobs.fresh import on_fresh_connection
from gate.portals import commands as portals

log = logging.getLogger(__name__)

_BY_ROWS: Final = {"keep_control": control.prune, "keep_portal_sessions": portals.prune}


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="prune", pass_context=False)
@on_fresh_connection
def prune(timestamp: int) -> None:  # noqa: ARG001  when it was due, from procrastinate
    """Run once."""
    kept, now = settings.current(), clock.now()
    for name, table in retention.KINDS.items():
        oldest = retention.before(now, days=getattr(kept, name))
        for month in [] if oldest is None else _drop(table, oldest):
            log.info("Dropped %s of %s, as GATE_%s says", f"{month:%Y-%m}", table, name.upper())
    for name, forget in _BY_ROWS.items():
        oldest = retention.before(now, days=getattr(kept, name))
        gone = 0 if oldest is None else forget(oldest=oldest)
        if gone:
            log.info("Deleted %d rows, as GATE_%s says", gone, name.upper())


def _drop(table: str, oldest: dt.datetime) -> list[dt.date]:
    return accounting.drop_old(oldest=oldest) if table == accounting.TABLE else retention.drop_old(table, oldest=oldest)
