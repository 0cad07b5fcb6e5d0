"""`gate radius`: one server process, or several sharing the ports."""

import asyncio
import gc
import logging
import os
import signal
import subprocess
import sys

import uvloop

from gate.processes import die_with_parent, report_ready
from gate.radiusd.service import Service, StartError
from gate.settings import Settings

log = logging.getLogger(__name__)


def run(settings: Settings, *, url: str) -> int:
    """Serve until SIGTERM; the exit status."""
    die_with_parent()
    if settings.radius_processes > 1:
        return _run_several(settings)
    service = Service(settings=settings, url=url)
    # A packet leaves no cycles behind; the collector's passes over everything loaded so far would only cost (2 % of the CPU).
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(service.run(ready=report_ready))
    except StartError as error:
        log.error("%s", error)  # noqa: TRY400  the sentence says it all
        return 1
    return 0


def _run_several(settings: Settings) -> int:
    """Processes with the same ports (SO_REUSEPORT): the kernel spreads NAS over them by source address and port.

    One that ends takes the others with it, and `gate up` or the service manager starts all anew: a half-served port is worse
    than a second without service.
    """
    environ = {**os.environ, "GATE_RADIUS_PROCESSES": "1"}
    children = [subprocess.Popen([sys.executable, "-m", "gate", "radius"], env=environ) for _ in range(settings.radius_processes)]

    def stop(*_: object) -> None:
        for child in children:
            child.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    report_ready()
    os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    stop()
    statuses = [child.wait() for child in children]
    return max(abs(status) for status in statuses)
