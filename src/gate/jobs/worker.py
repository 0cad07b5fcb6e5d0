"""`gate worker`: runs the jobs, and live control beside them, until SIGTERM."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import cast

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from gate import settings
from gate.jobs.live_control import LiveControl


def run(*, ready: Callable[[], None]) -> int:
    """Work until SIGTERM or SIGINT; the exit status. A job under way is finished first."""
    asyncio.run(_work(ready))
    return 0


async def _work(ready: Callable[[], None]) -> None:
    worker = app.with_connector(cast("DjangoConnector", app.connector).get_worker_connector())
    async with worker.open_async():
        ready()
        control = asyncio.create_task(_live_control().run(), name="live control")
        try:
            await worker.run_worker_async(
                concurrency=2, install_signal_handlers=True, delete_jobs="successful", shutdown_graceful_timeout=8
            )
        finally:
            control.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await control


def _live_control() -> LiveControl:
    read = settings.current()
    assert read.database_url is not None  # noqa: S101  the `gate` command sets it for the processes it starts
    return LiveControl(url=read.database_url, bind=read.radius_bind, default_port=read.radius_coa_port)
