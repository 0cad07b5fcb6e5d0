"""The Django REST framework peer on Granian, with the settings GATE's web server has (src/gate/webserver.py)."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

import gate_process
import load
from gate import webserver

_START_SECONDS = 30


class DrfError(Exception):
    """The peer does not start; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Server:
    """A peer that runs."""

    pid: int
    http_port: int


def prepare_database(*, url: str) -> None:
    """The view its model reads."""
    source = (Path(__file__).parent / "drf" / "session.sql").read_text()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(source.encode())


@contextlib.contextmanager
def running(*, url: str, folder: Path, workers: int = 1) -> Iterator[Server]:
    """The peer as a child, until the block is left. Raises DrfError."""
    port = load.free_tcp_port()
    output = folder / "drf-output"
    command = [
        sys.executable, "-m", "granian", "drf.wsgi:application", "--interface", "wsgi", "--host", "127.0.0.1",
        "--port", str(port), "--workers", str(workers), "--blocking-threads", str(webserver.THREADS), "--no-ws",
        "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ},
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "drf.settings",
    }
    with output.open("wb") as file:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd=Path(__file__).parent, env=environment
        )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not load.answering_tcp(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise DrfError(f"Django REST framework does not start:\n{output.read_text(errors='replace')[-3000:]}")
            time.sleep(0.1)
        yield Server(process.pid, port)
    finally:
        gate_process.stop(process)
