"""GATE as every benchmark needs it: `gate up` on a given PostgreSQL, whole, as a customer's install runs it.

Rule of this file: it starts and stops GATE and runs code in GATE's own environment; what is in the database is the business
of the benchmark that asks.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import load

_SECRET_KEY = "only for measuring: 32 characters or more"
_START_SECONDS = 60
_STOP_SECONDS = 30


class GateError(Exception):
    """GATE does not start; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A GATE that runs."""

    pid: int
    http_port: int
    environment: dict[str, str]


@contextlib.contextmanager
def running(
    *, url: str, folder: Path, auth_port: int, acct_port: int, workers: int = 1, more: Mapping[str, str] | None = None
) -> Iterator[Gate]:
    """`gate up` as a child, ready for HTTP and RADIUS, until the block is left; `more` are settings. Raises GateError."""
    folder.mkdir()
    http_port = load.free_tcp_port()
    settings = {
        **environment(url),
        "GATE_DATA": str(folder),
        "GATE_HTTP_PORT": str(http_port),
        "GATE_HTTP_WORKERS": str(workers),
        # One token makes all calls: more than any customer's.
        "GATE_API_RATE": "1000000",
        "GATE_RADIUS_BIND": "127.0.0.1",
        "GATE_RADIUS_AUTH_PORT": str(auth_port),
        "GATE_RADIUS_ACCT_PORT": str(acct_port),
        **(more or {}),
    }
    output = folder / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "gate", "up"],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            cwd=folder,
            env=settings,
        )
    try:
        _await_ready(process=process, udp_ports=(auth_port, acct_port), http_port=http_port, output=output)
        yield Gate(process.pid, http_port, settings)
    finally:
        stop(process)


def environment(url: str) -> dict[str, str]:
    """What any process of the GATE on this PostgreSQL needs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
    return kept | {"DATABASE_URL": url, "GATE_SECRET_KEY": _SECRET_KEY}


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server by SIGINT, or by force if it does not listen."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run_inside(*, script: Path, order: Any, environment: dict[str, str]) -> str:
    """What `script` prints in a process set up as GATE's own, as the owner of the schema; `order` is its input, as JSON."""
    done = subprocess.run(
        [sys.executable, script],
        check=True,
        input=json.dumps(order),
        stdout=subprocess.PIPE,
        text=True,
        env={**environment, "GATE_PART": "owner", "DJANGO_SETTINGS_MODULE": "gate.django_settings"},
    )
    return done.stdout


def _await_ready(*, process: subprocess.Popen[bytes], udp_ports: tuple[int, int], http_port: int, output: Path) -> None:
    """Wait for all of GATE: it runs whole here, and `gate up` ends again if its web server does not come up."""
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if all(load.listening_udp(port) for port in udp_ports) and load.answering_tcp(http_port):
            return
        time.sleep(0.1)
    raise GateError(f"GATE does not start:\n{output.read_text(errors='replace')[-3000:]}")
