"""Asks for the end of sessions whose users or devices may not be online any longer; closes those that NAS ended without a Stop.

Every minute. Sending is the worker's other half: live_control.py.
"""

import logging

from procrastinate.contrib.django import app

from gate.access import presence, withdrawals
from gate.core import clock
from gate.jobs.fresh import on_fresh_connection

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="end_unwelcome_sessions", pass_context=False)
@on_fresh_connection
def end_unwelcome_sessions(timestamp: int) -> None:  # noqa: ARG001  when it was due, from procrastinate
    """Run once."""
    now = clock.now()
    asked = presence.end_unwelcome(now=now) + withdrawals.end_withdrawn(now=now)
    closed = presence.close_disconnected(now=now)
    if asked or closed:
        log.info("Asked for the end of %d sessions, closed %d", asked, closed)
