"""`gate up`: one command that runs all of GATE on one machine, and leaves nothing behind when it ends.

In order: are the ports free; the private PostgreSQL, unless DATABASE_URL names another; migrations; the first
organization and its owner; then the web server, the RADIUS server and the worker as processes of their own, kept running
until Ctrl-C or SIGTERM. Then the way back: web, RADIUS, worker, PostgreSQL.

This process imports neither Django nor any room, so that it is there at once. A signal that comes while it starts or
watches raises Stopped, but only inside `Signals.pause`: no half-finished step is ever torn apart.
"""

import contextlib
import json
import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Any, Self

import psycopg

from gate import banner, ports
from gate.children import FIRST_PAUSE, LONGEST_PAUSE, Child, Runner
from gate.core import clock
from gate.database import embedded
from gate.processes import SUPERVISED, die_with_parent, report_ready
from gate.settings import Settings

__all__ = ["Commands", "StartError", "commands", "die_with_parent", "report_ready", "run"]

# Seconds
_STEP = 0.05
_WATCH = 1.0
_READY_WITHIN = 120.0
_STOP_WITHIN = 10.0
_DATABASE_WITHIN = 30.0

Say = Callable[[str], None]
log = logging.getLogger(__name__)


class StartError(Exception):
    """GATE does not start; the text is for the operator."""


class Stopped(Exception):
    """The operator wants GATE to end."""


@dataclass(frozen=True, slots=True)
class Commands:
    """The processes of GATE. Tests put others in their place."""

    migrate: tuple[str, ...]
    init: tuple[str, ...]
    children: tuple[Child, ...]
    """In the order they are stopped."""


def commands(settings: Settings) -> Commands:
    """The commands `gate up` runs."""
    gate = (sys.executable, "-m", "gate")
    return Commands(
        migrate=(*gate, "migrate"),
        init=(*gate, "init", "--json"),
        children=(
            Child("web", (*gate, "web"), part="web", answers=lambda: ports.web_answers(settings)),
            Child("radius", (*gate, "radius"), part="system"),
            Child("worker", (*gate, "worker"), part="system"),
        ),
    )


class Signals:
    """Notes SIGINT, SIGTERM and SIGHUP, and wakes `pause` on them and on the end of a child."""

    def __init__(self) -> None:
        self.count = 0
        self.heed = True
        """Whether `pause` raises Stopped."""
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._reader, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._wakeup_before = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._before[number] = signal.signal(number, self._note)
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        os.close(self._reader)
        os.close(self._writer)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1

    def pause(self, seconds: float) -> None:
        """Wait for a signal, at most `seconds`. Raises Stopped if one came that ends GATE."""
        if select.select([self._reader], [], [], seconds)[0]:
            os.read(self._reader, 512)
        if self.heed and self.count:
            raise Stopped


@dataclass(slots=True)
class _Supervisor:
    settings: Settings
    commands: Commands
    signals: Signals
    say: Say
    options: Mapping[str, str]
    environ: dict[str, str]
    server: embedded.Server | None = None
    runners: list[Runner] = field(default_factory=list)
    _server_pause: float = FIRST_PAUSE

    def start(self) -> banner.Owner | None:
        """Everything up to the moment all of it is ready. Raises StartError, DatabaseStartError, PortError, Stopped."""
        for port in ports.of(self.settings):
            ports.check(port)
        url = self.settings.database_url
        if url is None:
            self.server = embedded.start(data=self.settings.data, options=self.options, say=self.say, pause=self.signals.pause)
            url = self.server.url
        else:
            self._await_database(url)
        self.environ |= {"DATABASE_URL": url, "GATE_DATA": str(self.settings.data)}
        self.say("Bringing the database up to date")
        self._once(self.commands.migrate, part="owner")
        owner = _owner(self._once(self.commands.init, part="system"))
        self.say(f"Starting {', '.join(child.name for child in self.commands.children)}")
        for child in self.commands.children:
            runner = Runner(child=child, environ=self.environ)
            self.runners.append(runner)
            runner.start()
        self._await_ready()
        return owner

    def _await_database(self, url: str) -> None:
        """Until the operator's PostgreSQL, which may be starting too, takes a connection. Raises StartError."""
        begun = clock.monotonic()
        said = False
        while True:
            try:
                psycopg.connect(url, connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if clock.monotonic() - begun > _DATABASE_WITHIN:
                    raise StartError(f"The PostgreSQL named by DATABASE_URL cannot be used: {error}") from None
                if not said:
                    self.say(f"Waiting for the PostgreSQL named by DATABASE_URL: {error}")
                    said = True
            else:
                return
            self.signals.pause(_WATCH)

    def _once(self, argv: Sequence[str], *, part: str) -> str:
        """Run a command to its end; answers what it printed. Raises StartError with its output if it fails."""
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(  # noqa: S603  GATE's own commands
                argv,
                env={**self.environ, "GATE_PART": part, SUPERVISED: str(os.getpid())},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )
            try:
                while process.poll() is None:
                    self.signals.pause(_STEP)
            except Stopped:
                process.kill()
                process.wait()
                raise
            output.seek(0)
            errors.seek(0)
            printed = output.read().decode("utf-8", "replace")
            if process.returncode != 0:
                complaint = errors.read().decode("utf-8", "replace")
                command = " ".join(argv[1:])
                raise StartError(f"{printed}{complaint}\n`{command}` failed (status {process.returncode}), see above.")
        return printed

    def _await_ready(self) -> None:
        begun = clock.monotonic()
        while [runner for runner in self.runners if not runner.check_ready()]:
            for runner in self.runners:
                status = runner.ended()
                if status is not None and not runner.ready:
                    raise StartError(f"gate {runner.child.name} ended ({_ending(status)}) before it was ready, see above.")
                if status is not None:
                    log.error("gate %s ended (%s)", runner.child.name, _ending(status))
                    runner.put_off()
            if clock.monotonic() - begun > _READY_WITHIN:
                late = ", ".join(runner.child.name for runner in self.runners if not runner.ready)
                raise StartError(f"Not ready after {_READY_WITHIN:.0f} seconds: {late}.")
            self.signals.pause(_STEP)

    def watch(self) -> None:
        """Keep everything running. Ends with Stopped only."""
        while True:
            if self.server is not None and not self.server.alive():
                self._revive(self.server)
            for runner in self.runners:
                status = runner.ended()
                if status is not None:
                    pause = runner.put_off()
                    name = runner.child.name
                    log.error("gate %s ended (%s); starting it again in %.0f s", name, _ending(status), pause)
                elif runner.due():
                    runner.start()
                elif not runner.ready and runner.check_ready():
                    log.warning("gate %s runs again", runner.child.name)
            self.signals.pause(_WATCH)

    def _revive(self, server: embedded.Server) -> None:
        log.error("The private PostgreSQL has ended; starting it again")
        try:
            server.start(say=self.say, pause=self.signals.pause)
        except embedded.DatabaseStartError as error:
            log.error("%s Trying again in %.0f s", error, self._server_pause)  # noqa: TRY400  the text says it all
            until = clock.monotonic() + self._server_pause
            self._server_pause = min(2 * self._server_pause, LONGEST_PAUSE)
            while clock.monotonic() < until:
                self.signals.pause(_WATCH)
        else:
            self._server_pause = FIRST_PAUSE

    def stop(self) -> None:
        """Stop everything that runs, one after the other. A further signal ends the processes at once."""
        self.signals.heed = False
        patience = self.signals.count
        for runner in self.runners:
            runner.terminate()
            begun = clock.monotonic()
            while runner.running and runner.ended() is None:
                if self.signals.count > patience or clock.monotonic() - begun > _STOP_WITHIN:
                    log.warning("gate %s is ended by force", runner.child.name)
                    runner.kill()
                    break
                self.signals.pause(_STEP)
        if self.server is not None:
            self.server.stop()


def run(
    settings: Settings,
    *,
    commands_: Commands | None = None,
    say: Say | None = None,
    options: Mapping[str, str] | None = None,
) -> int:
    """Run GATE until SIGINT or SIGTERM; answers the exit status. Call it from the main thread.

    `options` are settings of the private PostgreSQL that win over all others; tests give them and `commands_`.
    """
    say = say or _say
    with Signals() as signals:
        supervisor = _Supervisor(
            settings=settings,
            commands=commands_ or commands(settings),
            signals=signals,
            say=say,
            options=options or {},
            environ=dict(os.environ),
        )
        status = 0
        try:
            owner = supervisor.start()
            say(banner.text(settings=settings, owner=owner))
            supervisor.watch()
        except Stopped:
            say("Stopping GATE")
        except (StartError, ports.PortError, embedded.DatabaseStartError) as error:
            say(str(error))
            status = 1
        finally:
            supervisor.stop()
        if status == 0:
            say("GATE has stopped.")
    return status


def _owner(printed: str) -> banner.Owner | None:
    """The owner in what `gate init --json` printed: {"console": {"url", "username", "password"}}. Raises StartError."""
    try:
        console = json.loads(printed)["console"]
        if console is None:
            return None
        return banner.Owner(url=console["url"], username=console["username"], password=console["password"])
    except (ValueError, KeyError, TypeError):
        # What was printed may hold a password, so it is not repeated.
        raise StartError("`gate init --json` printed something unexpected.") from None


def _ending(status: int) -> str:
    return f"status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"


def _say(text: str) -> None:
    # The terminal may be closed already; GATE still stops in good order.
    with contextlib.suppress(OSError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
