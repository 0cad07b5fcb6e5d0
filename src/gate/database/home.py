"""Where the private PostgreSQL lives, as which user it runs, and who may use the folder.

GATE_DATA/
  gate.lock            held by the GATE that uses this folder, as long as it lives (flock: the kernel lets go of it)
  postgres.log         the server's log, postgres.log.old that of the start before
  postgres.location    only as root, see below
  postgres/            the home of the server
    cluster/           PostgreSQL's data; it gets this name when initdb is through, so a half-made one never has it
    socket/            the unix socket, 0700
    socket.location    only if the path of socket/ is too long for a socket: the short folder taken in its place
    password           of the role gate, 0600
    postgresql.conf pg_hba.conf local.conf programs-*/

PostgreSQL refuses to run as root, so root's GATE runs it as `gate`, `postgres` or `nobody` (the first there is). That user
has to reach the cluster, and often cannot: root's default GATE_DATA is under /root, closed to everyone else. GATE never
loosens the permissions of a folder it did not make. If the way to GATE_DATA is closed, the home is
/var/lib/gate/<random id> and GATE_DATA/postgres.location holds the id: a GATE_DATA that is kept finds its own
database again, a GATE_DATA that is deleted starts with a new one.

The home itself belongs to the user GATE runs as and only lets others pass; the server's user owns cluster/ and socket/.
So nothing GATE writes or executes as root is in a folder somebody else can write to.
"""

import fcntl
import os
import pwd
import re
import secrets
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gate.database.errors import DatabaseStartError, FolderInUseError

SHELTER = Path("/var/lib/gate")
PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"
_LONGEST_SOCKET_PATH = 107  # sun_path has 108 bytes, one of them the final zero
_SERVER_USERS = ("gate", "postgres", "nobody")


@dataclass(frozen=True, slots=True)
class ServerUser:
    """The unprivileged user a root GATE runs PostgreSQL as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Home:
    """The places of one private PostgreSQL; see the picture above."""

    data: Path
    folder: Path
    user: ServerUser | None
    """None: PostgreSQL runs as the user GATE runs as."""

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data folder."""
        return self.folder / "cluster"

    @property
    def log(self) -> Path:
        """The log of the server."""
        return self.data / "postgres.log"

    def password(self) -> str:
        """The password of the role gate. Raises DatabaseStartError if the file is gone."""
        try:
            return (self.folder / "password").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise DatabaseStartError(
                f"The password of the database is missing: put {self.folder / 'password'} back from a backup."
            ) from None

    def socket_folder(self) -> Path | None:
        """The folder of the unix socket; None if it is not there, or not safely the server's own."""
        record = self.folder / "socket.location"
        folder = Path(record.read_text(encoding="utf-8")) if record.exists() else self.folder / "socket"
        try:
            status = folder.lstat()
        except FileNotFoundError:
            return None
        owner = os.geteuid() if self.user is None else self.user.uid
        private = stat.S_ISDIR(status.st_mode) and status.st_uid == owner and not status.st_mode & 0o077
        return folder if private else None

    def make_socket_folder(self) -> Path:
        """The folder of the unix socket, made if need be: in the home, or a short one if the path would be too long."""
        folder = self.socket_folder()
        if folder is not None:
            return folder
        folder = self.folder / "socket"
        if len(os.fsencode(folder / SOCKET_NAME)) <= _LONGEST_SOCKET_PATH:
            folder.mkdir(mode=0o700)
        else:
            folder = _short_folder()
            write_private(self.folder / "socket.location", str(folder))
        self.give(folder)
        return folder

    def give(self, path: Path) -> None:
        """Hand `path`, just made by GATE, to the user of the server."""
        if self.user is not None:
            os.chown(path, self.user.uid, self.user.gid, follow_symlinks=False)


class FolderLock:
    """Keeps a second GATE off a data folder. The kernel lets go of it when the process ends, however it ends."""

    def __init__(self, *, data: Path) -> None:
        self._file = os.open(data / "gate.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 20).decode("ascii", "replace").strip()
            os.close(self._file)
            raise FolderInUseError(
                f"Another GATE is using {data}{f' (process {holder})' if holder else ''}: "
                "stop it first, or set GATE_DATA to another folder."
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode("ascii"), 0)

    def release(self) -> None:
        """Let the next GATE in. A second call does nothing."""
        if self._file >= 0:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = -1


def make_data_folder(data: Path) -> None:
    """Make GATE_DATA if it is not there; one that exists keeps its permissions."""
    data.parent.mkdir(parents=True, exist_ok=True)
    if not data.exists():
        # The server of a root GATE is another user and has to pass through.
        data.mkdir(mode=0o700)
        data.chmod(0o711 if os.geteuid() == 0 else 0o700)


def existing(*, data: Path, shelter: Path = SHELTER) -> Home | None:
    """The home GATE_DATA has, or None if it has none yet. Raises DatabaseStartError if it is lost or somebody else's."""
    record = data / "postgres.location"
    if record.exists():
        name = record.read_text(encoding="ascii", errors="replace").strip()
        folder = shelter / name
        if not re.fullmatch(r"[0-9a-f]{16}", name) or not folder.is_dir():
            raise DatabaseStartError(
                f"The database of {data} is kept in {folder}, which is not there: put it back, "
                f"or delete {record} to begin with an empty database."
            )
    else:
        folder = data / "postgres"
        if not folder.exists():
            return None
    owner = folder.lstat().st_uid
    if owner != os.geteuid():
        raise DatabaseStartError(f"The database in {folder} belongs to {_user_name(owner)}: run GATE as that user.")
    return Home(data=data, folder=folder, user=_server_user(cluster=folder / "cluster"))


def prepare(*, data: Path, shelter: Path = SHELTER) -> Home:
    """The home of GATE_DATA, made if it has none. Raises DatabaseStartError."""
    home = existing(data=data, shelter=shelter)
    if home is None:
        user = _server_user(cluster=data / "postgres" / "cluster")
        folder = data / "postgres"
        if user is None:
            folder.mkdir(mode=0o700)
        elif _can_enter(user=user, folder=data):
            _make_passage(folder)
        else:
            folder = _make_shelter(data=data, shelter=shelter, user=user)
        home = Home(data=data, folder=folder, user=user)
    if home.user is not None and not _can_enter(user=home.user, folder=home.folder):
        raise DatabaseStartError(
            f"PostgreSQL runs as the user {home.user.name}, who may not enter {home.folder}: "
            f"permit that (chmod o+x on each folder above it), or set GATE_DATA to another folder."
        )
    return home


def write_private(path: Path, text: str) -> None:
    """Write `text` to `path`, readable by this user alone, so that it is there wholly or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).rename(path)


def write_public(path: Path, text: str) -> None:
    """Write `text` to `path`, readable by all, so that it is there wholly or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        os.fchmod(file.fileno(), 0o644)
    Path(name).rename(path)


def _make_shelter(*, data: Path, shelter: Path, user: ServerUser) -> Path:
    if not shelter.exists():
        shelter.parent.mkdir(parents=True, exist_ok=True)
        _make_passage(shelter)
    if not _can_enter(user=user, folder=shelter):
        raise DatabaseStartError(
            f"PostgreSQL runs as the user {user.name}, who may enter neither {data} nor {shelter}: "
            "set GATE_DATA to a folder that user can reach, or run GATE as another user than root."
        )
    folder = shelter / secrets.token_hex(8)
    _make_passage(folder)
    write_private(data / "postgres.location", folder.name)
    return folder


def _make_passage(folder: Path) -> None:
    """A folder of GATE's that others may pass through, but neither list nor write to."""
    folder.mkdir(mode=0o700)
    folder.chmod(0o711)


def _short_folder() -> Path:
    """A folder with a short random name, this user's alone, for a socket whose proper place has too long a path."""
    runtime = "/run" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR", "")
    for parent in (runtime, "/tmp"):  # noqa: S108  mkdtemp: random name, 0700, and the sticky bit keeps it ours
        if parent and len(parent) < 40 and os.access(parent, os.W_OK | os.X_OK):
            return Path(tempfile.mkdtemp(prefix="gate-", dir=parent))
    raise DatabaseStartError("There is no place for the socket of PostgreSQL: set GATE_DATA to a folder with a short path.")


def _server_user(*, cluster: Path) -> ServerUser | None:
    """None unless GATE is root; the owner of the cluster if there is one, since PostgreSQL insists on its owner."""
    if os.geteuid() != 0:
        return None
    if cluster.exists() and cluster.lstat().st_uid != 0:
        entry = _user(cluster.lstat().st_uid)
        if entry is not None:
            return ServerUser(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
    for name in _SERVER_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return ServerUser(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise DatabaseStartError(
        "PostgreSQL does not run as root, and this machine has no user gate, postgres or nobody to run it as: "
        "add one, or run GATE as another user."
    )


def _can_enter(*, user: ServerUser, folder: Path) -> bool:
    """Asked of the kernel, as that user: permissions, ACLs and mounts all count."""
    run = subprocess.run(  # noqa: S603  the folder is an argument, not part of the script
        ["/bin/sh", "-c", 'cd "$1"', "sh", folder],
        check=False,
        capture_output=True,
        cwd="/",
        user=user.uid,
        group=user.gid,
        extra_groups=(),
    )
    return run.returncode == 0


def _user(uid: int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return None


def _user_name(uid: int) -> str:
    entry = _user(uid)
    return f"the user {entry.pw_name}" if entry is not None else f"the user with id {uid}"


def rotate(log: Path) -> None:
    """Begin a new log, keeping the one of the start before."""
    if log.exists():
        log.rename(log.with_name(log.name + ".old"))


def tail(log: Path, *, after: int = 0, lines: int = 15) -> str:
    """The last lines of `log`, as far as they were written beyond the first `after` bytes."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(after, size - 64 * 1024))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])
