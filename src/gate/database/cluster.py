"""Makes the data of the private PostgreSQL with initdb, and says which version made it."""

import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from gate.database import home as homes
from gate.database import probe
from gate.database.errors import DatabaseStartError
from gate.database.home import Home
from gate.database.programs import Programs

EXTENSIONS = frozenset({"ltree", "pg_trgm"})
_HANDED_PASSWORD = ".password-for-initdb-"  # noqa: S105  the name of a file


def major(home: Home) -> int | None:
    """The version that made the cluster, None if there is no cluster yet. Raises DatabaseStartError if it is damaged."""
    if not home.cluster.exists():
        return None
    try:
        return int((home.cluster / "PG_VERSION").read_text(encoding="ascii"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise DatabaseStartError(
            f"The database in {home.cluster} is damaged, its PG_VERSION is missing or unreadable: put the folder back "
            "from a backup, or set GATE_DATA to a new folder to begin with an empty database. Nothing was changed.",
            log=homes.tail(home.log),
        ) from None


def make(*, home: Home, used: Programs, sync: bool) -> None:
    """Run initdb. The cluster gets its name when it is whole; without `sync` it is not safe against a power cut.

    Raises DatabaseStartError.
    """
    for leftover in home.folder.glob("unfinished-cluster-*"):
        # An initdb of a killed GATE may still write to it; what remains is taken away next time.
        shutil.rmtree(leftover, ignore_errors=True)
    for leftover in home.folder.glob(f"{_HANDED_PASSWORD}*"):
        leftover.unlink()
    if not (home.folder / "password").exists():
        homes.write_private(home.folder / "password", secrets.token_urlsafe(24))
    unfinished = home.folder / f"unfinished-cluster-{secrets.token_hex(4)}"
    unfinished.mkdir(mode=0o700)
    home.give(unfinished)
    run = _initdb(home=home, used=used, folder=unfinished, sync=sync)
    if run.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise DatabaseStartError(f"PostgreSQL cannot make a database in {home.folder}.", log=run.stdout + run.stderr)
    unfinished.rename(home.cluster)


def complete(home: Home) -> None:
    """Make the database `gate` if need be, and see that the extensions GATE uses exist. Raises DatabaseStartError."""
    try:
        with probe.connect(home, database="postgres") as connection:
            names = {row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()}
            if probe.DATABASE not in names:
                connection.execute(f"CREATE DATABASE {probe.DATABASE}")
            there = {row[0] for row in connection.execute("SELECT name FROM pg_available_extensions").fetchall()}
    except psycopg.Error as error:
        raise DatabaseStartError(f"The private PostgreSQL in {home.folder} cannot be used: {error}") from error
    missing = EXTENSIONS - there
    if missing:
        raise DatabaseStartError(
            f"This PostgreSQL lacks {' and '.join(sorted(missing))}: install its contrib package (postgresql-contrib)."
        )


def environment() -> dict[str, str]:
    """Nothing of GATE's own environment reaches the server: it holds secrets, and PG* variables that would interfere."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def identity(home: Home) -> dict[str, Any]:
    """Arguments that make subprocess run as the user of the server, with no supplementary groups."""
    if home.user is None:
        return {}
    return {"user": home.user.uid, "group": home.user.gid, "extra_groups": ()}


def _initdb(*, home: Home, used: Programs, folder: Path, sync: bool) -> subprocess.CompletedProcess[str]:
    # initdb runs as the server's user, who may not read GATE's own copy of the password.
    handle, name = tempfile.mkstemp(dir=home.folder, prefix=_HANDED_PASSWORD)
    password = Path(name)
    command: list[str | Path] = [used.folder / "initdb", "--pgdata", folder, "--username", probe.ROLE, "--pwfile", password]
    command += ["--encoding=UTF8", "--auth=scram-sha-256", "--data-checksums", "--no-instructions"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if used.major >= 17 else []
    command += [] if sync else ["--no-sync"]
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(home.password())
        home.give(password)
        run = _run(home=home, command=[*command, "--locale=C.UTF-8"])
        if "invalid locale name" in run.stderr and used.major >= 17:
            # A libc without C.UTF-8. Sorting and case are PostgreSQL's own, so only trigrams beyond ASCII suffer.
            run = _run(home=home, command=[*command, "--locale=C"])
    finally:
        password.unlink()
    return run


def _run(*, home: Home, command: list[str | Path]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  no shell, and the parts are GATE's own paths
        command,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        cwd=home.folder,
        env=environment(),
        umask=0o077,
        **identity(home),
    )
