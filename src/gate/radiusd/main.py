"""`gate radius`: one server process, or several sharing the ports."""

import asyncio
import gc
import logging
import os
import signal
import subprocess
import sys

import uvloop

from gate import compiled
from gate.processes import READY, READY_FD, SUPERVISED, die_with_parent, report_ready
from gate.radiusd.listener import bind
from gate.radiusd.service import Service, StartError, ports_taken
from gate.settings import Settings

log = logging.getLogger(__name__)


def run(settings: Settings, *, url: str, one_of_several: bool = False) -> int:
    """Serve until SIGTERM; the exit status. `one_of_several` is a process that shares its ports with its siblings."""
    die_with_parent()
    changed = compiled.outdated()
    if changed:
        log.error("Compiled before it was changed: %s. Run `make compile` again, or `make uncompile`.", ", ".join(changed))
        return 1
    if settings.radius_processes > 1 and not one_of_several:
        return _run_several(settings)
    log.info("The modules every packet passes run %s", "compiled" if compiled.is_compiled() else "as pure Python")
    service = Service(settings=settings, url=url, shared=one_of_several)
    # A packet leaves no cycles behind: passes over what is loaded so far would only cost, and long ones be felt as latency.
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 100)
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
    try:
        for port in (settings.radius_auth_port, settings.radius_acct_port):
            bind(settings.radius_bind, port, shared=False).close()
    except OSError as error:
        log.error("%s", ports_taken(settings, error))  # noqa: TRY400  the sentence says it all
        return 1
    started = [_start_one() for _ in range(settings.radius_processes)]
    children = [child for child, _ in started]

    told: set[int] = set()

    def stop(*_: object) -> None:
        # Each is told once: a second SIGTERM would meet a process whose handler is gone, and count as a fault.
        for child in children:
            if child.pid not in told:
                told.add(child.pid)
                child.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if all(_became_ready(pipe) for _, pipe in started):
        report_ready()
    os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    stop()
    statuses = [child.wait() for child in children]
    return max(abs(status) for status in statuses)


def _start_one() -> tuple[subprocess.Popen[bytes], int]:
    """A process of the group, and the pipe on which it says that it is ready."""
    reader, writer = os.pipe()
    environ = os.environ | {SUPERVISED: str(os.getpid()), READY_FD: str(writer)}
    command = [sys.executable, "-m", "gate", "radius", "--one-of-several"]
    child = subprocess.Popen(command, env=environ, pass_fds=[writer])  # noqa: S603  GATE's own command
    os.close(writer)
    return child, reader


def _became_ready(pipe: int) -> bool:
    with os.fdopen(pipe, "rb") as said:
        return said.read() == READY
