"""The private PostgreSQL: `gate up` without a DATABASE_URL needs nobody to install or set up a database.

Rules of this file and its helpers (home, programs, cluster, postmaster, probe, tuning):
- Whether a server runs is asked by connecting to its socket, never concluded from a pid.
- One GATE per data folder (FolderLock). Who holds the lock owns the server, also one it found running because the GATE
  before was killed, and stops it in the end.
- The server sits in a session of its own, so that Ctrl-C reaches the supervisor alone.
- Whatever goes wrong at the start, nothing is left running and no data is deleted.
- The server listens on a unix socket in a folder of its own and wants a password from everybody.

Where everything lies, and what is different for root: gate.database.home.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from gate import processes
from gate.database import cluster, postmaster, probe
from gate.database import home as homes
from gate.database.errors import DatabaseStartError, FolderInUseError
from gate.database.home import SHELTER, FolderLock, Home
from gate.database.postmaster import Pause, Say
from gate.database.probe import Answer

__all__ = ["DatabaseStartError", "FolderInUseError", "Server", "running_url", "start", "temporary"]


class Server:
    """A private PostgreSQL that answers. Leave the `with` block, or call `stop`, to stop it."""

    def __init__(self, *, home: Home, lock: FolderLock, options: Mapping[str, str], die_with_parent: bool) -> None:
        self._home = home
        self._lock = lock
        self._options = options
        self._die_with_parent = die_with_parent
        self._process: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None

    @property
    def url(self) -> str:
        """Address of the database `gate` as its superuser `gate`, with the password: not for logs."""
        return probe.url(self._home)

    @property
    def adopted(self) -> bool:
        """Whether the server was found running, left behind by a GATE that was killed."""
        return self._pid is not None and self._process is None

    @property
    def pid(self) -> int | None:
        """Process id of the postmaster; None while there is none."""
        return self._pid

    def alive(self) -> bool:
        """Whether the postmaster runs."""
        if self._process is not None:
            return self._process.poll() is None
        return self._pid is not None and processes.runs(self._pid)

    def start(self, *, say: Say | None = None, pause: Pause = time.sleep) -> None:
        """Start it, or start it again after its postmaster was killed. Raises DatabaseStartError, leaving nothing running."""
        say = say or _silent
        if postmaster.await_old(self._home, pause=pause) is Answer.READY:
            self._process, self._pid = None, probe.process_id(self._home)
            if self._pid is None:
                raise DatabaseStartError(
                    f"A PostgreSQL of another machine or container uses {self._home.folder}: stop GATE there first."
                )
            say("Using the private PostgreSQL that is already running")
        else:
            self._process = postmaster.launch(
                home=self._home, options=self._options, say=say, pause=pause, die_with_parent=self._die_with_parent
            )
            self._pid = self._process.pid
        try:
            cluster.complete(self._home)
        except BaseException:
            self._shut_down()
            raise

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, all data is on disk after it. Then the next GATE may come."""
        try:
            self._shut_down()
        finally:
            self._lock.release()

    def _shut_down(self) -> None:
        if self._process is not None:
            postmaster.stop_child(self._process)
        elif self._pid is not None:
            postmaster.stop_stranger(self._pid)
        self._process = self._pid = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def start(
    *,
    data: Path,
    options: Mapping[str, str] | None = None,
    say: Say | None = None,
    pause: Pause = time.sleep,
    shelter: Path = SHELTER,
    die_with_parent: bool = False,
) -> Server:
    """Start the private PostgreSQL of the folder `data`, making it first if there is none; returns when it answers.

    `options` are PostgreSQL settings that win over all others (tests turn fsync off); `say` is told what happens, for
    the person who waits; `pause` waits some seconds, and what it raises ends the start; with `die_with_parent` the
    kernel stops the server when this thread ends, for tests. Raises DatabaseStartError, and FolderInUseError if another
    GATE holds the folder.
    """
    with contextlib.ExitStack() as undo:
        try:
            homes.make_data_folder(data)
            lock = FolderLock(data=data)
            undo.callback(lock.release)
            home = homes.prepare(data=data, shelter=shelter)
            server = Server(home=home, lock=lock, options=options or {}, die_with_parent=die_with_parent)
            server.start(say=say, pause=pause)
        except (OSError, subprocess.SubprocessError) as error:
            raise DatabaseStartError(f"The private PostgreSQL in {data} cannot be started: {error}.") from error
        undo.pop_all()
    return server


@contextlib.contextmanager
def temporary(*, options: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A PostgreSQL for tests and measurements that leaves nothing behind; fast, and not safe against power cuts.

    It ends with the thread that made it, even if that is killed. Raises DatabaseStartError.
    """
    folder = Path(tempfile.mkdtemp(prefix="gate-"))
    if os.geteuid() == 0:
        folder.chmod(0o711)  # the user of the server has to pass through
    fast = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "64MB"}
    try:
        with start(data=folder / "data", options={**fast, **(options or {})}, die_with_parent=True) as server:
            yield server
    finally:
        shutil.rmtree(folder)


def running_url(*, data: Path, shelter: Path = SHELTER) -> str | None:
    """Address of the private PostgreSQL of `data` if it answers, else None; nothing is started or made.

    For commands in a second shell. Raises DatabaseStartError if the database is another user's.
    """
    try:
        home = homes.existing(data=data, shelter=shelter)
        if home is None or probe.ask(home) is not Answer.READY:
            return None
        return probe.url(home)
    except PermissionError as error:
        raise DatabaseStartError(f"This user may not use the database of {data}: {error}.") from error


def _silent(_: str) -> None:
    """Nobody waits."""
