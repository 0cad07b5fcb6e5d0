"""`gate worker`: runs the jobs until SIGTERM."""

import asyncio
from collections.abc import Callable
from typing import cast

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector


def run(*, ready: Callable[[], None]) -> int:
    """Work until SIGTERM or SIGINT; the exit status. A job under way is finished first."""
    asyncio.run(_work(ready))
    return 0


async def _work(ready: Callable[[], None]) -> None:
    worker = app.with_connector(cast("DjangoConnector", app.connector).get_worker_connector())
    async with worker.open_async():
        ready()
        await worker.run_worker_async(
            concurrency=2, install_signal_handlers=True, delete_jobs="successful", shutdown_graceful_timeout=8
        )
