"""`gate worker`: runs the jobs, live control and renewals beside them, until SIGTERM."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import cast

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from gate import settings
from gate.access.live_terms import Render
from gate.jobs.live_control import LiveControl
from gate.jobs.renewals import Renewals


def run(*, ready: Callable[[], None], render: Render) -> int:
    """Work until SIGTERM or SIGINT; the exit status. A job under way is finished first.

    `render` writes limits in a make's attributes: the RADIUS server's, which this way in does not know.
    """
    asyncio.run(_work(ready, render))
    return 0


async def _work(ready: Callable[[], None], render: Render) -> None:
    worker = app.with_connector(cast("DjangoConnector", app.connector).get_worker_connector())
    async with worker.open_async():
        ready()
        beside = [
            asyncio.create_task(_live_control().run(), name="live control"),
            asyncio.create_task(Renewals(render=render).run(), name="renewals"),
        ]
        try:
            await worker.run_worker_async(
                concurrency=2, install_signal_handlers=True, delete_jobs="successful", shutdown_graceful_timeout=8
            )
        finally:
            for task in beside:
                task.cancel()
            for task in beside:
                with contextlib.suppress(asyncio.CancelledError):
                    await task


def _live_control() -> LiveControl:
    read = settings.current()
    assert read.database_url is not None  # noqa: S101  the `gate` command sets it for the processes it starts
    return LiveControl(url=read.database_url, bind=read.radius_bind, default_port=read.radius_coa_port)
