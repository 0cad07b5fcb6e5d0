"""Asks the private PostgreSQL over its socket: does it run, is it ready, which process is it."""

import enum
import socket
import struct
import urllib.parse
from typing import Any

import psycopg

from gate.database.errors import DatabaseStartError
from gate.database.home import PORT, SOCKET_NAME, Home

ROLE = "gate"
DATABASE = "gate"


class Answer(enum.Enum):
    """What the socket of a server says."""

    ABSENT = enum.auto()
    STARTING = enum.auto()
    STOPPING = enum.auto()
    READY = enum.auto()


# By words, since libpq has no codes for a refused connection. The first that fits counts.
_ANSWERS = (
    ("no such file or directory", Answer.ABSENT),
    ("connection refused", Answer.ABSENT),
    ("shutting down", Answer.STOPPING),
    ("starting up", Answer.STARTING),
    ("accepting connections", Answer.STARTING),
    ("recovery mode", Answer.STARTING),
    ("server closed the connection", Answer.STARTING),
    ("connection reset", Answer.STARTING),
    ("timeout expired", Answer.STARTING),
    ("too many clients", Answer.READY),
    ("remaining connection slots", Answer.READY),
)


def url(home: Home) -> str:
    """Address of the database with the password in it."""
    host = urllib.parse.quote(str(home.socket_folder()), safe="")
    return f"postgresql://{ROLE}:{urllib.parse.quote(home.password(), safe='')}@/{DATABASE}?host={host}&port={PORT}"


def connect(home: Home, *, database: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection to `database` as the superuser. Raises psycopg.OperationalError."""
    return psycopg.connect(
        host=str(home.socket_folder()),
        port=PORT,
        user=ROLE,
        password=home.password(),
        dbname=database,
        connect_timeout=5,
        autocommit=True,
    )


def ask(home: Home) -> Answer:
    """What the server says to a connection. Raises DatabaseStartError if it refuses GATE for good."""
    if home.socket_folder() is None:
        return Answer.ABSENT
    try:
        connect(home, database="postgres").close()
    except psycopg.OperationalError as error:
        words = str(error).lower()
        for part, answer in _ANSWERS:
            if part in words:
                return answer
        raise DatabaseStartError(f"The private PostgreSQL in {home.folder} refuses GATE: {error}") from error
    return Answer.READY


def process_id(home: Home) -> int | None:
    """Process id of the server behind the socket, as the kernel noted it; None if nobody listens."""
    folder = home.socket_folder()
    if folder is None:
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        try:
            peer.connect(str(folder / SOCKET_NAME))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid: int = struct.unpack("3i", credentials)[0]
    return pid or None
