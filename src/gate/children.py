"""The processes `gate up` runs: started, watched, started again when they die, stopped.

Each sits in a session of its own, so that the terminal's Ctrl-C reaches the supervisor alone, which stops them in order.
"""

import os
import select
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gate import processes
from gate.core import clock

# Seconds
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
_PROVEN = 60.0  # having run so long, the next death is a new story and begins with the first pause


@dataclass(frozen=True, slots=True)
class Child:
    """One process to keep running."""

    name: str
    argv: tuple[str, ...]
    part: str
    """GATE_PART of the process, which decides its database role."""
    answers: Callable[[], bool] | None = None
    """Tells whether it is ready; None for a child that says so itself (gate.processes.report_ready)."""


@dataclass(slots=True)
class Runner:
    """Keeps one Child running."""

    child: Child
    environ: Mapping[str, str]
    ready: bool = False
    _process: subprocess.Popen[bytes] | None = None
    _pipe: int = -1
    _begun: float = 0.0
    _pause: float = FIRST_PAUSE
    _again_at: float = field(default=0.0)

    @property
    def running(self) -> bool:
        """Whether there is a process, ready or not."""
        return self._process is not None

    def start(self) -> None:
        """Start the process. Raises OSError."""
        reader, writer = os.pipe()
        environ = {
            **self.environ,
            "GATE_PART": self.child.part,
            processes.SUPERVISED: str(os.getpid()),
            processes.READY_FD: str(writer),
        }
        try:
            self._process = subprocess.Popen(  # noqa: S603  GATE's own commands
                self.child.argv,
                env=environ,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=(writer,),
            )
        except OSError:
            os.close(reader)
            raise
        finally:
            os.close(writer)
        self._pipe = reader
        self._begun = clock.monotonic()
        self.ready = False

    def check_ready(self) -> bool:
        """Whether the process has become ready by now."""
        if not self.ready and self._process is not None:
            self.ready = self._said_ready() if self.child.answers is None else self.child.answers()
        return self.ready

    def _said_ready(self) -> bool:
        if self._pipe < 0 or not select.select([self._pipe], [], [], 0)[0]:
            return False
        said = os.read(self._pipe, len(processes.READY))
        self._close_pipe()
        return said == processes.READY

    def ended(self) -> int | None:
        """Exit status of the process if it has ended (minus the signal number if one ended it), else None.

        What the process leaves of its own children is ended with it: they would hold the ports.
        """
        if self._process is None:
            return None
        # Looked at without collecting it, so that its number still means its group.
        if os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return None
        self._kill_group()
        status = self._process.wait()
        self._process = None
        self._close_pipe()
        return status

    def put_off(self) -> float:
        """Plan the next start after an unexpected end; answers the seconds until then."""
        if clock.monotonic() - self._begun >= _PROVEN:
            self._pause = FIRST_PAUSE
        pause = self._pause
        self._again_at = clock.monotonic() + pause
        self._pause = min(2 * pause, LONGEST_PAUSE)
        return pause

    def due(self) -> bool:
        """Whether it is time to start it again."""
        return self._process is None and clock.monotonic() >= self._again_at

    def terminate(self) -> None:
        """Ask the process to end."""
        if self._process is not None:
            # Popen.send_signal would collect a process that has ended, and with it the number of its group.
            os.kill(self._process.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End the process, and its own children, at once; returns when it is gone."""
        if self._process is not None:
            self._kill_group()
            self._process.wait()
            self._process = None
            self._close_pipe()

    def _kill_group(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def _close_pipe(self) -> None:
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
