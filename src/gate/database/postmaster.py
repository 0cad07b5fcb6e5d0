"""Starts and stops the postmaster, the one process all others of the private PostgreSQL descend from."""

import functools
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from gate import processes
from gate.core import clock
from gate.database import cluster, probe, programs, tuning
from gate.database import home as homes
from gate.database.errors import DatabaseStartError
from gate.database.home import PORT, SOCKET_NAME, Home
from gate.database.probe import Answer
from gate.database.programs import Programs

Say = Callable[[str], None]
Pause = Callable[[float], None]

# Seconds.
PROBE_EVERY = 0.02
_SILENCE = 60.0  # no answer at all from a process that lives
_RECOVERY = 600.0  # it answers that it is starting up: after a crash it replays up to max_wal_size
_CONTENTION = 30.0  # an old server, or its children, have not gone yet
_FAST_STOP = 30.0
_QUICK_STOP = 10.0

_CONTENTION_WORDS = ('lock file "', "is still in use")


def await_old(home: Home, *, pause: Pause) -> Answer:
    """READY if a server of before runs and can be used, ABSENT once none answers. Raises DatabaseStartError."""
    begun = clock.monotonic()
    while True:
        answer = probe.ask(home) if home.cluster.exists() else Answer.ABSENT
        if answer in {Answer.READY, Answer.ABSENT}:
            return answer
        if clock.monotonic() - begun > (_RECOVERY if answer is Answer.STARTING else _CONTENTION):
            raise DatabaseStartError(f"The PostgreSQL already running in {home.folder} gets neither ready nor out.")
        pause(PROBE_EVERY)


def launch(*, home: Home, options: Mapping[str, str], say: Say, pause: Pause, die_with_parent: bool) -> subprocess.Popen[bytes]:
    """A postmaster that answers, its cluster made if there was none. Raises DatabaseStartError, leaving nothing running."""
    used = programs.find(major=cluster.major(home))
    if home.user is not None:
        used = programs.copy(programs=used, into=home.folder)
    if not home.cluster.exists():
        say("Making a private PostgreSQL (only at the first start)")
        cluster.make(home=home, used=used, sync=options.get("fsync") != "off")
    say("Starting the private PostgreSQL")
    _write_configuration(home=home, options=options)
    homes.rotate(home.log)
    begun = clock.monotonic()
    while True:
        seen = home.log.stat().st_size if home.log.exists() else 0
        process = _spawn(home=home, used=used, die_with_parent=die_with_parent)
        try:
            ready = _await_ready(home=home, process=process, say=say, pause=pause)
        except BaseException:
            stop_child(process)
            raise
        if ready:
            programs.drop_old_copies(programs=used, into=home.folder)
            return process
        log = homes.tail(home.log, after=seen)
        if not any(words in log for words in _CONTENTION_WORDS):
            raise DatabaseStartError(f"The private PostgreSQL in {home.folder} does not start; nothing was deleted.", log=log)
        if clock.monotonic() - begun > _CONTENTION:
            raise DatabaseStartError(f"A PostgreSQL of before still holds {home.folder}: end that process first.", log=log)
        _forget_dead_postmaster(home)
        pause(10 * PROBE_EVERY)


def stop_child(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown, then an immediate one if that takes too long; returns when the process is gone."""
    for number, patience in ((signal.SIGINT, _FAST_STOP), (signal.SIGQUIT, _QUICK_STOP), (signal.SIGKILL, None)):
        process.send_signal(number)
        try:
            process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            continue
        return


def stop_stranger(pid: int) -> None:
    """The same for a postmaster some other process started, which therefore cannot be waited for."""
    for number, patience in ((signal.SIGINT, _FAST_STOP), (signal.SIGQUIT, _QUICK_STOP), (signal.SIGKILL, _QUICK_STOP)):
        if processes.runs(pid):
            os.kill(pid, number)
        begun = clock.monotonic()
        while processes.runs(pid) and clock.monotonic() - begun < patience:
            time.sleep(PROBE_EVERY)


def _await_ready(*, home: Home, process: subprocess.Popen[bytes], say: Say, pause: Pause) -> bool:
    """Whether the server answers; False if its process ended. Raises DatabaseStartError if it stays silent."""
    begun = clock.monotonic()
    said = False
    while process.poll() is None:
        answer = probe.ask(home)
        if answer is Answer.READY:
            return True
        waited = clock.monotonic() - begun
        if answer is Answer.STARTING and waited > 5 and not said:
            say("PostgreSQL is recovering what a crash left unfinished")
            said = True
        if waited > (_RECOVERY if answer is Answer.STARTING else _SILENCE):
            raise DatabaseStartError(
                f"The private PostgreSQL in {home.folder} runs but does not get ready.", log=homes.tail(home.log)
            )
        pause(PROBE_EVERY)
    return False


def _write_configuration(*, home: Home, options: Mapping[str, str]) -> None:
    hba = home.folder / "pg_hba.conf"
    homes.write_public(hba, tuning.HBA)
    text = tuning.configuration(
        memory=tuning.machine_memory(),
        socket=home.make_socket_folder(),
        port=PORT,
        hba=hba,
        local=home.folder / "local.conf",
        options=options,
    )
    homes.write_public(home.folder / "postgresql.conf", text)


def _spawn(*, home: Home, used: Programs, die_with_parent: bool) -> subprocess.Popen[bytes]:
    log = os.open(home.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    prepare = functools.partial(processes.signal_at_parents_death, signal.SIGINT) if die_with_parent else None
    try:
        return subprocess.Popen(  # noqa: S603  no shell, and the parts are GATE's own paths
            [used.folder / "postgres", "-D", home.cluster, "-c", f"config_file={home.folder / 'postgresql.conf'}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=home.folder,
            env=cluster.environment(),
            umask=0o077,
            preexec_fn=prepare,  # noqa: PLW1509  only tests ask for it
            **cluster.identity(home),
        )
    finally:
        os.close(log)


def _forget_dead_postmaster(home: Home) -> None:
    """Take away the lock files of a postmaster that is provably gone: postmaster.pid and the one beside the socket.

    PostgreSQL takes any living process with the number in them for one: a zombie nobody collects, or, after the
    restart of a container, a stranger with the same number. This GATE holds the lock of the folder, nothing answers on the
    socket, and a postmaster and its children all work in the cluster's folder: if no process does, none is left.
    """
    cluster_folder = home.cluster.resolve()
    owner = cluster_folder.stat().st_uid
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or not processes.runs(int(entry.name)):
            continue
        try:
            if (entry / "cwd").readlink() == cluster_folder:
                return
        except FileNotFoundError:
            continue  # it has just ended
        except PermissionError:
            if entry.stat().st_uid == owner:
                return  # it could be one
    (cluster_folder / "postmaster.pid").unlink(missing_ok=True)
    (home.make_socket_folder() / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
